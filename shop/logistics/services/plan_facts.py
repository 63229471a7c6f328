"""What is kept of a search beside its plan: solver, matrix, and who was left out and why."""

from __future__ import annotations

from typing import Any

from shop.logistics.domain.planning.plan import Plan
from shop.logistics.queries.day_problem import DayProblem


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
