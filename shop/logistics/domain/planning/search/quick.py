"""A first plan for a large problem within a second: each vehicle drives on to what costs least.

One trip after the other, the next stop is the one that fits and adds the least driving and waiting.
What the rules of a trip allow is reckoned for all stops at once. Stops that must stay in company
are left to the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.planning.goods import Goods, Measure, TemperatureClass
from shop.logistics.domain.planning.plan import VisitKind
from shop.logistics.domain.planning.problem import UNREACHABLE, Problem, Stop, Vehicle
from shop.logistics.domain.planning.timing import Draft, Step

CLIENTS_PER_SECOND = 150
"""How many stops a second is enough for, if all are searched at once."""
POLISHED_PER_SECOND = 1_500
"""How many stops of a group a second is enough for when it starts from rounds."""
MANY_STOPS = 600
"""Fewer are always searched at once."""
NEVER = 10**9
WAIT_AT_MOST_S = 2_700
"""Longer waits end a trip: the next one may begin later."""
LATE_START_PERCENT = 50
"""What it counts against the first stop of a trip that it must be served late in the day."""
URGENT_PERCENT = 20
"""How much it counts for a stop that it closes soon, in percent of the time left."""

NEAR = 100
"""How many near stops are looked at before all are."""

Whole = NDArray[np.int64]
Answers = NDArray[np.bool_]


def is_hasty(stops: int, seconds: float | None) -> bool:
    """Whether a search of everything would hardly find its first plan in time."""
    return seconds is not None and stops > max(MANY_STOPS, CLIENTS_PER_SECOND * seconds)


def quick_drafts(problem: Problem, stops: Sequence[Stop]) -> list[Draft]:
    """Rounds for as many stops as this simple way finds room for; the checker judges them."""
    free = [stop for stop in stops if stop.id not in problem.transfer_of and stop.kept_with is None]
    table = _Table.of(problem, free)
    open_stops = np.ones(len(free), dtype=bool)
    drafts = []
    for vehicle in sorted(problem.vehicles, key=lambda each: (len(each.skills), each.id)):
        may_call = np.array([problem.may_call(vehicle, each) for each in free], dtype=bool)
        for number in range(vehicle.count):
            steps = _Day(problem, table, vehicle, may_call, open_stops).steps()
            if not steps:
                break
            drafts.append(Draft(vehicle.id, tuple(steps), number))
    return drafts


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """What matters of all stops, one row each."""

    stops: Sequence[Stop]
    place: Whole
    service: Whole
    opens: Whole
    """One column per window; a stop with fewer has some that are never open."""
    closes: Whole
    release: Whole
    due: Whole
    delivers: Whole
    """One column per thing that can run out."""
    collects: Whole
    limit_out: Whole
    limit_back: Whole
    cold: Answers

    @classmethod
    def of(cls, problem: Problem, stops: Sequence[Stop]) -> _Table:
        """Written once per problem."""
        most = max((len(stop.windows) for stop in stops), default=1) or 1
        opens = np.full((len(stops), most), NEVER)
        closes = np.full((len(stops), most), -NEVER)
        for row, stop in enumerate(stops):
            if not stop.windows:
                opens[row, 0], closes[row, 0] = -NEVER, NEVER
            for column, window in enumerate(stop.windows):
                opens[row, column], closes[row, column] = window.opens_s, window.closes_s
        measures = sorted(problem.measures_used)
        return cls(
            stops=stops,
            place=_whole([stop.place for stop in stops]),
            service=_whole([stop.service_s for stop in stops]),
            opens=opens,
            closes=closes,
            release=_whole(
                [-NEVER if each.release_s is None else each.release_s for each in stops]
            ),
            due=_whole([_due(stop) for stop in stops]),
            delivers=_whole([_amounts(stop.delivers, measures) for stop in stops]),
            collects=_whole([_amounts(stop.collects, measures) for stop in stops]),
            limit_out=_whole([_limit(problem, stop.delivers) for stop in stops]),
            limit_back=_whole([_limit(problem, stop.collects) for stop in stops]),
            cold=np.array(
                [
                    bool(each.chilled or each.frozen)
                    for each in (stop.delivers + stop.collects for stop in stops)
                ],
                dtype=bool,
            ),
        )


def _whole(values: object) -> Whole:
    return np.array(values, dtype=np.int64)


def _due(stop: Stop) -> int:
    return stop.due_s if stop.due_s is not None and stop.collects else NEVER


def _amounts(goods: Goods, measures: Sequence[tuple[TemperatureClass, Measure]]) -> list[int]:
    return [
        *(goods.of(temperature).of(measure) for temperature, measure in measures),
        goods.weight_g,
    ]


def _limit(problem: Problem, goods: Goods) -> int:
    limits = [problem.aboard.of(each) for each in goods.classes()]
    return min((limit for limit in limits if limit is not None), default=NEVER)


@dataclass(slots=True)
class _Trip:
    """How far a trip has come."""

    loading: int
    """When loading began."""
    place: int
    now: int
    driven: int
    delivers: Whole
    collects: Whole
    home_by: int
    rows: list[int]


class _Day:
    """One vehicle's day, filled trip by trip."""

    def __init__(
        self,
        problem: Problem,
        table: _Table,
        vehicle: Vehicle,
        may_call: Answers,
        open_stops: Answers,
    ) -> None:
        self.problem = problem
        self.table = table
        self.vehicle = vehicle
        self.open = open_stops
        """Which stops nobody serves yet: shared by all days."""
        self.travel = problem.travel_of(vehicle)
        self.start = problem.hub_by_id[vehicle.start_hub]
        self.end = problem.hub_by_id[vehicle.end_hub]
        self.may_call = may_call
        self.room = self._room()
        self.begin: int | None = None
        self.driven = 0

    def _room(self) -> Whole:
        layout = self.vehicle.layouts[0]
        limits = [
            layout.of(each).of(measure) for each, measure in sorted(self.problem.measures_used)
        ]
        limits.append(layout.payload_g)
        return _whole([NEVER if limit is None else limit for limit in limits])

    def steps(self) -> list[Step]:
        """Stops and reloads in order; nothing when the vehicle can serve none that is left."""
        found: list[Step] = []
        ready = max(self.vehicle.earliest_start_s, self.start.opens_s)
        again = self.start.id in self.vehicle.reload_hubs and self.start == self.end
        for _ in range(1 + (self.vehicle.max_reloads if again else 0)):
            trip = self._trip(ready)
            if trip is None:
                break
            if found:
                found.append(Step(VisitKind.RELOAD, self.start.id))
            found += [Step(VisitKind.STOP, self.table.stops[row].id) for row in trip.rows]
            ready = trip.now + int(self.travel.duration_s[trip.place, self.end.place])
            self.driven = trip.driven + int(self.travel.distance_m[trip.place, self.end.place])
        return found

    def _trip(self, ready: int) -> _Trip | None:
        trip = self._first(ready)
        while trip is not None:
            row = self._next(trip)
            if row is None:
                break
            self._serve(trip, row)
        return trip

    def _first(self, ready: int) -> _Trip | None:
        """Begin with a stop far away that can be served early."""
        table, hub = self.table, self.start
        rows = np.flatnonzero(self.open & self.may_call)
        if not len(rows):
            return None
        drive = self.travel.duration_s[hub.place, table.place[rows]]
        earliest = np.maximum(ready, table.release[rows])
        start = self._starts(rows, earliest + hub.loading_s + drive)
        loading = start - drive - hub.loading_s
        latest = hub.closes_s
        if self.begin is None:
            latest = min(latest, self.vehicle.latest_start_s)
        fits = (loading <= latest) & (start < NEVER)
        worth = drive - (start - start.min()) * LATE_START_PERCENT // 100
        nothing = np.zeros_like(self.room)
        trip = _Trip(0, hub.place, 0, self.driven, nothing, nothing, NEVER, [])
        begin = loading if self.begin is None else _whole(self.begin)
        fits &= self._allowed(trip, rows, start, begin, loading + hub.loading_s)
        if not fits.any():
            return None
        at = int(np.argmax(np.where(fits, worth, -NEVER)))
        trip.loading = int(loading[at])
        trip.now = trip.loading + hub.loading_s
        self.begin = trip.loading if self.begin is None else self.begin
        self._serve(trip, int(rows[at]))
        return trip

    def _next(self, trip: _Trip) -> int | None:
        """The stop that adds least driving and waiting, sooner when it closes soon."""
        table = self.table
        rows = np.flatnonzero(self.open & self.may_call & (table.release <= trip.loading))
        if not len(rows):
            return None
        drive = self.travel.duration_s[trip.place, table.place[rows]]
        if len(rows) > NEAR:
            near = np.argpartition(drive, NEAR)[:NEAR]
            found = self._nearest(trip, rows[near], drive[near])
            if found is not None:
                return found
        return self._nearest(trip, rows, drive)

    def _nearest(self, trip: _Trip, rows: Whole, drive: Whole) -> int | None:
        table = self.table
        start = self._starts(rows, trip.now + drive)
        begin, leaves = _whole(self.begin), _whole(trip.loading + self.start.loading_s)
        fits = start - trip.now - drive <= WAIT_AT_MOST_S
        fits &= self._allowed(trip, rows, start, begin, leaves)
        if not fits.any():
            return None
        closes = np.where(table.closes[rows] >= start[:, None], table.closes[rows], NEVER)
        left = np.minimum(closes.min(axis=1) - start, WAIT_AT_MOST_S * 4)
        cost = start - trip.now + left * URGENT_PERCENT // 100
        return int(rows[np.argmin(np.where(fits, cost, NEVER))])

    def _starts(self, rows: Whole, arrivals: Whole) -> Whole:
        """When service begins in the first window that is still open; :data:`NEVER` if none is."""
        opens, closes = self.table.opens[rows], self.table.closes[rows]
        starts = np.maximum(opens, arrivals[:, None])
        found: Whole = np.where(starts <= closes, starts, NEVER).min(axis=1)
        return found

    def _allowed(
        self, trip: _Trip, rows: Whole, start: Whole, begin: Whole, leaves: Whole
    ) -> Answers:
        """Which stops the trip may go on to, with all it has and the way home."""
        table, vehicle, travel = self.table, self.vehicle, self.travel
        place = table.place[rows]
        out_m, home_m = (
            travel.distance_m[trip.place, place],
            travel.distance_m[place, self.end.place],
        )
        home_s = travel.duration_s[place, self.end.place]
        done = start + table.service[rows]
        back = done + home_s
        closes = self.end.closes_s if vehicle.latest_end_s is None else vehicle.latest_end_s
        shift_s = vehicle.shift_s + vehicle.max_overtime_s
        until = np.minimum(min(closes, self.end.closes_s), begin + shift_s)
        driven = trip.driven + out_m
        longest = NEVER if vehicle.max_distance_m is None else vehicle.max_distance_m
        load = np.maximum(
            trip.delivers + table.delivers[rows], trip.collects + table.collects[rows]
        ).astype(np.int64)
        mixed = bool(trip.collects.any()) or bool(table.collects[rows].any())
        if mixed:
            load = trip.delivers + trip.collects + table.delivers[rows] + table.collects[rows]
        near = driven + home_m - self.driven < self.problem.uncertified_limit_m
        return np.asarray(
            (out_m != UNREACHABLE)
            & (home_m != UNREACHABLE)
            & (home_s != UNREACHABLE)
            & (load <= self.room).all(axis=1)
            & (back <= np.minimum(until, np.minimum(table.due[rows], trip.home_by)))
            & (done - leaves <= table.limit_out[rows])
            & (back - start <= table.limit_back[rows])
            & (driven + home_m <= longest)
            & (vehicle.certified_cold | ~table.cold[rows] | near),
            dtype=bool,
        )

    def _serve(self, trip: _Trip, row: int) -> None:
        table, place = self.table, int(self.table.place[row])
        arrival = trip.now + int(self.travel.duration_s[trip.place, place])
        start = int(self._starts(np.array([row]), np.array([arrival]))[0])
        trip.driven += int(self.travel.distance_m[trip.place, place])
        trip.place, trip.now = place, start + int(table.service[row])
        trip.delivers = trip.delivers + table.delivers[row]
        trip.collects = trip.collects + table.collects[row]
        if table.collects[row].any():
            until = min(int(table.due[row]), start + int(table.limit_back[row]))
            trip.home_by = min(trip.home_by, until)
        trip.rows.append(row)
        self.open[row] = False
