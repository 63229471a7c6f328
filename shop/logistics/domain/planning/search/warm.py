"""What of an earlier plan still holds in a problem: the start of a search."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.timing import Draft, draft_of


def still_known(problem: Problem, start: Plan, excluded: Container[str]) -> list[Draft]:
    """Rounds of the last plan without stops, hubs and vehicles that are no more."""
    kept: list[Draft] = []
    free = {vehicle.id: list(range(vehicle.count)) for vehicle in problem.vehicles}
    planned_first = sorted(
        (each for each in start.rounds if each.vehicle_id in free),
        key=lambda each: each.vehicle_number,
    )
    for planned in planned_first:
        draft = draft_of(problem, planned)
        steps = tuple(
            step
            for step in draft.steps
            if (step.id in problem.stop_by_id and step.id not in excluded)
            or step.id in problem.hub_by_id
        )
        numbers = free[planned.vehicle_id]
        if not steps or not numbers:
            continue
        number = planned.vehicle_number if planned.vehicle_number in numbers else numbers[-1]
        numbers.remove(number)
        layouts = problem.vehicle_by_id[planned.vehicle_id].layouts
        layout = planned.layout if planned.layout < len(layouts) else 0
        kept.append(replace(draft, steps=steps, vehicle_number=number, layout=layout))
    return kept
