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
from shop.orders.queries.demand import TO_DELIVER


@dataclass(frozen=True, slots=True)
class PickingTerms:
    """What must be known of a line before an entry about it is believed."""

    line_id: int
    order_id: int
    ordered: int
    confirmed: int | None
    unit: Unit
    price_unit: Unit
    nominal_g: int | None
    min_g: int | None
    max_g: int | None

    @property
    def is_weighed(self) -> bool:
        """Whether the price follows the weight."""
        return follows_weight(self.unit, self.price_unit, self.nominal_g)

    @property
    def expected(self) -> int:
        """What there is of it: as the producer confirmed, else as ordered."""
        return self.ordered if self.confirmed is None else self.confirmed

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
    order_state: str
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
        return follows_weight(self.unit, self.price.unit, self.nominal_g)

    @property
    def counts_pieces(self) -> bool:
        """Whether customers count pieces of it."""
        return self.unit is Unit.PIECE

    @property
    def expected(self) -> int:
        """What there is of it: as the producer confirmed, else as ordered."""
        return self.ordered if self.confirmed is None else self.confirmed

    @property
    def is_open(self) -> bool:
        """Whether the preparer may still speak of it: its order has not left."""
        return self.order_state == "firm"

    @property
    def is_said(self) -> bool:
        """Whether nothing is left to do: the preparer has spoken, or nothing comes of it."""
        return self.picked is not None or self.confirmed == 0


_PICK = (
    OrderLine.id,
    OrderLine.order_id,
    Order.number,
    Order.state,
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
    line_id: int | None = None,
) -> list[PickLine]:
    """Lines of the orders of a cycle that are to be delivered, in one question."""
    statement = (
        select(*_PICK)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(TO_DELIVER))
        .order_by(Order.id, OrderLine.temperature_class, OrderLine.product_name, OrderLine.id)
    )
    if order_id is not None:
        statement = statement.where(OrderLine.order_id == order_id)
    if offer_id is not None:
        statement = statement.where(OrderLine.offer_id == offer_id)
    if line_id is not None:
        statement = statement.where(OrderLine.id == line_id)
    if producer_id is not None:
        statement = statement.where(OrderLine.producer_id == producer_id)
    found = []
    for row in session.execute(statement):
        values = list(row)
        cents, price_unit, content, content_unit = values[10:14]
        found.append(
            PickLine(
                *[
                    *values[:10],
                    UnitPrice(cents, price_unit),
                    None if content is None else Quantity(content, content_unit),
                    *values[14:],
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
            OrderLine.confirmed,
            OrderLine.unit,
            OrderLine.price_unit,
            OrderLine.nominal_g,
            OrderLine.min_g,
            OrderLine.max_g,
        ).where(OrderLine.id.in_(line_ids))
    )
    return {row.id: PickingTerms(*row) for row in rows}


def follows_weight(unit: Unit, price_unit: Unit, nominal_g: int | None) -> bool:
    """Whether goods counted in ``unit`` and priced by ``price_unit`` cost what they weigh."""
    return price_unit is Unit.GRAM and (unit is Unit.GRAM or nominal_g is not None)


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """How far one temperature class of one order is."""

    order_id: int
    temperature_class: TemperatureClass
    lines: int
    said: int
    filled: int
    """Lines of which something is in a crate, or is still to come."""


_SAID = func.count().filter(OrderLine.picked.is_not(None) | (OrderLine.confirmed == 0))
_FILLED = func.count().filter(
    func.coalesce(OrderLine.picked, OrderLine.confirmed, OrderLine.ordered) > 0
)


def classes_of(session: Session, order_ids: Collection[int]) -> list[ClassProgress]:
    """Temperature classes of orders, and how far each is."""
    rows = session.execute(
        select(OrderLine.order_id, OrderLine.temperature_class, func.count(), _SAID, _FILLED)
        .where(OrderLine.order_id.in_(order_ids))
        .group_by(OrderLine.order_id, OrderLine.temperature_class)
        .order_by(OrderLine.order_id, OrderLine.temperature_class)
    )
    return [
        ClassProgress(order_id, kind, lines, said, filled)
        for order_id, kind, lines, said, filled in rows
    ]


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """How far the lines of one order are."""

    order_id: int
    lines: int
    said: int
    short: int


def progress_by_order(session: Session, cycle_id: int) -> dict[int, OrderProgress]:
    """How far each order of a cycle is, in one question."""
    rows = session.execute(
        select(
            OrderLine.order_id,
            func.count(),
            _SAID,
            func.count().filter(OrderLine.shortage.is_not(None)),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(TO_DELIVER))
        .group_by(OrderLine.order_id)
    )
    return {row.order_id: OrderProgress(*tuple(row)) for row in rows}


@dataclass(frozen=True, slots=True)
class ProductProgress:
    """How far one product is over all orders that want it."""

    offer_id: int
    producer_id: int
    product_name: str
    reference: str
    temperature_class: TemperatureClass
    unit: Unit
    is_weighed: bool
    wanted: int
    lines: int
    said: int
    short: int


def progress_by_product(session: Session, cycle_id: int) -> list[ProductProgress]:
    """How far each product of a cycle is, in one question; by cold, producer and name."""
    rows = session.execute(
        select(
            OrderLine.offer_id,
            OrderLine.producer_id,
            func.max(OrderLine.product_name),
            func.max(OrderLine.reference),
            OrderLine.temperature_class,
            OrderLine.unit,
            OrderLine.price_unit,
            func.max(OrderLine.nominal_g),
            func.sum(func.coalesce(OrderLine.confirmed, OrderLine.ordered)),
            func.count(),
            _SAID,
            func.count().filter(OrderLine.shortage.is_not(None)),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(TO_DELIVER))
        .group_by(
            OrderLine.offer_id,
            OrderLine.producer_id,
            OrderLine.temperature_class,
            OrderLine.unit,
            OrderLine.price_unit,
        )
        .order_by(
            OrderLine.temperature_class, OrderLine.producer_id, func.max(OrderLine.product_name)
        )
    )
    found = []
    for row in rows:
        values = list(row)
        unit, price_unit, nominal_g = values[5:8]
        weighed = follows_weight(unit, price_unit, nominal_g)
        found.append(ProductProgress(*[*values[:6], weighed, int(values[8]), *values[9:]]))
    return found
