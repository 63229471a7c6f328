"""Files of other platforms as the desk sees them, and what the planner needs for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.queries import markets
from shop.kernel.quantity import Quantity, Unit
from shop.logistics.domain.exchange.orders import OutsideOrders
from shop.logistics.domain.exchange.problem import OutsideDay, Terms, places_of, problem_of
from shop.logistics.domain.planning.problem import AboardLimits, Hub, Place
from shop.logistics.domain.planning.problem import Vehicle as PlannedVehicle
from shop.logistics.domain.roads import RoadsUsed
from shop.logistics.errors import ExchangeRunUnknown, HubMissing
from shop.logistics.models import ExchangeRun, Vehicle
from shop.logistics.models import Hub as HubRow
from shop.logistics.queries import roads
from shop.logistics.queries.day_problem import CHILLED_ABOARD_S, FROZEN_ABOARD_S, planned_vehicle

OWN_HUB = "hub"
"""The planner's name of our hub; names in a file are addresses."""

THEIR_CENTS_PER_KM, THEIR_CENTS_PER_HOUR = 30, 1900
"""What vehicles cost of which nobody said anything: fuel and wear of a van, an hour of a driver."""


@dataclass(frozen=True, slots=True)
class LineCard:
    """Goods of a line as the file tells them."""

    order: str
    product: str
    quantity: Quantity
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StopCard:
    """At one place goods are taken or handed over, of one line or of several in a row."""

    takes: bool
    place: str
    spot: tuple[float, float]
    arrives_at: datetime
    lines: Sequence[LineCard]


@dataclass(frozen=True, slots=True)
class RouteCard:
    """What one vehicle does."""

    number: int
    vehicle: str
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    driving_s: int
    path: Sequence[tuple[float, float]]
    stops: Sequence[StopCard]


@dataclass(frozen=True, slots=True)
class ResultCard:
    """What was found for a file."""

    roads: Mapping[str, Any]
    """Where its distances come from, as it was kept."""
    distance_m: int
    driving_s: int
    routes: Sequence[RouteCard]
    unserved: Sequence[LineCard]
    unweighed: Sequence[LineCard]


@dataclass(frozen=True, slots=True)
class RunCard:
    """A file and how far the search for its routes is."""

    id: int
    name: str
    state: str
    orders: int
    lines: int
    fleet: str
    service_s: int
    seconds: int
    error: str | None
    asked_at: datetime

    @property
    def is_live(self) -> bool:
        """Whether routes are being looked for."""
        return self.state in ("queued", "running")


_CARD: tuple[Any, ...] = (
    ExchangeRun.id,
    ExchangeRun.name,
    ExchangeRun.state,
    ExchangeRun.orders,
    ExchangeRun.lines,
    ExchangeRun.fleet,
    ExchangeRun.service_s,
    ExchangeRun.seconds,
    ExchangeRun.error,
    ExchangeRun.asked_at,
)


def recent(session: Session, market_id: int) -> list[RunCard]:
    """The files of a market, the newest first."""
    rows = session.execute(
        select(*_CARD).where(ExchangeRun.market_id == market_id).order_by(ExchangeRun.id.desc())
    )
    return [RunCard(*row) for row in rows]


def by_id(session: Session, market_id: int, run_id: int) -> tuple[RunCard, ResultCard | None]:
    """A file of a market, and what was found for it.

    Raises:
        ExchangeRunUnknown: this market has none of that key.
    """
    row = session.execute(
        select(*_CARD, ExchangeRun.result).where(
            ExchangeRun.id == run_id, ExchangeRun.market_id == market_id
        )
    ).one_or_none()
    if row is None:
        raise ExchangeRunUnknown(exchange_run_id=run_id)
    *card, result = row
    return RunCard(*card), None if result is None else _result(result)


def written(session: Session, market_id: int, run_id: int) -> bytes:
    """The routes of a file in the terms of the other platform.

    Raises:
        ExchangeRunUnknown: this market has no such file, or no routes were found for it yet.
    """
    found = session.scalar(
        select(ExchangeRun.written).where(
            ExchangeRun.id == run_id, ExchangeRun.market_id == market_id
        )
    )
    if found is None:
        raise ExchangeRunUnknown(exchange_run_id=run_id)
    return found


def outside_day(
    session: Session,
    market_id: int,
    orders: OutsideOrders,
    *,
    fleet: str,
    service_s: int,
    now: datetime,
) -> tuple[OutsideDay, RoadsUsed]:
    """The planning problem of a file, with the kept roads between its places, and whose they are.

    Raises:
        HubMissing: our vehicles are asked for, and the market has no hub.
        InvalidProblem: naming the field that cannot be meant.
    """
    zone = ZoneInfo(markets.by_id(session, market_id).timezone)
    terms = Terms(
        on=now.astimezone(zone).date(),
        zone=zone,
        service_s=service_s,
        cents_per_km=THEIR_CENTS_PER_KM,
        cents_per_hour=THEIR_CENTS_PER_HOUR,
        aboard=AboardLimits(CHILLED_ABOARD_S, FROZEN_ABOARD_S),
    )
    ours, hubs = _ours(session, market_id) if fleet == "ours" else ([], [])
    places = [*places_of(orders), *(place for _hub, place in hubs)]
    ways = roads.between(session, places)
    return problem_of(orders, terms, travel=ways.travel, fleet=ours, hubs=hubs), ways.used


def _ours(session: Session, market_id: int) -> tuple[list[PlannedVehicle], list[tuple[Hub, Place]]]:
    row = session.scalars(
        select(HubRow).where(HubRow.market_id == market_id).order_by(HubRow.id).limit(1)
    ).one_or_none()
    if row is None:
        raise HubMissing(market_id=market_id)
    kinds: dict[str, list[Vehicle]] = defaultdict(list)
    for vehicle in session.scalars(
        select(Vehicle)
        .where(Vehicle.market_id == market_id, Vehicle.retired_at.is_(None))
        .order_by(Vehicle.kind, Vehicle.id)
    ):
        kinds[vehicle.kind].append(vehicle)
    hub = Hub(OWN_HUB, 0, row.opens_s, row.closes_s, row.service_s, row.name)
    fleet = [planned_vehicle(kind, alike, OWN_HUB, 0) for kind, alike in kinds.items()]
    return fleet, [(hub, Place(OWN_HUB, row.lon, row.lat, row.name))]


def _result(kept: Mapping[str, Any]) -> ResultCard:
    return ResultCard(
        roads={"roads": kept.get("roads"), "estimated": kept["estimated"]},
        distance_m=kept["distance_m"],
        driving_s=kept["driving_s"],
        routes=[_route(each) for each in kept["routes"]],
        unserved=[_line(each) for each in kept["unserved"]],
        unweighed=[_line(each) for each in kept["unweighed"]],
    )


def _route(kept: Mapping[str, Any]) -> RouteCard:
    return RouteCard(
        number=kept["number"],
        vehicle=kept["vehicle"],
        starts_at=datetime.fromisoformat(kept["starts_at"]),
        ends_at=datetime.fromisoformat(kept["ends_at"]),
        distance_m=kept["distance_m"],
        driving_s=kept["driving_s"],
        path=[(lon, lat) for lon, lat in kept["path"]],
        stops=[_stop(list(steps)) for _where, steps in groupby(kept["steps"], key=_where)],
    )


def _where(step: Mapping[str, Any]) -> tuple[bool, str, tuple[float, ...]]:
    return step["takes"], step["place"], tuple(step["spot"])


def _stop(steps: Sequence[Mapping[str, Any]]) -> StopCard:
    first = steps[0]
    return StopCard(
        takes=first["takes"],
        place=first["place"],
        spot=(first["spot"][0], first["spot"][1]),
        arrives_at=datetime.fromisoformat(first["arrives_at"]),
        lines=[_line(each) for each in steps],
    )


def _line(kept: Mapping[str, Any]) -> LineCard:
    quantity = Quantity(kept["amount"], Unit(kept["unit"]))
    return LineCard(kept["order"], kept["product"], quantity, kept.get("reason", ""))
