"""All that is known of one order: its lines in every quantity, its money, what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.accounts.queries import identity
from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import Transition
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain.terms import OperationKind, OperationState, PaymentKind, ShortageReason
from shop.orders.errors import OrderUnknown
from shop.orders.models import STANDING, Order, OrderLine, Payment, PaymentOperation, SellerOrder
from shop.orders.queries import order_page
from shop.orders.queries.order_page import OrderPage


@dataclass(frozen=True, slots=True)
class LineFile:
    """One line: ordered, confirmed, picked, delivered, billed."""

    product_name: str
    producer_id: int
    producer_name: str
    reference: str
    price: UnitPrice
    ordered: Quantity
    confirmed: Quantity | None
    picked: Quantity | None
    picked_g: int | None
    delivered: Quantity | None
    estimate: Money
    ceiling: Money
    billed: Money | None
    shortage: ShortageReason | None

    @property
    def is_weighed(self) -> bool:
        """Whether the price follows the weight."""
        return self.price.unit is Unit.GRAM

    @property
    def is_promised_less(self) -> bool:
        """Whether the producer declared less than was ordered."""
        return self.confirmed is not None and self.confirmed < self.ordered

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it comes, as far as is known."""
        known = self.confirmed if self.picked is None else self.picked
        return known is not None and not known


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """One payment and the calls that were made for it."""

    id: int
    kind: PaymentKind
    state: str
    ceiling: Money
    authorized: Money
    captured: Money
    refunded_cents: int
    intent_id: str | None
    capture_before: datetime | None
    last_error: str | None
    operations: tuple[OperationFile, ...]


@dataclass(frozen=True, slots=True)
class OperationFile:
    """One call to the provider."""

    kind: OperationKind
    state: OperationState
    amount: Money
    provider_ref: str | None
    error: str | None
    noted_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One change of state, of the order or of a payment; ``by`` None: the clock or the customer."""

    subject: str
    event: str
    to_state: str
    at: datetime
    by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LetterFile:
    """One letter about the order; ``sent_at`` None: waits, or was given up."""

    topic: str
    posted_at: datetime
    due_at: datetime
    sent_at: datetime | None
    given_up: bool


@dataclass(frozen=True, slots=True)
class OrderFile:
    """One order as the desk sees it."""

    order: OrderPage
    cycle_id: int
    lines: tuple[LineFile, ...]
    payments: tuple[PaymentFile, ...]
    happenings: tuple[Happening, ...]
    letters: tuple[LetterFile, ...]

    @property
    def can_cancel(self) -> bool:
        """Whether the desk may still take it back: before the sale has closed."""
        return self.order.state in ("awaiting_payment", "placed")

    @property
    def is_unpaid(self) -> bool:
        """Whether it was delivered and nothing secures its payment."""
        live = {"authorized", "card_kept", "processing", "captured"}
        return (
            self.order.state == "fulfilled"
            and bool(self.order.final)
            and not any(payment.state in live for payment in self.payments)
        )


def read(session: Session, market_id: int, number: str) -> OrderFile:
    """The order of a market with that number.

    Raises:
        OrderUnknown: this market has none.
    """
    found = session.execute(
        select(Order.id, Order.cycle_id).where(
            Order.market_id == market_id, Order.number == number.strip().upper()
        )
    ).one_or_none()
    if found is None:
        raise OrderUnknown(number=number)
    payments = _payments(session, found.id)
    return OrderFile(
        order=order_page.by_id(session, found.id),
        cycle_id=found.cycle_id,
        lines=lines_of(session, found.id),
        payments=payments,
        happenings=_happenings(session, found.id, [payment.id for payment in payments]),
        letters=_letters(session, found.id),
    )


def lines_of(session: Session, order_id: int) -> tuple[LineFile, ...]:
    """Lines of an order by producer and product."""
    rows = session.execute(
        select(
            OrderLine.product_name,
            OrderLine.producer_id,
            SellerOrder.producer_name,
            OrderLine.reference,
            OrderLine.price_cents,
            OrderLine.price_unit,
            OrderLine.unit,
            OrderLine.ordered,
            OrderLine.confirmed,
            OrderLine.picked,
            OrderLine.picked_g,
            OrderLine.delivered,
            OrderLine.estimate_cents,
            OrderLine.ceiling_cents,
            OrderLine.billed_cents,
            OrderLine.shortage,
        )
        .join(SellerOrder, SellerOrder.id == OrderLine.seller_order_id)
        .where(OrderLine.order_id == order_id)
        .order_by(SellerOrder.producer_name, OrderLine.product_name, OrderLine.id)
    )
    return tuple(_line(row) for row in rows)


def _line(row: Any) -> LineFile:
    def quantity(amount: int | None) -> Quantity | None:
        return None if amount is None else Quantity(amount, row.unit)

    return LineFile(
        product_name=row.product_name,
        producer_id=row.producer_id,
        producer_name=row.producer_name,
        reference=row.reference,
        price=UnitPrice(row.price_cents, row.price_unit),
        ordered=Quantity(row.ordered, row.unit),
        confirmed=quantity(row.confirmed),
        picked=quantity(row.picked),
        picked_g=row.picked_g,
        delivered=quantity(row.delivered),
        estimate=Money(row.estimate_cents),
        ceiling=Money(row.ceiling_cents),
        billed=None if row.billed_cents is None else Money(row.billed_cents),
        shortage=row.shortage,
    )


def _payments(session: Session, order_id: int) -> tuple[PaymentFile, ...]:
    rows = session.scalars(
        select(Payment).where(Payment.order_id == order_id).order_by(Payment.id)
    ).all()
    calls: dict[int, list[OperationFile]] = {row.id: [] for row in rows}
    for call in session.scalars(
        select(PaymentOperation)
        .where(PaymentOperation.payment_id.in_(calls))
        .order_by(PaymentOperation.id)
    ):
        calls[call.payment_id].append(
            OperationFile(
                kind=call.kind,
                state=call.state,
                amount=Money(call.amount_cents),
                provider_ref=call.provider_ref,
                error=call.error,
                noted_at=call.noted_at,
                done_at=call.done_at,
            )
        )
    return tuple(
        PaymentFile(
            id=row.id,
            kind=row.kind,
            state=row.state,
            ceiling=Money(row.ceiling_cents),
            authorized=Money(row.authorized_cents),
            captured=Money(row.captured_cents),
            refunded_cents=row.refunded_cents,
            intent_id=row.intent_id,
            capture_before=row.capture_before,
            last_error=row.last_error,
            operations=tuple(calls[row.id]),
        )
        for row in rows
    )


def _happenings(session: Session, order_id: int, payment_ids: list[int]) -> tuple[Happening, ...]:
    rows = session.execute(
        select(
            Transition.subject,
            Transition.event,
            Transition.to_state,
            Transition.at,
            Transition.by_person_id,
            Transition.reason,
        )
        .where(
            ((Transition.subject == "order") & (Transition.subject_id == order_id))
            | ((Transition.subject == "payment") & (Transition.subject_id.in_(payment_ids)))
        )
        .order_by(Transition.at, Transition.id)
    ).all()
    people = identity.names(session, {row.by_person_id for row in rows if row.by_person_id})
    return tuple(
        Happening(
            subject=row.subject,
            event=row.event,
            to_state=row.to_state,
            at=row.at,
            by=people.get(row.by_person_id),
            reason=row.reason,
        )
        for row in rows
    )


def _letters(session: Session, order_id: int) -> tuple[LetterFile, ...]:
    rows = session.execute(
        select(
            OutboxMessage.topic,
            OutboxMessage.posted_at,
            OutboxMessage.due_at,
            OutboxMessage.done_at,
            OutboxMessage.failed_at,
        )
        .where(OutboxMessage.topic.startswith("mail."))
        .where(OutboxMessage.payload["order_id"].as_integer() == order_id)
        .order_by(func.coalesce(OutboxMessage.done_at, OutboxMessage.due_at))
    )
    return tuple(
        LetterFile(row.topic, row.posted_at, row.due_at, row.done_at, row.failed_at is not None)
        for row in rows
    )


def bank_asks(session: Session, order_id: int) -> bool:
    """Whether the bank only wants to see its customer before it pays."""
    error = session.scalar(
        select(Payment.last_error)
        .where(Payment.order_id == order_id, Payment.state == "failed")
        .order_by(Payment.id.desc())
        .limit(1)
    )
    return error == "authentication_required"


def was_returned(session: Session, order_id: int) -> bool:
    """Whether a debit for it was sent back, and nothing pays it since."""
    state = session.scalar(
        select(Payment.state)
        .where(Payment.order_id == order_id)
        .order_by(STANDING, Payment.id.desc())
        .limit(1)
    )
    return state == "returned"


def methods_of(session: Session, order_id: int) -> list[str]:
    """Cards at the provider that payments of an order were made with."""
    return list(
        session.scalars(
            select(Payment.method_ref)
            .where(Payment.order_id == order_id, Payment.method_ref.is_not(None))
            .distinct()
            .order_by(Payment.method_ref)
        )
    )
