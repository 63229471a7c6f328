"""The money of a market as the desk looks at it each morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.infra.outbox import OutboxMessage
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, PaymentKind
from shop.orders.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    Payment,
    PaymentOperation,
)


@dataclass(frozen=True, slots=True)
class KindBalance:
    """All accounts of one kind together; above zero: owed to us or held for us."""

    kind: AccountKind
    accounts: int
    balance: Money


@dataclass(frozen=True, slots=True)
class Capture:
    """Money that was taken for one order."""

    number: str
    contact_name: str
    at: datetime
    kind: PaymentKind
    amount: Money
    ceiling: Money
    provider_ref: str | None


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A delivered order whose payment failed."""

    number: str
    contact_name: str
    contact_phone: str
    delivered_on: datetime
    final: Money
    last_error: str | None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A message that was tried too often and waits for a person."""

    id: int
    topic: str
    subject: str
    failed_at: datetime
    attempts: int
    last_error: str


def balances(session: Session, market_id: int) -> list[KindBalance]:
    """What the entries of a market leave on each kind of account; together zero."""
    rows = session.execute(
        select(
            LedgerAccount.kind,
            func.count(LedgerAccount.id.distinct()).label("accounts"),
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.market_id == market_id)
        .group_by(LedgerAccount.kind)
    ).all()
    order = list(AccountKind)
    return sorted(
        (KindBalance(row.kind, row.accounts, Money(int(row.cents))) for row in rows),
        key=lambda found: order.index(found.kind),
    )


def captures(session: Session, market_id: int, since: datetime, until: datetime) -> list[Capture]:
    """What was taken in ``since`` ≤ t < ``until``, the latest first."""
    rows = session.execute(
        select(
            Order.number,
            Order.contact_name,
            LedgerEntry.at,
            Payment.kind,
            Payment.captured_cents,
            Payment.ceiling_cents,
            Payment.intent_id,
        )
        .join(Payment, Payment.id == LedgerEntry.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(LedgerEntry.market_id == market_id, LedgerEntry.kind == "capture")
        .where(LedgerEntry.at >= since, LedgerEntry.at < until)
        .order_by(LedgerEntry.at.desc(), LedgerEntry.id.desc())
    )
    return [
        Capture(
            number=row.number,
            contact_name=row.contact_name,
            at=row.at,
            kind=row.kind,
            amount=Money(row.captured_cents),
            ceiling=Money(row.ceiling_cents),
            provider_ref=row.intent_id,
        )
        for row in rows
    ]


def last_capture_at(session: Session, market_id: int) -> datetime | None:
    """When money was last taken in a market."""
    return session.scalar(
        select(func.max(LedgerEntry.at)).where(
            LedgerEntry.market_id == market_id, LedgerEntry.kind == "capture"
        )
    )


def unpaid(session: Session, market_id: int) -> list[Unpaid]:
    """Delivered orders that nothing pays, the oldest first."""
    live = (
        select(Payment.id)
        .where(Payment.order_id == Order.id)
        .where(Payment.state.in_(("authorized", "card_kept", "processing", "captured")))
        .exists()
    )
    error = (
        select(Payment.last_error)
        .where(Payment.order_id == Order.id, Payment.last_error.is_not(None))
        .order_by(Payment.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Order.number,
            Order.contact_name,
            Order.contact_phone,
            Order.slot_starts_at,
            Order.final_cents,
            error.label("last_error"),
        )
        .where(Order.market_id == market_id, Order.state == "fulfilled", ~live)
        .where(Order.final_cents > 0)
        .order_by(Order.slot_starts_at, Order.id)
    )
    return [
        Unpaid(
            number=row.number,
            contact_name=row.contact_name,
            contact_phone=row.contact_phone,
            delivered_on=row.slot_starts_at,
            final=Money(row.final_cents),
            last_error=row.last_error,
        )
        for row in rows
    ]


def waiting_captures(session: Session, market_id: int) -> int:
    """Delivered orders whose money is not taken yet and is on its way."""
    return (
        session.scalar(
            select(func.count(Order.id.distinct()))
            .join(Payment, Payment.order_id == Order.id)
            .where(Order.market_id == market_id, Order.state == "fulfilled")
            .where(Payment.state.in_(("authorized", "card_kept", "processing")))
        )
        or 0
    )


def noted_calls(session: Session, market_id: int) -> int:
    """Calls to the provider that were begun and whose outcome is not noted."""
    return (
        session.scalar(
            select(func.count())
            .select_from(PaymentOperation)
            .join(Payment, Payment.id == PaymentOperation.payment_id)
            .join(Order, Order.id == Payment.order_id)
            .where(Order.market_id == market_id, PaymentOperation.state == "noted")
            .where(PaymentOperation.kind.in_(("capture", "charge", "refund", "increase", "renew")))
        )
        or 0
    )


def given_up(session: Session, limit: int = 50) -> list[GivenUp]:
    """Messages of the installation that wait for a person, the latest first."""
    rows = session.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.topic,
            OutboxMessage.payload,
            OutboxMessage.failed_at,
            OutboxMessage.attempts,
            OutboxMessage.last_error,
        )
        .where(OutboxMessage.failed_at.is_not(None), OutboxMessage.done_at.is_(None))
        .order_by(OutboxMessage.failed_at.desc())
        .limit(limit)
    )
    return [
        GivenUp(
            id=row.id,
            topic=row.topic,
            subject=", ".join(f"{name} {value}" for name, value in row.payload.items()),
            failed_at=row.failed_at,
            attempts=row.attempts,
            last_error=(row.last_error or "").strip().rsplit("\n", 1)[-1],
        )
        for row in rows
    ]
