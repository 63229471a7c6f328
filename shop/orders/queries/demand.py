"""What a cycle asks of the logistics: how much of what goes where, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind, TemperatureClass
from shop.kernel.quantity import Unit
from shop.orders.models import Order, OrderLine

TO_DELIVER = ("firm", "fulfilled", "settled")
"""States of orders that are, or were, to be delivered."""

Fill = dict[TemperatureClass, int]
"""Thousandths of a crate by temperature class."""


@dataclass(frozen=True, slots=True)
class OrderLoad:
    """One order as the logistics sees it: where, when, and how many crates of what."""

    order_id: int
    number: str
    state: str
    option_kind: OptionKind
    pickup_point_id: int | None
    slot_starts_at: datetime
    slot_ends_at: datetime
    contact_name: str
    contact_phone: str
    sort_key: str
    address: str
    postcode: str
    commune: str
    commune_insee: str
    lon: float
    lat: float
    door_code: str | None
    note: str | None
    fill: Fill = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SupplyLoad:
    """What one producer has to bring."""

    producer_id: int
    fill: Fill


_FILL = func.sum(
    case(
        (OrderLine.unit == Unit.PIECE, OrderLine.ordered * OrderLine.crate_share),
        else_=OrderLine.ordered * OrderLine.crate_share / 1000,
    )
)
"""Thousandths of a crate: per piece, or per kilogram of what is sold loose."""


def stamp(session: Session, cycle_id: int, states: Sequence[str]) -> str:
    """A short text that changes with the orders of a cycle in ``states``."""
    count, last, total, slots, goods = session.execute(
        select(
            func.count(),
            func.max(Order.id),
            func.sum(Order.id),
            func.sum(Order.id * Order.slot_id),
            func.sum(Order.id * Order.goods_cents),
        ).where(Order.cycle_id == cycle_id, Order.state.in_(states))
    ).one()
    return f"{count}:{last or 0}:{total or 0}:{slots or 0}:{goods or 0}"


def keys(session: Session, cycle_id: int, states: Sequence[str], *, after: int) -> frozenset[int]:
    """Orders of a cycle in ``states`` made after the one with that key."""
    return frozenset(
        session.scalars(
            select(Order.id).where(
                Order.cycle_id == cycle_id, Order.state.in_(states), Order.id > after
            )
        )
    )


def order_loads(
    session: Session, cycle_id: int, states: Sequence[str] = TO_DELIVER, *, after: int = 0
) -> list[OrderLoad]:
    """Every order of a cycle in one of ``states`` with what it fills, in two questions.

    ``after``: only orders made after the one with that key.
    """
    fills: dict[int, Fill] = defaultdict(dict)
    for order_id, kind, fill in session.execute(
        select(OrderLine.order_id, OrderLine.temperature_class, _FILL)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(states), Order.id > after)
        .group_by(OrderLine.order_id, OrderLine.temperature_class)
    ):
        fills[order_id][kind] = max(1, int(fill))
    rows = session.execute(
        select(
            Order.id,
            Order.number,
            Order.state,
            Order.option_kind,
            Order.pickup_point_id,
            Order.slot_starts_at,
            Order.slot_ends_at,
            Order.contact_name,
            Order.contact_phone,
            Order.sort_key,
            Order.address,
            Order.postcode,
            Order.commune,
            Order.commune_insee,
            Order.lon,
            Order.lat,
            Order.door_code,
            Order.note,
        )
        .where(Order.cycle_id == cycle_id, Order.state.in_(states), Order.id > after)
        .order_by(Order.id)
    )
    return [OrderLoad(*[*tuple(row), fills[row.id]]) for row in rows]


def supply_loads(
    session: Session, cycle_id: int, states: Sequence[str] = TO_DELIVER
) -> list[SupplyLoad]:
    """What each producer has to bring to a cycle, in one question; who brings nothing is left out.

    A farm that declared less still gets room for all: it may bring more after all.
    """
    fills: dict[int, Fill] = defaultdict(dict)
    for producer_id, kind, fill in session.execute(
        select(OrderLine.producer_id, OrderLine.temperature_class, _FILL)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(states))
        .where(func.coalesce(OrderLine.confirmed, OrderLine.ordered) > 0)
        .group_by(OrderLine.producer_id, OrderLine.temperature_class)
        .order_by(OrderLine.producer_id)
    ):
        fills[producer_id][kind] = max(1, int(fill))
    return [SupplyLoad(producer_id, fill) for producer_id, fill in fills.items()]


def farms_without(session: Session, cycle_id: int) -> list[int]:
    """Producers of whom something was ordered and who declared that they bring nothing."""
    return list(
        session.scalars(
            select(OrderLine.producer_id)
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.cycle_id == cycle_id, Order.state.in_(TO_DELIVER))
            .group_by(OrderLine.producer_id)
            .having(func.max(func.coalesce(OrderLine.confirmed, OrderLine.ordered)) == 0)
            .order_by(OrderLine.producer_id)
        )
    )


def not_firm(session: Session, cycle_id: int) -> list[str]:
    """Numbers of the orders of a cycle that are not paid for: nothing is prepared for them."""
    return list(
        session.scalars(
            select(Order.number)
            .where(Order.cycle_id == cycle_id, Order.state.in_(("awaiting_payment", "placed")))
            .order_by(Order.number)
        )
    )
