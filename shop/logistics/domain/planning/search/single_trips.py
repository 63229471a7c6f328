"""A model in which the limit on time aboard is exact, for vehicles that make one trip each.

PyVRP limits how long a route lasts. When the drive home counts no time, a route lasts exactly
as long as its last delivery is aboard; when the drive out counts none, as long as its first
collection. What that drive costs is kept by reckoning distance in money. Trips found this way
are afterwards joined into rounds of several trips.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from pyvrp import Depot, Location, VehicleType

from shop.logistics.domain.planning.check import check_round
from shop.logistics.domain.planning.plan import Round, VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop, Vehicle, Window
from shop.logistics.domain.planning.search.lessons import limited_classes
from shop.logistics.domain.planning.search.model import (
    NO_LIMIT_S,
    Kind,
    SearchModel,
    Tightening,
    Way,
    per_second,
    without_holes,
)
from shop.logistics.domain.planning.timing import Draft, Step, time_round


def can_be_exact(problem: Problem) -> bool:
    """Whether the exact model knows all rules of this problem but those of single trips."""
    return (
        bool(limited_classes(problem))
        and not problem.transfers
        and all(
            vehicle.max_distance_m is None and vehicle.start_hub == vehicle.end_hub
            for vehicle in problem.vehicles
        )
    )


class SingleTripModel(SearchModel):
    """Each type drives either deliveries or collections, one trip, at most ``limit_s`` aboard."""

    def __init__(
        self,
        problem: Problem,
        stops: Sequence[Stop],
        limit_s: int,
        tightening: Tightening | None = None,
        bonus_millicents: int | None = None,
        *,
        several: bool = False,
    ) -> None:
        """``several`` allows as many trips as all vehicles with all reloads could make."""
        self.limit_s = limit_s
        self.several = several
        classes = limited_classes(problem)
        self._out = {stop.id for stop in stops if any(map(stop.delivers.of, classes))}
        self._back = {stop.id for stop in stops if any(map(stop.collects.of, classes))}
        super().__init__(problem, stops, tightening, bonus_millicents)

    def _kinds(self, vehicle: Vehicle, layout: int) -> list[Kind]:
        ways = [Way.OUT] * bool(self._out or not self._back) + [Way.BACK] * bool(self._back)
        return [Kind(vehicle, layout, way) for way in ways]

    def _count(self, kind: Kind) -> int:
        trips = 1 + kind.vehicle.max_reloads if self.several else 1
        return super()._count(kind) * trips

    def _may_call(self, kind: Kind, stop: Stop) -> bool:
        wrong = self._back if kind.way is Way.OUT else self._out
        return stop.id not in wrong and super()._may_call(kind, stop)

    def _ghost(self, hub_id: str) -> int:
        """The row of the hub's double, to which or from which nobody spends time."""
        return len(self.problem.places) + self._depot_of[hub_id]

    def _locations(self) -> list[Location]:
        doubles = [self.problem.places[hub.place] for hub in self.problem.hubs]
        return super()._locations() + [Location(place.lon, place.lat) for place in doubles]

    def _depots(self) -> list[Depot]:
        # A double leaves and is reached without driving: only its loading takes time.
        doubles = [
            Depot(len(self.problem.places) + index, 0, NO_LIMIT_S, hub.loading_s)
            for index, hub in enumerate(self.problem.hubs)
        ]
        return super()._depots() + doubles

    def _matrices(self) -> tuple[list[Any], list[Any]]:
        """Distances in thousandths of a cent, one matrix per price of driving."""
        self._prices = sorted({self._price(kind.vehicle) for kind in self._types})
        distances, durations = [], []
        hubs = [hub.place for hub in self.problem.hubs]
        size = len(self.problem.places)
        for profile, cents_per_km, cents_per_hour in self._prices:
            travel = self.problem.profiles.get(profile, self.problem.travel)
            money = without_holes(travel.distance_m, travel) * cents_per_km
            seconds = without_holes(travel.duration_s, travel)
            drive = money + seconds * per_second(cents_per_hour)
            rows = [*range(size), *hubs]
            distance = money[np.ix_(rows, rows)]
            duration = seconds[np.ix_(rows, rows)]
            distance[:size, size:] = drive[:, hubs]
            distance[size:, :size] = drive[hubs, :]
            duration[:size, size:] = 0
            duration[size:, :size] = 0
            np.fill_diagonal(distance, 0)
            distances.append(np.ascontiguousarray(distance))
            durations.append(np.ascontiguousarray(duration))
        return distances, durations

    @staticmethod
    def _price(vehicle: Vehicle) -> tuple[str, int, int]:
        return vehicle.profile, vehicle.cents_per_km, vehicle.cents_per_hour

    def _windows(self, stop: Stop) -> list[tuple[int, Window]]:
        """Windows without the times from which nobody comes home, or to which nobody gets."""
        earliest, latest = self._reach(stop)
        narrowed = [
            (position, Window(max(each.opens_s, earliest), min(each.closes_s, latest)))
            for position, each in super()._windows(stop)
        ]
        kept = [(position, each) for position, each in narrowed if each.opens_s <= each.closes_s]
        return kept or super()._windows(stop)

    def _reach(self, stop: Stop) -> tuple[int, int]:
        earliest, latest = NO_LIMIT_S, -NO_LIMIT_S
        for vehicle in self.problem.vehicles:
            if not self.problem.may_call(vehicle, stop):
                continue
            hub = self.problem.hub_by_id[vehicle.start_hub]
            seconds = self.problem.travel_of(vehicle).duration_s
            start = max(vehicle.earliest_start_s, hub.opens_s) + hub.loading_s
            end = min(
                hub.closes_s, NO_LIMIT_S if vehicle.latest_end_s is None else vehicle.latest_end_s
            )
            earliest = min(earliest, start + int(seconds[hub.place, stop.place]))
            latest = max(latest, end - stop.service_s - int(seconds[stop.place, hub.place]))
        return earliest, latest

    def _vehicle_type(self, index: int, kind: Kind) -> VehicleType:
        vehicle, shift = kind.vehicle, self._shift_s
        hub = self.problem.hub_by_id[vehicle.start_hub]
        real = self._depot_of[hub.id]
        double = len(self.problem.hubs) + real
        out = kind.way is Way.OUT
        latest = vehicle.latest_start_s + shift
        return VehicleType(
            self._count(kind),
            self._capacity(index, kind),
            start_depot=real if out else double,
            end_depot=double if out else real,
            fixed_cost=vehicle.fixed_cents * 1000,
            tw_early=max(0, vehicle.earliest_start_s + shift),
            start_late=max(0, latest) if out else NO_LIMIT_S,
            tw_late=NO_LIMIT_S,
            shift_duration=min(self.limit_s + hub.loading_s, vehicle.shift_s),
            unit_distance_cost=1,
            unit_duration_cost=per_second(vehicle.cents_per_hour),
            profile=self._prices.index(self._price(vehicle)),
            max_reloads=0,
        )

    def _suits(self, kind: Kind, draft: Draft) -> bool:
        return all(
            self._may_call(kind, self.problem.stop_by_id[step.id])
            for step in draft.steps
            if step.id in self._ids
        )


def split_trips(drafts: Iterable[Draft]) -> list[Draft]:
    """Every trip as a round of its own, on the same vehicle."""
    trips = []
    for draft in drafts:
        steps: list[Step] = []
        for step in (*draft.steps, None):
            if step is not None and step.kind is not VisitKind.RELOAD:
                steps.append(step)
            elif steps:
                trips.append(replace(draft, steps=tuple(steps)))
                steps = []
    return trips


def join_trips(problem: Problem, drafts: Sequence[Draft]) -> list[Draft]:
    """Let vehicles make several trips where that saves money or where vehicles are short."""
    loose = list(drafts)
    timed = [time_round(problem, draft) for draft in loose]
    while True:
        best = _best_join(problem, loose, timed)
        if best is None:
            return _numbered(loose)
        first, second, draft, planned = best
        keep = [at for at in range(len(loose)) if at not in (first, second)]
        loose = [*(loose[at] for at in keep), draft]
        timed = [*(timed[at] for at in keep), planned]


def _best_join(
    problem: Problem, drafts: Sequence[Draft], rounds: Sequence[Round]
) -> tuple[int, int, Draft, Round] | None:
    used: dict[str, int] = {}
    for draft in drafts:
        used[draft.vehicle_id] = used.get(draft.vehicle_id, 0) + 1
    best: tuple[int, int, int, Draft, Round] | None = None
    for first, (draft, planned) in enumerate(zip(drafts, rounds, strict=True)):
        vehicle = problem.vehicle_by_id[draft.vehicle_id]
        reloads = sum(step.kind is VisitKind.RELOAD for step in draft.steps)
        if vehicle.start_hub not in vehicle.reload_hubs or reloads >= vehicle.max_reloads:
            continue
        for second, (other, after) in enumerate(zip(drafts, rounds, strict=True)):
            more = sum(step.kind is VisitKind.RELOAD for step in other.steps)
            if second == first or reloads + more + 1 > vehicle.max_reloads:
                continue
            if planned.duration_s + after.duration_s > vehicle.shift_s + vehicle.max_overtime_s:
                continue
            short = any(
                used[each] > problem.vehicle_by_id[each].count
                for each in (draft.vehicle_id, other.vehicle_id)
            )
            steps = (*draft.steps, Step(VisitKind.RELOAD, vehicle.start_hub), *other.steps)
            joined = replace(draft, steps=steps)
            whole = time_round(problem, joined)
            saved = planned.cost.total_cents + after.cost.total_cents - whole.cost.total_cents
            worth = saved + (10**9 if short else 0)
            if worth <= 0 or (best is not None and worth <= best[0]):
                continue
            if not check_round(problem, whole):
                best = (worth, first, second, joined, whole)
    return None if best is None else best[1:]


def _numbered(drafts: Iterable[Draft]) -> list[Draft]:
    """Equal vehicles numbered from 0, in the order of the drafts."""
    used: dict[str, int] = {}
    numbered = []
    for draft in drafts:
        number = used.get(draft.vehicle_id, 0)
        used[draft.vehicle_id] = number + 1
        numbered.append(replace(draft, vehicle_number=number))
    return numbered
