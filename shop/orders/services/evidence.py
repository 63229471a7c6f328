"""Answer a bank: note what is said, hand it in, note that it arrived; warn in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.errors import GatewayRefused
from shop.orders.domain.evidence import Evidence, urgency
from shop.orders.domain.lifecycles import DISPUTE_ANSWER
from shop.orders.errors import EvidenceRefused
from shop.orders.models import Dispute, DisputeAnswer, Order, Payment
from shop.orders.ports import EvidenceRequest

ANSWER_TOPIC = "orders.answer_dispute"
MAIL_DUE = "mail.dispute_due"


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """What to hand in, and to which payment the dispute belongs."""

    payment_id: int
    request: EvidenceRequest


def answer(
    session: Session,
    market_id: int,
    dispute_id: int,
    evidence: Evidence,
    *,
    at: datetime,
    by: int | None,
) -> int:
    """Note the answer to a dispute; the worker hands it in, once. Its key.

    Raises:
        EvidenceRefused: no such dispute, too late, answered already, decided, nothing said, or a
            field is too long.
    """
    dispute = session.scalar(
        select(Dispute)
        .join(Payment, Payment.id == Dispute.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Dispute.id == dispute_id, Order.market_id == market_id)
        .with_for_update(of=Dispute)
    )
    if dispute is None:
        raise EvidenceRefused(why="unknown")
    if dispute.state != "open" or dispute.evidence_by is None:
        raise EvidenceRefused(why="decided")
    if dispute.evidence_by <= at:
        raise EvidenceRefused(why="late")
    if not evidence.said:
        raise EvidenceRefused(why="empty", field="uncategorized_text")
    if evidence.too_long:
        raise EvidenceRefused(why="too_long", field=evidence.too_long[0])
    taken = session.scalar(
        select(DisputeAnswer.id).where(
            DisputeAnswer.dispute_id == dispute_id, DisputeAnswer.state != "refused"
        )
    )
    if taken is not None:
        raise EvidenceRefused(why="answered")
    row = DisputeAnswer(dispute_id=dispute_id, said=evidence.said, by_person_id=by, noted_at=at)
    session.add(row)
    session.flush()
    outbox.post(session, ANSWER_TOPIC, key=f"dispute_answer:{row.id}", answer_id=row.id)
    return row.id


def prepare(session: Session, answer_id: int) -> AnswerCall | None:
    """What to hand in; None when that was done."""
    row = session.get_one(DisputeAnswer, answer_id, with_for_update=True)
    if row.state != "noted":
        return None
    dispute = session.get_one(Dispute, row.dispute_id)
    return AnswerCall(
        dispute.payment_id,
        EvidenceRequest(f"dispute-answer-{row.id}", dispute.provider_ref, row.said),
    )


def record(session: Session, answer_id: int, *, at: datetime) -> None:
    """Note that the provider has it; a second time changes nothing."""
    row = session.get_one(DisputeAnswer, answer_id, with_for_update=True)
    if row.state == "noted":
        row.sent_at = at
        advance(session, DISPUTE_ANSWER, row, "send", at=at)


def record_refusal(
    session: Session, answer_id: int, refusal: GatewayRefused, *, at: datetime
) -> None:
    """Note that the provider did not take it: the desk may say it otherwise."""
    row = session.get_one(DisputeAnswer, answer_id, with_for_update=True)
    if row.state == "noted":
        row.error = str(refusal.facts.get("message") or refusal.code)[:300]
        advance(session, DISPUTE_ANSWER, row, "refuse", at=at, reason=refusal.code)


def warn(session: Session, now: datetime) -> int:
    """Ask for a letter to each desk whose last day for proofs is near; how many waited for one."""
    rows = session.execute(
        select(Dispute.id, Dispute.evidence_by, Order.market_id, Order.number)
        .join(Payment, Payment.id == Dispute.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(Dispute.state == "open", Dispute.evidence_by.is_not(None))
        .where(
            ~select(DisputeAnswer.id)
            .where(DisputeAnswer.dispute_id == Dispute.id, DisputeAnswer.state != "refused")
            .exists()
        )
        .order_by(Dispute.id)
    ).all()
    near = [row for row in rows if urgency(row.evidence_by, now) == "near"]
    for row in near:
        outbox.post(
            session,
            MAIL_DUE,
            key=f"dispute_due:{row.id}",
            dispute_id=row.id,
            market_id=row.market_id,
            number=row.number,
        )
    return len(near)
