"""Take money by hand, take an entry back, close a period: each sealed on the record before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.billing.domain.journal import (
    GENESIS,
    Closing,
    Entry,
    EntryKind,
    Period,
    cash_of,
    seal,
    totals_by_way,
)
from shop.billing.errors import CounterRefused, DayClosed, TakingRefused, TillUnknown
from shop.billing.models import Till, TillClosing, TillEntry
from shop.billing.queries import till as read
from shop.billing.queries.till import TillCard
from shop.catalog.domain.terms import SpotWay
from shop.kernel.money import Money
from shop.orders.domain.tenders import Rules, cash_left, meal_eligible, meal_left
from shop.orders.queries import tenders as paying
from shop.orders.services import tenders


@dataclass(frozen=True, slots=True)
class Taking:
    """Money that somebody takes for an order."""

    key: str
    """Of the form: pressed twice, taken once."""
    order_id: int
    way: SpotWay
    amount: Money
    cheque_number: str = ""
    cheque_bank: str = ""
    cheque_payee: str = ""

    @property
    def cheque(self) -> dict[str, str]:
        """What is written of a cheque; empty for other ways."""
        if self.way is not SpotWay.CHEQUE:
            return {}
        return {
            "number": self.cheque_number,
            "bank": self.cheque_bank,
            "payee": self.cheque_payee,
        }


@dataclass(frozen=True, slots=True)
class Who:
    """Who stands at a till, and when."""

    person_id: int
    name: str
    at: datetime
    day: date
    """In the market's zone."""


def code_of(person_id: int) -> str:
    """The code of somebody's own till: a driver's bag, a preparer's tin."""
    return f"person-{person_id}"


def open_till(session: Session, market_id: int, code: str, name: str) -> TillCard:
    """The till with that code; made when there is none yet."""
    session.execute(
        insert(Till)
        .values(market_id=market_id, code=code, name=name)
        .on_conflict_do_nothing(index_elements=["market_id", "code"])
    )
    return read.by_code(session, market_id, code)


def take(
    session: Session, till: TillCard, taking: Taking, who: Who, *, any_way: bool = False
) -> bool:
    """Take money for an order: into the journal and the ledger. False when it was taken before.

    ``any_way``: the desk accepts every way; elsewhere only those of the delivery option.

    Raises:
        DayClosed: the till's day is closed.
        TakingRefused: a cheque without its number, cash or meal vouchers above what is allowed.
        WayRefused, TooMuch: the order is not to be paid so, or not so much.
    """
    tenders.lock(session, taking.order_id)
    if _known(session, taking.key):
        return False
    number, payer = paying.payer(session, taking.order_id)
    _check_limits(session, taking, payer, who.day)
    tenders.take_on_spot(
        session,
        taking.order_id,
        taking.way,
        taking.amount,
        key=f"till:{taking.key}",
        any_way=any_way,
    )
    details: dict[str, Any] = {
        "rates": {
            str(rate): cents
            for rate, cents in paying.goods_by_rate(session, taking.order_id).items()
        }
    }
    if taking.cheque:
        details["cheque"] = taking.cheque
    _append(
        session,
        till,
        who,
        key=taking.key,
        kind=EntryKind.TAKEN,
        way=taking.way,
        amount=taking.amount,
        order_id=taking.order_id,
        order_number=number,
        payer=payer,
        details=details,
    )
    return True


def counter(
    session: Session, till: TillCard, sequence: int, reason: str, who: Who, *, key: str
) -> bool:
    """Take an entry back with a counter-entry; False when this was said before.

    Raises:
        TillUnknown: there is no such entry.
        CounterRefused: it was taken back before, or is a counter-entry itself.
        TakingRefused: no reason is given.
    """
    if not reason.strip():
        raise TakingRefused(field="reason", reason="reason")
    row = session.scalar(
        select(TillEntry).where(TillEntry.till_id == till.id, TillEntry.sequence == sequence)
    )
    if row is None:
        raise TillUnknown(sequence=sequence)
    if row.order_id is not None:
        tenders.lock(session, row.order_id)
    if _known(session, key):
        return False
    taken_back = session.scalar(select(TillEntry.id).where(TillEntry.counters_id == row.id))
    if row.kind is not EntryKind.TAKEN or taken_back is not None:
        raise CounterRefused(sequence=sequence)
    _append(
        session,
        till,
        who,
        key=key,
        kind=EntryKind.COUNTER,
        way=row.way,
        amount=Money(-row.amount_cents),
        order_id=row.order_id,
        order_number=row.order_number,
        payer=row.payer,
        details={"reason": reason.strip()},
        counters=row,
    )
    if row.order_id is not None:
        tenders.undo_on_spot(
            session,
            row.order_id,
            row.way,
            Money(row.amount_cents),
            key=f"till:{key}",
            at=who.at,
            by=who.person_id,
        )
    return True


def close(
    session: Session,
    till: TillCard,
    period: Period,
    day: date,
    *,
    at: datetime,
    by: int | None = None,
    counted: Money | None = None,
    note: str = "",
) -> bool:
    """Close the day, month or year that holds ``day``; False when it was closed before.

    Days that are still open inside a month or a year are closed first, uncounted.
    """
    _lock(session, till)
    label = period.label(day)
    if _is_closed(session, till, period, label):
        return False
    entries = read.entries_of(session, till)
    inside = [entry for entry in entries if period.label(entry.day) == label]
    if period is not Period.DAY:
        smaller = Period.DAY if period is Period.MONTH else Period.MONTH
        for each in dict.fromkeys(smaller.label(entry.day) for entry in inside):
            first = next(entry.day for entry in inside if smaller.label(entry.day) == each)
            close(session, till, smaller, first, at=at, by=by)
    last = session.execute(
        select(TillClosing.sequence, TillClosing.hash, TillClosing.perpetual_cents)
        .where(TillClosing.till_id == till.id)
        .order_by(TillClosing.sequence.desc())
        .limit(1)
    ).one_or_none()
    totals = totals_by_way(inside)
    upto = inside[-1].sequence if inside else 0
    earlier = last.perpetual_cents if last else 0
    closing = Closing(
        till=f"{till.market_id}/{till.code}",
        sequence=last.sequence + 1 if last else 1,
        period=period,
        label=label,
        first_entry=inside[0].sequence if inside else None,
        last_entry=upto or None,
        totals=totals,
        total_cents=sum(totals.values()),
        perpetual_cents=(
            sum(entry.amount_cents for entry in entries if entry.sequence <= upto)
            if inside
            else earlier
        ),
        counted_cents=None if counted is None else counted.cents,
        expected_cents=cash_of(totals).cents,
        note=note.strip(),
        at=at,
        by_person_id=by,
        last_entry_hash=inside[-1].hash if inside else GENESIS,
        previous_hash=last.hash if last else GENESIS,
    )
    sealed = replace(closing, hash=seal(closing.previous_hash, closing.facts()))
    names = set(Closing.__dataclass_fields__) - {"till", "last_entry_hash"}
    session.add(
        TillClosing(till_id=till.id, **{name: _plain(getattr(sealed, name)) for name in names})
    )
    session.flush()
    return True


def close_past(session: Session, till: TillCard, today: date, *, at: datetime) -> int:
    """Close what was left open before today: days, then the months and years that are over."""
    closed = 0
    for day in read.days_to_close(session, till, today):
        closed += close(session, till, Period.DAY, day, at=at)
    for period in (Period.MONTH, Period.YEAR):
        labels = {period.label(entry.day): entry.day for entry in read.entries_of(session, till)}
        for label, day in sorted(labels.items()):
            if label < period.label(today):
                closed += close(session, till, period, day, at=at)
    return closed


def still_allowed(
    session: Session, order_id: int, day: date, rules: Rules
) -> Mapping[SpotWay, Money]:
    """The most that may be taken in each way for an order on a day, whatever is due."""
    _number, payer = paying.payer(session, order_id)
    return {way: _limit(session, order_id, way, payer, day, rules) for way in SpotWay}


def _check_limits(session: Session, taking: Taking, payer: str, day: date) -> None:
    if taking.way is SpotWay.CHEQUE and not (taking.cheque_number and taking.cheque_bank):
        raise TakingRefused(field="cheque_number", reason="cheque")
    # Two tills never spend the same day's meal vouchers of one person.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"meal:{payer}:{day}"))))
    most = _limit(session, taking.order_id, taking.way, payer, day, paying.rules(session, day))
    if taking.amount > most:
        raise TakingRefused(field="amount", reason=taking.way.value, most=most.cents)


def _limit(
    session: Session, order_id: int, way: SpotWay, payer: str, day: date, rules: Rules
) -> Money:
    if way is SpotWay.CASH:
        ways = [SpotWay.CASH]
        return cash_left(_sum(session, ways, order_id=order_id), rules)
    if not way.is_meal:
        return Money(2**31 - 1)
    ways = [each for each in SpotWay if each.is_meal]
    return meal_left(
        meal_eligible(paying.goods_by_class(session, order_id), rules),
        _sum(session, ways, order_id=order_id),
        _sum(session, ways, payer=payer, day=day),
        rules,
    )


def _sum(
    session: Session,
    ways: list[SpotWay],
    *,
    order_id: int | None = None,
    payer: str | None = None,
    day: date | None = None,
) -> Money:
    question = select(func.sum(TillEntry.amount_cents)).where(TillEntry.way.in_(ways))
    if order_id is not None:
        question = question.where(TillEntry.order_id == order_id)
    if payer is not None:
        question = question.where(TillEntry.payer == payer, TillEntry.day == day)
    return Money(int(session.scalar(question) or 0))


def _append(
    session: Session,
    till: TillCard,
    who: Who,
    *,
    key: str,
    kind: EntryKind,
    way: SpotWay,
    amount: Money,
    order_id: int | None,
    order_number: str,
    payer: str,
    details: dict[str, Any],
    counters: TillEntry | None = None,
) -> None:
    _lock(session, till)
    last = session.execute(
        select(TillEntry.sequence, TillEntry.hash, TillEntry.day)
        .where(TillEntry.till_id == till.id)
        .order_by(TillEntry.sequence.desc())
        .limit(1)
    ).one_or_none()
    # A clock that goes back never puts an entry into a day that is over.
    day = max(who.day, last.day) if last else who.day
    if _is_closed(session, till, Period.DAY, Period.DAY.label(day)):
        raise DayClosed(day=day.isoformat())
    entry = Entry(
        till=f"{till.market_id}/{till.code}",
        sequence=last.sequence + 1 if last else 1,
        kind=kind,
        way=way,
        amount_cents=amount.cents,
        at=who.at,
        day=day,
        by_person_id=who.person_id,
        by_name=who.name,
        order_number=order_number,
        payer=payer,
        counters_sequence=counters.sequence if counters else None,
        details=details,
        previous_hash=last.hash if last else GENESIS,
    )
    session.add(
        TillEntry(
            till_id=till.id,
            sequence=entry.sequence,
            key=key,
            kind=kind,
            way=way,
            amount_cents=amount.cents,
            at=who.at,
            day=day,
            by_person_id=who.person_id,
            by_name=who.name,
            order_id=order_id,
            order_number=order_number,
            payer=payer,
            counters_id=counters.id if counters else None,
            details=details,
            previous_hash=entry.previous_hash,
            hash=seal(entry.previous_hash, entry.facts()),
        )
    )
    session.flush()


def _lock(session: Session, till: TillCard) -> None:
    session.execute(select(Till.id).where(Till.id == till.id).with_for_update())


def _is_closed(session: Session, till: TillCard, period: Period, label: str) -> bool:
    found = session.scalar(
        select(TillClosing.id).where(
            TillClosing.till_id == till.id,
            TillClosing.period == period,
            TillClosing.label == label,
        )
    )
    return found is not None


def _known(session: Session, key: str) -> bool:
    return session.scalar(select(TillEntry.id).where(TillEntry.key == key)) is not None


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
