"""The plan that is handed over: the best rounds, what is left out and why, how it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version

from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.plan import Cost, Flag, Plan, Provenance, Unserved
from shop.logistics.domain.planning.problem import UNREACHABLE, Problem
from shop.logistics.domain.planning.search.keeping import Keeper
from shop.logistics.domain.planning.search.reasons import LoneRounds, left_out
from shop.logistics.domain.planning.search.repair import insert_all


def answer(
    problem: Problem,
    keeper: Keeper,
    lone: LoneRounds,
    excluded: Mapping[str, Unserved],
    provenance: Provenance,
) -> Plan:
    """The best plan found, with what still fits put in and the rest explained."""
    best = keeper.settle()
    drafts = [] if best is None else best.drafts
    rounds = [] if best is None else best.rounds
    served = {stop_id for each in rounds for stop_id in each.stop_ids}
    required = [stop for stop in keeper.stops if stop.required and stop.id not in served]
    insert_all(problem, drafts, rounds, required, keeper.is_late)
    served = {stop_id for each in rounds for stop_id in each.stop_ids}
    unserved = [*excluded.values()]
    unserved += [left_out(lone, stop, rounds) for stop in keeper.stops if stop.id not in served]
    order = {stop.id: position for position, stop in enumerate(problem.stops)}
    unserved.sort(key=lambda each: order[each.stop_id])
    skipped = (problem.stop_by_id[each.stop_id] for each in unserved)
    plan = Plan(
        rounds=tuple(rounds),
        unserved=tuple(unserved),
        cost=sum((each.cost for each in rounds), Cost()),
        skipped_price_cents=sum(stop.price_cents for stop in skipped if not stop.required),
        flags=_flags(problem),
        provenance=replace(
            provenance,
            solver=f"pyvrp {version('pyvrp')}",
            matrix=problem.travel.fingerprint(),
        ),
    )
    return replace(plan, flags=(*plan.flags, Flag.LIMITS_BROKEN)) if check(problem, plan) else plan


def _flags(problem: Problem) -> tuple[Flag, ...]:
    travels = [problem.travel, *problem.profiles.values()]
    flags = []
    if any(travel.estimated for travel in travels):
        flags.append(Flag.ESTIMATED_DISTANCES)
    if any(
        (travel.distance_m == UNREACHABLE).any() or (travel.duration_s == UNREACHABLE).any()
        for travel in travels
    ):
        flags.append(Flag.MATRIX_HOLES)
    return tuple(flags)
