"""The rounds found for the orders of another platform, in words that platform knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from shop.logistics.domain.exchange.orders import OutsidePlace
from shop.logistics.domain.exchange.problem import HAND, TAKE, OutsideDay
from shop.logistics.domain.planning.plan import Plan, Round, VisitKind
from shop.logistics.domain.planning.problem import Vehicle


@dataclass(frozen=True, slots=True)
class OutsideStep:
    """Goods of one line are taken or handed over."""

    line_id: str
    takes: bool
    place_id: str
    arrives_at: datetime
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class OutsideRoute:
    """What one vehicle does."""

    number: int
    vehicle: str
    base: OutsidePlace
    """Where it starts from and returns to."""
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    driving_s: int
    steps: tuple[OutsideStep, ...]
    path: tuple[tuple[float, float], ...]
    """Where it passes, in straight lines: (lon, lat)."""


@dataclass(frozen=True, slots=True)
class OutsideRoutes:
    """Every route, and what could not be served."""

    routes: tuple[OutsideRoute, ...]
    unserved: tuple[tuple[str, str], ...]
    """Lines left out, each with the code of the reason."""
    estimated: bool
    """Whether distances come from straight lines."""

    @property
    def distance_m(self) -> int:
        """Meters driven by all."""
        return sum(each.distance_m for each in self.routes)

    @property
    def driving_s(self) -> int:
        """Seconds at the wheel of all; stops and waits are not in it."""
        return sum(each.driving_s for each in self.routes)


def routes_of(day: OutsideDay, plan: Plan) -> OutsideRoutes:
    """Each round as a route; a line is left out when either of its stops is."""
    left_out = {each.stop_id.partition(":")[2]: each.reason.value for each in plan.unserved}
    return OutsideRoutes(
        routes=tuple(_route(day, each, at) for at, each in enumerate(plan.rounds, start=1)),
        unserved=tuple(sorted(left_out.items())),
        estimated=day.problem.travel.estimated,
    )


def driving_s(day: OutsideDay, each: Round) -> int:
    """Seconds at the wheel of one round."""
    matrix = day.problem.travel.duration_s
    return sum(int(matrix[one.place, two.place]) for one, two in pairwise(each.visits))


def _route(day: OutsideDay, each: Round, number: int) -> OutsideRoute:
    places = day.problem.places
    vehicle = day.problem.vehicle_by_id[each.vehicle_id]
    base = places[day.problem.hub_by_id[vehicle.start_hub].place]
    steps = []
    for visit in each.visits:
        if visit.kind is not VisitKind.STOP or visit.stop_id is None:
            continue
        steps.append(
            OutsideStep(
                line_id=visit.stop_id.removeprefix(TAKE).removeprefix(HAND),
                takes=visit.stop_id.startswith(TAKE),
                place_id=places[visit.place].id,
                arrives_at=_instant(day, visit.arrival_s),
                leaves_at=_instant(day, visit.departure_s),
            )
        )
    path = [(places[visit.place].lon, places[visit.place].lat) for visit in each.visits]
    return OutsideRoute(
        number=number,
        vehicle=_called(vehicle, each) or base.name,
        base=OutsidePlace(base.id, base.lon, base.lat, base.name),
        starts_at=_instant(day, each.start_s),
        ends_at=_instant(day, each.end_s),
        distance_m=each.distance_m,
        driving_s=driving_s(day, each),
        steps=tuple(steps),
        path=tuple(
            here for here, before in zip(path, [None, *path], strict=False) if here != before
        ),
    )


def _called(vehicle: Vehicle, each: Round) -> str:
    alike = f" {each.vehicle_number + 1}" if vehicle.name and vehicle.count > 1 else ""
    return vehicle.name + alike


def _instant(day: OutsideDay, second: int) -> datetime:
    return datetime.fromtimestamp(day.midnight.timestamp() + second, UTC)
