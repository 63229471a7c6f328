"""Which limit keeps a stop out: each is tried alone, with every vehicle that may call.

What fails alone can never be served and never reaches the search. What works alone but found
no room is told so, with what is short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import (
    Fact,
    Round,
    Unserved,
    UnservedReason,
    VisitKind,
)
from shop.logistics.domain.planning.problem import Problem, Stop, Vehicle
from shop.logistics.domain.planning.search.glance import is_simple
from shop.logistics.domain.planning.timing import Draft, Step, time_round
from shop.logistics.domain.planning.violations import Violation, ViolationCode

_REASONS: tuple[tuple[UnservedReason, frozenset[ViolationCode]], ...] = (
    (UnservedReason.NOT_ALLOWED, frozenset({ViolationCode.NOT_ALLOWED})),
    (UnservedReason.UNREACHABLE, frozenset({ViolationCode.NO_ROAD})),
    (
        UnservedReason.TOO_LARGE,
        frozenset({ViolationCode.OVER_CAPACITY, ViolationCode.OVER_PAYLOAD}),
    ),
    (
        UnservedReason.WINDOW,
        frozenset(
            {
                ViolationCode.OUTSIDE_WINDOW,
                ViolationCode.HUB_CLOSED,
                ViolationCode.START_OUTSIDE_HOURS,
            }
        ),
    ),
    (UnservedReason.DUE, frozenset({ViolationCode.AFTER_DUE})),
    (
        UnservedReason.SHIFT,
        frozenset(
            {
                ViolationCode.SHIFT_EXCEEDED,
                ViolationCode.END_TOO_LATE,
                ViolationCode.BREAK_MISSING,
            }
        ),
    ),
    (UnservedReason.DISTANCE, frozenset({ViolationCode.TOO_FAR})),
    (UnservedReason.ABOARD, frozenset({ViolationCode.ABOARD_TOO_LONG})),
    (UnservedReason.UNCERTIFIED, frozenset({ViolationCode.UNCERTIFIED_TOO_FAR})),
)
"""Reasons in the order in which they are told, most basic first."""


def lone_draft(problem: Problem, vehicle: Vehicle, stop: Stop, layout: int = 0) -> Draft:
    """A round for one stop alone, or for both ends of its transfer."""
    transfer = problem.transfer_of.get(stop.id)
    ids = (stop.id,) if transfer is None else (transfer.collect, transfer.deliver)
    return Draft(vehicle.id, tuple(Step(VisitKind.STOP, each) for each in ids), layout=layout)


def lone_round(problem: Problem, stop: Stop) -> Round | Unserved:
    """The first lawful round that serves a stop alone, or why there is none."""
    closest: tuple[int, int, list[Violation], Round] | None = None
    for vehicle in _different(problem, stop):
        for layout in range(len(vehicle.layouts)):
            planned = time_round(problem, lone_draft(problem, vehicle, stop, layout))
            broken = check_round(problem, planned)
            if not broken:
                return planned
            found = (_rank(broken), -len(broken), broken, planned)
            if closest is None or found[:2] > closest[:2]:
                closest = found
    if closest is None:
        return Unserved(stop.id, UnservedReason.NO_VEHICLE)
    return _explain(problem, stop, closest[2], closest[3])


def _different(problem: Problem, stop: Stop) -> Iterable[Vehicle]:
    """Vehicles that differ in more than name, those that may call first."""
    seen = set()
    ordered = sorted(problem.vehicles, key=lambda each: not problem.may_call(each, stop))
    for vehicle in ordered:
        kind = (replace(vehicle, id="", name="", count=1), problem.may_call(vehicle, stop))
        if kind not in seen:
            seen.add(kind)
            yield vehicle


def _rank(broken: list[Violation]) -> int:
    """How basic the most basic reason is: the larger, the closer to being served."""
    codes = {violation.code for violation in broken}
    return next((rank for rank, (_, kinds) in enumerate(_REASONS) if codes & kinds), len(_REASONS))


def _explain(problem: Problem, stop: Stop, broken: list[Violation], planned: Round) -> Unserved:
    codes = {violation.code for violation in broken}
    reason, kinds = next(
        ((reason, kinds) for reason, kinds in _REASONS if codes & kinds),
        (UnservedReason.FLEET_FULL, frozenset(codes)),
    )
    facts: dict[str, Fact] = {"vehicle": planned.vehicle_id}
    facts.update(next((each.facts for each in broken if each.code in kinds), {}))
    if reason is UnservedReason.WINDOW:
        facts |= _window_facts(stop, planned)
        if stop.release_s is not None and _works_without_release(problem, stop, planned):
            reason = UnservedReason.RELEASE
            facts["release_s"] = stop.release_s
    return Unserved(stop.id, reason, facts)


def _window_facts(stop: Stop, planned: Round) -> Mapping[str, Fact]:
    arrival = next((visit.arrival_s for visit in planned.visits if visit.stop_id == stop.id), 0)
    facts: dict[str, Fact] = {"earliest_s": arrival}
    if stop.windows:
        facts["closes_s"] = max(window.closes_s for window in stop.windows)
    return facts


def _works_without_release(problem: Problem, stop: Stop, planned: Round) -> bool:
    """Whether the stop would be served if its goods were ready from the start."""
    ready = replace(stop, release_s=None)
    others = tuple(ready if each.id == stop.id else each for each in problem.stops)
    earlier = replace(problem, stops=others)
    vehicle = problem.vehicle_by_id[planned.vehicle_id]
    draft = lone_draft(earlier, vehicle, ready, planned.layout)
    return not check_round(earlier, time_round(earlier, draft))


class LoneRounds:
    """The lone rounds of one problem, each found once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._known: dict[str, Round | Unserved] = {}
        self._simple: dict[str, bool] = {}

    def is_possible(self, stop: Stop) -> bool:
        """Whether a vehicle can serve a stop alone; most are seen to be so at a glance."""
        if stop.id not in self._simple:
            vehicles = self.problem.vehicles
            self._simple[stop.id] = any(is_simple(self.problem, each, stop) for each in vehicles)
        return self._simple[stop.id] or isinstance(self.of(stop), Round)

    def of(self, stop: Stop) -> Round | Unserved:
        """What :func:`lone_round` says of a stop."""
        if stop.id not in self._known:
            self._known[stop.id] = lone_round(self.problem, stop)
        return self._known[stop.id]


def impossible(lone: LoneRounds) -> dict[str, Unserved]:
    """Stops that no vehicle could serve even alone, each with its reason."""
    found: dict[str, Unserved] = {}
    problem = lone.problem
    if not problem.vehicles:
        return {stop.id: Unserved(stop.id, UnservedReason.NO_VEHICLE) for stop in problem.stops}
    for stop in problem.stops:
        if stop.id in found:
            continue
        if lone.is_possible(stop):
            continue
        alone = lone.of(stop)
        if isinstance(alone, Round):
            continue
        found[stop.id] = alone
        transfer = problem.transfer_of.get(stop.id)
        if transfer is not None:
            other = transfer.deliver if stop.id == transfer.collect else transfer.collect
            found.setdefault(
                other, Unserved(other, UnservedReason.PAIR, {"other": stop.id, **alone.facts})
            )
    return found


def dearest_cents(problem: Problem, stops: Sequence[Stop]) -> int:
    """About what the dearest of the rounds for one stop costs, in the dearest vehicle."""
    places = [stop.place for stop in stops]
    service = np.array([stop.service_s for stop in stops], dtype=np.int64)
    dearest = 1
    for vehicle in problem.vehicles if places else ():
        travel = problem.travel_of(vehicle)
        start, end = problem.hub_by_id[vehicle.start_hub], problem.hub_by_id[vehicle.end_hub]
        meters = travel.distance_m[start.place, places] + travel.distance_m[places, end.place]
        seconds = travel.duration_s[start.place, places] + travel.duration_s[places, end.place]
        hours = (seconds + service + start.loading_s) * vehicle.cents_per_hour // 3600
        cents = meters * vehicle.cents_per_km // 1000 + hours
        dearest = max(dearest, vehicle.fixed_cents + int(cents.max()))
    return dearest


def left_out(lone: LoneRounds, stop: Stop, rounds: Iterable[Round]) -> Unserved:
    """Why a stop that could be served alone is not among these rounds."""
    if not stop.required or not lone.is_possible(stop):
        alone = lone.of(stop)
        if isinstance(alone, Unserved):
            return alone
        facts: dict[str, Fact] = {"price_cents": stop.price_cents}
        facts["cost_cents"] = alone.cost.total_cents
        return Unserved(stop.id, UnservedReason.PRICE, facts)
    used = {(each.vehicle_id, each.vehicle_number) for each in rounds}
    free = sum(vehicle.count for vehicle in lone.problem.vehicles) - len(used)
    return Unserved(stop.id, UnservedReason.FLEET_FULL, {"free_vehicles": free})
