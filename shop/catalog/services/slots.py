"""Take a place in a delivery slot, give it back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.catalog.errors import SlotClosed, SlotFull, SlotUnknown
from shop.catalog.models import DeliverySlot


def take(session: Session, slot_id: int, now: datetime) -> None:
    """Take one place, in one guarded statement.

    Raises:
        SlotFull: every place is taken.
        SlotClosed: too late for it.
        SlotUnknown: there is no such slot.
    """
    taken = session.scalar(
        update(DeliverySlot)
        .where(DeliverySlot.id == slot_id, DeliverySlot.cutoff_at > now)
        .where(DeliverySlot.taken < DeliverySlot.capacity)
        .values(taken=DeliverySlot.taken + 1)
        .returning(DeliverySlot.id)
        .execution_options(synchronize_session=False)
    )
    if taken is not None:
        return
    cutoff_at = session.scalar(select(DeliverySlot.cutoff_at).where(DeliverySlot.id == slot_id))
    if cutoff_at is None:
        raise SlotUnknown(slot_id=slot_id)
    if cutoff_at <= now:
        raise SlotClosed(slot_id=slot_id)
    raise SlotFull(slot_id=slot_id)


def give_back(session: Session, slot_id: int) -> None:
    """Free one place."""
    session.execute(
        update(DeliverySlot)
        .where(DeliverySlot.id == slot_id)
        .values(taken=DeliverySlot.taken - 1)
        .execution_options(synchronize_session=False)
    )
