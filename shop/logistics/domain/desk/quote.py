"""What one more stop would cost, in a few thousandths of a second, off rounds that are kept.

The kept rounds are laid out once as legs; a question computes the detour of every leg at once,
tries the cheapest places with the planner's own clock and believes the checker only: what it
promises, the checker accepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.desk.trips import new_trip
from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.goods import Goods, Measure, TemperatureClass
from shop.logistics.domain.planning.plan import Plan, Round, Visit, VisitKind
from shop.logistics.domain.planning.problem import Place, Problem, Stop, Travel
from shop.logistics.domain.planning.timing import Draft, Step, draft_of, time_round
from shop.logistics.domain.planning.travel import DEFAULT_ESTIMATE, EARTH_RADIUS_KM

TRIED = 12
"""How many places are timed and judged for one question."""

CAUTION_PERCENT = 115
"""Estimated roads to a new door are taken that much longer where the other roads are measured."""

NO_LIMIT = 10**12

SLACK_S = 3 * 3600
"""How much earlier or later than planned a round may be driven to fit a stop in."""

PASSES_BY_M = 3_000
"""A truck that goes by within so many meters of detour « passes here already »."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Whether a stop fits, and what it adds."""

    fits: bool
    cents: int = 0
    meters: int = 0
    vehicle: str = ""
    passes_by: bool = False
    """A truck already comes so near that it hardly goes out of its way."""


NO = Quote(fits=False)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Rounds laid out as legs; made once per version of the plan, read by many at once."""

    problem: Problem
    rounds: tuple[Round, ...]
    drafts: tuple[Draft, ...]
    leg_round: NDArray[np.int64]
    leg_at: NDArray[np.int64]
    """Before which step of its round a new stop would come."""
    leg_from: NDArray[np.int64]
    leg_to: NDArray[np.int64]
    leg_m: NDArray[np.int64]
    leg_cents: NDArray[np.int64]
    """Cents per kilometer of its vehicle."""
    leaves_s: NDArray[np.int64]
    """When the vehicle leaves the beginning of the leg; a new stop cannot be much earlier."""
    trip_round: NDArray[np.int64]
    trip_room: NDArray[np.int64]
    """What each trip could still load, one row per trip."""
    position_of: dict[str, int]
    """Round of each stop."""


def prepare(problem: Problem, plan: Plan) -> Prepared:
    """Lay the rounds of a plan out for questions."""
    drafts = tuple(draft_of(problem, planned) for planned in plan.rounds)
    rows: list[tuple[int, int, int, int, int, int, int]] = []
    for position, planned in enumerate(plan.rounds):
        vehicle = problem.vehicle_by_id[planned.vehicle_id]
        matrix = problem.travel_of(vehicle).distance_m
        visits = [visit for visit in planned.visits if visit.kind is not VisitKind.BREAK]
        for steps, (before, after) in enumerate(pairwise(visits)):
            meters = int(matrix[before.place, after.place])
            rows.append(
                (
                    position,
                    steps,
                    before.place,
                    after.place,
                    meters,
                    vehicle.cents_per_km,
                    before.departure_s,
                )
            )
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 7)
    trips = [
        (position, _room(problem, planned, trip))
        for position, planned in enumerate(plan.rounds)
        for trip in planned.trips()
    ]
    return Prepared(
        problem=problem,
        rounds=plan.rounds,
        drafts=drafts,
        leg_round=table[:, 0],
        leg_at=table[:, 1],
        leg_from=table[:, 2],
        leg_to=table[:, 3],
        leg_m=table[:, 4],
        leg_cents=table[:, 5],
        leaves_s=table[:, 6],
        trip_round=np.array([position for position, _ in trips], dtype=np.int64),
        trip_room=np.array([room for _, room in trips], dtype=np.int64).reshape(len(trips), 9),
        position_of={
            stop_id: position
            for position, planned in enumerate(plan.rounds)
            for stop_id in planned.stop_ids
        },
    )


def quote(prepared: Prepared, stop: Stop, lon: float, lat: float) -> tuple[Quote, Round | None]:
    """The cheapest lawful place found for a new stop; the round as it would be driven then.

    The place of ``stop`` is put in here; hub and rules are those of the kept problem.
    """
    problem = _with_place(prepared.problem, stop, lon, lat)
    asked = problem.stops[-1]
    best: tuple[int, int, Round] | None = None
    for least, position, at in _candidates(prepared, problem, asked):
        if best is not None and least >= best[0]:
            break
        draft = prepared.drafts[position]
        step = Step(VisitKind.STOP, asked.id)
        tried = replace(draft, steps=(*draft.steps[:at], step, *draft.steps[at:]))
        timed = time_round(problem, tried)
        cents = timed.cost.total_cents - prepared.rounds[position].cost.total_cents
        if (best is None or cents < best[0]) and not check_round(problem, timed):
            meters = timed.distance_m - prepared.rounds[position].distance_m
            best = (cents, meters, timed)
    for timed in _fresh(prepared, problem, asked):
        cents = timed.cost.total_cents
        if (best is None or cents < best[0]) and not check_round(problem, timed):
            best = (cents, timed.distance_m, timed)
    if best is None:
        trip = new_trip(problem, prepared.drafts, prepared.rounds, asked)
        if trip is None or trip.round is None:
            return NO, None
        meters = trip.planned.distance_m - prepared.rounds[trip.round].distance_m
        best = (trip.added_cents, meters, trip.planned)
    cents, meters, planned = best
    return Quote(True, cents, meters, planned.vehicle_id, meters <= PASSES_BY_M), planned


def more_at(
    prepared: Prepared, stop_id: str, goods: Goods, service_s: int
) -> tuple[Quote, Round | None]:
    """What it costs to hand more over where a truck stops already."""
    position = prepared.position_of.get(stop_id)
    if position is None:
        return NO, None
    problem = _with_goods(prepared.problem, stop_id, goods, service_s)
    timed = time_round(problem, prepared.drafts[position])
    if check_round(problem, timed):
        return NO, None
    cents = timed.cost.total_cents - prepared.rounds[position].cost.total_cents
    return Quote(True, max(0, cents), 0, timed.vehicle_id, passes_by=True), timed


def _with_goods(problem: Problem, stop_id: str, goods: Goods, service_s: int) -> Problem:
    before = problem.stop_by_id[stop_id]
    more = replace(before, delivers=before.delivers + goods, service_s=before.service_s + service_s)
    stops = tuple(more if each.id == stop_id else each for each in problem.stops)
    return replace(problem, stops=stops)


def with_stop(prepared: Prepared, stop: Stop, lon: float, lat: float) -> Prepared:
    """The kept rounds with one more stop that was promised, where it costs least.

    Where it fits nowhere they stay as they are.
    """
    _, planned = quote(prepared, stop, lon, lat)
    if planned is None:
        return prepared
    return _with_round(prepared, _with_place(prepared.problem, stop, lon, lat), planned)


def with_more(prepared: Prepared, stop_id: str, goods: Goods, service_s: int) -> Prepared:
    """The kept rounds with more handed over where a truck stops already, if it fits."""
    _, planned = more_at(prepared, stop_id, goods, service_s)
    if planned is None:
        return prepared
    return _with_round(prepared, _with_goods(prepared.problem, stop_id, goods, service_s), planned)


def _with_round(prepared: Prepared, problem: Problem, planned: Round) -> Prepared:
    mine = (planned.vehicle_id, planned.vehicle_number)
    others = [each for each in prepared.rounds if (each.vehicle_id, each.vehicle_number) != mine]
    return prepare(problem, Plan((*others, planned)))


def asked_problem(prepared: Prepared, stop: Stop, lon: float, lat: float) -> Problem:
    """The kept problem with the stop asked for: what a checker judges a promise by."""
    return _with_place(prepared.problem, stop, lon, lat)


def _with_place(problem: Problem, stop: Stop, lon: float, lat: float) -> Problem:
    """The problem with one more place and stop; its roads are estimated."""
    place = Place(stop.id, lon, lat, stop.name)
    row = len(problem.places)
    away = _estimated(problem, place)
    travel = Travel(
        _grown(problem.travel.distance_m, away.distance_m[0]),
        _grown(problem.travel.duration_s, away.duration_s[0]),
        problem.travel.source,
        problem.travel.estimated,
    )
    return replace(
        problem,
        places=(*problem.places, place),
        stops=(*problem.stops, replace(stop, place=row)),
        travel=travel,
        profiles={},
    )


def _estimated(problem: Problem, place: Place) -> Travel:
    """From one place to all others, the first row only."""
    factor = 100 if problem.travel.estimated else CAUTION_PERCENT
    lon = np.array([place.lon, *(each.lon for each in problem.places)])
    lat = np.array([place.lat, *(each.lat for each in problem.places)])
    pairs = estimate_row(lon, lat)
    return Travel(pairs.distance_m * factor // 100, pairs.duration_s * factor // 100)


def estimate_row(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Travel:
    """Estimated meters and seconds from the first point to the others, as one row."""
    from_here, there = np.radians(lat[0]), np.radians(lat[1:])
    half = (
        np.sin((there - from_here) / 2) ** 2
        + np.cos(from_here) * np.cos(there) * np.sin(np.radians(lon[1:] - lon[0]) / 2) ** 2
    )
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half))) * DEFAULT_ESTIMATE.detour
    speed = np.full_like(km, DEFAULT_ESTIMATE.speeds_kmh[-1][1])
    for limit_km, speed_kmh in reversed(DEFAULT_ESTIMATE.speeds_kmh):
        if limit_km is not None:
            speed[km < limit_km] = speed_kmh
    meters = np.floor(km * 1000 + 0.5).astype(np.int64)
    seconds = np.floor(km / speed * 3600 + 0.5).astype(np.int64)
    return Travel(meters.reshape(1, -1), seconds.reshape(1, -1))


def _grown(matrix: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
    size = len(matrix)
    grown = np.zeros((size + 1, size + 1), dtype=np.int64)
    grown[:size, :size] = matrix
    grown[size, :size] = row
    grown[:size, size] = row
    return grown


def _candidates(prepared: Prepared, problem: Problem, stop: Stop) -> list[tuple[int, int, int]]:
    """Cents of the detour, round and step: cheapest first, without those that cannot be."""
    away = problem.travel.distance_m[stop.place]
    drive = problem.travel.duration_s[stop.place]
    detour = away[prepared.leg_from] + away[prepared.leg_to] - prepared.leg_m
    cents = detour * prepared.leg_cents // 1000
    possible = np.ones(len(cents), dtype=bool)
    if stop.windows:
        opens = min(window.opens_s for window in stop.windows)
        closes = max(window.closes_s for window in stop.windows)
        arrives = prepared.leaves_s + drive[prepared.leg_from]
        # Rounds can be driven earlier than planned, or wait: far off is what cannot be mended.
        possible &= arrives <= closes + SLACK_S
        possible &= arrives >= opens - SLACK_S
    asked = _measures(stop.delivers)
    fits = (prepared.trip_room >= asked[None, :]).all(axis=1)
    room = np.zeros(len(prepared.rounds), dtype=bool)
    np.logical_or.at(room, prepared.trip_round, fits)
    for position, planned in enumerate(prepared.rounds):
        if room[position]:
            vehicle = problem.vehicle_by_id[planned.vehicle_id]
            room[position] = problem.may_call(vehicle, stop)
    possible &= room[prepared.leg_round]
    order = np.flatnonzero(possible)
    order = order[np.argsort(cents[order], kind="stable")][:TRIED]
    return [
        (int(cents[each]), int(prepared.leg_round[each]), int(prepared.leg_at[each]))
        for each in order
    ]


def _measures(goods: Goods) -> NDArray[np.int64]:
    """Goods as one row: every class in every measure."""
    return np.array(
        [goods.of(kind).of(measure) for kind in TemperatureClass for measure in Measure],
        dtype=np.int64,
    )


def _room(problem: Problem, planned: Round, trip: Sequence[Visit]) -> NDArray[np.int64]:
    """What still goes aboard when a trip is loaded."""
    vehicle = problem.vehicle_by_id[planned.vehicle_id]
    if not 0 <= planned.layout < len(vehicle.layouts):
        return np.full(len(_measures(Goods())), -1, dtype=np.int64)
    layout = vehicle.layouts[planned.layout]
    limits = [
        NO_LIMIT if (limit := layout.of(kind).of(measure)) is None else limit
        for kind in TemperatureClass
        for measure in Measure
    ]
    return np.array(limits, dtype=np.int64) - _measures(trip[0].aboard)


def _fresh(prepared: Prepared, problem: Problem, stop: Stop) -> Sequence[Round]:
    """A round for the stop alone, with the cheapest kinds of vehicles that are free."""
    used = {(each.vehicle_id, each.vehicle_number) for each in prepared.rounds}
    found: list[Round] = []
    alike: set[object] = set()
    for vehicle in problem.vehicles:
        free = [number for number in range(vehicle.count) if (vehicle.id, number) not in used]
        kind = (vehicle.layouts, vehicle.start_hub, vehicle.fixed_cents, vehicle.cents_per_km)
        if not free or kind in alike or not problem.may_call(vehicle, stop):
            continue
        alike.add(kind)
        draft = Draft(vehicle.id, (Step(VisitKind.STOP, stop.id),), free[0])
        found.append(time_round(problem, draft))
    found.sort(key=lambda each: each.cost.total_cents)
    return found[:2]
