"""With what orders were paid, part by part: questions to the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import SpotWay
from shop.kernel.money import Money
from shop.orders.domain.tenders import BY_PURSE, BY_SPOT, PURSES, PaidBy, PaidPart
from shop.orders.domain.terms import AccountKind, PaymentKind
from shop.orders.models import LedgerAccount, LedgerEntry, LedgerPosting, Payment
from shop.orders.queries.tenders import OWED_BY, PURSE, SPOT


def parts(session: Session, order_ids: Collection[int]) -> dict[int, tuple[PaidPart, ...]]:
    """What paid each order so far, in the order of ``PaidBy``; two questions for all of them.

    Together the parts are what came in for the order; a way that gave all of it back is left out.
    """
    found: dict[int, dict[PaidBy, int]] = defaultdict(lambda: defaultdict(int))
    for row in _by_customers(session, order_ids):
        found[row.order_id][_way_of(row)] -= int(row.cents)
    purses = session.execute(
        select(
            LedgerEntry.order_id,
            LedgerAccount.kind,
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.order_id.in_(order_ids), LedgerEntry.kind == PURSE)
        .where(LedgerAccount.kind.in_(PURSES))
        .group_by(LedgerEntry.order_id, LedgerAccount.kind)
    )
    for row in purses:
        found[row.order_id][BY_PURSE[row.kind]] += int(row.cents)
    return {
        order_id: tuple(PaidPart(by, Money(ways[by])) for by in PaidBy if ways.get(by))
        for order_id, ways in found.items()
    }


def of_order(session: Session, order_id: int) -> tuple[PaidPart, ...]:
    """What paid an order so far."""
    return parts(session, [order_id]).get(order_id, ())


def _by_customers(session: Session, order_ids: Collection[int]) -> list[Any]:
    way = func.jsonb_extract_path_text(LedgerEntry.facts, literal_column("'way'"))
    return list(
        session.execute(
            select(
                LedgerAccount.owner_id.label("order_id"),
                LedgerEntry.kind,
                way.label("way"),
                Payment.kind.label("payment_kind"),
                func.sum(LedgerPosting.amount_cents).label("cents"),
            )
            .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
            .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
            .outerjoin(Payment, Payment.id == LedgerEntry.payment_id)
            .where(LedgerAccount.kind == AccountKind.CUSTOMER)
            .where(LedgerAccount.owner_id.in_(order_ids))
            .where(LedgerEntry.kind.not_in((*OWED_BY, PURSE)))
            .group_by(LedgerAccount.owner_id, LedgerEntry.kind, way, Payment.kind)
        )
    )


def _way_of(row: Any) -> PaidBy:
    if row.kind == SPOT:
        return BY_SPOT[SpotWay(row.way)]
    if row.kind == "on_account":
        return PaidBy.ACCOUNT
    if row.payment_kind is PaymentKind.DEBIT_KEPT:
        return PaidBy.DEBIT
    return PaidBy.CARD if row.kind == "capture" else PaidBy.OTHER
