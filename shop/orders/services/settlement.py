"""Take the money for what was delivered, and say whose it is.

A call to the provider is a sandwich: note the wish, call, note the outcome. A crash between
any two of them is resumed by running the same task again; the key makes the provider do it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.queries import markets
from shop.infra import outbox
from shop.infra.transitions import advance, times
from shop.kernel.errors import GatewayRefused
from shop.kernel.money import Money
from shop.kernel.quantity import Unit
from shop.orders.domain import fees
from shop.orders.domain.fees import Fee, Zone
from shop.orders.domain.ledger import Sale, capture_postings, sale_facts, sale_postings
from shop.orders.domain.lifecycles import ORDER, PAYMENT
from shop.orders.domain.sale import SoldLine, sale_of
from shop.orders.domain.terms import Bearer, OperationKind, OperationState, PaymentKind
from shop.orders.errors import OrderUnknown
from shop.orders.models import Order, OrderLine, Payment, PaymentOperation
from shop.orders.ports import AuthenticationRequired, IntentStatus, PaymentIntentView
from shop.orders.queries import fees as fee_rules
from shop.orders.services import ledger, tenders

MAIL_RECEIPT = "mail.capture_receipt"
MAIL_OWED = "mail.payment_owed"

SETTLED = "orders.settled"
"""Announced when the money of an order is in: ``order_id``, ``nth``. An order that was reopened
(a debit came back, money was counted wrongly) is announced again each time it is paid."""

TAKING = (OperationKind.CAPTURE, OperationKind.CHARGE, OperationKind.CANCEL)
"""Calls that end a secured payment."""

SECURED = ("authorized", "card_kept")
"""Payments from which money can be taken."""


@dataclass(frozen=True, slots=True)
class MoneyCall:
    """What to ask of the provider, under a key that makes it happen once."""

    kind: OperationKind
    key: str
    order_id: int
    order_number: str
    payment_id: int
    amount: Money
    intent_id: str | None
    customer_id: str | None
    method_id: str | None
    by_debit: bool = False
    """Whether the kept means is a mandate for a bank debit, not a card."""
    noted_at: datetime | None = None
    """When it was noted by an earlier try; None: this is the first, nobody can have asked."""


def prepare(session: Session, order_id: int, *, at: datetime) -> MoneyCall | None:
    """Book the sale of a delivered order and note the call that takes its money.

    None when there is nothing to take, or it was taken. An order of which nothing was
    delivered and that reserved nothing is settled here and now.

    Raises:
        OrderUnknown: there is no such order.
    """
    order = session.get(Order, order_id, with_for_update=True)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    if order.state != "fulfilled" or order.final_cents is None:
        return None
    _book_sale(session, order)
    tenders.conclude(session, order, day=_delivery_day(session, order))
    payment = session.scalar(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state.in_(SECURED))
        .with_for_update()
    )
    if payment is not None:
        return _note_call(session, order, payment, at=at)
    _settle_when_paid(session, order, at=at)
    return None


def record(
    session: Session, call: MoneyCall, outcome: PaymentIntentView | None, *, at: datetime
) -> None:
    """Note what the provider did; a second time changes nothing."""
    order = session.get_one(Order, call.order_id, with_for_update=True)
    payment = session.get_one(Payment, call.payment_id, with_for_update=True)
    operation = _operation(session, call.key)
    if operation.state is not OperationState.NOTED:
        return
    operation.state = OperationState.DONE
    operation.done_at = at
    operation.provider_ref = outcome.id if outcome else None
    if call.kind is OperationKind.CANCEL:
        # The provider's own message may have told of the end of the hold before us.
        if payment.state in SECURED:
            advance(session, PAYMENT, payment, "cancel", at=at, reason="nothing left to pay")
        _settle_when_paid(session, order, at=at)
        return
    if outcome is not None and outcome.status is IntentStatus.PROCESSING:
        payment.taken_ref = outcome.id
        advance(session, PAYMENT, payment, "debit", at=at)
        return
    event = "capture" if call.kind is OperationKind.CAPTURE else "charge"
    taken = outcome.received if outcome else call.amount
    if outcome is not None and outcome.id != payment.intent_id:
        payment.taken_ref = outcome.id
    enter_taken(session, order, payment, taken, event, at=at)


def enter_taken(
    session: Session, order: Order, payment: Payment, taken: Money, event: str, *, at: datetime
) -> None:
    """Note that the provider has taken the money, and settle the order when that is all of it."""
    payment.authorized_cents = max(payment.authorized_cents, taken.cents)
    payment.captured_cents = taken.cents
    payment.last_error = None
    advance(session, PAYMENT, payment, event, at=at)
    ledger.enter(
        session,
        f"capture:{payment.id}",
        "capture",
        capture_postings(order.id, taken),
        market_id=order.market_id,
        order_id=order.id,
        payment_id=payment.id,
    )
    _settle_when_paid(session, order, at=at)


def record_refusal(
    session: Session, call: MoneyCall, refusal: GatewayRefused, *, at: datetime
) -> None:
    """Note that the provider said no: the payment has failed, the customer still owes.

    The order stays delivered and unpaid, where the desk sees it, and the customer gets a link to
    pay. When the bank only wants to see its customer, the payment that waits for that becomes the
    order's own.
    """
    order = session.get_one(Order, call.order_id, with_for_update=True)
    payment = session.get_one(Payment, call.payment_id, with_for_update=True)
    operation = _operation(session, call.key)
    if operation.state is not OperationState.NOTED:
        return
    operation.state = OperationState.REFUSED
    operation.done_at = at
    operation.error = refusal.code
    if payment.state not in SECURED:
        return
    payment.last_error = refusal.facts.get("decline_code") or refusal.code
    advance(session, PAYMENT, payment, "fail", at=at, reason=refusal.code)
    if call.kind is OperationKind.CANCEL:
        # The hold could not be freed by us; it lapses by itself and nothing is owed.
        _settle_when_paid(session, order, at=at)
        return
    if isinstance(refusal, AuthenticationRequired) and refusal.facts.get("client_secret"):
        session.add(
            Payment(
                order_id=order.id,
                kind=PaymentKind.CARD_HOLD,
                ceiling_cents=call.amount.cents,
                intent_id=refusal.facts["intent_id"],
                client_secret=refusal.facts["client_secret"],
                customer_ref=payment.customer_ref,
            )
        )
        session.flush()
    outbox.post(session, MAIL_OWED, key=f"payment_owed:{payment.id}", order_id=order.id)


def _settle_when_paid(session: Session, order: Order, *, at: datetime) -> None:
    """Nothing is left to pay, in whatever way: the order is settled."""
    if order.state == "fulfilled" and not tenders.standing(session, order.id).outstanding:
        _settle(session, order, at=at)


def _settle(session: Session, order: Order, *, at: datetime) -> None:
    tenders.book_donation(session, order)
    advance(session, ORDER, order, "settle", at=at)
    nth = times(session, ORDER, order.id, "settle")
    outbox.post(session, SETTLED, key=f"{SETTLED}:{order.id}:{nth}", order_id=order.id, nth=nth)
    if order.not_delivered_why is not None:
        # The letter that gave the order up has said already that nothing is charged.
        return
    outbox.post(session, MAIL_RECEIPT, key=f"capture_receipt:{order.id}", order_id=order.id)


def _book_sale(session: Session, order: Order) -> None:
    sale = _sale(session, order)
    ledger.enter(
        session,
        f"sale:{order.id}",
        "sale",
        sale_postings(sale),
        market_id=order.market_id,
        order_id=order.id,
        facts=sale_facts(sale),
    )


def _key(order: Order, payment: Payment, kind: OperationKind) -> str:
    """Names a call for ever: the token tells it from one of another installation, or of a past
    one at the same account of the provider."""
    return f"{order.token}-{payment.id}-{kind.value}"


def _note_call(session: Session, order: Order, payment: Payment, *, at: datetime) -> MoneyCall:
    """The call for the card's part of what is owed; one that was noted is resumed as it was."""
    noted = session.scalar(
        select(PaymentOperation)
        .where(PaymentOperation.key.in_([_key(order, payment, kind) for kind in TAKING]))
        .where(PaymentOperation.state == OperationState.NOTED)
    )
    if noted is not None:
        kind, amount = noted.kind, Money(noted.amount_cents)
    else:
        part = tenders.standing(session, order.id).for_card
        if not part:
            kind = OperationKind.CANCEL
        elif payment.kind is PaymentKind.CARD_HOLD:
            kind = OperationKind.CAPTURE
        else:
            kind = OperationKind.CHARGE
        amount = min(part, Money(payment.ceiling_cents))
    key = _key(order, payment, kind)
    if noted is None:
        session.add(
            PaymentOperation(
                payment_id=payment.id,
                kind=kind,
                amount_cents=amount.cents,
                key=key,
                noted_at=at,
            )
        )
        session.flush()
    return MoneyCall(
        kind=kind,
        key=key,
        order_id=order.id,
        order_number=order.number,
        payment_id=payment.id,
        amount=amount,
        intent_id=payment.intent_id,
        customer_id=payment.customer_ref,
        method_id=payment.method_ref,
        by_debit=payment.kind is PaymentKind.DEBIT_KEPT,
        noted_at=noted.noted_at if noted else None,
    )


def _operation(session: Session, key: str) -> PaymentOperation:
    return session.scalars(
        select(PaymentOperation).where(PaymentOperation.key == key).with_for_update()
    ).one()


def _delivery_day(session: Session, order: Order) -> date:
    zone = ZoneInfo(markets.by_id(session, order.market_id).timezone)
    return order.slot_starts_at.astimezone(zone).date()


def _sale(session: Session, order: Order) -> Sale:
    """The order as it was delivered; what is neither goods nor fee is deposits."""
    borne = fees_on(session, order, _delivery_day(session, order))
    rows = session.execute(
        select(
            OrderLine.producer_id,
            OrderLine.billed_cents,
            OrderLine.tax_rate_bp,
            OrderLine.temperature_class,
            OrderLine.unit,
            OrderLine.picked,
            OrderLine.crate_share,
        )
        .where(OrderLine.order_id == order.id, OrderLine.billed_cents > 0)
        .order_by(OrderLine.id)
    ).all()
    return sale_of(
        order_id=order.id,
        market_id=order.market_id,
        lines=[
            SoldLine(
                row.producer_id,
                Money(row.billed_cents or 0),
                row.tax_rate_bp,
                row.temperature_class,
                (row.picked or 0) * row.crate_share // (1 if row.unit is Unit.PIECE else 1000),
            )
            for row in rows
        ],
        borne=borne,
        fee=Money(order.fee_cents),
        parts=fees.from_json(order.fee_parts or {}),
        final=Money(order.final_cents or 0),
    )


def fees_on(session: Session, order: Order, day: date) -> list[Fee]:
    """Fees that producers bear on an order that is delivered that day."""
    rules = fee_rules.rules_on(session, order.market_id, day)
    return fees.chosen(rules, Zone(order.option_kind, order.commune_insee), Bearer.PRODUCER)
