"""Changes of an order as its customer and the desk see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles, delivery
from shop.kernel.money import Money
from shop.orders.models import Amendment, Order, OrderLine, Payment


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment that shall take over, and the change that waits for it, if there is one."""

    payment_id: int
    amount: Money
    last_error: str | None
    amendment_id: int | None
    ceiling: Money | None
    lapses_at: datetime | None


def is_open(session: Session, order_id: int, now: datetime) -> bool:
    """Whether an order may still be changed."""
    order = session.get_one(Order, order_id)
    if order.state != "placed" or not cycles.by_id(session, order.cycle_id).is_open_at(now):
        return False
    return delivery.slot(session, order.slot_id).cutoff_at > now


def amounts(session: Session, order_id: int) -> dict[int, int]:
    """What is ordered, by offer."""
    rows = session.execute(
        select(OrderLine.offer_id, OrderLine.ordered)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.id)
    )
    return {row.offer_id: row.ordered for row in rows}


def waiting(session: Session, order_id: int) -> Waiting | None:
    """The payment that the customer has to confirm so that it takes over, or None."""
    row = session.execute(
        select(
            Payment.id,
            Payment.ceiling_cents,
            Payment.last_error,
            Amendment.id.label("amendment_id"),
            Amendment.ceiling_cents.label("wanted_cents"),
            Amendment.lapses_at,
        )
        .outerjoin(Amendment, (Amendment.payment_id == Payment.id) & (Amendment.state == "waiting"))
        .where(Payment.order_id == order_id, Payment.state == "created")
        .where(Payment.replaces_id.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    return Waiting(
        payment_id=row.id,
        amount=Money(row.ceiling_cents),
        last_error=row.last_error,
        amendment_id=row.amendment_id,
        ceiling=None if row.wanted_cents is None else Money(row.wanted_cents),
        lapses_at=row.lapses_at,
    )
