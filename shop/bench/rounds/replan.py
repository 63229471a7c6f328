"""What a plan is worth after a change: planned anew from the last one, and from nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from shop.bench.rounds.instances import Instance
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.steady import kept_share, replan
from shop.logistics.domain.planning.search.stop import StopRule


@dataclass(frozen=True, slots=True)
class Replanned:
    """One change of one plan and what came of it; costs in the convention of the instance."""

    instance: str
    change: str
    seed: int
    seconds: float
    touched: int
    """Stops that are new or whose vehicle is lost."""
    warm_cost: float
    warm_left_out: int
    cold_cost: float
    cold_left_out: int
    kept_percent: float
    """Of the stops nothing happened to, those that keep vehicle and order."""
    violations: int


@dataclass(frozen=True, slots=True)
class Change:
    """A problem that changed, the plan of before, and whom the change concerns."""

    name: str
    problem: Problem
    before: Plan
    touched: frozenset[str]


def measure_replanning(
    instance: Instance, seed: int, seconds: float, before_s: float, added: int = 10
) -> Iterator[Replanned]:
    """Lose a vehicle, then add stops; ``before_s`` is what the plan of before was given."""
    for change in (
        lost_vehicle(instance.problem, seed, before_s),
        added_stops(instance.problem, seed, before_s, added),
    ):
        rule = StopRule(seconds=seconds, processor=True)
        warm = replan(change.problem, rule, seed, change.before)
        cold = solve(change.problem, rule, seed)
        yield Replanned(
            instance=instance.name,
            change=change.name,
            seed=seed,
            seconds=seconds,
            touched=len(change.touched),
            warm_cost=instance.cost_of(warm),
            warm_left_out=_left_out(change.problem, warm),
            cold_cost=instance.cost_of(cold),
            cold_left_out=_left_out(change.problem, cold),
            kept_percent=round(100 * kept_share(change.before, warm, change.touched), 1),
            violations=len(check(change.problem, warm)),
        )


def lost_vehicle(problem: Problem, seed: int, before_s: float) -> Change:
    """One of the vehicles used most breaks down before it leaves."""
    before = solve(problem, StopRule(seconds=before_s, processor=True), seed)
    used = Counter(each.vehicle_id for each in before.rounds)
    name = used.most_common(1)[0][0]
    number = max(each.vehicle_number for each in before.rounds if each.vehicle_id == name)
    fleet = tuple(
        replace(each, count=number) if each.id == name else each
        for each in problem.vehicles
        if each.id != name or number
    )
    lost = next(
        each for each in before.rounds if (each.vehicle_id, each.vehicle_number) == (name, number)
    )
    rounds = tuple(each for each in before.rounds if each is not lost)
    changed = replace(problem, vehicles=fleet)
    return Change(
        "a vehicle lost", changed, replace(before, rounds=rounds), frozenset(lost.stop_ids)
    )


def added_stops(problem: Problem, seed: int, before_s: float, count: int) -> Change:
    """Some stops are ordered after the plan was made."""
    bound = set(problem.transfer_of)
    loose = [each.id for each in problem.stops if each.id not in bound and each.kept_with is None]
    new = frozenset(random.Random(seed).sample(loose, min(count, len(loose) - 1)))
    earlier = replace(problem, stops=tuple(each for each in problem.stops if each.id not in new))
    before = solve(earlier, StopRule(seconds=before_s, processor=True), seed)
    return Change(f"{len(new)} stops added", problem, before, new)


def _left_out(problem: Problem, plan: Plan) -> int:
    return sum(problem.stop_by_id[each.stop_id].required for each in plan.unserved)
