"""Rounds and their stops, for the planner's page, the driver's phone and the sheet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.queries.identity import names
from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.queries import delivery, producers
from shop.infra.places.geocoding import PinBy
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import RoundUnknown, StopUnknown
from shop.logistics.models import (
    Crate,
    Handover,
    PlanRun,
    Stop,
    StopOrder,
    TruckRound,
    Vehicle,
)
from shop.logistics.queries import order_parts
from shop.logistics.queries.cycle_goods import CRATE_COLUMNS, CrateCard
from shop.orders.queries import handing


@dataclass(frozen=True, slots=True)
class StopCard:
    """One stop with what it hands over."""

    id: int
    round_id: int
    position: int
    kind: StopKind
    producer_id: int | None
    pickup_point_id: int | None
    name: str
    address: str
    lon: float
    lat: float
    arrives_at: datetime
    departs_at: datetime
    window_from: datetime | None
    window_until: datetime | None
    distance_m: int
    state: str
    arrived_at: datetime | None
    ended_at: datetime | None
    orders: list[handing.OrderToHand] = field(default_factory=list)
    crates: list[CrateCard] = field(default_factory=list)
    phone: str = ""
    receiver: str = ""
    moved: frozenset[int] = frozenset()
    """Orders that it did not hand over and that have left with another stop."""
    given_up: frozenset[int] = frozenset()
    """Orders of which the desk brings no more what failed here."""

    @property
    def is_moved(self) -> bool:
        """Whether nothing is left to do here: another stop brings all that it was for."""
        return bool(self.orders) and all(order.order_id in self.moved for order in self.orders)

    @property
    def crates_by_class(self) -> dict[TemperatureClass, int]:
        """How many crates of each temperature class."""
        counts: dict[TemperatureClass, int] = defaultdict(int)
        for crate in self.crates:
            counts[crate.temperature_class] += 1
        return dict(counts)

    @property
    def is_vague(self) -> bool:
        """Whether its pin is only the middle of a commune."""
        return any(order.pin_by is PinBy.COMMUNE for order in self.orders)

    @property
    def access(self) -> str:
        """Door codes and notes of the orders, each once."""
        parts = [part for order in self.orders for part in (order.door_code, order.note) if part]
        return " · ".join(dict.fromkeys(parts))


@dataclass(frozen=True, slots=True)
class RoundCard:
    """One round with its stops."""

    id: int
    cycle_id: int
    number: int
    state: str
    vehicle: str
    plate: str
    capacity: dict[str, Any]
    driver_id: int | None
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    cost_cents: int
    hub_id: int | None = None
    """Where it begins, when that is not the market's own hub."""
    driver: str = ""
    stops: list[StopCard] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is called: « 3 · Kangoo »."""
        return f"{self.number} · {self.vehicle}"

    @property
    def served(self) -> int:
        """Stops that ended."""
        return sum(stop.state in ("served", "failed") for stop in self.stops)

    @property
    def next_stop(self) -> StopCard | None:
        """The first stop that has not ended; returns to the hub are not counted."""
        return next(
            (
                stop
                for stop in self.stops
                if stop.state in ("planned", "arrived") and stop.kind is not StopKind.HUB
            ),
            None,
        )

    @property
    def crate_count(self) -> int:
        """Crates that it hands over."""
        return sum(len(stop.crates) for stop in self.stops)


@dataclass(frozen=True, slots=True)
class PlanRunCard:
    """A search for rounds, as the desk's page shows it."""

    id: int
    cycle_id: int
    state: str
    seconds: int
    seed: int
    progress: dict[str, Any]
    facts: dict[str, Any]
    error: str | None
    asked_at: datetime
    started_at: datetime | None
    heard_at: datetime | None
    finished_at: datetime | None
    stop_asked_at: datetime | None
    rest_of: int | None = None
    """During the day: number of the version of which it searched what was not yet driven."""

    @property
    def is_live(self) -> bool:
        """Whether it waits or works."""
        return self.state in ("queued", "running")


_ROUND = (
    TruckRound.id,
    TruckRound.cycle_id,
    TruckRound.number,
    TruckRound.state,
    Vehicle.name,
    Vehicle.plate,
    Vehicle.capacity,
    TruckRound.driver_id,
    TruckRound.starts_at,
    TruckRound.ends_at,
    TruckRound.distance_m,
    TruckRound.cost_cents,
    TruckRound.hub_id,
)
_STOP = (
    Stop.id,
    Stop.round_id,
    Stop.position,
    Stop.kind,
    Stop.producer_id,
    Stop.pickup_point_id,
    Stop.name,
    Stop.address,
    Stop.lon,
    Stop.lat,
    Stop.arrives_at,
    Stop.departs_at,
    Stop.window_from,
    Stop.window_until,
    Stop.distance_m,
    Stop.state,
    Stop.arrived_at,
    Stop.ended_at,
)
RUN_COLUMNS = (
    PlanRun.id,
    PlanRun.cycle_id,
    PlanRun.state,
    PlanRun.seconds,
    PlanRun.seed,
    PlanRun.progress,
    PlanRun.facts,
    PlanRun.error,
    PlanRun.asked_at,
    PlanRun.started_at,
    PlanRun.heard_at,
    PlanRun.finished_at,
    PlanRun.stop_asked_at,
    PlanRun.rest_of,
)


def of_cycle(session: Session, cycle_id: int) -> list[RoundCard]:
    """Rounds of a cycle with stops, orders and crates; a constant number of questions."""
    return rounds_where(session, TruckRound.cycle_id == cycle_id)


def of_driver(session: Session, driver_id: int, limit: int = 30) -> list[RoundCard]:
    """Rounds of a driver that are published or later, the newest first, without their stops."""
    rows = session.execute(
        select(*_ROUND)
        .join(Vehicle, Vehicle.id == TruckRound.vehicle_id)
        .where(TruckRound.driver_id == driver_id, TruckRound.state.not_in(("draft", "discarded")))
        .order_by(TruckRound.starts_at.desc(), TruckRound.id)
        .limit(limit)
    )
    return [RoundCard(*tuple(row)) for row in rows]


def one(session: Session, round_id: int) -> RoundCard:
    """One round with everything.

    Raises:
        RoundUnknown: there is none.
    """
    found = rounds_where(session, TruckRound.id == round_id)
    if not found:
        raise RoundUnknown(round_id=round_id)
    return found[0]


def round_of_stop(session: Session, stop_id: int) -> int:
    """The round that a stop belongs to.

    Raises:
        StopUnknown: there is none.
    """
    round_id = session.scalar(select(Stop.round_id).where(Stop.id == stop_id))
    if round_id is None:
        raise StopUnknown(stop_id=stop_id)
    return round_id


def have_left(session: Session, cycle_id: int) -> bool:
    """Whether a truck of a cycle is, or was, on the road."""
    found = session.scalar(
        select(TruckRound.id)
        .where(TruckRound.cycle_id == cycle_id, TruckRound.state.in_(("underway", "done")))
        .limit(1)
    )
    return found is not None


def latest_run(session: Session, cycle_id: int) -> PlanRunCard | None:
    """The last search for the rounds of a cycle."""
    row = session.execute(
        select(*RUN_COLUMNS)
        .where(PlanRun.cycle_id == cycle_id, PlanRun.variant.is_(None))
        .order_by(PlanRun.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else PlanRunCard(*tuple(row))


def rounds_where(session: Session, condition: Any) -> list[RoundCard]:
    """Rounds that are not discarded, with everything; a constant number of questions."""
    rows = session.execute(
        select(*_ROUND)
        .join(Vehicle, Vehicle.id == TruckRound.vehicle_id)
        .where(condition, TruckRound.state != "discarded")
        .order_by(TruckRound.starts_at, TruckRound.number, TruckRound.id)
    ).all()
    stops = _stops(session, [row.id for row in rows])
    drivers = names(session, {row.driver_id for row in rows if row.driver_id})
    return [
        RoundCard(*[*tuple(row), drivers.get(row.driver_id, ""), stops[row.id]]) for row in rows
    ]


def _stops(session: Session, round_ids: list[int]) -> dict[int, list[StopCard]]:
    rows = session.execute(
        select(*_STOP).where(Stop.round_id.in_(round_ids)).order_by(Stop.round_id, Stop.position)
    ).all()
    stop_ids = [row.id for row in rows]
    order_ids: dict[int, list[int]] = defaultdict(list)
    given_up: dict[int, set[int]] = defaultdict(set)
    for stop_id, order_id, is_given_up in session.execute(
        select(StopOrder.stop_id, StopOrder.order_id, StopOrder.given_up_why.is_not(None))
        .where(StopOrder.stop_id.in_(stop_ids))
        .order_by(StopOrder.order_id)
    ):
        order_ids[stop_id].append(order_id)
        if is_given_up:
            given_up[stop_id].add(order_id)
    every_order = [order_id for found in order_ids.values() for order_id in found]
    orders = handing.by_ids(session, every_order)
    crates: dict[int, list[CrateCard]] = defaultdict(list)
    for crate in session.execute(
        select(*CRATE_COLUMNS)
        .where(Crate.order_id.in_(every_order), Crate.state != "missing")
        .order_by(Crate.order_id, Crate.position)
    ):
        crates[crate.order_id].append(CrateCard(*crate))
    gone = order_parts.left_again(session, stop_ids)
    shared = {
        order_id
        for order_id, parts in order_parts.parts_of(session, every_order).items()
        if len(parts) > 1
    }
    phones = _phones(session, rows)
    receivers = {
        row.stop_id: row.receiver or ""
        for row in session.execute(
            select(Handover.stop_id, Handover.receiver)
            .where(Handover.stop_id.in_(stop_ids))
            .order_by(Handover.id)
        )
    }
    found: dict[int, list[StopCard]] = defaultdict(list)
    for row in rows:
        mine = [orders[order_id] for order_id in order_ids[row.id] if order_id in orders]
        moved = gone.get(row.id, frozenset())
        phone = phones.get((row.producer_id, row.pickup_point_id), "")
        found[row.round_id].append(
            StopCard(
                *[
                    *tuple(row),
                    mine,
                    [
                        crate
                        for order in mine
                        if order.order_id not in moved
                        for crate in crates[order.order_id]
                        if order.order_id not in shared or crate.stop_id == row.id
                    ],
                    phone or (mine[0].contact_phone if len(mine) == 1 else ""),
                    receivers.get(row.id, ""),
                    moved,
                    frozenset(given_up[row.id]),
                ]
            )
        )
    return found


def _phones(session: Session, rows: Any) -> dict[tuple[int | None, int | None], str]:
    makers = producers.by_ids(session, {row.producer_id for row in rows if row.producer_id})
    points = delivery.pickup_by_ids(
        session, {row.pickup_point_id for row in rows if row.pickup_point_id}
    )
    phones: dict[tuple[int | None, int | None], str] = {}
    phones.update({(key, None): maker.phone for key, maker in makers.items()})
    phones.update({(None, key): point.phone for key, point in points.items()})
    return phones
