"""What a plan teaches the next search: rules PyVRP does not know, in terms it does.

Time aboard on the way out needs release times only: a stop that is served by a certain time must
not have left the hub longer before than the limit. Lessons choose that time from the last plan.
Time aboard on the way back is a load dimension in which a collection weighs the seconds it really
took in the last plan, and a trip may not weigh more than the limit. Loads are reset at a reload,
durations are not: that is why it is a load.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from shop.logistics.domain.planning.goods import TemperatureClass
from shop.logistics.domain.planning.plan import Round, Visit, VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop, Vehicle, Window
from shop.logistics.domain.planning.search.slots import limit_out
from shop.logistics.domain.planning.search.tightening import Tightening, TripLimit
from shop.logistics.domain.planning.timing import FOREVER_S, Draft, Step, time_round
from shop.logistics.domain.planning.violations import Violation, ViolationCode

SHRINK_PERCENT = 4
"""How much lower the limit is set each time it was still broken."""

ROOM_TO_LEAVE_EARLIER_S = 5_400
"""How much earlier than in the last plan a trip may leave in the next."""

RELEVANT = frozenset(
    {
        ViolationCode.ABOARD_TOO_LONG,
        ViolationCode.UNCERTIFIED_TOO_FAR,
        ViolationCode.AFTER_DUE,
        ViolationCode.BREAK_MISSING,
    }
)
"""Rules that a search cannot know and a lesson can teach."""


def limited_classes(problem: Problem) -> list[TemperatureClass]:
    """Temperature classes with a limit aboard that some stop has goods of."""
    return [
        temperature
        for temperature in TemperatureClass
        if problem.aboard.of(temperature) is not None
        and any((stop.delivers + stop.collects).of(temperature) for stop in problem.stops)
    ]


def needs_lessons(problem: Problem) -> bool:
    """Whether the problem has any rule that the search does not know."""
    return bool(
        limited_classes(problem)
        or any(not vehicle.certified_cold for vehicle in problem.vehicles)
        or any(vehicle.break_rule is not None for vehicle in problem.vehicles)
        or any(stop.due_s is not None for stop in problem.stops)
        or any(stop.kept_with is not None for stop in problem.stops)
        or any(len(vehicle.layouts) > 1 for vehicle in problem.vehicles)
    )


def learn(
    problem: Problem,
    rounds: Sequence[Round],
    violations: Iterable[Violation],
    before: Tightening | None,
) -> Tightening:
    """The next tightening, from the rounds of the last search and what they broke."""
    broken = list(violations)
    base = before or Tightening()
    shrinks = base.shrinks
    if before is not None and any(each.code in RELEVANT for each in broken):
        shrinks += 1
    share = max(50, 100 - SHRINK_PERCENT * shrinks)
    limits = [
        TripLimit(
            _seconds_aboard(problem, rounds, temperature),
            (problem.aboard.of(temperature) or 0) * share // 100,
        )
        for temperature in limited_classes(problem)
        if any(stop.collects.of(temperature) for stop in problem.stops)
    ]
    uncertified = frozenset(
        vehicle.id for vehicle in problem.vehicles if not vehicle.certified_cold
    )
    if uncertified:
        limits.append(
            TripLimit(
                _meters_aboard(problem, rounds),
                max(0, problem.uncertified_limit_m - 1) * share // 100,
                uncertified,
            )
        )
    return replace(
        base,
        limits=tuple(limits),
        windows={
            **_by_departures(problem, rounds),
            **_earlier_for_due(problem, rounds, broken),
            **_later_for_transfers(problem, rounds, broken),
        },
        vehicles={**base.vehicles, **_kept_together(problem, rounds)},
        counts={**base.counts, **_layouts(problem, rounds)},
        shrinks=shrinks,
        shift_cut_s={**base.shift_cut_s, **_breaks(problem, rounds, broken)},
    )


def with_late_loading(problem: Problem, drafts: Iterable[Draft]) -> list[Draft]:
    """Drafts as the search must see them: who loads after the last start loads a second time.

    A driver who has begun the day may wait at the hub; PyVRP only knows that from a reload.
    """
    found = []
    for draft in drafts:
        vehicle = problem.vehicle_by_id[draft.vehicle_id]
        reloads = sum(step.kind is VisitKind.RELOAD for step in draft.steps)
        waits = time_round(problem, draft).visits[0].start_s > vehicle.latest_start_s
        if waits and vehicle.start_hub in vehicle.reload_hubs and reloads < vehicle.max_reloads:
            steps = (Step(VisitKind.RELOAD, vehicle.start_hub), *draft.steps)
            draft = replace(draft, steps=steps)
        found.append(draft)
    return found


def _seconds_aboard(
    problem: Problem, rounds: Iterable[Round], temperature: TemperatureClass
) -> Mapping[str, int]:
    """Seconds each collection added to its trip while goods of the class were aboard."""
    weights: dict[str, int] = {}
    for trip in (trip for planned in rounds for trip in planned.trips()):
        weights.update(_back(problem, trip, temperature))
    usual = sorted(weights.values())[len(weights) // 2] if weights else 0
    for stop in problem.stops:
        if stop.collects.of(temperature) and stop.id not in problem.transfer_of:
            weights.setdefault(stop.id, max(usual, stop.service_s))
    return weights


def _back(problem: Problem, trip: Sequence[Visit], temperature: TemperatureClass) -> dict[str, int]:
    """Service, drive out and wait of what comes from the first collection of the class on."""
    first = min(
        (
            at
            for at, visit in enumerate(trip)
            if visit.stop_id is not None
            and problem.stop_by_id[visit.stop_id].collects.of(temperature)
        ),
        default=len(trip),
    )
    weights: dict[str, int] = {}
    until = trip[-1].arrival_s
    for at in range(len(trip) - 1, -1, -1):
        visit = trip[at]
        if visit.stop_id is None or not _only_collects(problem, visit.stop_id):
            continue
        weights[visit.stop_id] = until - visit.start_s if at >= first else 0
        until = visit.start_s
    return weights


def _only_collects(problem: Problem, stop_id: str) -> bool:
    stop = problem.stop_by_id[stop_id]
    return bool(stop.collects) and not stop.delivers


def _meters_aboard(problem: Problem, rounds: Iterable[Round]) -> Mapping[str, int]:
    """Meters each stop added to its trip, the leg in for deliveries, the leg out for farms."""
    weights: dict[str, int] = {}
    for trip in (trip for planned in rounds for trip in planned.trips()):
        for at, visit in enumerate(trip):
            if visit.stop_id is not None:
                collects = _only_collects(problem, visit.stop_id)
                weights[visit.stop_id] = trip[at + 1].distance_m if collects else visit.distance_m
    for stop in problem.stops:
        row = problem.travel.distance_m[problem.hubs[0].place, stop.place]
        weights.setdefault(stop.id, max(0, int(row)))
    return weights


def _by_departures(problem: Problem, rounds: Iterable[Round]) -> dict[tuple[str, int], Window]:
    """The part of each window that matters, given when the trips of the last plan left.

    It ends when the goods would be aboard too long, less some room for the trip to leave earlier.
    """
    found: dict[tuple[str, int], Window] = {}
    for trip in (trip for planned in rounds for trip in planned.trips()):
        for visit in trip[1:-1]:
            if visit.stop_id is None:
                continue
            stop = problem.stop_by_id[visit.stop_id]
            limit_s = limit_out(problem, stop)
            if limit_s is None:
                continue
            latest = trip[0].departure_s + limit_s - stop.service_s
            room = max(0, min(ROOM_TO_LEAVE_EARLIER_S, (latest - visit.start_s) // 2))
            found[stop.id, _window_of(stop, visit)] = Window(-FOREVER_S, latest - room)
    return found


def _window_of(stop: Stop, visit: Visit) -> int:
    for position, window in enumerate(stop.windows):
        if window.opens_s <= visit.start_s <= window.closes_s:
            return position
    return 0


def _earlier_for_due(
    problem: Problem, rounds: Sequence[Round], broken: Iterable[Violation]
) -> dict[tuple[str, int], Window]:
    """Close the window of a stop whose goods came back too late by as much as they were late."""
    found: dict[tuple[str, int], Window] = {}
    for violation in broken:
        if violation.code is not ViolationCode.AFTER_DUE or violation.round is None:
            continue
        late_s = _fact(violation, "back_s") - _fact(violation, "due_s")
        for visit in rounds[violation.round].visits:
            if visit.stop_id == violation.stop_id and visit.stop_id is not None:
                stop = problem.stop_by_id[visit.stop_id]
                position = _window_of(stop, visit)
                found[stop.id, position] = Window(-FOREVER_S, visit.start_s - late_s)
    return found


def _later_for_transfers(
    problem: Problem, rounds: Sequence[Round], broken: Iterable[Violation]
) -> dict[tuple[str, int], Window]:
    """Open the window of a collecting stop later when its goods then were aboard too long."""
    found: dict[tuple[str, int], Window] = {}
    for violation in broken:
        transfer = problem.transfer_of.get(violation.stop_id or "")
        if transfer is None or violation.code is not ViolationCode.ABOARD_TOO_LONG:
            continue
        if violation.round is None:
            continue
        excess_s = _fact(violation, "aboard_s") - _fact(violation, "limit_s")
        for visit in rounds[violation.round].visits:
            if visit.stop_id == transfer.collect:
                found[transfer.collect, 0] = Window(visit.start_s + excess_s, FOREVER_S)
    return found


def _fact(violation: Violation, name: str) -> int:
    value = violation.facts.get(name, 0)
    return value if isinstance(value, int) else 0


def _kept_together(problem: Problem, rounds: Iterable[Round]) -> dict[str, frozenset[str]]:
    """Hold stops that were split to the vehicle that already has most of them."""
    places: defaultdict[str, Counter[str]] = defaultdict(Counter)
    rounds_of: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for planned in rounds:
        for stop_id in planned.stop_ids:
            word = problem.stop_by_id[stop_id].kept_with
            if word is not None:
                places[word][planned.vehicle_id] += 1
                rounds_of[word].add((planned.vehicle_id, planned.vehicle_number))
    held: dict[str, frozenset[str]] = {}
    for word, counts in places.items():
        if len(rounds_of[word]) == 1:
            continue
        members = [stop for stop in problem.stops if stop.kept_with == word]
        for vehicle_id, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            vehicle = problem.vehicle_by_id[vehicle_id]
            if all(problem.may_call(vehicle, stop) for stop in members):
                held.update({stop.id: frozenset({vehicle_id}) for stop in members})
                break
    return held


def _layouts(problem: Problem, rounds: Sequence[Round]) -> dict[tuple[str, int], int]:
    """Share out equal vehicles among their layouts when together they are more than there are."""
    counts: dict[tuple[str, int], int] = {}
    for vehicle in problem.vehicles:
        if len(vehicle.layouts) == 1:
            continue
        used = Counter(each.layout for each in rounds if each.vehicle_id == vehicle.id)
        counts.update(_shared(vehicle, used))
    return counts


def _shared(vehicle: Vehicle, used: Counter[int]) -> dict[tuple[str, int], int]:
    """Layouts most used first get what they used, as long as vehicles are left."""
    if sum(used.values()) <= vehicle.count:
        return {}
    left = vehicle.count
    shares: dict[tuple[str, int], int] = {}
    for layout in sorted(range(len(vehicle.layouts)), key=lambda each: (-used[each], each)):
        shares[vehicle.id, layout] = min(left, used[layout])
        left -= shares[vehicle.id, layout]
    return shares


def _breaks(
    problem: Problem, rounds: Sequence[Round], broken: Iterable[Violation]
) -> dict[str, int]:
    """Keep the length of a break free in the day of vehicles that work long enough to need one."""
    cuts: dict[str, int] = {}
    for planned in rounds:
        vehicle = problem.vehicle_by_id[planned.vehicle_id]
        rule = vehicle.break_rule
        if rule is not None and planned.duration_s > rule.after_s:
            cuts[vehicle.id] = rule.length_s
    for violation in broken:
        if violation.code is ViolationCode.BREAK_MISSING and violation.round is not None:
            vehicle = problem.vehicle_by_id[rounds[violation.round].vehicle_id]
            if vehicle.break_rule is not None:
                cuts[vehicle.id] = vehicle.break_rule.length_s
    return cuts
