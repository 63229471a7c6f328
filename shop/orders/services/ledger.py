"""Write the ledger: entries are added once, by name, and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.ledger import Account, Posting
from shop.orders.models import LedgerAccount, LedgerEntry, LedgerPosting


def enter(
    session: Session,
    key: str,
    kind: str,
    postings: Sequence[Posting],
    *,
    market_id: int,
    order_id: int | None = None,
    payment_id: int | None = None,
    facts: dict[str, Any] | None = None,
) -> bool:
    """Add an entry; False when ``key`` was entered before, and then nothing changes.

    The database checks at commit that the postings add up to zero.
    """
    entry_id = session.scalar(
        upsert(LedgerEntry)
        .values(
            key=key,
            kind=kind,
            market_id=market_id,
            order_id=order_id,
            payment_id=payment_id,
            facts=facts or {},
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(LedgerEntry.id)
    )
    if entry_id is None:
        return False
    if postings:
        accounts = _accounts(session, {posting.account for posting in postings})
        session.execute(
            insert(LedgerPosting),
            [
                {
                    "entry_id": entry_id,
                    "account_id": accounts[posting.account],
                    "amount_cents": posting.amount.cents,
                }
                for posting in postings
            ],
        )
    return True


def turned(rows: Iterable[Any]) -> list[Posting]:
    """Postings of an entry the other way round; rows of kind, owner and amount in cents."""
    return [Posting(Account(row.kind, row.owner_id), Money(-int(row.amount_cents))) for row in rows]


def _accounts(session: Session, wanted: Iterable[Account]) -> dict[Account, int]:
    """Keys of accounts; those that lack are opened."""
    ordered = sorted(wanted, key=lambda account: (account.kind, account.owner_id or 0))
    found = _known(session, ordered)
    missing = [account for account in ordered if account not in found]
    if missing:
        session.execute(
            upsert(LedgerAccount)
            .values([{"kind": a.kind, "owner_id": a.owner_id} for a in missing])
            .on_conflict_do_nothing(constraint="uq_ledger_accounts_once")
        )
        found |= _known(session, missing)
    return found


def _known(session: Session, accounts: Sequence[Account]) -> dict[Account, int]:
    owned = [(account.kind, account.owner_id) for account in accounts if account.owner_id]
    common = [account.kind for account in accounts if account.owner_id is None]
    rows = session.execute(
        select(LedgerAccount.id, LedgerAccount.kind, LedgerAccount.owner_id).where(
            tuple_(LedgerAccount.kind, LedgerAccount.owner_id).in_(owned)
            | (LedgerAccount.kind.in_(common) & LedgerAccount.owner_id.is_(None))
        )
    )
    return {Account(row.kind, row.owner_id): row.id for row in rows}
