"""Orders as the person who hands them over sees them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.infra.places.geocoding import PinBy
from shop.orders.errors import OrderUnknown
from shop.orders.models import Order


@dataclass(frozen=True, slots=True)
class OrderToHand:
    """Who gets it, and how to reach them."""

    order_id: int
    number: str
    token: uuid.UUID
    market_id: int
    cycle_id: int
    person_id: int | None
    state: str
    contact_name: str
    sort_key: str
    contact_phone: str
    pickup_point_id: int | None
    slot_starts_at: datetime
    slot_ends_at: datetime
    door_code: str | None
    note: str | None
    pin_by: PinBy | None
    is_given_up: bool
    """Whether the desk gave it up: nothing is handed over any more, nothing was paid."""


_COLUMNS = (
    Order.id,
    Order.number,
    Order.token,
    Order.market_id,
    Order.cycle_id,
    Order.person_id,
    Order.state,
    Order.contact_name,
    Order.sort_key,
    Order.contact_phone,
    Order.pickup_point_id,
    Order.slot_starts_at,
    Order.slot_ends_at,
    Order.door_code,
    Order.note,
    Order.pin_by,
    Order.not_delivered_why.is_not(None),
)


def by_ids(session: Session, order_ids: Collection[int]) -> dict[int, OrderToHand]:
    """Orders by key; unknown keys are left out."""
    rows = session.execute(select(*_COLUMNS).where(Order.id.in_(order_ids)))
    return {row.id: OrderToHand(*tuple(row)) for row in rows}


def states_held(session: Session, order_ids: Collection[int]) -> dict[int, str]:
    """States of orders, which nobody else changes before this transaction ends.

    Taken in ascending key, as everywhere: two people may wait for each other, never deadlock.
    """
    rows = session.execute(
        select(Order.id, Order.state)
        .where(Order.id.in_(order_ids))
        .order_by(Order.id)
        .with_for_update()
    )
    return {row.id: row.state for row in rows}


def at_point(session: Session, pickup_point_id: int, cycle_id: int) -> list[OrderToHand]:
    """Orders that come to a pick-up point in a cycle, by surname."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(Order.pickup_point_id == pickup_point_id, Order.cycle_id == cycle_id)
        .where(Order.state.in_(("firm", "fulfilled", "settled")))
        .order_by(Order.sort_key, Order.id)
    )
    return [OrderToHand(*tuple(row)) for row in rows]


def cycles_at_point(session: Session, pickup_point_id: int) -> list[int]:
    """Cycles with orders for a pick-up point, the newest first."""
    rows = session.scalars(
        select(Order.cycle_id)
        .where(Order.pickup_point_id == pickup_point_id)
        .where(Order.state.in_(("firm", "fulfilled", "settled")))
        .group_by(Order.cycle_id)
        .order_by(Order.cycle_id.desc())
    )
    return list(rows)


def by_number(session: Session, market_id: int, number: str) -> int:
    """The order with that number in a market.

    Raises:
        OrderUnknown: there is none.
    """
    found = session.scalar(
        select(Order.id).where(Order.market_id == market_id, Order.number == number)
    )
    if found is None:
        raise OrderUnknown(number=number)
    return found
