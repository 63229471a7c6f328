"""Planning anew after a change: only the rounds around it move, the others stay as they were told.

New stops and those of a lost vehicle are first put where they cost least. Then the rounds near
them, at most a part of all stops, are searched as a problem of their own. Where that leaves
something required out, everything may move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shop.logistics.domain.planning.plan import Cost, Plan, Round, Unserved, UnservedReason
from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.search.clock import ProcessorClock, WallClock
from shop.logistics.domain.planning.search.repair import insert_all, lawful
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import Progress, StopRule
from shop.logistics.domain.planning.search.telling import Listener
from shop.logistics.domain.planning.search.warm import still_known
from shop.logistics.domain.planning.validation import validate

FREE_PERCENT = 18
"""Of the stops nothing happened to, so many may be moved."""
INSERT_SHARE = 0.25
"""Most of the time that is spent on putting in what has no round yet."""
TURNS = 3
"""How many groups of rounds are searched, as long as little has moved."""
NARROW_SHARE = 0.6
"""Part of the time for the rounds near a change when they may not be enough."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Rounds that stay, and rounds that are searched again."""

    frozen: tuple[Round, ...]
    free: tuple[Round, ...]


def replan(
    problem: Problem,
    stop: StopRule,
    seed: int,
    start: Plan,
    progress: Listener | None = None,
) -> Plan:
    """A lawful plan of a problem that has changed a little since ``start`` was planned.

    At least four fifths of the stops nothing happened to keep vehicle and order as long as all
    that is required finds its place so.

    Raises:
        InvalidProblem: when the problem cannot be meant.
    """
    clock = ProcessorClock() if stop.processor else WallClock()
    began = clock.now()
    validate(problem)

    def left(share: float = 1.0) -> StopRule:
        iterations = None if stop.iterations is None else max(1, round(share * stop.iterations))
        if stop.seconds is None:
            return replace(stop, iterations=iterations)
        seconds = max(0.0, stop.seconds - (clock.now() - began))
        return replace(stop, seconds=max(0.05, share * seconds), iterations=iterations)

    def is_late() -> bool:
        return stop.seconds is not None and clock.now() - began > INSERT_SHARE * stop.seconds

    drafts = still_known(problem, start, excluded=())
    if not drafts:
        return solve(problem, left(), seed, progress)
    kept, rounds = lawful(problem, drafts, is_late)
    served = {stop_id for each in rounds for stop_id in each.stop_ids}
    homeless = [each for each in problem.stops if each.id not in served]
    insert_all(problem, kept, rounds, homeless, is_late)
    changed = _changed(problem, start, rounds, homeless)
    if not changed:
        return solve(problem, left(), seed, progress, _plan_of(problem, rounds))
    found = _plan_of(problem, rounds)
    end = NARROW_SHARE if not _is_complete(problem, rounds) else 1.0
    searched: set[tuple[str, int]] = set()
    for turn in range(TURNS):
        moved = 100 - round(100 * kept_share(start, found, frozenset(each.id for each in homeless)))
        cut = _cut(problem, found.rounds, changed, FREE_PERCENT - moved, searched)
        if not cut.free:
            break
        searched |= {(each.vehicle_id, each.vehicle_number) for each in cut.free}
        part, tell = _part(problem, cut), _telling(problem, cut, progress)
        rule = left(end / (TURNS - turn))
        narrow = _joined(
            problem, cut, solve(part, rule, seed + turn, tell, _part_plan(problem, cut))
        )
        found = min(found, narrow, key=lambda each: _worth(problem, each))
    if _is_complete(problem, found.rounds):
        return found
    whole = solve(problem, left(), seed, progress, found)
    return min(whole, found, key=lambda each: _worth(problem, each))


def _telling(problem: Problem, cut: _Cut, progress: Listener | None) -> Listener | None:
    """What is told of a part, as it is for the whole."""
    if progress is None:
        return None
    frozen_cents = sum(each.cost.total_cents for each in cut.frozen)

    def tell(told: Progress) -> None:
        best = told.best_cents
        whole = replace(
            told,
            best_cents=None if best is None else best + frozen_cents,
            kept=None if told.kept is None else _joined(problem, cut, told.kept),
        )
        progress(whole)

    return tell


def _is_complete(problem: Problem, rounds: Sequence[Round]) -> bool:
    served = {stop_id for each in rounds for stop_id in each.stop_ids}
    return all(each.id in served for each in problem.stops if each.required)


def _worth(problem: Problem, plan: Plan) -> tuple[int, int]:
    missing = sum(problem.stop_by_id[each.stop_id].required for each in plan.unserved)
    return missing, plan.cost.total_cents + plan.skipped_price_cents


def _plan_of(problem: Problem, rounds: Sequence[Round]) -> Plan:
    served = {stop_id for each in rounds for stop_id in each.stop_ids}
    left = tuple(
        Unserved(each.id, UnservedReason.FLEET_FULL)
        for each in problem.stops
        if each.id not in served
    )
    return Plan(tuple(rounds), left, sum((each.cost for each in rounds), Cost()))


def _changed(
    problem: Problem, start: Plan, rounds: Sequence[Round], homeless: Sequence[Stop]
) -> list[int]:
    """Places something happened at: stops that had no round, and those that are gone."""
    places = [each.place for each in homeless]
    before = {frozenset(each.stop_ids) for each in start.rounds}
    for planned in rounds:
        if frozenset(planned.stop_ids) not in before:
            new = [each for each in planned.stop_ids if problem.stop_by_id[each] in homeless]
            if not new and planned.stop_ids:
                places.append(problem.stop_by_id[planned.stop_ids[0]].place)
    return places


def _cut(
    problem: Problem,
    rounds: Sequence[Round],
    changed: Sequence[int],
    percent: int,
    searched: set[tuple[str, int]],
) -> _Cut:
    """The rounds nearest to what changed are free, as long as they are a small part of all.

    ``searched`` are vehicles that were free before and stay as they were left.
    """
    seconds = problem.travel.duration_s
    room = percent * sum(len(each.stop_ids) for each in rounds) // 100
    first = not searched

    def away(planned: Round) -> int:
        places = [problem.stop_by_id[each].place for each in planned.stop_ids]
        return int(seconds[changed][:, places].min()) if places else 0

    order = [
        at
        for at, each in enumerate(rounds)
        if (each.vehicle_id, each.vehicle_number) not in searched
    ]
    free: set[int] = set()
    for at in sorted(order, key=lambda at: (away(rounds[at]), at)):
        new = sum(problem.stop_by_id[each].place in changed for each in rounds[at].stop_ids)
        room -= len(rounds[at].stop_ids) - new
        if room < 0 and (free or not first):
            break
        free.add(at)
    words = set().union(*(_words(problem, rounds[at]) for at in free))
    if first:
        words |= {
            each.kept_with
            for each in problem.stops
            if each.kept_with is not None and each.place in changed
        }
    free |= {at for at, each in enumerate(rounds) if words & _words(problem, each)}
    return _Cut(
        tuple(each for at, each in enumerate(rounds) if at not in free),
        tuple(each for at, each in enumerate(rounds) if at in free),
    )


def _words(problem: Problem, planned: Round) -> set[str]:
    """What the stops of a round are kept together by."""
    words = (problem.stop_by_id[each].kept_with for each in planned.stop_ids)
    return {word for word in words if word is not None}


def _numbers(cut: _Cut, problem: Problem) -> dict[str, list[int]]:
    """Which of equal vehicles no frozen round uses, those of free rounds first."""
    taken = {(each.vehicle_id, each.vehicle_number) for each in cut.frozen}
    first = [(each.vehicle_id, each.vehicle_number) for each in cut.free]
    numbers: dict[str, list[int]] = {}
    for vehicle in problem.vehicles:
        own = [number for name, number in first if name == vehicle.id]
        more = [
            number
            for number in range(vehicle.count)
            if number not in own and (vehicle.id, number) not in taken
        ]
        numbers[vehicle.id] = own + more
    return numbers


def _part(problem: Problem, cut: _Cut) -> Problem:
    """What is searched again, with the vehicles that no frozen round uses."""
    numbers = _numbers(cut, problem)
    fleet = tuple(
        replace(vehicle, count=len(numbers[vehicle.id]))
        for vehicle in problem.vehicles
        if numbers[vehicle.id]
    )
    frozen = {stop_id for each in cut.frozen for stop_id in each.stop_ids}
    known = {vehicle.id for vehicle in fleet}
    stops = tuple(
        replace(
            stop,
            vehicles=None if stop.vehicles is None else stop.vehicles & known,
            excluded_vehicles=stop.excluded_vehicles & known,
        )
        for stop in problem.stops
        if stop.id not in frozen
    )
    inside = {stop.id for stop in stops}
    transfers = tuple(each for each in problem.transfers if each.collect in inside)
    return replace(problem, vehicles=fleet, stops=stops, transfers=transfers)


def _part_plan(problem: Problem, cut: _Cut) -> Plan:
    """The free rounds as they are, numbered as the part counts its vehicles."""
    numbers = _numbers(cut, problem)
    rounds = [
        replace(each, vehicle_number=numbers[each.vehicle_id].index(each.vehicle_number))
        for each in cut.free
    ]
    return Plan(tuple(rounds), cost=sum((each.cost for each in rounds), Cost()))


def _joined(problem: Problem, cut: _Cut, part: Plan) -> Plan:
    """The frozen rounds and what was found for the others, each on the vehicle most like before."""
    numbers = _numbers(cut, problem)
    found = alike(cut.free, part.rounds, numbers)
    rounds = (*cut.frozen, *found)
    return replace(
        part,
        rounds=rounds,
        cost=sum((each.cost for each in rounds), Cost()),
    )


def alike(
    before: Sequence[Round], rounds: Sequence[Round], numbers: dict[str, list[int]]
) -> list[Round]:
    """Rounds on those of equal vehicles that had most of their stops before."""
    stops = {(each.vehicle_id, each.vehicle_number): set(each.stop_ids) for each in before}
    shares = sorted(
        (
            (-len(stops[key] & set(planned.stop_ids)), at, key)
            for at, planned in enumerate(rounds)
            for key in stops
            if key[0] == planned.vehicle_id
        ),
    )
    given: dict[int, int] = {}
    used: set[tuple[str, int]] = set()
    for share, at, key in shares:
        if share and at not in given and key not in used and key[1] in numbers[key[0]]:
            given[at] = key[1]
            used.add(key)
    named = []
    for at, planned in enumerate(rounds):
        if at not in given:
            free = (
                number
                for number in numbers[planned.vehicle_id]
                if (planned.vehicle_id, number) not in used
            )
            given[at] = next(free)
            used.add((planned.vehicle_id, given[at]))
        named.append(replace(planned, vehicle_number=given[at]))
    return named


def kept_share(before: Plan, after: Plan, touched: frozenset[str]) -> float:
    """Which part of the stops nothing happened to keeps vehicle and order, from 0 to 1.

    ``touched`` are stops that are new or whose vehicle was lost. Of each vehicle, the longest
    run of stops in the same order counts.
    """
    rounds = {(each.vehicle_id, each.vehicle_number): each.stop_ids for each in after.rounds}
    total = kept = 0
    for planned in before.rounds:
        old = [each for each in planned.stop_ids if each not in touched]
        new = rounds.get((planned.vehicle_id, planned.vehicle_number), ())
        total += len(old)
        kept += _longest_common(old, new)
    return kept / total if total else 1.0


def _longest_common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many stops two rounds have in the same order."""
    best = [0] * (len(new) + 1)
    for stop_id in old:
        diagonal = 0
        for at, other in enumerate(new, start=1):
            above = best[at]
            best[at] = diagonal + 1 if stop_id == other else max(above, best[at - 1])
            diagonal = above
    return best[-1]
