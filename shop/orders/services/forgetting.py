"""What is forgotten once it has served (rules §8: door codes are deleted after the round)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.orders.models import Order

AFTER_SLOT = timedelta(hours=12)
"""A round is over by then; a failed stop that is served again asks for the code again."""


def forget_door_codes(session: Session, now: datetime) -> int:
    """Delete the door codes of orders whose slot is over; how many."""
    forgotten = session.scalars(
        update(Order)
        .where(Order.door_code.is_not(None), Order.slot_ends_at < now - AFTER_SLOT)
        .values(door_code=None)
        .returning(Order.id)
        .execution_options(synchronize_session=False)
    )
    return len(forgotten.all())
