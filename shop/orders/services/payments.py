"""The payment of an order: opened, seen at the provider, given up. Nothing here calls out.

Each deed at the provider is a sandwich: what is to be asked is noted first, then asked by whoever
called, then its outcome noted. What a message of the provider says is never believed: it only
makes us look, and ``record`` decides by what was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from structlog import get_logger

from shop.infra import inbox, outbox
from shop.infra.transitions import advance
from shop.orders.domain.lifecycles import PAYMENT
from shop.orders.domain.payment import Finding, kind_for, read_status
from shop.orders.domain.terms import OperationKind, OperationState, PaymentKind
from shop.orders.errors import OrderNotPayable
from shop.orders.models import Order, Payment, PaymentOperation
from shop.orders.ports import (
    GatewayEvent,
    PaymentIntentView,
    SetupIntentView,
)
from shop.orders.services import debits, place_order, replacing, saved_cards, tenders
from shop.orders.services.fulfilment import CAPTURE_TOPIC
from shop.orders.services.opening import Opening, open_for, remember_customer
from shop.orders.services.voiding import ask_to_void

MAIL_CONFIRMATION = tenders.MAIL_CONFIRMATION
MAIL_CANCELED = "mail.order_canceled"
GIVE_UP = "orders.cancel_unpaid"

PROVIDER = "stripe"
"""Source of the provider's messages in the inbox."""

MISMATCH = "mismatch"
"""Refusal of what the provider shows when it is not what we asked for."""

GONE = frozenset({"failed", "canceled", "returned"})

log = get_logger()

Seen = PaymentIntentView | SetupIntentView


@dataclass(frozen=True, slots=True)
class Look:
    """Where to look at the provider; ``intent_id`` None: nothing was opened there."""

    payment_id: int
    order_id: int
    kind: PaymentKind
    intent_id: str | None
    key: str
    """For giving it up."""
    keeps: bool
    """Whether a means of payment is kept there, and nothing reserved or taken."""


def prepare_opening(session: Session, order_id: int, now: datetime) -> Opening:
    """Note that the customer is going to pay this order.

    Raises:
        OrderNotPayable: it is paid, canceled, or too late.
    """
    order = _lock_order(session, order_id)
    if order.state != "awaiting_payment" or order.pay_by <= now:
        raise OrderNotPayable(state=order.state)
    payment = _live(session, order_id)
    if payment is None:
        payment = Payment(
            order_id=order_id,
            kind=kind_for(now, order.slot_ends_at),
            ceiling_cents=tenders.card_part(session, order).cents,
        )
        session.add(payment)
        session.flush()
    return open_for(session, order, payment)


def record_opening(
    session: Session, payment_id: int, seen: Seen, customer_id: str | None, now: datetime
) -> None:
    """Note what the provider opened; when the order is gone meanwhile, give it up again."""
    payment = _lock_payment(session, payment_id)
    if payment.intent_id is None:
        payment.intent_id = seen.id
        payment.client_secret = seen.client_secret
        payment.customer_ref = customer_id
        order = session.get_one(Order, payment.order_id)
        remember_customer(session, order.person_id, customer_id)
    _finish(session, payment_id, OperationKind.CREATE, seen.id, now)
    if payment.state in GONE:
        ask_to_void(session, payment_id)
    session.flush()


def look(session: Session, payment_id: int) -> Look:
    """Where to look at the provider for a payment."""
    row = session.execute(
        select(Payment.order_id, Payment.kind, Payment.intent_id, Payment.taken_ref, Order.token)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.id == payment_id)
    ).one()
    return Look(
        payment_id=payment_id,
        order_id=row.order_id,
        kind=row.kind,
        intent_id=row.taken_ref or row.intent_id,
        key=f"{row.token}-{payment_id}-cancel",
        keeps=row.taken_ref is None and row.kind is not PaymentKind.CARD_HOLD,
    )


def record(session: Session, payment_id: int, seen: Seen, now: datetime) -> Finding:
    """Believe what the provider shows now, once, in whatever order the messages came."""
    payment = _lock_payment(session, payment_id)
    order = session.get_one(Order, payment.order_id)
    if _differs(payment, order, seen):
        _refuse(session, payment, order, seen, now)
        return Finding.GIVEN_UP
    if payment.state == "processing" and isinstance(seen, PaymentIntentView):
        debits.record(session, payment, order, seen, now)
        return Finding.TAKEN if payment.state == "captured" else Finding.WAITING
    failed = seen.last_error_code is not None
    finding = read_status(payment.kind, seen.status, failed=failed)
    if finding in {Finding.SECURED, Finding.TAKEN}:
        _record_secured(session, payment, order, seen, now)
    elif finding is Finding.DECLINED:
        payment.last_error = seen.last_decline_code or seen.last_error_code
    elif finding is Finding.GIVEN_UP:
        _record_gone(session, payment, order, now)
    session.flush()
    return finding


def keep_event(session: Session, event: GatewayEvent) -> bool:
    """Keep a message of the provider, once; False when it had arrived before."""
    return inbox.receive(
        session,
        PROVIDER,
        event.id,
        event.kind,
        {
            "intent_id": event.intent_id,
            "setup_id": event.setup_id,
            "object_id": event.object_id,
            "created_at": event.created_at.isoformat(),
        },
    )


def unheard(session: Session, events: Sequence[GatewayEvent]) -> list[GatewayEvent]:
    """Those messages of the provider that have not arrived yet, in their order."""
    fresh = inbox.unheard(session, PROVIDER, {event.id for event in events})
    return [event for event in events if event.id in fresh]


def overdue(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Orders that should have been paid by now, oldest first."""
    return list(
        session.scalars(
            select(Order.id)
            .where(Order.state == "awaiting_payment", Order.pay_by <= now)
            .order_by(Order.pay_by, Order.id)
            .limit(limit)
        )
    )


def pending(session: Session, limit: int = 100) -> list[int]:
    """Payments that the provider may know more about than we do, oldest first."""
    return list(
        session.scalars(
            select(Payment.id)
            .join(Order, Order.id == Payment.order_id)
            .where(Payment.state == "created", Payment.intent_id.is_not(None))
            .where((Order.state == "awaiting_payment") | Payment.replaces_id.is_not(None))
            .order_by(Payment.id)
            .limit(limit)
        )
    )


def by_intent(session: Session, intent_id: str) -> int | None:
    """The payment that the provider calls so, or None."""
    return session.scalar(
        select(Payment.id).where(
            (Payment.intent_id == intent_id) | (Payment.taken_ref == intent_id)
        )
    )


def ask_to_give_up(session: Session, order_id: int, now: datetime) -> None:
    """The customer will not pay: its time is over now, and the worker takes it back.

    A card that is accepted at this very moment wins: the order is confirmed then.

    Raises:
        OrderNotPayable: it is paid, or canceled.
    """
    order = _lock_order(session, order_id)
    if order.state != "awaiting_payment":
        raise OrderNotPayable(state=order.state)
    order.pay_by = min(order.pay_by, now)
    outbox.post(session, GIVE_UP, key=f"{GIVE_UP}:{order_id}", order_id=order_id)


def prepare_giving_up(session: Session, order_id: int, now: datetime) -> Look | None:
    """Note that an overdue order is to be given up; None when there is no need any more."""
    order = _lock_order(session, order_id)
    if order.state != "awaiting_payment" or order.pay_by > now:
        return None
    payment = _live(session, order_id)
    if payment is None:
        _cancel_order(session, order, now)
        return None
    where = look(session, payment.id)
    _note(session, payment.id, OperationKind.CANCEL, payment.ceiling_cents, where.key)
    return where


def record_given_up(session: Session, where: Look, now: datetime) -> None:
    """The provider will not take this payment any more: the order gives its goods back."""
    payment = _lock_payment(session, where.payment_id)
    order = session.get_one(Order, where.order_id)
    _finish(session, payment.id, OperationKind.CANCEL, where.intent_id, now)
    if payment.state == "created":
        advance(session, PAYMENT, payment, "cancel", at=now, reason="not paid in time")
    if order.state == "awaiting_payment":
        _cancel_order(session, order, now)


def record_void(session: Session, payment_id: int, now: datetime) -> None:
    """What an order that is gone had at the provider was freed or given back."""
    payment = _lock_payment(session, payment_id)
    if payment.state in {"created", "authorized", "card_kept"}:
        advance(session, PAYMENT, payment, "cancel", at=now, reason="order is gone")
    _finish(session, payment_id, OperationKind.CANCEL, payment.intent_id, now)


def _record_secured(
    session: Session, payment: Payment, order: Order, seen: Seen, now: datetime
) -> None:
    if order.state == "canceled":
        # Paid at the moment in which the order was given up: the money goes back.
        ask_to_void(session, payment.id)
        return
    if payment.state != "created":
        return
    payment.last_error = None
    payment.method_ref = seen.method_id
    payment.customer_ref = seen.customer_id or payment.customer_ref
    if payment.keep_agreed_at and order.person_id is not None and seen.method is not None:
        saved_cards.keep(session, order.person_id, seen.method, now)
    if isinstance(seen, PaymentIntentView):
        payment.authorized_cents = seen.amount.cents
        payment.capture_before = seen.capture_before
        if payment.replaces_id is not None and order.state in replacing.WAITING:
            replacing.take_over(session, payment, order, now)
            return
        advance(session, PAYMENT, payment, "authorize", at=now)
    else:
        advance(session, PAYMENT, payment, "keep_card", at=now)
    if order.state == "fulfilled":
        # Paid after the delivery, because the first card failed: now it can be settled.
        _ask_to_capture(session, order, payment)
    if order.state != "awaiting_payment":
        return
    tenders.secure(session, order, at=now)


def _record_gone(session: Session, payment: Payment, order: Order, now: datetime) -> None:
    if payment.state == "created":
        advance(session, PAYMENT, payment, "cancel", at=now, reason="canceled at the provider")
    elif payment.state == "authorized" and order.state != "canceled":
        log.warning("hold_lost", order=order.number, payment=payment.id)
        advance(session, PAYMENT, payment, "fail", at=now, reason="hold lost at the provider")
        kept = replacing.fall_back(session, payment, order, now)
        if kept is not None and order.state == "fulfilled":
            _ask_to_capture(session, order, kept)


def _ask_to_capture(session: Session, order: Order, payment: Payment) -> None:
    outbox.post(session, CAPTURE_TOPIC, key=f"capture:{order.id}:{payment.id}", order_id=order.id)


def _differs(payment: Payment, order: Order, seen: Seen) -> bool:
    known = payment.taken_ref or payment.intent_id
    if known != seen.id or seen.metadata.get("order") != order.number:
        return True
    return (
        isinstance(seen, PaymentIntentView)
        and payment.state == "created"
        and seen.amount.cents != payment.ceiling_cents
    )


def _refuse(session: Session, payment: Payment, order: Order, seen: Seen, now: datetime) -> None:
    amount = seen.amount.cents if isinstance(seen, PaymentIntentView) else None
    log.warning(
        "payment_mismatch",
        order=order.number,
        payment=payment.id,
        expected_cents=payment.ceiling_cents,
        seen_cents=amount,
        seen_id=seen.id,
    )
    if payment.state == "created" and payment.intent_id == seen.id:
        payment.last_error = MISMATCH
        advance(session, PAYMENT, payment, "fail", at=now, reason=MISMATCH)
        ask_to_void(session, payment.id)


def _cancel_order(session: Session, order: Order, now: datetime) -> None:
    if place_order.cancel(session, order.id, at=now, reason="not paid in time"):
        outbox.post(session, MAIL_CANCELED, key=f"order_canceled:{order.id}", order_id=order.id)


def _live(session: Session, order_id: int) -> Payment | None:
    return session.execute(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state.not_in(GONE))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _lock_order(session: Session, order_id: int) -> Order:
    return session.execute(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def _lock_payment(session: Session, payment_id: int) -> Payment:
    """The payment, locked after its order: everybody takes them in that order."""
    session.execute(
        select(Order)
        .join(Payment, Payment.order_id == Order.id)
        .where(Payment.id == payment_id)
        .with_for_update(of=Order)
        .execution_options(populate_existing=True)
    ).scalar_one()
    return session.execute(
        select(Payment)
        .where(Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def _note(
    session: Session, payment_id: int, kind: OperationKind, amount_cents: int, key: str
) -> None:
    session.execute(
        insert(PaymentOperation)
        .values(payment_id=payment_id, kind=kind, amount_cents=amount_cents, key=key)
        .on_conflict_do_nothing(index_elements=["key"])
    )


def _finish(
    session: Session, payment_id: int, kind: OperationKind, reference: str | None, now: datetime
) -> None:
    session.execute(
        update(PaymentOperation)
        .where(PaymentOperation.payment_id == payment_id, PaymentOperation.kind == kind)
        .where(PaymentOperation.state == OperationState.NOTED)
        .values(
            state=OperationState.DONE,
            provider_ref=func.coalesce(PaymentOperation.provider_ref, reference),
            done_at=now,
        )
    )
