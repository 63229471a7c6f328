"""A stop that failed is driven to once more: what that breaks in the day of a vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import Round, Visit, VisitKind
from shop.logistics.domain.planning.problem import DAY_S, Problem
from shop.logistics.domain.planning.timing import Draft, Step, time_round
from shop.logistics.domain.planning.violations import Violation, ViolationCode


@dataclass(frozen=True, slots=True)
class Trial:
    """The day of a vehicle with the stop at its end, timed, and the rules that only it breaks."""

    planned: Round
    visit: Visit
    violations: tuple[Violation, ...]


def try_again(
    problem: Problem,
    vehicle_id: str,
    steps: Sequence[Step],
    stop_id: str,
    *,
    loaded_s: int | None = None,
) -> Trial:
    """Put a stop behind ``steps`` and judge it; what was wrong without it is not its fault.

    ``loaded_s`` is when its goods were loaded, if they are on the road already.
    """
    before: list[Violation] = []
    if steps:
        before = check_round(problem, time_round(problem, Draft(vehicle_id, tuple(steps))))
    draft = Draft(vehicle_id, (*steps, Step(VisitKind.STOP, stop_id)))
    planned = time_round(problem, draft)
    visit = next(each for each in planned.visits if each.stop_id == stop_id)
    known = {_kind_of(each) for each in before}
    found = [each for each in check_round(problem, planned) if _kind_of(each) not in known]
    if loaded_s is not None:
        found += _aboard(problem, visit, loaded_s)
    return Trial(planned, visit, tuple(found))


def _kind_of(broken: Violation) -> tuple[ViolationCode, str | None, object]:
    return broken.code, broken.stop_id, broken.facts.get("temperature")


def _aboard(problem: Problem, visit: Visit, loaded_s: int) -> list[Violation]:
    """Goods that were not taken off stay in the same cold since the truck was loaded."""
    stop = problem.stop_by_id[visit.stop_id or ""]
    aboard_s = visit.departure_s - loaded_s
    return [
        Violation(
            ViolationCode.ABOARD_TOO_LONG,
            0,
            stop.id,
            {"temperature": kind.value, "aboard_s": aboard_s, "limit_s": limit_s},
        )
        for kind in stop.delivers.classes()
        if (limit_s := problem.aboard.of(kind)) is not None and aboard_s > limit_s
    ]


def on_day(problem: Problem, vehicle_id: str, days: int, not_before_s: int) -> Problem:
    """The problem for a vehicle that leaves whenever it is needed, so many days later.

    Hours of the hubs are those of that day; the hours in which the vehicle usually starts are
    for planned rounds.
    """
    shift = days * DAY_S
    vehicle = problem.vehicle_by_id[vehicle_id]
    hubs = tuple(
        replace(hub, opens_s=hub.opens_s + shift, closes_s=hub.closes_s + shift)
        if hub.id in (vehicle.start_hub, vehicle.end_hub)
        else hub
        for hub in problem.hubs
    )
    hub = next(each for each in hubs if each.id == vehicle.start_hub)
    earliest = max(hub.opens_s, not_before_s)
    free = replace(vehicle, earliest_start_s=earliest, latest_start_s=max(earliest, hub.closes_s))
    vehicles = tuple(free if each.id == vehicle_id else each for each in problem.vehicles)
    return replace(problem, hubs=hubs, vehicles=vehicles)
