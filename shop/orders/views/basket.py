"""The basket: what is put aside, what it costs, what of it is no longer there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shop.catalog.errors import AllotmentExhausted
from shop.catalog.queries import delivery, offers
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput, ShopError
from shop.orders.domain.basket import LineChange
from shop.orders.errors import (
    AmountRefused,
    OfferUnavailable,
)
from shop.orders.queries import basket as baskets
from shop.orders.services import basket as service
from shop.orders.services.basket import Kept
from shop.orders.views import words
from shop.orders.views.visiting import basket_view, bp, enter, remember, see_other, selling, visitor

__all__ = ["bp"]

from shop.web.formats import money
from shop.web.locale import local_path


@bp.get("/<market>/basket")
def basket(market: str) -> ResponseReturnValue:
    """What is put aside, what it costs, and for how long it is held."""
    with reading() as session:
        cycle = enter(session, market)
        view = basket_view(session, cycle)
        options = delivery.options(session, g.market.id)
    return render_template("orders/basket.html", cycle=cycle, view=view, options=options)


@bp.post("/<market>/basket/lines")
def put(market: str) -> ResponseReturnValue:
    """Put amounts of one offer or several into the basket; zero takes a line out."""
    wanted: dict[int, int] = {}
    try:
        with unit_of_work() as session:
            cycle = selling(session, market)
            wanted = _wanted()
            kept = service.set_lines(session, visitor(), g.market, cycle, wanted, g.now)
    except (AllotmentExhausted, OfferUnavailable, AmountRefused, InvalidInput) as refusal:
        return _line_refused(refusal, wanted)
    _tell_lost(kept.lost)
    if request.accept_mimetypes.best == "application/json":
        return remember(_report(kept), kept)
    target = _way_back(url_for("orders.basket", market=market))
    return remember(redirect(target, code=303), kept)


@bp.post("/<market>/basket/again")
def revive(market: str) -> ResponseReturnValue:
    """Hold again what a lapsed basket had, as far as it is still there."""
    with unit_of_work() as session:
        cycle = selling(session, market)
        kept = service.revive(session, visitor(), g.market, cycle, g.now)
    if kept.lost:
        _tell_lost(kept.lost)
    else:
        flash(_("Everything is still there, and put aside for you again."), "success")
    return see_other("orders.basket", kept)


def _wanted() -> dict[int, int]:
    """Offers and quantities as they were sent, side by side.

    Raises:
        InvalidInput: one of them is no number.
    """
    keys, amounts = request.form.getlist("offer_id"), request.form.getlist("quantity")
    removed = request.form.get("remove", type=int)
    if not keys or len(keys) != len(amounts):
        raise InvalidInput(field="quantity")
    wanted = {}
    for key, amount in zip(keys, amounts, strict=True):
        if not key.isdecimal() or not amount.strip().isdecimal() or len(amount.strip()) > 7:
            raise InvalidInput(field="quantity", offer_id=int(key) if key.isdecimal() else 0)
        wanted[int(key)] = int(amount)
    if removed in wanted:
        wanted[removed] = 0
    return wanted


def _line_refused(refusal: ShopError, wanted: Mapping[int, int]) -> ResponseReturnValue:
    """Say it at the line when it was the basket's page, else on the page it came from."""
    offer_id = refusal.facts.get("offer_id", 0)
    cycle = view = None
    with reading() as session:
        offer = offers.by_ids(session, [offer_id]).get(offer_id)
        if request.form.get("page") == "basket":
            cycle = enter(session, g.market.slug)
            view = basket_view(session, cycle)
            options = delivery.options(session, g.market.id)
    said = words.of_line(refusal, offer)
    if view is not None:
        page = render_template(
            "orders/basket.html",
            cycle=cycle,
            view=view,
            options=options,
            errors={offer_id: said},
            typed={int(k): v for k, v in _typed() if k.isdecimal()} or wanted,
        )
        return page, 422
    if request.accept_mimetypes.best == "application/json":
        return {"text": said}, 422
    flash(said, "error")
    return redirect(_way_back(url_for("orders.basket", market=g.market.slug)), code=303)


def _typed() -> list[tuple[str, str]]:
    keys, amounts = request.form.getlist("offer_id"), request.form.getlist("quantity")
    return list(zip(keys, amounts, strict=False))


def _report(kept: Kept) -> Response:
    """What the script of the shelf shows after an addition."""
    badge = baskets.badge_of(kept.view)
    lines, cents = (badge.lines, badge.total_cents) if badge else (0, 0)
    count = ngettext("%(num)s item", "%(num)s items", lines)
    return jsonify(
        lines=lines,
        total=money(cents) if lines else _("Basket"),
        spoken=", ".join((_("Basket"), count, money(cents))),
        text=_("In the basket"),
    )


def _way_back(default: str) -> str:
    """The page the form stood on: this site's, never another's."""
    if "next" in request.form:
        return local_path(request.form["next"])
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path:
        return default
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def _tell_lost(lost: list[LineChange]) -> None:
    if not lost:
        return
    with reading() as session:
        cards = offers.by_ids(session, [change.offer_id for change in lost])
    for change in lost:
        if change.offer_id in cards:
            flash(words.of_loss(change, cards[change.offer_id]), "warning")
