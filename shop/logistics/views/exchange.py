"""The desk plans the orders of another platform: bring a file, look at routes, take them away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.accounts.access import holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.doors import enter_desk
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.errors import FileRefused
from shop.logistics.ports import OrderExchange
from shop.logistics.queries import exchange as queries
from shop.logistics.services import exchange
from shop.logistics.services.exchange import Wishes
from shop.logistics.views import exchange_words as words

bp = Blueprint(
    "exchange", __name__, url_prefix="/desk/<market>/exchange", template_folder="../templates"
)
bp.app_template_filter("exchange_state")(words.state)

MOST_BYTES = 1_000_000
"""A file is read while somebody waits: about a thousand order lines."""

SHOWN_FAULTS = 50


@dataclass
class Typed:
    """What was typed, and what is wrong with it, by field."""

    fleet: str = "theirs"
    minutes: str = "10"
    seconds: str = "10"
    errors: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@bp.get("/")
@holds(Role.DESK)
def files(market: str) -> ResponseReturnValue:
    """Bring a file; those that were brought."""
    return _page(market, Typed())


@bp.post("/")
@holds(Role.DESK)
def bring(market: str) -> ResponseReturnValue:
    """Read a file and ask for its routes; what is wrong with it comes back line by line."""
    with reading() as session:
        enter_desk(session, market)
    form = request.form
    typed = Typed(form.get("fleet", ""), form.get("minutes", ""), form.get("seconds", ""))
    file = request.files.get("file")
    content = file.read(MOST_BYTES + 1) if file else b""
    wishes = _wishes(typed)
    if not content:
        typed.errors["file"] = _("Please choose a file.")
    elif len(content) > MOST_BYTES:
        typed.errors["file"] = _("This file is too large: one megabyte at most.")
    if typed.errors or wishes is None:
        return _page(market, typed, 422)
    try:
        orders = port(OrderExchange).read(content)
    except FileRefused as refusal:
        typed.errors["file"] = words.refused(refusal)
        faults = refusal.facts.get("problems", ())
        typed.faults = [words.fault(each) for each in faults[:SHOWN_FAULTS]]
        return _page(market, typed, 422)
    try:
        with unit_of_work() as session:
            run_id = exchange.ask(
                session,
                g.market.id,
                (file.filename if file else "") or "orders.json",
                content,
                orders,
                wishes,
                by=signed_in_identity().person_id,
            )
    except InvalidInput as refusal:
        typed.errors[str(refusal.facts["field"])] = words.out_of_range(refusal)
        return _page(market, typed, 422)
    return redirect(url_for("exchange.run", market=market, run_id=run_id), code=303)


@bp.get("/<int:run_id>")
@holds(Role.DESK)
def run(market: str, run_id: int) -> ResponseReturnValue:
    """The routes found for a file, or how far the search is."""
    with reading() as session:
        enter_desk(session, market)
        card, result = queries.by_id(session, g.market.id, run_id)
    return render_template(
        "logistics/exchange_run.html", file=card, result=result, failure=words.failure(card)
    )


@bp.get("/<int:run_id>/progress")
@holds(Role.DESK)
def progress(market: str, run_id: int) -> ResponseReturnValue:
    """How far the search is, for the page that watches it."""
    with reading() as session:
        enter_desk(session, market)
        card, _result = queries.by_id(session, g.market.id, run_id)
    return words.progress_of(card)


@bp.get("/<int:run_id>/map.geojson")
@holds(Role.DESK)
def map_data(market: str, run_id: int) -> ResponseReturnValue:
    """Routes as numbered lines and their steps as points."""
    with reading() as session:
        enter_desk(session, market)
        _card, result = queries.by_id(session, g.market.id, run_id)
    return words.routes_geojson(result)


@bp.get("/<int:run_id>/routes.jsonld")
@holds(Role.DESK)
def routes(market: str, run_id: int) -> ResponseReturnValue:
    """The routes as the other platform reads them."""
    with reading() as session:
        enter_desk(session, market)
        written = queries.written(session, g.market.id, run_id)
    return Response(
        written,
        content_type="application/ld+json; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="routes-{run_id}.jsonld"',
            "Cache-Control": "private, no-store",
        },
    )


@bp.post("/<int:run_id>/forget")
@holds(Role.DESK)
def forget(market: str, run_id: int) -> ResponseReturnValue:
    """Throw a file away, and all that was found for it."""
    with unit_of_work() as session:
        enter_desk(session, market)
        exchange.forget(session, g.market.id, run_id)
    flash(_("The file and its routes are deleted."), "success")
    return redirect(url_for("exchange.files", market=market), code=303)


def _wishes(typed: Typed) -> Wishes | None:
    """What was typed as wishes; None, with errors, when it is no number."""
    numbers: dict[str, int] = {}
    for name in ("minutes", "seconds"):
        try:
            numbers[name] = int(getattr(typed, name))
        except ValueError:
            typed.errors[name] = _("Type a whole number.")
    if typed.errors:
        return None
    return Wishes(typed.fleet, numbers["minutes"] * 60, numbers["seconds"])


def _page(market: str, typed: Typed, status: int = 200) -> tuple[str, int]:
    with reading() as session:
        enter_desk(session, market)
        shown: dict[str, Any] = {"runs": queries.recent(session, g.market.id)}
    return render_template("logistics/exchange.html", typed=typed, **shown), status
