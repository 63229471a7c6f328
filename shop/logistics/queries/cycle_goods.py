"""All that a cycle's sheets are made of, in a handful of questions whatever its size."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.queries import cycles, delivery, markets, producers
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.delivery import PickupCard
from shop.catalog.queries.markets import MarketCard
from shop.catalog.queries.producers import ProducerCard
from shop.kernel.money import Money
from shop.kernel.sheet import Heading
from shop.logistics.models import Crate, Stop, StopOrder, TruckRound, Vehicle
from shop.orders.queries import demand, lines, tenders
from shop.orders.queries.demand import OrderLoad
from shop.orders.queries.lines import PickLine


@dataclass(frozen=True, slots=True)
class CrateCard:
    """A crate as pages and sheets show it."""

    id: int
    code: str
    order_id: int
    position: int
    total: int
    temperature_class: TemperatureClass
    fill: int
    state: str
    stop_id: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """Where in which published round an order is handed over."""

    round_id: int
    round_number: int
    vehicle: str
    leaves_at: datetime
    rank: int
    arrives_at: datetime

    @property
    def round_name(self) -> str:
        """What a round is called on labels: « 3 · Kangoo »."""
        return f"{self.round_number} · {self.vehicle}"


@dataclass(frozen=True, slots=True)
class CycleGoods:
    """The orders of a cycle, their lines, crates and places."""

    market: MarketCard
    cycle: CycleCard
    printed_at: datetime
    orders: dict[int, OrderLoad]
    lines: dict[int, list[PickLine]]
    crates: dict[int, list[CrateCard]]
    passages: dict[int, Passage]
    points: dict[int, PickupCard]
    makers: dict[int, ProducerCard]
    due: dict[int, Money]
    """What is to be taken for an order where it is handed over; orders without are left out."""

    @property
    def heading(self) -> Heading:
        """What every sheet says of itself."""
        return Heading(self.market.name, self.cycle.name, self.cycle.delivers_on, self.printed_at)

    def place_of(self, order: OrderLoad) -> str:
        """The pick-up point of an order, or the commune of the home."""
        if order.pickup_point_id is None:
            return f"{order.postcode} {order.commune}"
        return self.points[order.pickup_point_id].name

    def only(self, order_id: int) -> CycleGoods:
        """The same with one order, for its own labels."""
        return replace(self, orders={order_id: self.orders[order_id]})

    def in_loading_order(self) -> list[OrderLoad]:
        """Orders as rounds take them, last stop first; those without a round at the end."""
        return sorted(self.orders.values(), key=self._loading_key)

    def _loading_key(self, order: OrderLoad) -> tuple[int, datetime, int, int, int]:
        passage = self.passages.get(order.order_id)
        if passage is None:
            return (1, order.slot_starts_at, 0, 0, order.order_id)
        return (0, passage.leaves_at, passage.round_number, -passage.rank, order.order_id)


def cycle_goods(session: Session, cycle_id: int, *, printed_at: datetime) -> CycleGoods:
    """Everything about the goods of a cycle.

    Raises:
        CycleUnknown: there is none.
    """
    cycle = cycles.by_id(session, cycle_id)
    market = markets.by_id(session, cycle.market_id)
    loads = demand.order_loads(session, cycle_id)
    by_order: dict[int, list[PickLine]] = defaultdict(list)
    for line in lines.to_pick(session, cycle_id):
        by_order[line.order_id].append(line)
    return CycleGoods(
        market=market,
        cycle=cycle,
        printed_at=printed_at,
        orders={load.order_id: load for load in loads},
        lines=by_order,
        crates=crates_of_cycle(session, cycle_id),
        passages=passages(session, cycle_id),
        points=delivery.pickup_by_ids(
            session, {load.pickup_point_id for load in loads if load.pickup_point_id}
        ),
        makers=producers.by_ids(
            session, {line.producer_id for found in by_order.values() for line in found}
        ),
        due=tenders.to_collect(session, cycle_id),
    )


def crates_of_cycle(session: Session, cycle_id: int) -> dict[int, list[CrateCard]]:
    """Crates of a cycle by order, in their order."""
    found: dict[int, list[CrateCard]] = defaultdict(list)
    for row in session.execute(
        select(*CRATE_COLUMNS)
        .where(Crate.cycle_id == cycle_id)
        .order_by(Crate.order_id, Crate.position)
    ):
        card = CrateCard(*row)
        found[card.order_id].append(card)
    return found


def passages(session: Session, cycle_id: int) -> dict[int, Passage]:
    """Where each order of a cycle is handed over, in rounds that are drafted or published.

    An order whose stop failed and that left once more is where it is going now.
    """
    rows = session.execute(
        select(
            StopOrder.order_id,
            TruckRound.id,
            TruckRound.number,
            Vehicle.name,
            TruckRound.starts_at,
            Stop.position,
            Stop.arrives_at,
        )
        .join(Stop, Stop.id == StopOrder.stop_id)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .join(Vehicle, Vehicle.id == TruckRound.vehicle_id)
        .where(TruckRound.cycle_id == cycle_id, TruckRound.state != "discarded")
        .order_by(TruckRound.state == "draft", Stop.id.desc())
    )
    found: dict[int, Passage] = {}
    for row in rows:
        values: list[Any] = list(row)
        found.setdefault(values[0], Passage(*values[1:]))
    return found


CRATE_COLUMNS = (
    Crate.id,
    Crate.code,
    Crate.order_id,
    Crate.position,
    Crate.total,
    Crate.temperature_class,
    Crate.fill,
    Crate.state,
    Crate.stop_id,
)
"""In the order of ``CrateCard``."""
