"""What is kept of a search beside its plan: solver, matrix, and who was left out and why."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Stop, StopKind
from shop.logistics.queries.day_problem import DayProblem
from shop.logistics.queries.desk_plan import DeskDay, whole_of

POINTS = (StopKind.RELAY, StopKind.DRIVE)


def facts_of(day: DayProblem, plan: Plan, violations: int) -> dict[str, Any]:
    """Plain values for ``plan_runs.facts``; figures of the reasons become text."""
    return {
        "solver": plan.provenance.solver,
        "iterations": plan.provenance.iterations,
        "elapsed_ms": plan.provenance.elapsed_ms,
        "matrix": plan.provenance.matrix,
        "estimated": day.problem.travel.estimated,
        "roads": day.roads.plain(),
        "violations": violations,
        "cost_cents": plan.cost.total_cents,
        "distance_m": plan.distance_m,
        "stops": len(day.problem.stops),
        "unserved": [
            {
                "stop": each.stop_id,
                "name": day.doors[each.stop_id].name,
                "reason": each.reason.value,
                "facts": {name: str(value) for name, value in each.facts.items()},
            }
            for each in plan.unserved
        ],
    }


def left_out_of(desk: DeskDay, plan: Plan, dropped: Collection[str]) -> list[dict[str, Any]]:
    """Stops that a plan does not serve, who waits there, and where else they could go."""
    found = []
    missing = {each.stop_id for each in plan.unserved}
    for each in plan.unserved:
        stop = desk.problem.stop_by_id[each.stop_id]
        entry: dict[str, Any] = {
            "name": desk.stop_name(each.stop_id),
            "reason": each.reason.value,
            "orders": desk.orders_at(each.stop_id),
            "dropped": whole_of(each.stop_id) in dropped,
        }
        if stop.kind in POINTS:
            entry |= _nearest(desk, stop, missing)
        found.append(entry)
    return found


def _nearest(desk: DeskDay, stop: Stop, missing: Collection[str]) -> dict[str, Any]:
    """The nearest pick-up point that is served, by road."""
    ways = desk.problem.travel.distance_m
    near = [
        (int(ways[stop.place, other.place]), other.id)
        for other in desk.problem.stops
        if other.kind in POINTS and other.id not in missing and other.id != stop.id
    ]
    near = [each for each in near if each[0] >= 0]
    if not near:
        return {}
    meters, name = min(near)
    return {"nearest": desk.stop_name(name), "nearest_m": meters}
