"""Open and close sales cycles, by the clock or by the desk's hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.cycle import SALES_CYCLE
from shop.catalog.errors import CycleOver, CycleUnknown
from shop.catalog.models import Cycle, DeliverySlot
from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.errors import InvalidInput

CLOSED_TOPIC = "cycle.closed"


@dataclass(frozen=True, slots=True)
class CycleDates:
    """When a cycle sells, when producers answer, when goods move."""

    opens_at: datetime
    closes_at: datetime
    answers_by: datetime
    collects_on: date
    delivers_on: date

    def refuse_nonsense(self) -> None:
        """Each after the one before.

        Raises:
            InvalidInput: naming the first field that is too early.
        """
        if self.closes_at <= self.opens_at:
            raise InvalidInput(field="closes_at", reason="before_opening")
        if self.answers_by <= self.closes_at:
            raise InvalidInput(field="answers_by", reason="before_closing")
        if self.collects_on < self.closes_at.date():
            raise InvalidInput(field="collects_on", reason="before_closing")
        if self.delivers_on < self.collects_on:
            raise InvalidInput(field="delivers_on", reason="before_collection")


def draft(session: Session, market_id: int, *, code: str, name: str, dates: CycleDates) -> int:
    """Prepare a cycle; its key.

    Raises:
        InvalidInput: the code is taken in this market, or the dates make no sense.
    """
    dates.refuse_nonsense()
    taken = session.scalar(select(Cycle.id).where(Cycle.market_id == market_id, Cycle.code == code))
    if taken is not None:
        raise InvalidInput(field="code", reason="taken")
    cycle = Cycle(
        market_id=market_id,
        code=code,
        name=name,
        opens_at=dates.opens_at,
        closes_at=dates.closes_at,
        answers_by=dates.answers_by,
        collects_on=dates.collects_on,
        delivers_on=dates.delivers_on,
    )
    session.add(cycle)
    session.flush()
    return cycle.id


def redate(
    session: Session, market_id: int, cycle_id: int, *, name: str, dates: CycleDates, zone: ZoneInfo
) -> None:
    """Give a cycle that is not open yet another name and other dates.

    Its slots move along: by as many days as the delivery, at the same hours, and no order is
    taken in them after the closing.

    Raises:
        CycleUnknown: the market has none.
        CycleOver: it is open or closed: customers and farms count on its dates.
        InvalidInput: the dates make no sense.
    """
    dates.refuse_nonsense()
    cycle = _lock(session, cycle_id)
    if cycle.market_id != market_id:
        raise CycleUnknown(cycle_id=cycle_id)
    if cycle.state != "draft":
        raise CycleOver(cycle_id=cycle_id)
    days, closed = dates.delivers_on - cycle.delivers_on, cycle.closes_at
    for slot in session.scalars(select(DeliverySlot).where(DeliverySlot.cycle_id == cycle_id)):
        slot.starts_at = slot.starts_at.astimezone(zone) + days
        slot.ends_at = slot.ends_at.astimezone(zone) + days
        slot.cutoff_at = dates.closes_at - max(closed - slot.cutoff_at, timedelta())
    cycle.name = name
    cycle.opens_at, cycle.closes_at = dates.opens_at, dates.closes_at
    cycle.answers_by = dates.answers_by
    cycle.collects_on, cycle.delivers_on = dates.collects_on, dates.delivers_on
    session.flush()


def open_cycle(session: Session, cycle_id: int, *, at: datetime, by: int | None = None) -> None:
    """Let customers order; before its hour when the desk says so.

    Raises:
        CycleUnknown: there is none.
        IllegalTransition: it is open or closed already.
    """
    cycle = _lock(session, cycle_id)
    advance(session, SALES_CYCLE, cycle, "open", at=at, by=by)
    if cycle.opens_at > at:
        cycle.opens_at = at


def close_cycle(
    session: Session,
    cycle_id: int,
    *,
    at: datetime,
    by: int | None = None,
    reason: str | None = None,
) -> None:
    """End the sale and ask for what follows: purchase orders, crates, sheets.

    Raises:
        CycleUnknown: there is none.
        IllegalTransition: it is not open.
    """
    cycle = _lock(session, cycle_id)
    advance(session, SALES_CYCLE, cycle, "close", at=at, by=by, reason=reason)
    cycle.closed_at = at
    if cycle.opens_at < at < cycle.closes_at:
        cycle.closes_at = at
    outbox.post(session, CLOSED_TOPIC, key=f"{CLOSED_TOPIC}:{cycle_id}", cycle_id=cycle_id)


def due_to_open(session: Session, now: datetime) -> list[int]:
    """Drafts whose hour has come."""
    return list(
        session.scalars(
            select(Cycle.id)
            .where(Cycle.state == "draft", Cycle.opens_at <= now, Cycle.closes_at > now)
            .order_by(Cycle.id)
        )
    )


def due_to_close(session: Session, now: datetime) -> list[int]:
    """Open cycles whose time is over."""
    return list(
        session.scalars(
            select(Cycle.id).where(Cycle.state == "open", Cycle.closes_at <= now).order_by(Cycle.id)
        )
    )


def _lock(session: Session, cycle_id: int) -> Cycle:
    cycle = session.get(Cycle, cycle_id, with_for_update=True)
    if cycle is None:
        raise CycleUnknown(cycle_id=cycle_id)
    return cycle
