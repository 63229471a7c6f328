"""Order lines as the preparer and the paper need them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain.terms import ShortageReason
from shop.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class PickingTerms:
    """What must be known of a line before an entry about it is believed."""

    line_id: int
    order_id: int
    ordered: int
    unit: Unit
    price_unit: Unit
    min_g: int | None
    max_g: int | None

    @property
    def is_weighed(self) -> bool:
        """Whether the price follows the weight."""
        return self.price_unit is Unit.GRAM

    @property
    def counts_pieces(self) -> bool:
        """Whether customers count pieces of it."""
        return self.unit is Unit.PIECE

    @property
    def most_factor(self) -> int:
        """Loose goods may weigh more than ordered (the price stops at the ceiling); pieces not."""
        return 1 if self.counts_pieces else 2


@dataclass(frozen=True, slots=True)
class PickLine:
    """A line to pick, with what was said of it so far."""

    line_id: int
    order_id: int
    order_number: str
    contact_name: str
    offer_id: int
    producer_id: int
    product_name: str
    reference: str
    unit: Unit
    price: UnitPrice
    content: Quantity | None
    nominal_g: int | None
    min_g: int | None
    max_g: int | None
    temperature_class: TemperatureClass
    ordered: int
    confirmed: int | None
    picked: int | None
    picked_g: int | None
    estimate_cents: int
    ceiling_cents: int
    billed_cents: int | None
    shortage: ShortageReason | None
    note: str | None

    @property
    def is_weighed(self) -> bool:
        """Whether the price follows the weight."""
        return self.price.unit is Unit.GRAM

    @property
    def expected(self) -> int:
        """What there is of it: as the producer confirmed, else as ordered."""
        return self.ordered if self.confirmed is None else self.confirmed

    @property
    def is_said(self) -> bool:
        """Whether the preparer has dealt with it."""
        return self.picked is not None


_PICK = (
    OrderLine.id,
    OrderLine.order_id,
    Order.number,
    Order.contact_name,
    OrderLine.offer_id,
    OrderLine.producer_id,
    OrderLine.product_name,
    OrderLine.reference,
    OrderLine.unit,
    OrderLine.price_cents,
    OrderLine.price_unit,
    OrderLine.content_amount,
    OrderLine.content_unit,
    OrderLine.nominal_g,
    OrderLine.min_g,
    OrderLine.max_g,
    OrderLine.temperature_class,
    OrderLine.ordered,
    OrderLine.confirmed,
    OrderLine.picked,
    OrderLine.picked_g,
    OrderLine.estimate_cents,
    OrderLine.ceiling_cents,
    OrderLine.billed_cents,
    OrderLine.shortage,
    Order.note,
)


def to_pick(
    session: Session,
    cycle_id: int,
    *,
    order_id: int | None = None,
    offer_id: int | None = None,
    producer_id: int | None = None,
) -> list[PickLine]:
    """Lines of the orders of a cycle that are to be delivered, in one question."""
    statement = (
        select(*_PICK)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(("firm", "fulfilled", "settled")))
        .order_by(Order.id, OrderLine.temperature_class, OrderLine.product_name, OrderLine.id)
    )
    if order_id is not None:
        statement = statement.where(OrderLine.order_id == order_id)
    if offer_id is not None:
        statement = statement.where(OrderLine.offer_id == offer_id)
    if producer_id is not None:
        statement = statement.where(OrderLine.producer_id == producer_id)
    found = []
    for row in session.execute(statement):
        values = list(row)
        cents, price_unit, content, content_unit = values[9:13]
        found.append(
            PickLine(
                *[
                    *values[:9],
                    UnitPrice(cents, price_unit),
                    None if content is None else Quantity(content, content_unit),
                    *values[13:],
                ]
            )
        )
    return found


def picking_terms(session: Session, line_ids: Collection[int]) -> dict[int, PickingTerms]:
    """Terms of lines by key; unknown keys are left out."""
    rows = session.execute(
        select(
            OrderLine.id,
            OrderLine.order_id,
            OrderLine.ordered,
            OrderLine.unit,
            OrderLine.price_unit,
            OrderLine.min_g,
            OrderLine.max_g,
        ).where(OrderLine.id.in_(line_ids))
    )
    return {row.id: PickingTerms(*row) for row in rows}


def classes_all_said(
    session: Session, order_ids: Collection[int]
) -> set[tuple[int, TemperatureClass]]:
    """Temperature classes of orders whose every line was dealt with."""
    rows = session.execute(
        select(OrderLine.order_id, OrderLine.temperature_class)
        .where(OrderLine.order_id.in_(order_ids))
        .group_by(OrderLine.order_id, OrderLine.temperature_class)
        .having(func.count() == func.count(OrderLine.picked))
    )
    return {(row.order_id, row.temperature_class) for row in rows}
