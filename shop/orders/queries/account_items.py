"""Entries as they touch one account, with the words by which others may name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.models import LedgerAccount, LedgerEntry, LedgerPosting, Order, Payment, Voucher

VOUCHER = "voucher "
"""How the purchase of a voucher is described to the provider, before its key."""


@dataclass(frozen=True, slots=True)
class AccountItem:
    """What one entry does to an account."""

    key: str
    kind: str
    market_id: int
    at: datetime
    amount: Money
    order_number: str | None
    intent_id: str | None
    facts: dict[str, Any]


def items(
    session: Session,
    kind: AccountKind,
    *,
    owner_id: int | None = None,
    without: Select[Any] | None = None,
    leave_out: tuple[str, ...] = (),
    limit: int = 5_000,
) -> list[AccountItem]:
    """The latest entries on an account, newest first.

    ``without`` chooses keys of entries to leave out, ``leave_out`` kinds of entries.
    """
    statement = (
        select(
            LedgerEntry.key,
            LedgerEntry.kind,
            LedgerEntry.market_id,
            LedgerEntry.at,
            func.sum(LedgerPosting.amount_cents).label("cents"),
            func.max(Order.number).label("number"),
            func.max(Payment.intent_id).label("intent_id"),
            LedgerEntry.facts,
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .outerjoin(Payment, Payment.id == LedgerEntry.payment_id)
        .where(LedgerAccount.kind == kind, LedgerAccount.owner_id.is_not_distinct_from(owner_id))
        .group_by(LedgerEntry.id)
        .order_by(LedgerEntry.id.desc())
        .limit(limit)
    )
    if without is not None:
        statement = statement.where(LedgerEntry.key.not_in(without))
    if leave_out:
        statement = statement.where(LedgerEntry.kind.not_in(leave_out))
    return [
        AccountItem(
            row.key,
            row.kind,
            row.market_id,
            row.at,
            Money(int(row.cents)),
            row.number,
            row.intent_id,
            row.facts,
        )
        for row in session.execute(statement)
    ]


def market_of(session: Session, order_numbers: list[str]) -> dict[str, int]:
    """Market of each order, or purchase of a voucher, that is named; unknown names are left out."""
    rows = session.execute(
        select(Order.number, Order.market_id).where(Order.number.in_(order_numbers))
    )
    found = {row.number: row.market_id for row in rows}
    keys = [name.removeprefix(VOUCHER) for name in order_numbers if name.startswith(VOUCHER)]
    bought = session.execute(
        select(Voucher.id, Voucher.market_id).where(
            Voucher.id.in_([int(key) for key in keys if key.isdecimal()])
        )
    )
    return found | {f"{VOUCHER}{row.id}": row.market_id for row in bought}
