"""Is this round lawful? The part of the checker that looks at one vehicle's day."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from shop.logistics.domain.planning.goods import NOTHING, Goods, Measure, TemperatureClass
from shop.logistics.domain.planning.plan import Fact, Round, Visit, VisitKind
from shop.logistics.domain.planning.problem import UNREACHABLE, Problem, Stop, Vehicle
from shop.logistics.domain.planning.violations import Violation, ViolationCode


def check_round(problem: Problem, planned: Round, position: int = 0) -> list[Violation]:
    """Every broken rule of one round, whatever the others do."""
    vehicle = problem.vehicle_by_id.get(planned.vehicle_id)
    if vehicle is None:
        facts: dict[str, Fact] = {"vehicle": planned.vehicle_id}
        return [Violation(ViolationCode.UNKNOWN_VEHICLE, position, facts=facts)]
    shape = list(_check_shape(problem, vehicle, planned, position))
    if shape:
        return shape
    return _RoundJudge(problem, vehicle, planned, position).judge()


def _check_shape(
    problem: Problem, vehicle: Vehicle, planned: Round, position: int
) -> Iterator[Violation]:
    """A round has a start, an end, and only known stops and hubs between them."""
    visits = planned.visits
    kinds = [visit.kind for visit in visits]
    if len(visits) < 2 or kinds[0] is not VisitKind.START or kinds[-1] is not VisitKind.END:
        yield Violation(ViolationCode.SHAPE, position)
        return
    if VisitKind.START in kinds[1:] or VisitKind.END in kinds[:-1]:
        yield Violation(ViolationCode.SHAPE, position)
    if visits[0].hub_id != vehicle.start_hub or visits[-1].hub_id != vehicle.end_hub:
        yield Violation(ViolationCode.SHAPE, position, facts={"vehicle": vehicle.id})
    for visit in visits:
        is_stop = visit.kind is VisitKind.STOP
        at_hub = visit.kind in (VisitKind.START, VisitKind.RELOAD, VisitKind.END)
        known_stop = visit.stop_id is not None and visit.stop_id in problem.stop_by_id
        known_hub = visit.hub_id is not None and visit.hub_id in problem.hub_by_id
        if is_stop != (visit.stop_id is not None) or (is_stop and not known_stop):
            yield Violation(ViolationCode.SHAPE, position, visit.stop_id)
        if at_hub and not known_hub:
            yield Violation(ViolationCode.SHAPE, position, facts={"hub": visit.hub_id or ""})


class _RoundJudge:
    """Judges one round whose shape is sound."""

    def __init__(self, problem: Problem, vehicle: Vehicle, planned: Round, position: int) -> None:
        self.problem = problem
        self.vehicle = vehicle
        self.planned = planned
        self.visits = planned.visits
        self.position = position

    def judge(self) -> list[Violation]:
        """All broken rules of this round."""
        return [
            *self._places_and_roads(),
            *self._stops(),
            *self._hubs(),
            *self._day(),
            *self._breaks(),
            *self._trips(),
            *self._cost(),
        ]

    def _say(self, code: ViolationCode, visit: Visit | None = None, **facts: Fact) -> Violation:
        if visit is not None and visit.hub_id is not None:
            facts["hub"] = visit.hub_id
        return Violation(code, self.position, visit.stop_id if visit else None, facts)

    def _stop(self, visit: Visit) -> Stop:
        return self.problem.stop_by_id[visit.stop_id or ""]

    def _places_and_roads(self) -> Iterator[Violation]:
        travel = self.problem.travel_of(self.vehicle)
        before: Visit | None = None
        for visit in self.visits:
            if visit.kind is VisitKind.STOP:
                expected = self._stop(visit).place
            elif visit.hub_id is not None and visit.kind is not VisitKind.BREAK:
                expected = self.problem.hub_by_id[visit.hub_id].place
            else:
                expected = before.place if before is not None else visit.place
            if visit.place != expected:
                yield self._say(ViolationCode.WRONG_PLACE, visit)
            if not visit.arrival_s <= visit.start_s <= visit.departure_s:
                yield self._say(ViolationCode.TIMES_REVERSED, visit)
            if before is None:
                before = visit
                continue
            road_m = int(travel.distance_m[before.place, visit.place])
            road_s = int(travel.duration_s[before.place, visit.place])
            if UNREACHABLE in (road_m, road_s):
                yield self._say(ViolationCode.NO_ROAD, visit)
            else:
                if visit.distance_m != road_m:
                    yield self._say(
                        ViolationCode.WRONG_DISTANCE, visit, said_m=visit.distance_m, road_m=road_m
                    )
                taken_s = visit.arrival_s - before.departure_s
                if taken_s < road_s:
                    yield self._say(ViolationCode.TOO_FAST, visit, taken_s=taken_s, road_s=road_s)
            before = visit

    def _stops(self) -> Iterator[Violation]:
        for visit in self.visits:
            if visit.kind is not VisitKind.STOP:
                continue
            stop = self._stop(visit)
            if visit.departure_s - visit.start_s < stop.service_s:
                yield self._say(
                    ViolationCode.SERVICE_CUT_SHORT,
                    visit,
                    given_s=visit.departure_s - visit.start_s,
                    service_s=stop.service_s,
                )
            if stop.windows and not any(
                window.opens_s <= visit.start_s <= window.closes_s for window in stop.windows
            ):
                yield self._say(ViolationCode.OUTSIDE_WINDOW, visit, start_s=visit.start_s)
            if not self._allowed(stop):
                yield self._say(ViolationCode.NOT_ALLOWED, visit, vehicle=self.vehicle.id)

    def _allowed(self, stop: Stop) -> bool:
        vehicle = self.vehicle
        if stop.vehicles is not None and vehicle.id not in stop.vehicles:
            return False
        if vehicle.id in stop.excluded_vehicles or stop.needs - vehicle.skills:
            return False
        if stop.hub is None or stop.id in self.problem.transfer_of:
            return True
        leaves, reaches = self._trip_hubs(stop.id)
        return (not stop.delivers or leaves == stop.hub) and (
            not stop.collects or reaches == stop.hub
        )

    def _trip_hubs(self, stop_id: str) -> tuple[str | None, str | None]:
        for trip in self.planned.trips():
            if any(visit.stop_id == stop_id for visit in trip):
                return trip[0].hub_id, trip[-1].hub_id
        return None, None

    def _hubs(self) -> Iterator[Violation]:
        reloads = 0
        for visit in self.visits:
            if visit.hub_id is None or visit.kind is VisitKind.BREAK:
                continue
            hub = self.problem.hub_by_id[visit.hub_id]
            if not hub.opens_s <= visit.start_s <= hub.closes_s:
                yield self._say(ViolationCode.HUB_CLOSED, visit, at_s=visit.start_s)
            if visit.kind is VisitKind.END:
                continue
            if visit.departure_s - visit.start_s < hub.loading_s:
                yield self._say(
                    ViolationCode.SERVICE_CUT_SHORT,
                    visit,
                    given_s=visit.departure_s - visit.start_s,
                    service_s=hub.loading_s,
                )
            if visit.kind is VisitKind.RELOAD:
                reloads += 1
                if visit.hub_id not in self.vehicle.reload_hubs:
                    yield self._say(ViolationCode.RELOAD_NOT_ALLOWED, visit)
        if reloads > self.vehicle.max_reloads:
            yield self._say(
                ViolationCode.TOO_MANY_RELOADS, reloads=reloads, allowed=self.vehicle.max_reloads
            )

    def _day(self) -> Iterator[Violation]:
        vehicle = self.vehicle
        begin_s, end_s = self.visits[0].arrival_s, self.visits[-1].start_s
        if not vehicle.earliest_start_s <= begin_s <= vehicle.latest_start_s:
            yield self._say(ViolationCode.START_OUTSIDE_HOURS, start_s=begin_s)
        if vehicle.latest_end_s is not None and end_s > vehicle.latest_end_s:
            yield self._say(ViolationCode.END_TOO_LATE, end_s=end_s, allowed_s=vehicle.latest_end_s)
        allowed_s = vehicle.shift_s + vehicle.max_overtime_s
        if end_s - begin_s > allowed_s:
            yield self._say(
                ViolationCode.SHIFT_EXCEEDED, worked_s=end_s - begin_s, allowed_s=allowed_s
            )
        driven_m = self._driven_m(self.visits)
        if vehicle.max_distance_m is not None and driven_m > vehicle.max_distance_m:
            yield self._say(
                ViolationCode.TOO_FAR, distance_m=driven_m, limit_m=vehicle.max_distance_m
            )

    def _driven_m(self, visits: tuple[Visit, ...]) -> int:
        matrix = self.problem.travel_of(self.vehicle).distance_m
        return sum(int(matrix[before.place, after.place]) for before, after in pairwise(visits))

    def _breaks(self) -> Iterator[Violation]:
        rule = self.vehicle.break_rule
        if rule is None:
            return
        since_s = self.visits[0].arrival_s
        for visit in self.visits:
            rests = visit.kind is VisitKind.BREAK
            until_s = visit.start_s if rests or visit.kind is VisitKind.END else visit.departure_s
            if until_s - since_s > rule.after_s:
                yield self._say(
                    ViolationCode.BREAK_MISSING,
                    visit,
                    worked_s=until_s - since_s,
                    allowed_s=rule.after_s,
                )
                return
            if rests and visit.departure_s - visit.start_s >= rule.length_s:
                since_s = visit.departure_s

    def _trips(self) -> Iterator[Violation]:
        for trip in self.planned.trips():
            yield from self._trip_times(trip)
            yield from self._trip_loads(trip)
            yield from self._trip_aboard(trip)

    def _trip_times(self, trip: tuple[Visit, ...]) -> Iterator[Violation]:
        for visit in trip[1:-1]:
            if visit.stop_id is None:
                continue
            stop = self._stop(visit)
            if stop.release_s is not None and trip[0].start_s < stop.release_s:
                yield self._say(
                    ViolationCode.BEFORE_RELEASE,
                    visit,
                    loaded_s=trip[0].start_s,
                    release_s=stop.release_s,
                )
            if stop.due_s is not None and stop.collects and trip[-1].arrival_s > stop.due_s:
                yield self._say(
                    ViolationCode.AFTER_DUE,
                    visit,
                    back_s=trip[-1].arrival_s,
                    due_s=stop.due_s,
                )

    def _trip_loads(self, trip: tuple[Visit, ...]) -> Iterator[Violation]:
        transfers = self.problem.transfer_of
        taken: set[str] = set()
        aboard = NOTHING
        for visit in trip:
            if visit.stop_id is not None and visit.stop_id not in transfers:
                aboard = aboard + self._stop(visit).delivers
        for visit in trip[:-1]:
            if visit.stop_id is not None:
                stop = self._stop(visit)
                transfer = transfers.get(stop.id)
                if transfer is not None and stop.id == transfer.collect:
                    taken.add(stop.id)
                elif transfer is not None and transfer.collect not in taken:
                    yield self._say(ViolationCode.TRANSFER_BROKEN, visit, collect=transfer.collect)
                elif transfer is not None:
                    taken.remove(transfer.collect)
                aboard = aboard - stop.delivers + stop.collects
            if visit.aboard != aboard:
                yield self._say(ViolationCode.WRONG_LOAD, visit)
            yield from self._room(visit, aboard)
        for collect in sorted(taken):
            yield Violation(ViolationCode.TRANSFER_BROKEN, self.position, collect)

    def _room(self, visit: Visit, aboard: Goods) -> Iterator[Violation]:
        if not 0 <= self.planned.layout < len(self.vehicle.layouts):
            return
        layout = self.vehicle.layouts[self.planned.layout]
        for temperature in TemperatureClass:
            for measure in Measure:
                limit = layout.of(temperature).of(measure)
                load = aboard.of(temperature).of(measure)
                if limit is not None and load > limit:
                    yield self._say(
                        ViolationCode.OVER_CAPACITY,
                        visit,
                        temperature=temperature.value,
                        measure=measure.value,
                        load=load,
                        limit=limit,
                    )
        if layout.payload_g is not None and aboard.weight_g > layout.payload_g:
            yield self._say(
                ViolationCode.OVER_PAYLOAD, visit, load_g=aboard.weight_g, limit_g=layout.payload_g
            )

    def _trip_aboard(self, trip: tuple[Visit, ...]) -> Iterator[Violation]:
        """Time aboard, and distance from loading in a vehicle without certificate."""
        position_of = {visit.stop_id: at for at, visit in enumerate(trip) if visit.stop_id}
        back = len(trip) - 1
        for at, visit in enumerate(trip):
            if visit.stop_id is None:
                continue
            stop = self._stop(visit)
            transfer = self.problem.transfer_of.get(stop.id)
            if transfer is None:
                yield from self._carried(trip, visit, stop.delivers, 0, at)
                yield from self._carried(trip, visit, stop.collects, at, back)
            elif stop.id == transfer.deliver and transfer.collect in position_of:
                yield from self._carried(
                    trip, visit, stop.delivers, position_of[transfer.collect], at
                )

    def _carried(
        self, trip: tuple[Visit, ...], visit: Visit, goods: Goods, first: int, last: int
    ) -> Iterator[Violation]:
        """Judge goods that are aboard from one visit of a trip to another."""
        if not goods:
            return
        since_s = trip[first].departure_s if first == 0 else trip[first].start_s
        until_s = trip[last].arrival_s if last == len(trip) - 1 else trip[last].departure_s
        for temperature in goods.classes():
            limit_s = self.problem.aboard.of(temperature)
            if limit_s is not None and until_s - since_s > limit_s:
                yield self._say(
                    ViolationCode.ABOARD_TOO_LONG,
                    visit,
                    temperature=temperature.value,
                    aboard_s=until_s - since_s,
                    limit_s=limit_s,
                )
        if not self.vehicle.certified_cold and (goods.chilled or goods.frozen):
            driven_m = self._driven_m(trip[first : last + 1])
            if driven_m >= self.problem.uncertified_limit_m:
                yield self._say(
                    ViolationCode.UNCERTIFIED_TOO_FAR,
                    visit,
                    distance_m=driven_m,
                    limit_m=self.problem.uncertified_limit_m,
                )

    def _cost(self) -> Iterator[Violation]:
        """Components may differ from the exact price by half a cent each, no more."""
        vehicle, said = self.vehicle, self.planned.cost
        worked_s = self.visits[-1].start_s - self.visits[0].arrival_s
        overtime_s = max(0, worked_s - vehicle.shift_s)
        metered = [
            (said.fixed_cents, vehicle.fixed_cents, 1),
            (said.distance_cents, self._driven_m(self.visits) * vehicle.cents_per_km, 1000),
            (said.time_cents, (worked_s - overtime_s) * vehicle.cents_per_hour, 3600),
            (said.overtime_cents, overtime_s * vehicle.overtime_cents_per_hour, 3600),
        ]
        if any(abs(cents * per - exact) * 2 > per for cents, exact, per in metered):
            yield self._say(ViolationCode.WRONG_COST, said_cents=said.total_cents)
