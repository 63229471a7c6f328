"""Contested payments as the desk follows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.models import Dispute, Order, Payment


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One contested payment; ``evidence_by`` None: nothing can be said against it any more."""

    number: str
    contact_name: str
    state: str
    amount: Money
    reason: str
    opened_at: datetime
    evidence_by: datetime | None
    closed_at: datetime | None
    provider_ref: str

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided."""
        return self.state in ("open", "under_review")


def of_market(session: Session, market_id: int, limit: int = 100) -> list[DisputeRow]:
    """Disputes of a market: those to be answered first, by the date that matters."""
    rows = session.execute(
        select(
            Order.number,
            Order.contact_name,
            Dispute.state,
            Dispute.amount_cents,
            Dispute.reason,
            Dispute.opened_at,
            Dispute.evidence_by,
            Dispute.closed_at,
            Dispute.provider_ref,
        )
        .join(Payment, Payment.id == Dispute.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Order.market_id == market_id)
        .order_by(
            case((Dispute.state == "open", 0), (Dispute.state == "under_review", 1), else_=2),
            Dispute.evidence_by.nulls_last(),
            Dispute.id.desc(),
        )
        .limit(limit)
    )
    return [
        DisputeRow(
            number=row.number,
            contact_name=row.contact_name,
            state=row.state,
            amount=Money(row.amount_cents),
            reason=row.reason,
            opened_at=row.opened_at,
            evidence_by=row.evidence_by,
            closed_at=row.closed_at,
            provider_ref=row.provider_ref,
        )
        for row in rows
    ]


def open_payments(session: Session, limit: int = 100) -> list[int]:
    """Payments that are contested now."""
    return list(
        session.scalars(
            select(Dispute.payment_id)
            .where(Dispute.state.in_(("open", "under_review")))
            .order_by(Dispute.id)
            .limit(limit)
        )
    )
