"""Proofs about money that came back: refunds and disputes, against the payments they are of."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.orders.domain.terms import AccountKind
from shop.orders.models import (
    Dispute,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    Payment,
    Refund,
)


def wrong_refunds(session: Session) -> tuple[str, ...]:
    """Payments whose ledger gave back something else than was noted of them."""
    given = (
        select(
            LedgerEntry.payment_id.label("payment_id"),
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == AccountKind.PROVIDER)
        .where(LedgerEntry.kind.in_(("refund", "refund_bounced")))
        .group_by(LedgerEntry.payment_id)
        .subquery()
    )
    rows = session.execute(
        select(Payment.id)
        .outerjoin(given, given.c.payment_id == Payment.id)
        .where(func.coalesce(-given.c.cents, 0) != Payment.refunded_cents)
        .order_by(Payment.id)
    )
    return tuple(f"payment {row.id}" for row in rows)


def refunds_above_the_sale(session: Session) -> tuple[str, ...]:
    """Orders of which more was given back than they came to."""
    given = (
        select(Refund.order_id, func.sum(Refund.amount_cents).label("cents"))
        .where(Refund.state != "refused")
        .group_by(Refund.order_id)
        .subquery()
    )
    rows = session.execute(
        select(Order.number)
        .join(given, given.c.order_id == Order.id)
        .where(given.c.cents > func.coalesce(Order.final_cents, 0))
        .order_by(Order.id)
    )
    return tuple(row.number for row in rows)


def wrong_disputes(session: Session) -> tuple[str, ...]:
    """Orders with money at the bank that no open dispute explains, or the other way round."""
    held = (
        select(
            LedgerAccount.owner_id.label("order_id"),
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .where(LedgerAccount.kind == AccountKind.DISPUTED)
        .group_by(LedgerAccount.owner_id)
        .subquery()
    )
    opened = (
        select(Payment.order_id, func.sum(Dispute.amount_cents).label("cents"))
        .join(Dispute, Dispute.payment_id == Payment.id)
        .where(Dispute.state.in_(("open", "under_review")))
        .group_by(Payment.order_id)
        .subquery()
    )
    rows = session.execute(
        select(Order.number)
        .outerjoin(held, held.c.order_id == Order.id)
        .outerjoin(opened, opened.c.order_id == Order.id)
        .where(func.coalesce(held.c.cents, 0) != func.coalesce(opened.c.cents, 0))
        .order_by(Order.id)
    )
    return tuple(row.number for row in rows)
