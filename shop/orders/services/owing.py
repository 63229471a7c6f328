"""A delivered order whose payment failed: its customer pays it after all, on a page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.orders.domain.terms import PaymentKind
from shop.orders.errors import OrderNotPayable
from shop.orders.models import Order, Payment
from shop.orders.ports import CaptureMode
from shop.orders.services import payments, tenders
from shop.orders.services.opening import Opening, open_for
from shop.orders.services.settlement import MAIL_OWED
from shop.orders.services.voiding import ask_to_void


def prepare(session: Session, order_id: int) -> Opening:
    """Note that the customer is going to pay what was delivered.

    What failed before is freed at the provider, so that nothing is taken twice. The same payment
    is offered again as long as it is open.

    Raises:
        OrderNotPayable: nothing is owed, or the money is on its way.
    """
    order = session.get_one(Order, order_id, with_for_update=True)
    if order.state != "fulfilled" or not order.final_cents:
        raise OrderNotPayable(state=order.state)
    owed = tenders.standing(session, order_id).takable
    if not owed:
        raise OrderNotPayable(state=order.state)
    payment = session.scalar(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state.not_in(payments.GONE))
        .with_for_update()
    )
    if payment is not None and payment.state != "created":
        raise OrderNotPayable(state=payment.state)
    if payment is None:
        _free_failed(session, order_id)
        payment = Payment(order_id=order_id, kind=PaymentKind.CARD_HOLD, ceiling_cents=owed.cents)
        session.add(payment)
        session.flush()
    return open_for(session, order, payment, CaptureMode.AUTOMATIC)


def open_payments(session: Session, limit: int = 100) -> list[int]:
    """Payments of delivered orders that customers may be paying now, the newest first."""
    return list(
        session.scalars(
            select(Payment.id)
            .join(Order, Order.id == Payment.order_id)
            .where(Payment.state == "created", Payment.intent_id.is_not(None))
            .where(Order.state == "fulfilled")
            .order_by(Payment.id.desc())
            .limit(limit)
        )
    )


def ask(session: Session, order_id: int, *, at: datetime) -> None:
    """Send the customer the link to pay once more.

    Raises:
        OrderNotPayable: nothing is owed.
    """
    order = session.get_one(Order, order_id)
    if order.state != "fulfilled" or not order.final_cents:
        raise OrderNotPayable(state=order.state)
    again = int(at.timestamp())
    outbox.post(
        session,
        MAIL_OWED,
        key=f"payment_owed:{order_id}:{again}",
        order_id=order_id,
        again=again,
    )


def _free_failed(session: Session, order_id: int) -> None:
    failed = session.scalars(
        select(Payment.id).where(
            Payment.order_id == order_id,
            Payment.state == "failed",
            Payment.intent_id.is_not(None),
        )
    ).all()
    for payment_id in failed:
        ask_to_void(session, payment_id)
