"""Where the door of a home is: corrected by the desk before the truck leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind
from shop.infra.places.geocoding import PinBy
from shop.kernel.errors import Conflict
from shop.orders.errors import OrderUnknown
from shop.orders.models import Order

MOVABLE = ("awaiting_payment", "placed", "firm")


class DoorFixed(Conflict):
    """The order goes to a pick-up point, or was handed over; facts: ``state``."""

    code = "door_fixed"


@dataclass(frozen=True, slots=True)
class Door:
    """The door of an order as it is known; ``pin_by`` says by whom."""

    order_id: int
    number: str
    contact_name: str
    address: str
    postcode: str
    commune: str
    commune_insee: str
    lon: float
    lat: float
    pin_by: PinBy | None
    option_kind: OptionKind
    state: str

    @property
    def can_move(self) -> bool:
        """Whether the pin may still be moved."""
        return self.option_kind is OptionKind.HOME and self.state in MOVABLE


def of_order(session: Session, market_id: int, number: str) -> Door:
    """The door of an order of a market.

    Raises:
        OrderUnknown: this market has none with that number.
    """
    row = session.execute(
        select(
            Order.id,
            Order.number,
            Order.contact_name,
            Order.address,
            Order.postcode,
            Order.commune,
            Order.commune_insee,
            Order.lon,
            Order.lat,
            Order.pin_by,
            Order.option_kind,
            Order.state,
        ).where(Order.market_id == market_id, Order.number == number.strip().upper())
    ).one_or_none()
    if row is None:
        raise OrderUnknown(number=number)
    return Door(*tuple(row))


def move_pin(session: Session, order_id: int, *, lon: float, lat: float, at: datetime) -> None:
    """Let the truck come to this point; rounds that are planned from now on go there.

    Raises:
        OrderUnknown: there is no such order.
        DoorFixed: it goes to a pick-up point, or was handed over.
    """
    order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    if order.option_kind is not OptionKind.HOME or order.state not in MOVABLE:
        raise DoorFixed(order_id=order_id, state=order.state)
    order.lon, order.lat = lon, lat
    order.pin_by = PinBy.PERSON
    order.pinned_at = at
    session.flush()
