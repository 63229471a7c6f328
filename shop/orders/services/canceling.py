"""The desk takes an order back before the sale has closed: goods, slot and money are freed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.orders.models import Payment
from shop.orders.services import amending, place_order
from shop.orders.services.voiding import ask_to_void

MAIL_CALLED_OFF = "mail.order_called_off"


def call_off(session: Session, order_id: int, *, reason: str, at: datetime, by: int) -> bool:
    """Cancel an order for ``reason``; its money is freed by the worker. False when it was before.

    Raises:
        IllegalTransition: too late, the sale has closed.
    """
    if not place_order.cancel(session, order_id, at=at, reason=reason, by=by):
        return False
    amending.lapse_of(session, order_id, at, reason=reason)
    live = session.scalars(
        select(Payment.id).where(
            Payment.order_id == order_id, Payment.state.not_in(("failed", "canceled", "returned"))
        )
    ).all()
    for payment_id in live:
        ask_to_void(session, payment_id)
    outbox.post(
        session,
        MAIL_CALLED_OFF,
        key=f"order_called_off:{order_id}",
        order_id=order_id,
        reason=reason,
    )
    return True
