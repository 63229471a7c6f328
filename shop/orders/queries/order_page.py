"""One order as its customer reads it, on the page and in the mail."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind
from shop.catalog.queries import delivery
from shop.catalog.queries.delivery import PickupCard
from shop.infra.places.geocoding import PinBy
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain import fees
from shop.orders.domain.fees import CustomerFee
from shop.orders.domain.pricing import LineTerms
from shop.orders.domain.tenders import PaidBy, PaidPart
from shop.orders.domain.terms import PaymentKind, ShortageReason
from shop.orders.errors import OrderUnknown
from shop.orders.models import STANDING, Order, OrderLine, Organisation, Payment, SellerOrder
from shop.orders.queries import tender_parts, tenders
from shop.orders.queries.tenders import Standing

LIVE = ("authorized", "card_kept", "processing", "captured")
"""States of a payment from which money comes, or came, by itself."""


@dataclass(frozen=True, slots=True)
class OrderLineView:
    """One line: what was promised, and what became of it."""

    product_name: str
    producer_name: str
    terms: LineTerms
    ordered: Quantity
    content: Quantity | None
    picked: Quantity | None
    picked_g: int | None
    estimate: Money
    ceiling: Money
    billed: Money | None
    deposit: Money
    tax_rate_bp: int
    shortage: ShortageReason | None

    @property
    def price_now(self) -> Money:
        """What it costs as far as is known: weighed when it was, else the estimate."""
        return self.estimate if self.billed is None else self.billed


@dataclass(frozen=True, slots=True)
class PaymentView:
    """How the order is paid."""

    id: int
    kind: PaymentKind
    state: str
    captured: Money
    last_error: str | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order with its lines, its delivery and its payment."""

    id: int
    number: str
    token: uuid.UUID
    market_id: int
    person_id: int | None
    state: str
    locale: str
    contact_name: str
    contact_email: str
    contact_phone: str
    option_kind: OptionKind
    option_name: str
    slot_starts_at: datetime
    slot_ends_at: datetime
    address: str
    postcode: str
    commune: str
    note: str | None
    goods: Money
    deposits: Money
    fee: Money
    service: tuple[CustomerFee, ...]
    """Fees on top of the delivery, in ``fee`` already."""
    estimate: Money
    ceiling: Money
    final: Money | None
    donation: Money
    """For the solidarity fund, on top."""
    organisation: str
    """Who pays it on account; empty: nobody."""
    standing: Standing
    parts: tuple[PaidPart, ...]
    """What paid it so far."""
    not_delivered_why: str | None
    """What the desk told the customer when it gave the order up."""
    pin_by: PinBy | None
    terms_version: str
    created_at: datetime
    pay_by: datetime
    placed_at: datetime | None
    pickup: PickupCard | None
    payment: PaymentView | None
    lines: tuple[OrderLineView, ...]

    @property
    def by_producer(self) -> list[tuple[str, list[OrderLineView]]]:
        """Lines under the name of who sells them."""
        groups: dict[str, list[OrderLineView]] = {}
        for line in self.lines:
            groups.setdefault(line.producer_name, []).append(line)
        return list(groups.items())

    @property
    def is_vague(self) -> bool:
        """Whether only the commune of the home is known, and the door still matters."""
        at_home = self.option_kind is OptionKind.HOME
        return at_home and self.pin_by in (None, PinBy.COMMUNE) and self.state in ("placed", "firm")

    @property
    def is_for_nothing(self) -> bool:
        """Whether it is over and nothing of it was delivered."""
        return self.state in ("fulfilled", "settled") and self.final == Money.zero()

    @property
    def is_by_card(self) -> bool:
        """Whether a card, or a bank debit, still pays a part of it."""
        return not self.organisation and bool(self.standing.for_card)

    @property
    def by_card(self) -> Money:
        """What its card was charged."""
        ways = (PaidBy.CARD, PaidBy.DEBIT)
        return Money.total(part.amount for part in self.parts if part.by in ways)

    @property
    def is_by_debit(self) -> bool:
        """Whether its customer gave a mandate for a bank debit."""
        return self.payment is not None and self.payment.kind is PaymentKind.DEBIT_KEPT

    @property
    def is_owed(self) -> bool:
        """Whether it was delivered, and its customer may pay it by card now."""
        live = self.payment is not None and self.payment.state in LIVE
        open_part = bool(self.standing.takable) and not self.organisation
        return self.state == "fulfilled" and open_part and not live

    @property
    def to_pay(self) -> Money:
        """What the customer still owes otherwise than where the goods are handed over."""
        return max(Money.zero(), self.standing.outstanding - self.standing.to_collect)

    @property
    def delivery(self) -> Money:
        """The fee of the delivery alone."""
        return self.fee - Money.total(each.announced for each in self.service)

    @property
    def has_weighed(self) -> bool:
        """Whether a price follows the weight."""
        return any(line.terms.is_weighed for line in self.lines)


@dataclass(frozen=True, slots=True)
class OrderState:
    """As much of an order as it takes to decide where to send its customer."""

    id: int
    market_id: int
    state: str
    payment_id: int | None
    payment_state: str | None
    last_error: str | None


def by_token(session: Session, market_id: int, token: uuid.UUID) -> OrderPage:
    """The order that a link opens.

    Raises:
        OrderUnknown: this market has none.
    """
    return _page(session, (Order.token == token) & (Order.market_id == market_id))


def by_id(session: Session, order_id: int) -> OrderPage:
    """The order with that key, for the mails.

    Raises:
        OrderUnknown: there is none.
    """
    return _page(session, Order.id == order_id)


def state_by_token(session: Session, market_id: int, token: uuid.UUID) -> OrderState:
    """Where the order of a link and its latest payment stand.

    Raises:
        OrderUnknown: this market has none.
    """
    row = session.execute(
        select(
            Order.id,
            Order.market_id,
            Order.state,
            Payment.id.label("payment_id"),
            Payment.state.label("payment_state"),
            Payment.last_error,
        )
        .outerjoin(Payment, Payment.order_id == Order.id)
        .where(Order.token == token, Order.market_id == market_id)
        .order_by(STANDING, Payment.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise OrderUnknown
    return OrderState(
        id=row.id,
        market_id=row.market_id,
        state=row.state,
        payment_id=row.payment_id,
        payment_state=row.payment_state,
        last_error=row.last_error,
    )


def _page(session: Session, condition: ColumnElement[bool]) -> OrderPage:
    order = session.execute(select(Order).where(condition)).scalar_one_or_none()
    if order is None:
        raise OrderUnknown
    pickup = None
    if order.pickup_point_id is not None:
        pickup = delivery.pickup_by_ids(session, [order.pickup_point_id])[order.pickup_point_id]
    return OrderPage(
        id=order.id,
        number=order.number,
        token=order.token,
        market_id=order.market_id,
        person_id=order.person_id,
        state=order.state,
        locale=order.locale,
        contact_name=order.contact_name,
        contact_email=order.contact_email,
        contact_phone=order.contact_phone,
        option_kind=order.option_kind,
        option_name=order.option_name,
        slot_starts_at=order.slot_starts_at,
        slot_ends_at=order.slot_ends_at,
        address=order.address,
        postcode=order.postcode,
        commune=order.commune,
        note=order.note,
        goods=Money(order.goods_cents),
        deposits=Money(order.deposit_cents),
        fee=Money(order.fee_cents),
        service=fees.from_json(order.fee_parts or {}),
        estimate=Money(order.estimate_cents),
        ceiling=Money(order.ceiling_cents),
        final=None if order.final_cents is None else Money(order.final_cents),
        donation=Money(order.donation_cents),
        organisation=_organisation(session, order.organisation_id),
        standing=tenders.standing(session, order.id),
        parts=tender_parts.of_order(session, order.id),
        not_delivered_why=order.not_delivered_why,
        pin_by=order.pin_by,
        terms_version=order.terms_version,
        created_at=order.created_at,
        pay_by=order.pay_by,
        placed_at=order.placed_at,
        pickup=pickup,
        payment=_payment(session, order.id),
        lines=_lines(session, order.id),
    )


def _organisation(session: Session, organisation_id: int | None) -> str:
    if organisation_id is None:
        return ""
    return session.scalars(
        select(Organisation.name).where(Organisation.id == organisation_id)
    ).one()


def _payment(session: Session, order_id: int) -> PaymentView | None:
    row = session.execute(
        select(Payment.id, Payment.kind, Payment.state, Payment.captured_cents, Payment.last_error)
        .where(Payment.order_id == order_id)
        .order_by(STANDING, Payment.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return PaymentView(row.id, row.kind, row.state, Money(row.captured_cents), row.last_error)


def _lines(session: Session, order_id: int) -> tuple[OrderLineView, ...]:
    rows = session.execute(
        select(
            OrderLine.product_name,
            SellerOrder.producer_name,
            OrderLine.unit,
            OrderLine.price_cents,
            OrderLine.price_unit,
            OrderLine.content_amount,
            OrderLine.content_unit,
            OrderLine.nominal_g,
            OrderLine.margin_bp,
            OrderLine.deposit_cents,
            OrderLine.ordered,
            OrderLine.picked,
            OrderLine.picked_g,
            OrderLine.estimate_cents,
            OrderLine.ceiling_cents,
            OrderLine.billed_cents,
            OrderLine.tax_rate_bp,
            OrderLine.shortage,
        )
        .join(SellerOrder, SellerOrder.id == OrderLine.seller_order_id)
        .where(OrderLine.order_id == order_id)
        .order_by(SellerOrder.producer_name, OrderLine.product_name, OrderLine.id)
    )
    lines = []
    for row in rows:
        content = None
        if row.content_amount is not None and row.content_unit is not None:
            content = Quantity(row.content_amount, row.content_unit)
        terms = LineTerms(
            price=UnitPrice(row.price_cents, row.price_unit),
            unit=row.unit,
            content=content,
            nominal_g=row.nominal_g,
            margin_bp=row.margin_bp,
            deposit_cents=row.deposit_cents,
        )
        containers = row.ordered if row.unit is Unit.PIECE else 0
        lines.append(
            OrderLineView(
                product_name=row.product_name,
                producer_name=row.producer_name,
                terms=terms,
                ordered=Quantity(row.ordered, row.unit),
                content=content,
                picked=None if row.picked is None else Quantity(row.picked, row.unit),
                picked_g=row.picked_g,
                estimate=Money(row.estimate_cents),
                ceiling=Money(row.ceiling_cents),
                billed=None if row.billed_cents is None else Money(row.billed_cents),
                deposit=Money(row.deposit_cents * containers),
                tax_rate_bp=row.tax_rate_bp,
                shortage=row.shortage,
            )
        )
    return tuple(lines)
