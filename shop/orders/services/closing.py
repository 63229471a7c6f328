"""The closing of a sale, from the orders' side: what is paid becomes firm."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.infra.transitions import advance_all
from shop.orders.domain.lifecycles import ORDER
from shop.orders.models import Order


def awaiting_payment(session: Session, cycle_id: int) -> int:
    """Orders of a cycle whose customers are still at the payment page."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Order)
            .where(Order.cycle_id == cycle_id, Order.state == "awaiting_payment")
        )
        or 0
    )


def confirm_orders(session: Session, cycle_id: int, *, at: datetime) -> list[int]:
    """Make every paid order of a closed cycle firm, in bulk; those that moved."""
    ids = session.scalars(
        select(Order.id)
        .where(Order.cycle_id == cycle_id, Order.state == "placed")
        .order_by(Order.id)
        .with_for_update()
    ).all()
    return advance_all(session, ORDER, Order, ids, "confirm", at=at)
