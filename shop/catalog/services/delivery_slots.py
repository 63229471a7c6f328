"""Slots of a cycle, as the desk arranges them: opened, repeated, given room, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.catalog.errors import (
    CycleOver,
    CycleUnknown,
    SlotTaken,
    SlotUnknown,
)
from shop.catalog.models import (
    Cycle,
    DeliveryOption,
    DeliverySlot,
    PickupPoint,
)
from shop.catalog.services.delivery import lock_option
from shop.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """Hours of the day of delivery, cut into parts of ``every`` (None: one), with room in each."""

    starts_at: time
    ends_at: time
    every: timedelta | None
    capacity: int
    cutoff_at: datetime


def make_slots(
    session: Session,
    market_id: int,
    cycle_id: int,
    option_id: int,
    plan: SlotPlan,
    zone: ZoneInfo,
) -> int:
    """Open slots of a cycle by one option, at each of its places; how many are new.

    Raises:
        OptionUnknown: the market has no such option.
        CycleUnknown: there is none.
        CycleOver: it is closed.
        InvalidInput: hours, room or cut-off that make no sense.
    """
    option = lock_option(session, market_id, option_id)
    cycle = _cycle(session, market_id, cycle_id)
    _refuse_plan(plan, cycle)
    places: list[int | None] = [None]
    if option.kind.has_pickup_point:
        places = list(
            session.scalars(
                select(PickupPoint.id)
                .where(PickupPoint.market_id == market_id, PickupPoint.kind == option.kind)
                .where(PickupPoint.retired_at.is_(None))
                .order_by(PickupPoint.id)
            )
        )
    rows = [
        {
            "cycle_id": cycle_id,
            "option_id": option_id,
            "pickup_point_id": place,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "cutoff_at": plan.cutoff_at,
            "capacity": plan.capacity,
        }
        for place in places
        for starts_at, ends_at in _parts(plan, cycle, zone)
    ]
    if not rows:
        return 0
    made = session.scalars(
        insert(DeliverySlot).values(rows).on_conflict_do_nothing().returning(DeliverySlot.id)
    )
    return len(made.all())


def repeat_slots(
    session: Session, market_id: int, cycle_id: int, earlier_id: int, zone: ZoneInfo
) -> int:
    """Open the slots of an earlier cycle at the same hours of this one; how many.

    Raises:
        CycleUnknown: the market lacks one of both.
        CycleOver: it is closed.
    """
    cycle = _cycle(session, market_id, cycle_id)
    earlier = session.get(Cycle, earlier_id)
    if earlier is None or earlier.market_id != market_id:
        raise CycleUnknown(cycle_id=earlier_id)
    days = cycle.delivers_on - earlier.delivers_on
    rows = [
        {
            "cycle_id": cycle_id,
            "option_id": slot.option_id,
            "pickup_point_id": slot.pickup_point_id,
            "starts_at": slot.starts_at.astimezone(zone) + days,
            "ends_at": slot.ends_at.astimezone(zone) + days,
            "cutoff_at": cycle.closes_at - max(earlier.closes_at - slot.cutoff_at, timedelta()),
            "capacity": slot.capacity,
        }
        for slot in session.scalars(
            select(DeliverySlot)
            .join(DeliveryOption, DeliveryOption.id == DeliverySlot.option_id)
            .outerjoin(PickupPoint, PickupPoint.id == DeliverySlot.pickup_point_id)
            .where(DeliverySlot.cycle_id == earlier_id, DeliverySlot.capacity > 0)
            .where(DeliveryOption.retired_at.is_(None), PickupPoint.retired_at.is_(None))
            .order_by(DeliverySlot.id)
        )
    ]
    if not rows:
        return 0
    made = session.scalars(
        insert(DeliverySlot).values(rows).on_conflict_do_nothing().returning(DeliverySlot.id)
    )
    return len(made.all())


def set_capacities(
    session: Session, market_id: int, cycle_id: int, wanted: Mapping[int, int]
) -> None:
    """Say how many orders slots take, all or none, each by a guarded statement.

    Raises:
        SlotTaken: more orders than that count on one.
        SlotUnknown: the cycle has no such slot.
        InvalidInput: below zero.
    """
    _cycle(session, market_id, cycle_id)
    for slot_id, capacity in sorted(wanted.items()):
        if capacity < 0:
            raise InvalidInput(field="capacity", reason="below_zero", slot_id=slot_id)
        done = session.scalar(
            update(DeliverySlot)
            .where(DeliverySlot.id == slot_id, DeliverySlot.cycle_id == cycle_id)
            .where(DeliverySlot.taken <= capacity)
            .values(capacity=capacity)
            .returning(DeliverySlot.id)
            .execution_options(synchronize_session=False)
        )
        if done is None:
            raise SlotTaken(slot_id=slot_id, taken=_taken(session, cycle_id, slot_id))


def remove_slots(session: Session, market_id: int, cycle_id: int, option_id: int) -> int:
    """Take away the slots of an option that nobody chose; how many.

    Raises:
        CycleOver: the cycle is closed.
    """
    _cycle(session, market_id, cycle_id)
    removed = session.scalars(
        delete(DeliverySlot)
        .where(DeliverySlot.cycle_id == cycle_id, DeliverySlot.option_id == option_id)
        .where(DeliverySlot.taken == 0)
        .returning(DeliverySlot.id)
        .execution_options(synchronize_session=False)
    )
    return len(removed.all())


def _parts(plan: SlotPlan, cycle: Cycle, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    start = datetime.combine(cycle.delivers_on, plan.starts_at, zone)
    end = datetime.combine(cycle.delivers_on, plan.ends_at, zone)
    if plan.every is None:
        return [(start, end)]
    found = []
    while start < end:
        after = min(start + plan.every, end)
        found.append((start, after))
        start = after
    return found


def _refuse_plan(plan: SlotPlan, cycle: Cycle) -> None:
    if plan.ends_at <= plan.starts_at:
        raise InvalidInput(field="ends_at", reason="before_start")
    if plan.every is not None and plan.every < timedelta(minutes=15):
        raise InvalidInput(field="every", reason="too_short")
    if plan.capacity < 1:
        raise InvalidInput(field="capacity", reason="too_small")
    if plan.cutoff_at > cycle.closes_at:
        raise InvalidInput(field="cutoff_at", reason="after_closing")


def _cycle(session: Session, market_id: int, cycle_id: int) -> Cycle:
    cycle = session.get(
        Cycle, cycle_id, with_for_update={"read": True, "key_share": True}, populate_existing=True
    )
    if cycle is None or cycle.market_id != market_id:
        raise CycleUnknown(cycle_id=cycle_id)
    if cycle.state not in {"draft", "open"}:
        raise CycleOver(cycle_id=cycle_id)
    return cycle


def _taken(session: Session, cycle_id: int, slot_id: int) -> int:
    taken = session.scalar(
        select(DeliverySlot.taken).where(
            DeliverySlot.id == slot_id, DeliverySlot.cycle_id == cycle_id
        )
    )
    if taken is None:
        raise SlotUnknown(slot_id=slot_id)
    return taken
