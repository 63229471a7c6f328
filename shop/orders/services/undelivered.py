"""An order that could not be handed over: given up without a charge, or promised once more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.kernel.errors import InvalidInput
from shop.orders.errors import OrderNotInPreparation, OrderUnknown
from shop.orders.models import Order
from shop.orders.services import fulfilment

MAIL_NOT_DELIVERED = "mail.order_not_delivered"
MAIL_AGAIN = "mail.order_again"


def give_up(session: Session, order_id: int, *, why: str, at: datetime, by: int) -> None:
    """Bring it no more: nothing is delivered, nothing charged, the hold freed by the worker.

    The goods stay sold as far as the allotment is concerned: the farm grew them and brought
    them. The customer reads ``why``.

    Raises:
        OrderUnknown: there is no such order.
        OrderNotInPreparation: it was handed over, or never confirmed.
        InvalidInput: no reason.
    """
    order = _waiting(session, order_id)
    if not why.strip():
        raise InvalidInput(field="why", reason="missing")
    order.not_delivered_why = why.strip()
    session.flush()
    fulfilment.mark_delivered(session, order_id, at=at, by=by, refused=True, reason=why.strip())
    outbox.post(
        session,
        MAIL_NOT_DELIVERED,
        key=f"{MAIL_NOT_DELIVERED}:{order_id}",
        order_id=order_id,
    )


def promise_again(
    session: Session, order_id: int, *, starts_at: datetime, ends_at: datetime
) -> None:
    """Tell the customer that the order comes at another time; the order's page says so too.

    Raises:
        OrderUnknown: there is no such order.
        OrderNotInPreparation: it was handed over, or never confirmed.
    """
    order = _waiting(session, order_id)
    order.slot_starts_at, order.slot_ends_at = starts_at, ends_at
    session.flush()
    version = int(starts_at.timestamp())
    outbox.post(
        session,
        MAIL_AGAIN,
        key=f"{MAIL_AGAIN}:{order_id}:{version}",
        order_id=order_id,
        version=version,
    )


def _waiting(session: Session, order_id: int) -> Order:
    order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    if order.state != "firm":
        raise OrderNotInPreparation(order_id=order_id, state=order.state)
    return order
