"""The orders of one person, the newest first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
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
