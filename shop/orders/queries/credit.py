"""What customers have left in a market, and how it came and went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.models import LedgerAccount, LedgerEntry, LedgerPosting, Order


@dataclass(frozen=True, slots=True)
class Movement:
    """Credit came (above zero) or went."""

    at: datetime
    kind: str
    amount: Money
    order_number: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class MarketCredit:
    """Somebody's credit in one market."""

    market_id: int
    balance: Money
    movements: tuple[Movement, ...]


def of_person(session: Session, person_id: int, limit: int = 200) -> list[MarketCredit]:
    """The credit of a person, market by market, the latest movement first."""
    rows = session.execute(
        select(
            LedgerEntry.market_id,
            LedgerEntry.at,
            LedgerEntry.kind,
            LedgerPosting.amount_cents,
            Order.number,
            LedgerEntry.facts,
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerAccount.kind == AccountKind.CREDIT, LedgerAccount.owner_id == person_id)
        .order_by(LedgerEntry.id.desc())
    )
    found: dict[int, list[Movement]] = {}
    for row in rows:
        found.setdefault(row.market_id, []).append(
            Movement(
                row.at, row.kind, Money(-row.amount_cents), row.number, row.facts.get("reason", "")
            )
        )
    return [
        MarketCredit(
            market_id, Money.total(each.amount for each in movements), tuple(movements[:limit])
        )
        for market_id, movements in sorted(found.items())
    ]


def balance(session: Session, market_id: int, person_id: int) -> Money:
    """What a person has left in a market."""
    cents = session.scalar(
        select(func.sum(LedgerPosting.amount_cents))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerAccount.kind == AccountKind.CREDIT, LedgerAccount.owner_id == person_id)
        .where(LedgerEntry.market_id == market_id)
    )
    return Money(-int(cents or 0))


def fund(session: Session, market_id: int) -> Money:
    """What is left in the solidarity fund of a market."""
    cents = session.scalar(
        select(func.sum(LedgerPosting.amount_cents))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == AccountKind.SOLIDARITY, LedgerAccount.owner_id == market_id)
    )
    return Money(-int(cents or 0))


def fund_movements(session: Session, market_id: int, limit: int = 100) -> list[Movement]:
    """How the solidarity fund of a market came and went, the latest first."""
    rows = session.execute(
        select(LedgerEntry.at, LedgerEntry.kind, LedgerPosting.amount_cents, Order.number)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerAccount.kind == AccountKind.SOLIDARITY, LedgerAccount.owner_id == market_id)
        .order_by(LedgerEntry.id.desc())
        .limit(limit)
    )
    return [Movement(row.at, row.kind, Money(-row.amount_cents), row.number, "") for row in rows]
