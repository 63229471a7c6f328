"""What is to be picked, and how far it is: for the preparer's tablet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.queries import delivery, producers
from shop.logistics.domain.crate import ORDER_OF_WORK
from shop.logistics.domain.searching import matches
from shop.logistics.models import Crate
from shop.logistics.queries.cycle_goods import CRATE_COLUMNS, CrateCard, Passage, passages
from shop.orders.errors import LineUnknown, OrderUnknown
from shop.orders.queries import demand, lines
from shop.orders.queries.demand import OrderLoad
from shop.orders.queries.lines import OrderProgress, PickLine, ProductProgress


@dataclass(frozen=True, slots=True)
class OrderToPick:
    """One order of the list: for whom, where it goes, how far it is."""

    order_id: int
    number: str
    customer: str
    place: str
    state: str
    note: str
    round_name: str
    rank: int | None
    leaves_at: datetime | None
    lines: int
    said: int
    short: int

    @property
    def left(self) -> int:
        """Lines that nobody has dealt with."""
        return self.lines - self.said

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do, or it has gone."""
        return not self.left or self.state != "firm"

    def answers(self, words: str) -> bool:
        """Whether a search for a name or an order means it."""
        return matches(words, [self.customer, self.number])


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """One order with its lines and crates."""

    order: OrderToPick
    lines: list[PickLine]
    crates: list[CrateCard]
    makers: dict[int, str]

    @property
    def groups(self) -> list[tuple[TemperatureClass, list[tuple[str, list[PickLine]]]]]:
        """Lines by temperature class in the order of work, then by producer."""
        found = []
        for kind in ORDER_OF_WORK:
            shelves: dict[str, list[PickLine]] = {}
            for line in self.lines:
                if line.temperature_class is kind:
                    shelves.setdefault(self.makers[line.producer_id], []).append(line)
            if shelves:
                found.append((kind, sorted(shelves.items())))
        return found

    @property
    def in_order(self) -> list[PickLine]:
        """Lines as the page shows them."""
        return [line for _, shelves in self.groups for _, on_shelf in shelves for line in on_shelf]


@dataclass(frozen=True, slots=True)
class ProductSheet:
    """One product with every order that wants it, in loading order."""

    product_name: str
    producer: str
    lines: list[PickLine]
    orders: dict[int, OrderToPick]
    crates: dict[int, str]
    """Codes of the crates it goes into, by order."""


def orders_to_pick(session: Session, cycle_id: int) -> list[OrderToPick]:
    """Orders of a cycle as the trucks take them, last stop first; a handful of questions."""
    loads = demand.order_loads(session, cycle_id)
    progress = lines.progress_by_order(session, cycle_id)
    found = passages(session, cycle_id)
    points = delivery.pickup_by_ids(
        session, {load.pickup_point_id for load in loads if load.pickup_point_id}
    )
    cards = []
    for load in sorted(loads, key=lambda load: _loading_key(load, found.get(load.order_id))):
        passage = found.get(load.order_id)
        done = progress.get(load.order_id, OrderProgress(load.order_id, 0, 0, 0))
        home = f"{load.postcode} {load.commune}"
        cards.append(
            OrderToPick(
                order_id=load.order_id,
                number=load.number,
                customer=load.contact_name,
                place=points[load.pickup_point_id].name if load.pickup_point_id else home,
                state=load.state,
                note=load.note or "",
                round_name=passage.round_name if passage else "",
                rank=passage.rank if passage else None,
                leaves_at=passage.leaves_at if passage else None,
                lines=done.lines,
                said=done.said,
                short=done.short,
            )
        )
    return cards


def order_sheet(
    session: Session, cycle_id: int, orders: list[OrderToPick], order_id: int
) -> OrderSheet:
    """One of ``orders`` with its lines and crates.

    Raises:
        OrderUnknown: it is not among them.
    """
    order = next((each for each in orders if each.order_id == order_id), None)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    wanted = lines.to_pick(session, cycle_id, order_id=order_id)
    return OrderSheet(
        order,
        wanted,
        crates_of_order(session, order_id),
        _maker_names(session, {line.producer_id for line in wanted}),
    )


def product_sheet(
    session: Session, cycle_id: int, orders: list[OrderToPick], offer_id: int
) -> ProductSheet:
    """One product shared over the orders that want it.

    Raises:
        LineUnknown: no order of the cycle has it.
    """
    wanted = lines.to_pick(session, cycle_id, offer_id=offer_id)
    if not wanted:
        raise LineUnknown(offer_id=offer_id)
    ranks = {order.order_id: rank for rank, order in enumerate(orders)}
    wanted.sort(key=lambda line: ranks.get(line.order_id, len(ranks)))
    first = wanted[0]
    codes: dict[int, str] = {}
    rows = session.execute(
        select(Crate.order_id, Crate.code)
        .where(Crate.order_id.in_({line.order_id for line in wanted}))
        .where(Crate.temperature_class == first.temperature_class)
        .order_by(Crate.order_id, Crate.position)
    )
    for order_id, code in rows:
        codes[order_id] = f"{codes[order_id]}, {code}" if order_id in codes else code
    return ProductSheet(
        first.product_name,
        _maker_names(session, {first.producer_id})[first.producer_id],
        wanted,
        {order.order_id: order for order in orders},
        codes,
    )


def products_to_pick(session: Session, cycle_id: int) -> list[tuple[str, list[ProductProgress]]]:
    """Products of a cycle by producer, by name, with how far each is."""
    found = lines.progress_by_product(session, cycle_id)
    makers = _maker_names(session, {product.producer_id for product in found})
    groups: dict[str, list[ProductProgress]] = {}
    for product in found:
        groups.setdefault(makers[product.producer_id], []).append(product)
    return sorted(groups.items())


def crates_of_order(session: Session, order_id: int) -> list[CrateCard]:
    """Crates of one order, in their order."""
    rows = session.execute(
        select(*CRATE_COLUMNS).where(Crate.order_id == order_id).order_by(Crate.position)
    )
    return [CrateCard(*row) for row in rows]


def _maker_names(session: Session, producer_ids: set[int]) -> dict[int, str]:
    return {key: card.name for key, card in producers.by_ids(session, producer_ids).items()}


def _loading_key(load: OrderLoad, passage: Passage | None) -> tuple[int, datetime, int, int, int]:
    if passage is None:
        return (1, load.slot_starts_at, 0, 0, load.order_id)
    return (0, passage.leaves_at, passage.round_number, -passage.rank, load.order_id)
