"""An order in its customer's calendar: when and where the goods are."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.infra.unit_of_work import reading
from shop.kernel.calendar import Appointment
from shop.orders.errors import OrderUnknown
from shop.orders.queries import order_page
from shop.orders.views.visiting import bp, enter, token_of
from shop.web.calendars import calendar_file

__all__ = ["bp"]

GONE = frozenset({"awaiting_payment", "canceled"})


@bp.get("/<market>/orders/<token>/calendar.ics")
def order_calendar(market: str, token: str) -> ResponseReturnValue:
    """The slot of an order that stands; for any other there is none."""
    key = token_of(token)
    if key is None:
        raise OrderUnknown
    with reading() as session:
        enter(session, market)
        order = order_page.by_token(session, g.market.id, key)
    if order.state in GONE:
        raise OrderUnknown
    place = order.pickup.name if order.pickup else order.option_name
    made = Appointment(
        uid=f"order-{order.token}@carriole",
        starts_at=order.slot_starts_at,
        ends_at=order.slot_ends_at,
        title=_("%(market)s: %(place)s", market=g.market.name, place=place),
        place=f"{order.address}, {order.postcode} {order.commune}",
        text=_("Order %(number)s", number=order.number),
        url=url_for("orders.order", market=market, token=token, _external=True),
    )
    return calendar_file([made], g.market.name, made_at=g.now)
