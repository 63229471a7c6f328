"""A bank debit: it takes days to arrive, and may be sent back even then.

Until the bank has answered the order stays delivered and nothing is entered. When the answer is
no, now or weeks later, the customer owes again and gets a link to pay.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.domain.lifecycles import PAYMENT
from shop.orders.domain.payment import kind_for
from shop.orders.domain.terms import PaymentKind
from shop.orders.errors import OrderNotPayable
from shop.orders.models import Order, Payment
from shop.orders.ports import IntentStatus, PaymentIntentView
from shop.orders.services import settlement
from shop.orders.services.voiding import ask_to_void


def record(
    session: Session, payment: Payment, order: Order, seen: PaymentIntentView, now: datetime
) -> None:
    """Note the bank's answer to a debit, once; all is locked."""
    if seen.status is IntentStatus.SUCCEEDED:
        settlement.enter_taken(session, order, payment, seen.received, "charge", at=now)
    elif seen.status in (IntentStatus.REQUIRES_PAYMENT_METHOD, IntentStatus.CANCELED):
        payment.last_error = seen.last_decline_code or seen.last_error_code or "debit_failed"
        advance(session, PAYMENT, payment, "fail", at=now, reason=payment.last_error)
        outbox.post(
            session,
            settlement.MAIL_OWED,
            key=f"payment_owed:{payment.id}",
            order_id=order.id,
        )


def pending(session: Session, limit: int = 100) -> list[int]:
    """Debits whose answer may be there, oldest first."""
    return list(
        session.scalars(
            select(Payment.id)
            .where(Payment.state == "processing")
            .order_by(Payment.id)
            .limit(limit)
        )
    )


def choose(session: Session, order_id: int, *, by_debit: bool, now: datetime) -> None:
    """Pay by bank debit instead of by card, or the other way round, as long as nothing is paid.

    Raises:
        OrderNotPayable: it is paid, canceled, or too late.
    """
    order = session.get_one(Order, order_id, with_for_update=True, populate_existing=True)
    if order.state != "awaiting_payment" or order.pay_by <= now:
        raise OrderNotPayable(state=order.state)
    payment = session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state == "created")
        .with_for_update()
    ).one_or_none()
    if payment is None:
        raise OrderNotPayable(state=order.state)
    kind = PaymentKind.DEBIT_KEPT if by_debit else kind_for(now, order.slot_ends_at)
    if payment.kind is kind:
        return
    amount = Money(payment.ceiling_cents)
    advance(session, PAYMENT, payment, "cancel", at=now, reason="another way was chosen")
    ask_to_void(session, payment.id)
    session.add(Payment(order_id=order_id, kind=kind, ceiling_cents=amount.cents))
    session.flush()
