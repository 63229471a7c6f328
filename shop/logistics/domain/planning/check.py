"""Is this plan lawful? Judges every rule from the plan's own figures and the travel matrix.

Written apart from the search and from the clock: it believes nothing the plan says that it can
work out again, and shares no arithmetic with those who made the plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import Cost, Fact, Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.violations import Violation as Violation
from shop.logistics.domain.planning.violations import ViolationCode as ViolationCode


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Every broken rule of a plan; an empty list means that it may be driven."""
    found = list(check_whole(problem, plan))
    for position, planned in enumerate(plan.rounds):
        found += check_round(problem, planned, position)
    return found


def check_whole(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Rules that concern the plan and not one round."""
    served = Counter(stop_id for each in plan.rounds for stop_id in each.stop_ids)
    unserved = {each.stop_id for each in plan.unserved}
    for stop_id, times in served.items():
        if stop_id not in problem.stop_by_id:
            yield Violation(ViolationCode.UNKNOWN_STOP, stop_id=stop_id)
        if times > 1:
            yield Violation(
                ViolationCode.STOP_SERVED_TWICE, stop_id=stop_id, facts={"times": times}
            )
        if stop_id in unserved:
            yield Violation(ViolationCode.STOP_SERVED_AND_UNSERVED, stop_id=stop_id)
    for each in plan.unserved:
        if each.stop_id not in problem.stop_by_id:
            yield Violation(ViolationCode.UNKNOWN_STOP, stop_id=each.stop_id)
    for stop in problem.stops:
        if stop.id not in served and stop.id not in unserved:
            yield Violation(ViolationCode.STOP_LOST, stop_id=stop.id)
    used = Counter((each.vehicle_id, each.vehicle_number) for each in plan.rounds)
    for position, planned in enumerate(plan.rounds):
        vehicle_facts: dict[str, Fact] = {
            "vehicle": planned.vehicle_id,
            "number": planned.vehicle_number,
        }
        if used[planned.vehicle_id, planned.vehicle_number] > 1:
            yield Violation(ViolationCode.VEHICLE_USED_TWICE, position, facts=vehicle_facts)
        vehicle = problem.vehicle_by_id.get(planned.vehicle_id)
        if vehicle is not None and not 0 <= planned.vehicle_number < vehicle.count:
            yield Violation(ViolationCode.VEHICLE_NUMBER, position, facts=vehicle_facts)
        if vehicle is not None and not 0 <= planned.layout < len(vehicle.layouts):
            yield Violation(ViolationCode.LAYOUT, position, facts={"layout": planned.layout})
    yield from _check_company(problem, plan)
    total = sum((each.cost for each in plan.rounds), Cost())
    if total != plan.cost:
        yield Violation(
            ViolationCode.WRONG_COST,
            facts={"said_cents": plan.cost.total_cents, "cents": total.total_cents},
        )


def _check_company(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Transfers use one vehicle, and stops kept together share a round."""
    where = {
        stop_id: position
        for position, planned in enumerate(plan.rounds)
        for stop_id in planned.stop_ids
    }
    for transfer in problem.transfers:
        rounds = where.get(transfer.collect), where.get(transfer.deliver)
        if rounds[0] != rounds[1]:
            yield Violation(
                ViolationCode.TRANSFER_BROKEN,
                rounds[0] if rounds[0] is not None else rounds[1],
                transfer.deliver,
                {"collect": transfer.collect},
            )
    company: defaultdict[str, set[int]] = defaultdict(set)
    for stop in problem.stops:
        if stop.kept_with is not None and stop.id in where:
            company[stop.kept_with].add(where[stop.id])
    for word, positions in company.items():
        if len(positions) > 1:
            yield Violation(ViolationCode.KEPT_TOGETHER_SPLIT, facts={"kept_with": word})
