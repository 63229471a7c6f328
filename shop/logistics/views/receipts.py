"""Goods come in: farms of a cycle, and the count of what each of them brought."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import demand, signed_in, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.catalog.queries import cycles, markets
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.terms import ReceiptPlace
from shop.logistics.queries import receipts
from shop.logistics.services import collection
from shop.logistics.views import forms, receiving
from shop.logistics.views.receiving import Typed
from shop.orders.queries import purchase_orders

bp = Blueprint(
    "receipts", __name__, url_prefix="/receipts/<market>", template_folder="../templates"
)
bp.app_template_filter("typed_quantity")(receiving.shown)

STARTED = ("closed", "archived")


@bp.get("/")
@signed_in
def farms(market: str) -> ResponseReturnValue:
    """Farms of a cycle: what is still to be counted first."""
    with reading() as session:
        _enter(session, market)
        recent = [card for card in cycles.recent(session, g.market.id) if card.state in STARTED]
        code = request.args.get("cycle")
        cycle = cycles.by_code(session, g.market.id, code) if code else next(iter(recent), None)
        found = receipts.of_cycle(session, cycle.id) if cycle else []
    return render_template(
        "logistics/receipts.html", cycle=cycle, cycles=recent, farms=found, **_doors()
    )


@bp.get("/<int:key>")
@signed_in
def page(market: str, key: int) -> ResponseReturnValue:
    """One farm: expected against brought, line by line."""
    return _page(market, key, Typed())


@bp.post("/<int:key>")
@signed_in
def count(market: str, key: int) -> ResponseReturnValue:
    """Keep what was counted; what lacks is shared out and customers are told."""
    now = clock.now()
    with reading() as session:
        by = _enter(session, market)
        asked = purchase_orders.of_market(session, g.market.id, key)
    typed = receiving.read(asked, request.form)
    if typed.errors:
        return _page(market, key, typed), 422
    deed = forms.deed_of(request.form, now, by)
    try:
        with unit_of_work() as session:
            collection.receive(
                session,
                key,
                typed.brought,
                key=deed.key,
                place=ReceiptPlace.HUB,
                device_at=now,
                at=now,
                by=by,
            )
    except InvalidInput as refusal:
        receiving.note_refusal(typed, refusal)
        return _page(market, key, typed), 422
    flash(_("Counted: %(producer)s.", producer=asked.producer.name), "success")
    with reading() as session:
        code = cycles.by_id(session, asked.card.cycle_id).code
    return redirect(url_for("receipts.farms", market=market, cycle=code), code=303)


def _enter(session: Session, slug: str) -> int:
    """Preparers and the desk of this market only; the person's key."""
    g.market = markets.by_slug(session, slug)
    who = signed_in_identity()
    if g.market.id not in who.places(Role.DESK):
        demand(Role.PREPARER, g.market.id)
    return who.person_id


def _doors() -> dict[str, bool]:
    """Which pages around this one the person may open."""
    who = signed_in_identity()
    return {
        "prepares": g.market.id in who.places(Role.PREPARER),
        "at_desk": g.market.id in who.places(Role.DESK),
    }


def _page(market: str, key: int, typed: Typed) -> str:
    with reading() as session:
        _enter(session, market)
        asked = purchase_orders.of_market(session, g.market.id, key)
        farm = receipts.of_purchase(session, asked)
        cycle = cycles.by_id(session, asked.card.cycle_id)
    return render_template(
        "logistics/receipt.html",
        farm=farm,
        asked=asked,
        cycle=cycle,
        typed=typed,
        reasons=receiving.REASONS,
        key=request.form.get("key") or forms.new_key(),
        **_doors(),
    )
