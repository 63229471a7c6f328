"""What producers brought of what they promised, for whoever counts it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shop.accounts.queries.identity import names
from shop.catalog.domain.terms import TemperatureClass
from shop.logistics.domain.receipt import is_too_warm
from shop.logistics.domain.terms import ReceiptPlace
from shop.logistics.models import GoodsReceipt
from shop.orders.domain.terms import ShortageReason
from shop.orders.queries import purchase_orders
from shop.orders.queries.purchase_orders import (
    PurchaseOrderCard,
    PurchaseOrderLineView,
    PurchaseOrderPage,
)


@dataclass(frozen=True, slots=True)
class ReceiptCard:
    """The last count of one line."""

    line_id: int
    place: ReceiptPlace
    expected: int
    amount: int
    weight_g: int | None
    reason: ShortageReason | None
    lot: str | None
    use_by_on: date | None
    temperature_dc: int | None
    at: datetime
    by: str

    def is_too_warm(self, kind: TemperatureClass) -> bool:
        """Whether it came warmer than such goods may."""
        return is_too_warm(kind, self.temperature_dc)


@dataclass(frozen=True, slots=True)
class FarmReceipt:
    """One producer: what was promised, and what was counted."""

    page: PurchaseOrderPage
    counts: dict[int, ReceiptCard]

    @property
    def is_counted(self) -> bool:
        """Whether somebody said of every line what came."""
        return all(line.received is not None for line in self.page.lines)

    @property
    def short(self) -> list[PurchaseOrderLineView]:
        """Lines of which less came than was promised."""
        return [
            line
            for line in self.page.lines
            if line.received is not None and line.received.amount < line.expected
        ]


@dataclass(frozen=True, slots=True)
class FarmToReceive:
    """One producer in the list of a cycle."""

    card: PurchaseOrderCard
    producer: str
    counted: int
    """Lines that were counted."""
    short: int
    """Lines of which less came than was promised."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to count."""
        return self.counted >= self.card.lines


def of_cycle(session: Session, cycle_id: int) -> list[FarmToReceive]:
    """Producers of a cycle: those to count first, then by name."""
    cards = purchase_orders.of_cycle(session, cycle_id)
    makers = purchase_orders.names_of(session, cards)
    counted = purchase_orders.received_lines(session, cycle_id)
    found = [
        FarmToReceive(card, makers[card.producer_id].name, *counted.get(card.id, (0, 0)))
        for card in cards
    ]
    return sorted(found, key=lambda each: (each.is_done, each.producer, each.card.id))


def of_purchase(session: Session, page: PurchaseOrderPage) -> FarmReceipt:
    """One producer with the last count of each line."""
    return FarmReceipt(page, _counts(session, [line.line_id for line in page.lines]))


def _counts(session: Session, line_ids: Collection[int]) -> dict[int, ReceiptCard]:
    rows = session.execute(
        select(
            GoodsReceipt.purchase_order_line_id,
            GoodsReceipt.place,
            GoodsReceipt.expected,
            GoodsReceipt.amount,
            GoodsReceipt.weight_g,
            GoodsReceipt.reason,
            GoodsReceipt.lot,
            GoodsReceipt.use_by_on,
            GoodsReceipt.temperature_dc,
            GoodsReceipt.at,
            GoodsReceipt.by_person_id,
        )
        .where(GoodsReceipt.purchase_order_line_id.in_(line_ids))
        .order_by(GoodsReceipt.purchase_order_line_id, GoodsReceipt.id.desc())
        .ext(distinct_on(GoodsReceipt.purchase_order_line_id))
    ).all()
    people = names(session, {row.by_person_id for row in rows if row.by_person_id})
    found = {}
    for row in rows:
        values = list(row)
        found[row.purchase_order_line_id] = ReceiptCard(
            *[*values[:-1], people.get(row.by_person_id, "")]
        )
    return found
