"""A payment that its holder contests: what the bank takes back, and what becomes of it.

What is believed is what the provider shows when we look. The provider's own fee for a dispute is
entered with its other fees, from its statement of our balance, not here.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from structlog import get_logger

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account, balanced
from shop.orders.domain.lifecycles import DISPUTE, ORDER, PAYMENT
from shop.orders.domain.terms import AccountKind, PaymentKind
from shop.orders.models import Dispute, Order, Payment
from shop.orders.ports import DisputeView
from shop.orders.services import ledger
from shop.orders.services.settlement import MAIL_OWED

ANSWERED = ("under_review", "warning_under_review")
WON = ("won", "warning_closed")
LOST = ("lost", "charge_refunded")
INQUIRY = "warning_"
"""A bank that only asks takes nothing yet."""

log = get_logger()


def record(session: Session, payment_id: int, seen: DisputeView, now: datetime) -> None:
    """Note what the provider shows of a dispute, once, in whatever order it is heard.

    The money leaves our balance when the dispute opens; it comes back when we win. Lost on a
    card, it is the platform's loss; a bank debit that was sent back is owed by the customer again.
    """
    payment = _lock_payment(session, payment_id)
    order = session.get_one(Order, payment.order_id)
    if seen.status.startswith(INQUIRY) and seen.status != "warning_closed":
        log.info("dispute_inquiry", order=order.number, dispute=seen.id)
    dispute = _open(session, payment, order, seen)
    if dispute is None:
        return
    dispute.evidence_by = seen.evidence_by
    if seen.status in ANSWERED and dispute.state == "open":
        advance(session, DISPUTE, dispute, "answer", at=now)
    elif seen.status in WON and dispute.state in ("open", "under_review"):
        _move(session, dispute, order, "dispute_won", AccountKind.PROVIDER)
        dispute.closed_at = now
        advance(session, DISPUTE, dispute, "win", at=now)
    elif seen.status in LOST and dispute.state in ("open", "under_review"):
        _lose(session, dispute, payment, order, now)
    session.flush()


def _open(session: Session, payment: Payment, order: Order, seen: DisputeView) -> Dispute | None:
    session.execute(
        insert(Dispute)
        .values(
            payment_id=payment.id,
            provider_ref=seen.id,
            amount_cents=seen.amount.cents,
            reason=seen.reason,
            evidence_by=seen.evidence_by,
            opened_at=seen.created_at,
        )
        .on_conflict_do_nothing(index_elements=["provider_ref"])
    )
    dispute = session.scalars(
        select(Dispute).where(Dispute.provider_ref == seen.id).with_for_update()
    ).one()
    if dispute.payment_id != payment.id:
        log.warning("dispute_mismatch", dispute=seen.id, payment=payment.id)
        return None
    ledger.enter(
        session,
        f"dispute:{dispute.id}",
        "dispute",
        balanced(
            {
                Account(AccountKind.DISPUTED, order.id): Money(dispute.amount_cents),
                Account(AccountKind.PROVIDER): -Money(dispute.amount_cents),
            }
        ),
        market_id=order.market_id,
        order_id=order.id,
        payment_id=payment.id,
        facts={"reason": seen.reason, "provider_ref": seen.id},
    )
    return dispute


def _lose(
    session: Session, dispute: Dispute, payment: Payment, order: Order, now: datetime
) -> None:
    dispute.closed_at = now
    by_debit = payment.kind is PaymentKind.DEBIT_KEPT
    bearer = AccountKind.CUSTOMER if by_debit else AccountKind.PLATFORM
    _move(session, dispute, order, "dispute_lost", bearer)
    advance(session, DISPUTE, dispute, "lose", at=now)
    if not by_debit:
        return
    payment.last_error = dispute.reason
    advance(session, PAYMENT, payment, "return", at=now, reason=dispute.reason)
    if order.state == "settled":
        advance(session, ORDER, order, "reopen", at=now, reason="the debit was sent back")
    outbox.post(session, MAIL_OWED, key=f"payment_owed:{payment.id}:returned", order_id=order.id)


def _move(session: Session, dispute: Dispute, order: Order, kind: str, bearer: AccountKind) -> None:
    """The disputed money ends on the account of whoever has it, or bears it, now."""
    owner_id = order.id if bearer is AccountKind.CUSTOMER else None
    ledger.enter(
        session,
        f"{kind}:{dispute.id}",
        kind,
        balanced(
            {
                Account(bearer, owner_id): Money(dispute.amount_cents),
                Account(AccountKind.DISPUTED, order.id): -Money(dispute.amount_cents),
            }
        ),
        market_id=order.market_id,
        order_id=order.id,
        payment_id=dispute.payment_id,
    )


def _lock_payment(session: Session, payment_id: int) -> Payment:
    """The payment, locked after its order: everybody takes them in that order."""
    order_id = session.scalars(select(Payment.order_id).where(Payment.id == payment_id)).one()
    session.get_one(Order, order_id, with_for_update=True, populate_existing=True)
    return session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
