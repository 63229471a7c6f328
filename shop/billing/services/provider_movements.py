"""What moved at the payment provider: kept once, its fees and payouts entered by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.billing.models import MoneyMovement
from shop.billing.services import matching_rows
from shop.catalog.queries import markets
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account, balanced
from shop.orders.domain.terms import AccountKind
from shop.orders.ports import Balance, BalanceEntry
from shop.orders.queries import account_items, accounts
from shop.orders.services import ledger

PROVIDER = "provider"
FEE_KINDS = ("stripe_fee", "application_fee", "tax_fee", "network_cost")
PAYOUT_KINDS = ("payout", "payout_cancel", "payout_failure")
OVERLAP = timedelta(days=2)
"""How far before the latest known movement one looks again."""
FIRST_LOOK = timedelta(days=90)


def last_at(session: Session, now: datetime) -> datetime:
    """From when on to ask the provider: a little before the latest movement that is known."""
    latest = session.scalar(
        select(func.max(MoneyMovement.at)).where(MoneyMovement.source == PROVIDER)
    )
    return latest - OVERLAP if latest else now - FIRST_LOOK


def difference(session: Session, held: Balance, entries: Iterable[BalanceEntry]) -> Money:
    """What the provider holds that the ledger does not explain; zero when they agree.

    ``entries`` are the movements since the last look: those that were not kept yet are counted as
    they will be entered.
    """
    listed = list(entries)
    known = set(
        session.scalars(
            select(MoneyMovement.key).where(
                MoneyMovement.source == PROVIDER,
                MoneyMovement.key.in_([entry.id for entry in listed]),
            )
        )
    )
    expected = accounts.balance(session, AccountKind.PROVIDER)
    for entry in listed:
        if entry.id in known:
            continue
        expected -= entry.fee
        if entry.kind in (*FEE_KINDS, *PAYOUT_KINDS):
            expected += entry.amount
    return held.available + held.pending - expected


def note(session: Session, entries: Iterable[BalanceEntry]) -> int:
    """Keep movements of the provider's balance, enter its fees and payouts; how many were new."""
    listed = list(entries)
    places = account_items.market_of(
        session, [entry.description for entry in listed if entry.description]
    )
    first = min((market.id for market in markets.all_markets(session)), default=None)
    if first is None:
        return 0
    fresh = 0
    for entry in listed:
        market_id = places.get(entry.description or "", first)
        movement_id = session.scalar(
            upsert(MoneyMovement)
            .values(
                source=PROVIDER,
                key=entry.id,
                market_id=None,
                on=entry.created_at.astimezone(UTC).date(),
                at=entry.created_at,
                kind=entry.kind,
                amount_cents=entry.amount.cents,
                fee_cents=entry.fee.cents,
                reference=entry.source_id or "",
                counterparty="",
                text=entry.description or "",
            )
            .on_conflict_do_nothing(index_elements=["source", "key"])
            .returning(MoneyMovement.id)
        )
        if movement_id is None:
            continue
        fresh += 1
        _enter_own(session, movement_id, entry, market_id)
    return fresh


def _enter_own(session: Session, movement_id: int, entry: BalanceEntry, market_id: int) -> None:
    provider = Account(AccountKind.PROVIDER)
    costs = Account(AccountKind.COSTS, market_id)
    if entry.fee:
        ledger.enter(
            session,
            f"provider_fee:{entry.id}",
            "provider_fee",
            balanced({costs: entry.fee, provider: -entry.fee}),
            market_id=market_id,
            facts={"movement_id": movement_id, "ref": entry.id},
        )
    key = None
    if entry.kind in FEE_KINDS:
        key = f"provider_cost:{entry.id}"
        postings = balanced({costs: -entry.amount, provider: entry.amount})
        ledger.enter(session, key, "provider_fee", postings, market_id=market_id)
    elif entry.kind in PAYOUT_KINDS:
        key = f"provider_payout:{entry.id}"
        transit = Account(AccountKind.TRANSIT, market_id)
        postings = balanced({transit: -entry.amount, provider: entry.amount})
        ledger.enter(
            session,
            key,
            "provider_payout",
            postings,
            market_id=market_id,
            facts={"reference": entry.source_id or entry.id},
        )
    if key is not None:
        movement = session.get_one(MoneyMovement, movement_id)
        matching_rows.note(session, movement, key, at=entry.created_at, by=None, note="")
