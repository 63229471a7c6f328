"""One payment takes over from another: for a larger order, or before a reservation lapses.

Both stand until the new one is secured; then the old one is let go, in the same transaction, and
freed at the provider by the worker. When the new one comes too late, it is the one that is freed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.errors import GatewayRefused
from shop.kernel.money import Money
from shop.orders.domain.lifecycles import PAYMENT
from shop.orders.domain.terms import OperationKind, OperationState, PaymentKind
from shop.orders.errors import AmendmentRefused
from shop.orders.models import Amendment, Order, Payment, PaymentOperation
from shop.orders.ports import AuthenticationRequired, CaptureMode, KeptMethodCharge
from shop.orders.services import amending, tenders
from shop.orders.services.opening import Opening, open_for
from shop.orders.services.voiding import ask_to_void

RENEW_BEFORE = timedelta(hours=30)
"""A reservation that lapses so soon is renewed while there is time to ask the customer."""

WAITING = ("placed", "firm")
"""Orders whose money is not asked for yet."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A new reservation on a kept card; ``resumed``: look first whether it was made."""

    payment_id: int
    old_id: int
    charge: KeptMethodCharge
    noted_at: datetime
    resumed: bool


def take_over(session: Session, payment: Payment, order: Order, now: datetime) -> bool:
    """Let a payment that is secured now take the place of the one it replaces.

    False when it came too late: it is let go, and the old one stands. All is locked.
    """
    old = session.get_one(Payment, payment.replaces_id, with_for_update=True)
    amendment = session.execute(
        select(Amendment)
        .where(Amendment.payment_id == payment.id, Amendment.state == "waiting")
        .with_for_update()
    ).scalar_one_or_none()
    wanted = order.state in WAITING and old.state in ("authorized", "card_kept", "failed")
    if amendment is not None and order.state != "placed":
        wanted = False
    if not wanted:
        if amendment is not None:
            amending.lapse(session, order, amendment, now, reason="the sale has closed")
        if payment.state == "created":
            advance(session, PAYMENT, payment, "cancel", at=now, reason="came too late")
        ask_to_void(session, payment.id)
        return False
    if old.state != "failed":
        advance(session, PAYMENT, old, "cancel", at=now, reason="replaced")
        ask_to_void(session, old.id)
    advance(session, PAYMENT, payment, "authorize", at=now)
    session.flush()
    if amendment is not None:
        amending.apply(session, order, amendment, now)
    return True


def prepare_larger(session: Session, amendment_id: int) -> Opening:
    """Note the payment that a change waits for; the customer confirms it on a page.

    Raises:
        AmendmentRefused: the change does not wait any more.
    """
    order_id = session.scalars(select(Amendment.order_id).where(Amendment.id == amendment_id)).one()
    order = session.get_one(Order, order_id, with_for_update=True, populate_existing=True)
    amendment = session.get_one(Amendment, amendment_id, populate_existing=True)
    if amendment.state != "waiting":
        raise AmendmentRefused(why=amendment.state)
    if amendment.payment_id is not None:
        return open_for(session, order, session.get_one(Payment, amendment.payment_id))
    old = session.scalars(
        select(Payment).where(Payment.order_id == order_id, Payment.state == "authorized")
    ).one_or_none()
    if old is None:
        raise AmendmentRefused(why="not_by_card")
    needed = tenders.card_part(session, order, Money(amendment.ceiling_cents))
    payment = _replacement(session, old, needed.cents)
    if payment is None:
        raise AmendmentRefused(why="busy")
    amendment.payment_id = payment.id
    session.flush()
    return open_for(session, order, payment)


def secret_of(session: Session, payment_id: int) -> str:
    """What the card page needs to know a renewal by that waits for its customer.

    Raises:
        AmendmentRefused: nothing waits.
    """
    payment = session.get_one(Payment, payment_id)
    if payment.state != "created" or payment.client_secret is None:
        raise AmendmentRefused(why=payment.state)
    return payment.client_secret


def lapsing(session: Session, now: datetime, limit: int = 50) -> list[int]:
    """Reservations that lapse before their order is delivered, unless they are renewed."""
    return list(
        session.scalars(
            select(Payment.id)
            .join(Order, Order.id == Payment.order_id)
            .where(Payment.state == "authorized", Payment.capture_before.is_not(None))
            .where(Payment.capture_before <= now + RENEW_BEFORE)
            .where(Payment.capture_before <= Order.slot_ends_at + timedelta(hours=12))
            .where(Payment.method_ref.is_not(None), Payment.customer_ref.is_not(None))
            .where(Order.state.in_(WAITING))
            .where(
                ~select(PaymentOperation.id)
                .where(PaymentOperation.payment_id == Payment.id)
                .where(PaymentOperation.kind == OperationKind.RENEW)
                .where(PaymentOperation.state != OperationState.NOTED)
                .exists()
            )
            .order_by(Payment.capture_before, Payment.id)
            .limit(limit)
        )
    )


def prepare_renewal(session: Session, old_id: int, now: datetime) -> Renewal | None:
    """Note that a reservation is to be made again on the kept card; None: there is no need."""
    order_id = session.scalars(select(Payment.order_id).where(Payment.id == old_id)).one()
    order = session.get_one(Order, order_id, with_for_update=True, populate_existing=True)
    old = session.get_one(Payment, old_id, with_for_update=True, populate_existing=True)
    if old.state != "authorized" or order.state not in WAITING:
        return None
    key = f"renew-{old.id}"
    noted = session.execute(
        select(PaymentOperation).where(PaymentOperation.key == key)
    ).scalar_one_or_none()
    if noted is not None and noted.state is not OperationState.NOTED:
        return None
    payment = session.execute(
        select(Payment).where(Payment.replaces_id == old.id, Payment.state == "created")
    ).scalar_one_or_none()
    if noted is None:
        # A change that waits at the payment page makes the reservation new anyway.
        payment = None if payment is not None else _replacement(session, old, old.ceiling_cents)
        if payment is None:
            return None
        session.add(
            PaymentOperation(
                payment_id=old.id,
                kind=OperationKind.RENEW,
                amount_cents=old.ceiling_cents,
                key=key,
                noted_at=now,
            )
        )
        session.flush()
    if payment is None:
        return None
    return Renewal(
        payment_id=payment.id,
        old_id=old.id,
        charge=KeptMethodCharge(
            key=key,
            amount=Money(payment.ceiling_cents),
            customer_id=old.customer_ref or "",
            method_id=old.method_ref or "",
            metadata={"order": order.number, "payment": str(payment.id)},
            capture=CaptureMode.MANUAL,
            description=order.number,
            transfer_group=order.number,
        ),
        noted_at=noted.noted_at if noted else now,
        resumed=noted is not None,
    )


def record_renewal(session: Session, renewal: Renewal, intent_id: str, now: datetime) -> None:
    """The provider knows the new reservation: note its name, so that it can be looked at."""
    payment = session.get_one(Payment, renewal.payment_id, with_for_update=True)
    payment.intent_id = payment.intent_id or intent_id
    payment.customer_ref = payment.customer_ref or renewal.charge.customer_id
    _finish(session, renewal, OperationState.DONE, None, now)


def record_refused_renewal(
    session: Session, renewal: Renewal, refusal: GatewayRefused, now: datetime
) -> None:
    """The bank did not reserve again: the customer is asked when that helps.

    Otherwise the old reservation stands until it lapses; then the kept card is charged after
    weighing (see ``fall_back``).
    """
    payment = session.get_one(Payment, renewal.payment_id, with_for_update=True)
    _finish(session, renewal, OperationState.REFUSED, refusal.code, now)
    secret = refusal.facts.get("client_secret")
    if isinstance(refusal, AuthenticationRequired) and secret:
        payment.intent_id = refusal.facts["intent_id"]
        payment.client_secret = secret
        payment.customer_ref = renewal.charge.customer_id
        outbox.post(
            session,
            amending.MAIL_CONFIRM,
            key=f"payment_renewal:{payment.id}",
            order_id=payment.order_id,
        )
        return
    payment.last_error = refusal.facts.get("decline_code") or refusal.code
    advance(session, PAYMENT, payment, "fail", at=now, reason=refusal.code)


def fall_back(session: Session, payment: Payment, order: Order, now: datetime) -> Payment | None:
    """A reservation has lapsed: its card, which is kept, is charged after weighing instead.

    None when no card is kept; the desk sees an order that nothing secures.
    """
    if not (payment.method_ref and payment.customer_ref):
        return None
    kept = Payment(
        order_id=order.id,
        kind=PaymentKind.CARD_KEPT,
        ceiling_cents=tenders.card_part(session, order).cents,
        replaces_id=payment.id,
        customer_ref=payment.customer_ref,
        method_ref=payment.method_ref,
    )
    waiting = session.scalar(
        select(Payment.id).where(Payment.order_id == order.id, Payment.state == "created")
    )
    if waiting is not None:
        return None
    session.add(kept)
    session.flush()
    advance(session, PAYMENT, kept, "keep_card", at=now, reason="hold lost")
    return kept


def _replacement(session: Session, old: Payment, ceiling_cents: int) -> Payment | None:
    """A payment that is to take over; None while another one is being made."""
    payment_id = session.scalar(
        insert(Payment)
        .values(
            order_id=old.order_id,
            kind=PaymentKind.CARD_HOLD,
            ceiling_cents=ceiling_cents,
            replaces_id=old.id,
            customer_ref=old.customer_ref,
        )
        .on_conflict_do_nothing()
        .returning(Payment.id)
    )
    return None if payment_id is None else session.get_one(Payment, payment_id)


def _finish(
    session: Session,
    renewal: Renewal,
    state: OperationState,
    error: str | None,
    now: datetime,
) -> None:
    operation = session.scalars(
        select(PaymentOperation)
        .where(PaymentOperation.key == f"renew-{renewal.old_id}")
        .with_for_update()
    ).one()
    if operation.state is OperationState.NOTED:
        operation.state = state
        operation.error = error
        operation.done_at = now
