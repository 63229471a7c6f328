"""What was given back of an order, and what may still be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.fees import final_fee, from_json
from shop.orders.domain.terms import RefundPart, RefundReason, RefundWay
from shop.orders.models import Dispute, Order, OrderLine, Payment, Refund, RefundLine


@dataclass(frozen=True, slots=True)
class LeftLine:
    """One line of which something may be given back."""

    id: int
    product_name: str
    producer_id: int
    billed: Money
    given: Money

    @property
    def left(self) -> Money:
        """What may still be given back."""
        return self.billed - self.given


@dataclass(frozen=True, slots=True)
class Left:
    """What of a settled order may still be given back, and on which way."""

    order_id: int
    market_id: int
    person_id: int | None
    payment_id: int | None
    lines: tuple[LeftLine, ...]
    deposits: Money
    delivery: Money
    card: Money
    """At most that much on the way that it came; zero: only as credit."""
    why_not: str | None
    """Code of what stands in the way of any refund; None: nothing does."""

    @property
    def total(self) -> Money:
        """Everything together."""
        return Money.total(line.left for line in self.lines) + self.deposits + self.delivery

    @property
    def by_card(self) -> bool:
        """Whether anything can go back the way it came."""
        return bool(self.card) and self.why_not is None

    @property
    def by_credit(self) -> bool:
        """Whether there is somebody to give credit to."""
        return self.person_id is not None and self.why_not is None


@dataclass(frozen=True, slots=True)
class RefundLineView:
    """What a refund is about: a product, the deposits (None) or the delivery (None)."""

    part: RefundPart
    order_line_id: int | None
    product_name: str | None
    producer_id: int | None
    tax_rate_bp: int | None
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundView:
    """One refund, for pages, letters and credit notes."""

    id: int
    order_id: int
    way: RefundWay
    state: str
    amount: Money
    reason: RefundReason
    note: str
    error: str | None
    noted_at: datetime
    done_at: datetime | None
    lines: tuple[RefundLineView, ...]


def left(session: Session, order_id: int) -> Left:
    """What may still be given back; ask with the order locked when you are going to act on it."""
    order = session.get_one(Order, order_id)
    payment = session.execute(
        select(Payment).where(Payment.order_id == order_id, Payment.state == "captured")
    ).scalar_one_or_none()
    given = _given(session, order_id)
    rows = session.execute(
        select(OrderLine.id, OrderLine.product_name, OrderLine.producer_id, OrderLine.billed_cents)
        .where(OrderLine.order_id == order_id, OrderLine.billed_cents > 0)
        .order_by(OrderLine.producer_id, OrderLine.product_name, OrderLine.id)
    ).all()
    lines = tuple(
        LeftLine(
            row.id,
            row.product_name,
            row.producer_id,
            Money(row.billed_cents or 0),
            given[RefundPart.GOODS, row.id],
        )
        for row in rows
    )
    final = Money(order.final_cents or 0)
    sold = Money.total(line.billed for line in lines)
    parts = from_json(order.fee_parts or {})
    fee = final_fee(Money(order.fee_cents), parts, sold) if final else Money.zero()
    deposits = final - fee - sold
    return Left(
        order_id=order_id,
        market_id=order.market_id,
        person_id=order.person_id,
        payment_id=payment.id if payment else None,
        lines=lines,
        deposits=deposits - given[RefundPart.DEPOSIT, None],
        delivery=fee - given[RefundPart.DELIVERY, None],
        card=_left_on_card(session, payment),
        why_not=_obstacle(session, order),
    )


def of_order(session: Session, order_id: int) -> tuple[RefundView, ...]:
    """Every refund of an order, oldest first."""
    ids = session.scalars(
        select(Refund.id).where(Refund.order_id == order_id).order_by(Refund.id)
    ).all()
    return tuple(by_id(session, refund_id) for refund_id in ids)


def by_id(session: Session, refund_id: int) -> RefundView:
    """One refund with what it is about."""
    refund = session.get_one(Refund, refund_id)
    rows = session.execute(
        select(
            RefundLine.part,
            RefundLine.order_line_id,
            OrderLine.product_name,
            OrderLine.producer_id,
            OrderLine.tax_rate_bp,
            RefundLine.amount_cents,
        )
        .outerjoin(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .where(RefundLine.refund_id == refund_id)
        .order_by(RefundLine.id)
    )
    return RefundView(
        id=refund.id,
        order_id=refund.order_id,
        way=refund.way,
        state=refund.state,
        amount=Money(refund.amount_cents),
        reason=refund.reason,
        note=refund.note,
        error=refund.error,
        noted_at=refund.noted_at,
        done_at=refund.done_at,
        lines=tuple(
            RefundLineView(
                row.part,
                row.order_line_id,
                row.product_name,
                row.producer_id,
                row.tax_rate_bp,
                Money(row.amount_cents),
            )
            for row in rows
        ),
    )


def goods_given_before(session: Session, order_id: int, refund_id: int) -> dict[int, Money]:
    """Goods that entered refunds gave back, by producer, without the one that is asked about."""
    rows = session.execute(
        select(OrderLine.producer_id, func.sum(RefundLine.amount_cents))
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, Refund.state == "done", Refund.id != refund_id)
        .group_by(OrderLine.producer_id)
    )
    return {producer_id: Money(int(cents)) for producer_id, cents in rows}


def delivery_given_before(session: Session, order_id: int, refund_id: int) -> Money:
    """Delivery and fees that entered refunds gave back, without the one that is asked about."""
    cents = session.scalar(
        select(func.coalesce(func.sum(RefundLine.amount_cents), 0))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, Refund.state == "done", Refund.id != refund_id)
        .where(RefundLine.part == RefundPart.DELIVERY)
    )
    return Money(int(cents or 0))


def _given(session: Session, order_id: int) -> dict[tuple[RefundPart, int | None], Money]:
    """What was given back, or is on its way, by part and line."""
    rows = session.execute(
        select(
            RefundLine.part,
            RefundLine.order_line_id,
            func.sum(RefundLine.amount_cents).label("cents"),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, Refund.state != "refused")
        .group_by(RefundLine.part, RefundLine.order_line_id)
    )
    found: dict[tuple[RefundPart, int | None], Money] = defaultdict(Money.zero)
    found.update({(row.part, row.order_line_id): Money(int(row.cents)) for row in rows})
    return found


def _left_on_card(session: Session, payment: Payment | None) -> Money:
    if payment is None:
        return Money.zero()
    asked = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_cents), 0)).where(
            Refund.payment_id == payment.id, Refund.state != "refused"
        )
    )
    return Money(payment.captured_cents - int(asked or 0))


def _obstacle(session: Session, order: Order) -> str | None:
    if order.state != "settled":
        return "not_settled"
    disputed = session.scalar(
        select(Dispute.id)
        .join(Payment, Payment.id == Dispute.payment_id)
        .where(Payment.order_id == order.id, Dispute.state != "won")
        .limit(1)
    )
    return None if disputed is None else "disputed"
