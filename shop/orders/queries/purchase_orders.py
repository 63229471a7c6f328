"""Purchase orders as the desk lists them and as their producer answers them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shop.catalog.queries import offers, producers
from shop.catalog.queries.offers import OfferCard
from shop.catalog.queries.producers import ProducerCard
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity
from shop.orders.domain.lifecycles import PURCHASE_ORDER
from shop.orders.errors import PurchaseOrderUnknown
from shop.orders.models import PurchaseOrder, PurchaseOrderLine


@dataclass(frozen=True, slots=True)
class PurchaseOrderCard:
    """What one producer was asked to bring to one cycle, and whether they have answered."""

    id: int
    number: str
    token: uuid.UUID
    market_id: int
    cycle_id: int
    producer_id: int
    state: str
    issued_at: datetime | None
    answer_by: datetime
    answered_at: datetime | None
    note: str | None
    lines: int
    short_lines: int
    """Lines of which less than ordered was promised."""
    value: Money
    """Of what was ordered, at the consumer's price."""

    @property
    def is_answered(self) -> bool:
        """Whether the producer has spoken."""
        return self.answered_at is not None

    @property
    def can_answer(self) -> bool:
        """Whether an answer, first or other, is still heard."""
        return PURCHASE_ORDER.allows(self.state, "accept")

    def is_late(self, now: datetime) -> bool:
        """Whether the answer should have come."""
        return self.can_answer and not self.is_answered and self.answer_by <= now


@dataclass(frozen=True, slots=True)
class PurchaseOrderLineView:
    """One product to bring."""

    line_id: int
    reference: str
    product_name: str
    orders: int
    ordered: Quantity
    confirmed: Quantity | None
    received: Quantity | None
    value: Money
    offer: OfferCard

    @property
    def is_short(self) -> bool:
        """Whether less than ordered was promised."""
        return self.confirmed is not None and self.confirmed < self.ordered

    @property
    def expected(self) -> int:
        """What will come as far as is known."""
        return self.ordered.amount if self.confirmed is None else self.confirmed.amount


@dataclass(frozen=True, slots=True)
class PurchaseOrderPage:
    """A purchase order with its lines and its producer."""

    card: PurchaseOrderCard
    producer: ProducerCard
    lines: tuple[PurchaseOrderLineView, ...]


def by_token(session: Session, token: uuid.UUID) -> PurchaseOrderPage:
    """The purchase order that a link opens.

    Raises:
        PurchaseOrderUnknown: there is none.
    """
    return _page(session, PurchaseOrder.token == token)


def by_id(session: Session, purchase_order_id: int) -> PurchaseOrderPage:
    """The purchase order with that key.

    Raises:
        PurchaseOrderUnknown: there is none.
    """
    return _page(session, PurchaseOrder.id == purchase_order_id)


def of_market(session: Session, market_id: int, purchase_order_id: int) -> PurchaseOrderPage:
    """A purchase order of one market.

    Raises:
        PurchaseOrderUnknown: this market has no such one.
    """
    return _page(
        session,
        (PurchaseOrder.id == purchase_order_id) & (PurchaseOrder.market_id == market_id),
    )


def of_cycle(session: Session, cycle_id: int) -> list[PurchaseOrderCard]:
    """Every purchase order of a cycle: who has not answered first."""
    found = _cards(session, PurchaseOrder.cycle_id == cycle_id)
    return sorted(found, key=lambda card: (card.is_answered, -card.short_lines, card.id))


def of_producer(session: Session, producer_id: int, limit: int = 30) -> list[PurchaseOrderCard]:
    """The latest purchase orders of one producer, the newest first."""
    return _cards(session, PurchaseOrder.producer_id == producer_id, limit)


def names_of(session: Session, cards: Collection[PurchaseOrderCard]) -> dict[int, ProducerCard]:
    """Producers of purchase orders, by key."""
    return producers.by_ids(session, {card.producer_id for card in cards})


def _cards(
    session: Session, condition: ColumnElement[bool], limit: int | None = None
) -> list[PurchaseOrderCard]:
    short = PurchaseOrderLine.confirmed < PurchaseOrderLine.ordered
    rows = session.execute(
        select(
            PurchaseOrder.id,
            PurchaseOrder.number,
            PurchaseOrder.token,
            PurchaseOrder.market_id,
            PurchaseOrder.cycle_id,
            PurchaseOrder.producer_id,
            PurchaseOrder.state,
            PurchaseOrder.issued_at,
            PurchaseOrder.answer_by,
            PurchaseOrder.answered_at,
            PurchaseOrder.note,
            func.count(PurchaseOrderLine.id).label("lines"),
            func.count().filter(short).label("short_lines"),
            func.coalesce(func.sum(PurchaseOrderLine.value_cents), 0).label("value_cents"),
        )
        .outerjoin(PurchaseOrderLine, PurchaseOrderLine.purchase_order_id == PurchaseOrder.id)
        .where(condition)
        .group_by(PurchaseOrder.id)
        .order_by(PurchaseOrder.cycle_id.desc(), PurchaseOrder.id)
        .limit(limit)
    )
    return [
        PurchaseOrderCard(
            id=row.id,
            number=row.number,
            token=row.token,
            market_id=row.market_id,
            cycle_id=row.cycle_id,
            producer_id=row.producer_id,
            state=row.state,
            issued_at=row.issued_at,
            answer_by=row.answer_by,
            answered_at=row.answered_at,
            note=row.note,
            lines=row.lines,
            short_lines=row.short_lines,
            value=Money(int(row.value_cents)),
        )
        for row in rows
    ]


def _page(session: Session, condition: ColumnElement[bool]) -> PurchaseOrderPage:
    cards = _cards(session, condition)
    if not cards:
        raise PurchaseOrderUnknown
    card = cards[0]
    rows = session.execute(
        select(
            PurchaseOrderLine.id,
            PurchaseOrderLine.offer_id,
            PurchaseOrderLine.reference,
            PurchaseOrderLine.product_name,
            PurchaseOrderLine.unit,
            PurchaseOrderLine.orders,
            PurchaseOrderLine.ordered,
            PurchaseOrderLine.confirmed,
            PurchaseOrderLine.received,
            PurchaseOrderLine.value_cents,
        )
        .where(PurchaseOrderLine.purchase_order_id == card.id)
        .order_by(PurchaseOrderLine.product_name, PurchaseOrderLine.id)
    ).all()
    sold = offers.by_ids(session, [row.offer_id for row in rows])
    return PurchaseOrderPage(
        card=card,
        producer=producers.by_id(session, card.producer_id),
        lines=tuple(
            PurchaseOrderLineView(
                line_id=row.id,
                reference=row.reference,
                product_name=row.product_name,
                orders=row.orders,
                ordered=Quantity(row.ordered, row.unit),
                confirmed=None if row.confirmed is None else Quantity(row.confirmed, row.unit),
                received=None if row.received is None else Quantity(row.received, row.unit),
                value=Money(row.value_cents),
                offer=sold[row.offer_id],
            )
            for row in rows
        ),
    )


def hold(session: Session, purchase_order_id: int) -> None:
    """Let nobody else change a purchase order before this transaction ends.

    Raises:
        PurchaseOrderUnknown: there is none.
    """
    found = session.scalar(
        select(PurchaseOrder.id).where(PurchaseOrder.id == purchase_order_id).with_for_update()
    )
    if found is None:
        raise PurchaseOrderUnknown(purchase_order_id=purchase_order_id)


def of_producer_in(session: Session, cycle_id: int, producer_id: int) -> PurchaseOrderPage | None:
    """What a producer was asked to bring to a cycle; None when nothing was."""
    found = session.scalar(
        select(PurchaseOrder.id).where(
            PurchaseOrder.cycle_id == cycle_id, PurchaseOrder.producer_id == producer_id
        )
    )
    return None if found is None else by_id(session, found)


def received_lines(session: Session, cycle_id: int) -> dict[int, tuple[int, int]]:
    """By purchase order: lines that were counted, and lines of which less came than promised."""
    promised = func.coalesce(PurchaseOrderLine.confirmed, PurchaseOrderLine.ordered)
    rows = session.execute(
        select(
            PurchaseOrderLine.purchase_order_id,
            func.count().filter(PurchaseOrderLine.received.is_not(None)),
            func.count().filter(PurchaseOrderLine.received < promised),
        )
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.purchase_order_id)
        .where(PurchaseOrder.cycle_id == cycle_id)
        .group_by(PurchaseOrderLine.purchase_order_id)
    )
    return {key: (counted, short) for key, counted, short in rows}
