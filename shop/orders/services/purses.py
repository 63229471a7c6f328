"""Purses: credit of customers, vouchers, solidarity funds. Never overdrawn.

A purse is an account of the ledger, and what is left in it is its balance. Whoever takes from one
holds its lock first, so that two orders never spend the same cent; the database looks again at
commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.tenders import move_postings
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import PurseTooSmall
from shop.orders.models import LedgerAccount, LedgerEntry, LedgerPosting
from shop.orders.services import ledger


def credit_of(person_id: int) -> Account:
    """The credit of a customer; each market's part is known by its entries."""
    return Account(AccountKind.CREDIT, person_id)


def voucher_of(voucher_id: int) -> Account:
    """What is left on a voucher."""
    return Account(AccountKind.VOUCHERS, voucher_id)


def fund_of(market_id: int) -> Account:
    """The solidarity fund of a market."""
    return Account(AccountKind.SOLIDARITY, market_id)


def hold(session: Session, purses: Iterable[Account]) -> None:
    """Lock purses until the end of the transaction, always in the same order."""
    for purse in sorted(set(purses)):
        session.execute(
            select(
                func.pg_advisory_xact_lock(func.hashtext(f"purse:{purse.kind}:{purse.owner_id}"))
            )
        )


def left(session: Session, purse: Account, market_id: int) -> Money:
    """What is left in a purse for use in a market."""
    cents = session.scalar(
        select(func.coalesce(func.sum(LedgerPosting.amount_cents), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerAccount.kind == purse.kind, LedgerAccount.owner_id == purse.owner_id)
        .where(LedgerEntry.market_id == market_id)
    )
    return Money(-int(cents or 0))


def put(
    session: Session,
    purse: Account,
    amount: Money,
    *,
    market_id: int,
    source: Account,
    key: str,
    kind: str,
    order_id: int | None = None,
    facts: dict[str, Any] | None = None,
) -> bool:
    """Add to a purse what ``source`` gives; False when ``key`` was entered before."""
    return ledger.enter(
        session,
        key,
        kind,
        move_postings(source, purse, amount),
        market_id=market_id,
        order_id=order_id,
        facts=facts,
    )


def take(
    session: Session,
    purse: Account,
    amount: Money,
    *,
    market_id: int,
    target: Account,
    key: str,
    kind: str,
    order_id: int | None = None,
    facts: dict[str, Any] | None = None,
) -> bool:
    """Take from a purse for ``target``; False when ``key`` was entered before.

    Raises:
        PurseTooSmall: less is left; the unit of work is to be given up.
    """
    hold(session, [purse])
    before = left(session, purse, market_id)
    if not ledger.enter(
        session,
        key,
        kind,
        move_postings(purse, target, amount),
        market_id=market_id,
        order_id=order_id,
        facts=facts,
    ):
        return False
    if amount < Money.zero() or before < amount:
        raise PurseTooSmall(kind=purse.kind.value, wanted=amount.cents, left=before.cents)
    return True
