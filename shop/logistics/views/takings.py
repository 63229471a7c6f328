"""Money that drivers and preparers take where they hand an order over: each in their own till."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shop.accounts.access import demand, holds, signed_in_identity
from shop.accounts.domain.roles import Role
from shop.billing.services import taking, till
from shop.billing.services.taking import REFUSALS
from shop.billing.services.till import Who
from shop.catalog.queries import cycles, markets
from shop.infra import clock
from shop.infra.unit_of_work import unit_of_work
from shop.logistics.errors import RoundUnknown, StopUnknown
from shop.logistics.queries import rounds
from shop.logistics.views import driver, picker
from shop.orders.errors import OrderUnknown
from shop.orders.queries import handing
from shop.web.locale import chosen_language


@driver.bp.post("/stops/<int:stop_id>/orders/<int:order_id>/take")
@holds(Role.DRIVER)
def take_at_stop(stop_id: int, order_id: int) -> ResponseReturnValue:
    """The driver takes money for an order of a stop of theirs."""
    try:
        with unit_of_work() as session:
            _own_stop(session, stop_id, order_id)
            new = _take(session, order_id)
    except REFUSALS as refusal:
        flash(taking.words_of(refusal, _, chosen_language()), "error")
    else:
        _tell(new=new)
    return redirect(url_for("driver.stop", stop_id=stop_id), code=303)


@picker.bp.post("/<market>/<code>/orders/<int:order_id>/take")
@holds(Role.PREPARER)
def take_at_hand_over(market: str, code: str, order_id: int) -> ResponseReturnValue:
    """The preparer takes money for an order that is fetched where it was prepared."""
    try:
        with unit_of_work() as session:
            g.market = markets.by_slug(session, market)
            demand(Role.PREPARER, g.market.id)
            cycle = cycles.by_code(session, g.market.id, code)
            found = handing.by_ids(session, [order_id]).get(order_id)
            if found is None or found.cycle_id != cycle.id:
                raise OrderUnknown(order_id=order_id)
            new = _take(session, order_id)
    except REFUSALS as refusal:
        flash(taking.words_of(refusal, _, chosen_language()), "error")
    else:
        _tell(new=new)
    where = url_for("picker.order", market=market, code=code, order_id=order_id)
    return redirect(where, code=303)


def _own_stop(session: Session, stop_id: int, order_id: int) -> None:
    """A stop of the driver's own round that brings this order; it enters the round's market."""
    try:
        card = driver.round_of_mine(session, rounds.round_of_stop(session, stop_id))
    except RoundUnknown:
        raise StopUnknown(stop_id=stop_id) from None
    stop = next(each for each in card.stops if each.id == stop_id)
    if order_id not in {order.order_id for order in stop.orders}:
        raise OrderUnknown(order_id=order_id)


def _take(session: Session, order_id: int) -> bool:
    """Into the till of whoever asks, in the market that was entered."""
    me, now = signed_in_identity(), clock.now()
    day = now.astimezone(ZoneInfo(g.market.timezone)).date()
    card = till.open_till(session, g.market.id, till.code_of(me.person_id), me.name)
    wanted = taking.read(request.form, order_id, payee=g.market.name)
    return till.take(session, card, wanted, Who(me.person_id, me.name, now, day))


def _tell(*, new: bool) -> None:
    if new:
        flash(_("Taken and written in the journal."), "success")
    else:
        flash(_("This payment was taken before."), "info")
