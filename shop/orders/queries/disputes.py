"""Contested payments as the desk follows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.errors import DisputeUnknown
from shop.orders.models import Dispute, DisputeAnswer, Order, Payment


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One contested payment; ``evidence_by`` None: nothing can be said against it any more."""

    id: int
    number: str
    contact_name: str
    state: str
    amount: Money
    reason: str
    opened_at: datetime
    evidence_by: datetime | None
    closed_at: datetime | None
    provider_ref: str
    answer_state: str | None = None
    """Of our answer: noted, sent; None: nothing was said, or what was said was refused."""

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided."""
        return self.state in ("open", "under_review")


def of_market(
    session: Session, market_id: int, limit: int = 100, *, only: int | None = None
) -> list[DisputeRow]:
    """Disputes of a market (or ``only`` one): those to be answered first, by the date."""
    rows = session.execute(
        select(
            Dispute.id,
            DisputeAnswer.state.label("answer_state"),
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
        .outerjoin(
            DisputeAnswer,
            (DisputeAnswer.dispute_id == Dispute.id) & (DisputeAnswer.state != "refused"),
        )
        .where(Order.market_id == market_id, *([] if only is None else [Dispute.id == only]))
        .order_by(
            case((Dispute.state == "open", 0), (Dispute.state == "under_review", 1), else_=2),
            Dispute.evidence_by.nulls_last(),
            Dispute.id.desc(),
        )
        .limit(limit)
    )
    return [
        DisputeRow(
            id=row.id,
            answer_state=row.answer_state,
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


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said to a bank, or tried to be."""

    state: str
    said: dict[str, str]
    error: str | None
    noted_at: datetime
    sent_at: datetime | None


def by_id(session: Session, market_id: int, dispute_id: int) -> DisputeRow:
    """One dispute of a market.

    Raises:
        DisputeUnknown: this market has none of that key.
    """
    for row in of_market(session, market_id, only=dispute_id):
        return row
    raise DisputeUnknown(dispute_id=dispute_id)


def answers(session: Session, dispute_id: int) -> list[Answered]:
    """All that was said about a dispute, the latest first."""
    rows = session.scalars(
        select(DisputeAnswer)
        .where(DisputeAnswer.dispute_id == dispute_id)
        .order_by(DisputeAnswer.id.desc())
    )
    return [Answered(row.state, row.said, row.error, row.noted_at, row.sent_at) for row in rows]


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
