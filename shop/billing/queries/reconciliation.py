"""Where the comparison with provider and bank stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.billing.models import BankFile, MoneyMovement, MovementMatch
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.queries import account_items, accounts
from shop.orders.queries.account_items import AccountItem

PATIENCE = timedelta(days=3)
"""Entries younger than that may still be on their way."""
OWN_ENTRIES = ("provider_fee", "provider_payout", "movement_cost")


@dataclass(frozen=True, slots=True)
class FileCard:
    """A statement of the bank that was read."""

    name: str
    format: str
    lines: int
    fresh: int
    closing: Money | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts and balances of the comparison."""

    provider_open: int
    bank_open: int
    matched: int
    provider_ledger: Money
    provider_moved: Money
    """What the provider's own movements add up to, as far as they were read."""
    bank_ledger: Money
    costs: Money
    unseen: tuple[AccountItem, ...]
    """Entries at the provider that none of its movements shows."""
    files: tuple[FileCard, ...]


def overview(session: Session, market_id: int, now: datetime) -> Overview:
    """All of it, in a few questions."""
    counts = {
        (source, state): count
        for source, state, count in session.execute(
            select(MoneyMovement.source, MoneyMovement.state, func.count())
            .where(MoneyMovement.market_id.is_(None) | (MoneyMovement.market_id == market_id))
            .group_by(MoneyMovement.source, MoneyMovement.state)
        )
    }
    moved = session.scalar(
        select(
            func.coalesce(func.sum(MoneyMovement.amount_cents - MoneyMovement.fee_cents), 0)
        ).where(MoneyMovement.source == "provider")
    )
    items = account_items.items(
        session,
        AccountKind.PROVIDER,
        without=select(MovementMatch.entry_key),
        leave_out=OWN_ENTRIES,
    )
    files = session.scalars(
        select(BankFile)
        .where(BankFile.market_id == market_id)
        .order_by(BankFile.id.desc())
        .limit(10)
    )
    return Overview(
        provider_open=counts.get(("provider", "open"), 0),
        bank_open=counts.get(("bank", "open"), 0),
        matched=sum(count for (_, state), count in counts.items() if state != "open"),
        provider_ledger=accounts.balance(session, AccountKind.PROVIDER),
        provider_moved=Money(int(moved or 0)),
        bank_ledger=accounts.balance(session, AccountKind.BANK, market_id),
        costs=accounts.balance(session, AccountKind.COSTS, market_id),
        unseen=tuple(item for item in items if item.at < now - PATIENCE),
        files=tuple(
            FileCard(
                row.name,
                row.format,
                row.lines,
                row.fresh,
                None if row.closing_cents is None else Money(row.closing_cents),
                row.read_at,
            )
            for row in files
        ),
    )
