"""The orders of one person, the newest first."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list."""

    id: int
    number: str
    token: uuid.UUID
    market_id: int
    state: str
    created_at: datetime
    slot_starts_at: datetime
    option_name: str
    commune: str
    estimate: Money
    final: Money | None
    lines: int

    @property
    def price_now(self) -> Money:
        """What is charged, or expected."""
        return self.estimate if self.final is None else self.final


def of_person(session: Session, person_id: int, limit: int = 100) -> list[OrderRow]:
    """Orders that this account made; those of anybody else are never among them."""
    count = (
        select(func.count())
        .select_from(OrderLine)
        .where(OrderLine.order_id == Order.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Order.id,
            Order.number,
            Order.token,
            Order.market_id,
            Order.state,
            Order.created_at,
            Order.slot_starts_at,
            Order.option_name,
            Order.commune,
            Order.estimate_cents,
            Order.final_cents,
            count.label("lines"),
        )
        .where(Order.person_id == person_id)
        .order_by(Order.id.desc())
        .limit(limit)
    )
    return [
        OrderRow(
            id=row.id,
            number=row.number,
            token=row.token,
            market_id=row.market_id,
            state=row.state,
            created_at=row.created_at,
            slot_starts_at=row.slot_starts_at,
            option_name=row.option_name,
            commune=row.commune,
            estimate=Money(row.estimate_cents),
            final=None if row.final_cents is None else Money(row.final_cents),
            lines=row.lines,
        )
        for row in rows
    ]


UNPAID = "unpaid_orders"
"""Where a browser's session keeps the tokens of orders it placed and that are to be paid."""


def tokens_of(kept: Iterable[str]) -> list[uuid.UUID]:
    """The tokens that a browser kept; what is none is left out."""
    found = []
    for text in kept:
        with suppress(ValueError):
            found.append(uuid.UUID(text))
    return found


@dataclass(frozen=True, slots=True)
class UnpaidOrder:
    """An order that waits for its payment."""

    number: str
    token: uuid.UUID
    pay_by: datetime
    estimate: Money


def unpaid(
    session: Session,
    market_id: int,
    now: datetime,
    *,
    tokens: Collection[uuid.UUID],
    person_id: int | None,
) -> UnpaidOrder | None:
    """The latest order of a market that can still be paid, of those the visitor may know."""
    theirs: ColumnElement[bool] = Order.token.in_(tokens)
    if person_id is not None:
        theirs = or_(theirs, Order.person_id == person_id)
    row = session.execute(
        select(Order.number, Order.token, Order.pay_by, Order.estimate_cents)
        .where(theirs, Order.market_id == market_id)
        .where(Order.state == "awaiting_payment", Order.pay_by > now)
        .order_by(Order.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return UnpaidOrder(row.number, row.token, row.pay_by, Money(row.estimate_cents))
