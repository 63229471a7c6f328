"""Tills, their journal and their chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from shop.billing.domain.journal import (
    GENESIS,
    Broken,
    Closing,
    Entry,
    EntryKind,
    Period,
    verify,
)
from shop.billing.errors import TillUnknown
from shop.billing.models import Till, TillClosing, TillEntry
from shop.catalog.domain.terms import SpotWay
from shop.kernel.money import Money


@dataclass(frozen=True, slots=True)
class TillCard:
    """One till."""

    id: int
    market_id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as the desk reads it."""

    id: int
    sequence: int
    kind: EntryKind
    way: SpotWay
    amount: Money
    at: datetime
    by_name: str
    order_number: str
    details: dict[str, Any]
    counters: int | None
    """Sequence of the entry that it takes back."""
    countered_by: int | None
    """Sequence of the entry that takes it back."""
    hash: str


@dataclass(frozen=True, slots=True)
class Day:
    """What was taken on one day in one till."""

    till: TillCard
    day: date
    entries: tuple[EntryRow, ...]
    closing: ClosingRow | None

    @property
    def totals(self) -> dict[SpotWay, Money]:
        """Sums by way of paying."""
        found = dict.fromkeys(SpotWay, Money.zero())
        for entry in self.entries:
            found[entry.way] += entry.amount
        return {way: amount for way, amount in found.items() if amount}

    @property
    def total(self) -> Money:
        """Everything together."""
        return Money.total(entry.amount for entry in self.entries)

    @property
    def cash(self) -> Money:
        """What the drawer should hold of this day."""
        return self.totals.get(SpotWay.CASH, Money.zero())


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """One closing as the desk reads it."""

    sequence: int
    period: Period
    label: str
    total: Money
    perpetual: Money
    counted: Money | None
    expected: Money
    note: str
    at: datetime
    hash: str

    @property
    def difference(self) -> Money | None:
        """What was counted more (or less) than expected; None: nobody counted."""
        return None if self.counted is None else self.counted - self.expected


def tills(session: Session, market_id: int) -> list[TillCard]:
    """The tills of a market: the desk's first."""
    rows = session.execute(
        select(Till.id, Till.market_id, Till.code, Till.name)
        .where(Till.market_id == market_id)
        .order_by(Till.code != "desk", Till.name, Till.id)
    )
    return [TillCard(row.id, row.market_id, row.code, row.name) for row in rows]


def all_tills(session: Session) -> list[TillCard]:
    """Every till of the installation."""
    rows = session.execute(select(Till.id, Till.market_id, Till.code, Till.name).order_by(Till.id))
    return [TillCard(row.id, row.market_id, row.code, row.name) for row in rows]


def by_code(session: Session, market_id: int, code: str) -> TillCard:
    """One till of a market.

    Raises:
        TillUnknown: there is none.
    """
    for card in tills(session, market_id):
        if card.code == code:
            return card
    raise TillUnknown(code=code)


def day(session: Session, till: TillCard, on: date) -> Day:
    """The journal of one day of a till."""
    first, second = aliased(TillEntry), aliased(TillEntry)
    rows = session.execute(
        select(
            TillEntry.id,
            TillEntry.sequence,
            TillEntry.kind,
            TillEntry.way,
            TillEntry.amount_cents,
            TillEntry.at,
            TillEntry.by_name,
            TillEntry.order_number,
            TillEntry.details,
            first.sequence.label("counters"),
            second.sequence.label("countered_by"),
            TillEntry.hash,
        )
        .outerjoin(first, first.id == TillEntry.counters_id)
        .outerjoin(second, second.counters_id == TillEntry.id)
        .where(TillEntry.till_id == till.id, TillEntry.day == on)
        .order_by(TillEntry.sequence)
    )
    entries = tuple(
        EntryRow(row[0], row[1], row[2], row[3], Money(row[4]), *tuple(row)[5:]) for row in rows
    )
    found = [row for row in closings(session, till) if row.period is Period.DAY]
    closing = next((row for row in found if row.label == on.isoformat()), None)
    return Day(till, on, entries, closing)


def latest(session: Session, till: TillCard) -> int:
    """The number of the last entry of a till; zero when there is none."""
    last = select(func.coalesce(func.max(TillEntry.sequence), 0))
    return session.scalars(last.where(TillEntry.till_id == till.id)).one()


def closings(session: Session, till: TillCard, limit: int = 400) -> list[ClosingRow]:
    """Closings of a till, the latest first."""
    rows = session.scalars(
        select(TillClosing)
        .where(TillClosing.till_id == till.id)
        .order_by(TillClosing.sequence.desc())
        .limit(limit)
    )
    return [
        ClosingRow(
            row.sequence,
            row.period,
            row.label,
            Money(row.total_cents),
            Money(row.perpetual_cents),
            None if row.counted_cents is None else Money(row.counted_cents),
            Money(row.expected_cents),
            row.note,
            row.at,
            row.hash,
        )
        for row in rows
    ]


def entries_of(session: Session, till: TillCard, since: date | None = None) -> list[Entry]:
    """The sealed facts of a till's entries, in their order."""
    other = aliased(TillEntry)
    rows = session.execute(
        select(TillEntry, other.sequence)
        .outerjoin(other, other.id == TillEntry.counters_id)
        .where(TillEntry.till_id == till.id)
        .where(TillEntry.day >= (since or date.min))
        .order_by(TillEntry.sequence)
        .execution_options(populate_existing=True)
    )
    return [
        Entry(
            till=f"{till.market_id}/{till.code}",
            sequence=row.sequence,
            kind=row.kind,
            way=row.way,
            amount_cents=row.amount_cents,
            at=row.at,
            day=row.day,
            by_person_id=row.by_person_id,
            by_name=row.by_name,
            order_number=row.order_number,
            payer=row.payer,
            counters_sequence=counters,
            details=row.details,
            previous_hash=row.previous_hash,
            hash=row.hash,
        )
        for row, counters in rows
    ]


def closings_of(session: Session, till: TillCard) -> list[Closing]:
    """The sealed facts of a till's closings, in their order."""
    sealed = session.execute(
        select(TillEntry.sequence, TillEntry.hash).where(TillEntry.till_id == till.id)
    )
    seals = {row.sequence: row.hash for row in sealed}
    rows = session.scalars(
        select(TillClosing)
        .where(TillClosing.till_id == till.id)
        .order_by(TillClosing.sequence)
        .execution_options(populate_existing=True)
    )
    return [
        Closing(
            till=f"{till.market_id}/{till.code}",
            sequence=row.sequence,
            period=row.period,
            label=row.label,
            first_entry=row.first_entry,
            last_entry=row.last_entry,
            totals=row.totals,
            total_cents=row.total_cents,
            perpetual_cents=row.perpetual_cents,
            counted_cents=row.counted_cents,
            expected_cents=row.expected_cents,
            note=row.note,
            at=row.at,
            by_person_id=row.by_person_id,
            last_entry_hash=seals.get(row.last_entry or 0, GENESIS),
            previous_hash=row.previous_hash,
            hash=row.hash,
        )
        for row in rows
    ]


def check(session: Session, till: TillCard) -> list[Broken]:
    """Everything that is wrong with the chain of a till; empty when it is as it was sealed."""
    return verify(entries_of(session, till), closings_of(session, till))


def days_to_close(session: Session, till: TillCard, before: date) -> list[date]:
    """Days before that one with entries and without a closing, the oldest first."""
    closed = select(TillClosing.label).where(
        TillClosing.till_id == till.id, TillClosing.period == Period.DAY
    )
    return list(
        session.scalars(
            select(TillEntry.day)
            .where(TillEntry.till_id == till.id, TillEntry.day < before)
            .where(func.to_char(TillEntry.day, "YYYY-MM-DD").not_in(closed))
            .group_by(TillEntry.day)
            .order_by(TillEntry.day)
        )
    )
