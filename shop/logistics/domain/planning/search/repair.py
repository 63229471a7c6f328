"""Making a plan lawful by hand: take out what breaks a rule, put in what still fits.

Slow and simple beside the search, and judged by the checker at every step, so that no plan
leaves the planner with a broken rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import Round, VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop, Vehicle
from shop.logistics.domain.planning.search.reasons import lone_draft
from shop.logistics.domain.planning.timing import Draft, Step, time_round

Late = Callable[[], bool]
"""Answers true when there is no time left for anything more."""

PLACES_TRIED = 60
"""How many places for a stop are timed and judged before giving up."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """Where a stop fits and what it adds: the cheapest lawful place."""

    draft: Draft
    planned: Round
    added_cents: int
    round: int | None
    """Position of the round it joins; ``None`` opens a new one."""


def without(draft: Draft, stop_ids: Iterable[str]) -> Draft:
    """A draft with some stops taken out, and reloads that have become useless."""
    gone = set(stop_ids)
    steps: list[Step] = []
    for step in draft.steps:
        if step.kind is VisitKind.STOP and step.id in gone:
            continue
        if step.kind is VisitKind.RELOAD and (not steps or steps[-1].kind is VisitKind.RELOAD):
            continue
        steps.append(step)
    while steps and steps[-1].kind is VisitKind.RELOAD:
        steps.pop()
    return replace(draft, steps=tuple(steps))


def company(problem: Problem, stop_id: str) -> tuple[str, ...]:
    """The stops that must go when this one goes: the other end of its transfer."""
    transfer = problem.transfer_of.get(stop_id)
    return (stop_id,) if transfer is None else (transfer.collect, transfer.deliver)


def make_lawful(problem: Problem, draft: Draft) -> tuple[Draft, Round | None, list[str]]:
    """Take stops out of a round, one at a time, until the checker is content.

    Returns the draft left, its round (``None`` when empty) and the stops taken out.
    """
    dropped: list[str] = []
    while draft.steps:
        planned = time_round(problem, draft)
        broken = check_round(problem, planned)
        if not broken:
            return draft, planned, dropped
        named = {each.stop_id for each in broken if each.stop_id is not None}
        options = []
        for stop_id in dict.fromkeys(step.id for step in draft.steps if step.id in _stops(draft)):
            rest = without(draft, company(problem, stop_id))
            left = check_round(problem, time_round(problem, rest)) if rest.steps else []
            stop = problem.stop_by_id[stop_id]
            key = (len(left), stop.required, stop_id not in named, stop_id)
            options.append((key, stop_id, rest))
        _, worst, draft = min(options, key=lambda option: option[0])
        dropped += company(problem, worst)
    return draft, None, dropped


def _stops(draft: Draft) -> set[str]:
    return {step.id for step in draft.steps if step.kind is VisitKind.STOP}


def cheapest_insertion(
    problem: Problem, drafts: Sequence[Draft], rounds: Sequence[Round], stop: Stop
) -> Insertion | None:
    """The cheapest lawful place found for one more stop, a new round included.

    Places are tried in the order of the detour they make; ``None`` when none of the first
    :data:`PLACES_TRIED` is lawful and no vehicle is free.
    """
    best: Insertion | None = None
    together = _required_round(problem, rounds, stop)
    places = _by_detour(problem, drafts, stop, together)[:PLACES_TRIED]
    for detour_cents, position, candidate in places:
        if best is not None and detour_cents >= best.added_cents:
            break
        timed = time_round(problem, candidate)
        added = timed.cost.total_cents - rounds[position].cost.total_cents
        if (best is None or added < best.added_cents) and not check_round(problem, timed):
            best = Insertion(candidate, timed, added, position)
    if together is not None:
        return best
    for draft in _fresh(problem, rounds, stop):
        timed = time_round(problem, draft)
        added = timed.cost.total_cents
        if (best is None or added < best.added_cents) and not check_round(problem, timed):
            best = Insertion(draft, timed, added, None)
    return best


def _by_detour(
    problem: Problem, drafts: Sequence[Draft], stop: Stop, together: int | None
) -> list[tuple[int, int, Draft]]:
    """Ways to put a stop into the rounds, by what the drive there and its service must cost."""
    found: list[tuple[int, int, Draft]] = []
    ids = company(problem, stop.id)
    for position, draft in enumerate(drafts):
        vehicle = problem.vehicle_by_id[draft.vehicle_id]
        if not problem.may_call(vehicle, stop) or together not in (None, position):
            continue
        length = _driven_cents(problem, vehicle, draft)
        for candidate in _placements(draft, ids):
            cents = _driven_cents(problem, vehicle, candidate) - length
            found.append((cents, position, candidate))
    found.sort(key=lambda each: each[:2])
    return found


def _driven_cents(problem: Problem, vehicle: Vehicle, draft: Draft) -> int:
    """What the meters of a draft cost, without its time."""
    matrix = problem.travel_of(vehicle).distance_m
    rows = [problem.hub_by_id[vehicle.start_hub].place]
    for step in draft.steps:
        if step.kind is VisitKind.RELOAD:
            rows.append(problem.hub_by_id[step.id].place)
        else:
            rows.append(problem.stop_by_id[step.id].place)
    rows.append(problem.hub_by_id[vehicle.end_hub].place)
    return int(matrix[rows[:-1], rows[1:]].sum()) * vehicle.cents_per_km // 1000


def _required_round(problem: Problem, rounds: Sequence[Round], stop: Stop) -> int | None:
    """The round of the stops it must be kept with, when one of them is planned."""
    if stop.kept_with is None:
        return None
    for position, planned in enumerate(rounds):
        if any(problem.stop_by_id[each].kept_with == stop.kept_with for each in planned.stop_ids):
            return position
    return None


def _placements(draft: Draft, ids: tuple[str, ...]) -> Iterable[Draft]:
    """Every way of putting one stop, or a pair in its order, among the steps."""
    first = Step(VisitKind.STOP, ids[0])
    for at in range(len(draft.steps) + 1):
        steps = (*draft.steps[:at], first, *draft.steps[at:])
        if len(ids) == 1:
            yield replace(draft, steps=steps)
            continue
        second = Step(VisitKind.STOP, ids[1])
        for then in range(at + 1, len(steps) + 1):
            yield replace(draft, steps=(*steps[:then], second, *steps[then:]))


def _fresh(problem: Problem, rounds: Sequence[Round], stop: Stop) -> Iterable[Draft]:
    """One new round per vehicle that still has one free."""
    used = {(each.vehicle_id, each.vehicle_number) for each in rounds}
    for vehicle in problem.vehicles:
        if not problem.may_call(vehicle, stop):
            continue
        free = [number for number in range(vehicle.count) if (vehicle.id, number) not in used]
        for layout in range(len(vehicle.layouts)) if free else ():
            yield replace(lone_draft(problem, vehicle, stop, layout), vehicle_number=free[0])


def never_late() -> bool:
    """For repairs that take as long as they take."""
    return False


def insert_all(
    problem: Problem,
    drafts: list[Draft],
    rounds: list[Round],
    stops: Iterable[Stop],
    late: Late = never_late,
) -> None:
    """Put each stop into its cheapest lawful place, in place; what fits nowhere is left."""
    for stop in stops:
        if late():
            return
        if any(stop.id in planned.stop_ids for planned in rounds):
            continue
        found = cheapest_insertion(problem, drafts, rounds, stop)
        if found is None:
            continue
        if not stop.required and found.added_cents >= stop.price_cents:
            continue
        if found.round is None:
            drafts.append(found.draft)
            rounds.append(found.planned)
        else:
            drafts[found.round] = found.draft
            rounds[found.round] = found.planned


def lawful(
    problem: Problem, drafts: Iterable[Draft], late: Late = never_late
) -> tuple[list[Draft], list[Round]]:
    """Rounds without a broken rule made from any drafts, as many stops kept as simply can be."""
    kept: list[Draft] = []
    rounds: list[Round] = []
    drafts = list(drafts)
    for draft in _joined(problem, _once(problem, drafts)):
        rest, planned, _ = make_lawful(problem, draft)
        if planned is not None:
            kept.append(rest)
            rounds.append(planned)
    if not late():
        planned_ids = {stop_id for each in rounds for stop_id in each.stop_ids}
        lost = dict.fromkeys(
            step.id
            for draft in drafts
            for step in draft.steps
            if step.id in problem.stop_by_id and step.id not in planned_ids
        )
        insert_all(problem, kept, rounds, (problem.stop_by_id[each] for each in lost), late)
    return kept, rounds


def _once(problem: Problem, drafts: Iterable[Draft]) -> list[Draft]:
    """Drafts on known free vehicles, each stop at most once, transfers whole."""
    seen: set[str] = set()
    used: set[tuple[str, int]] = set()
    kept = []
    for draft in drafts:
        vehicle = problem.vehicle_by_id.get(draft.vehicle_id)
        number = (draft.vehicle_id, draft.vehicle_number)
        if vehicle is None or number in used or draft.vehicle_number >= vehicle.count:
            continue
        inside = _stops(draft)
        gone = {
            each
            for each in inside
            if each not in problem.stop_by_id
            or each in seen
            or not inside.issuperset(company(problem, each))
        }
        rest = without(draft, gone)
        if rest.steps:
            used.add(number)
            seen |= inside
            kept.append(rest)
    return kept


def _joined(problem: Problem, drafts: list[Draft]) -> list[Draft]:
    """Of stops that are kept together, only the largest part stays where it is."""
    words = {stop.kept_with for stop in problem.stops if stop.kept_with is not None}
    for word in sorted(words):
        members = {stop.id for stop in problem.stops if stop.kept_with == word}
        counts = [len(members & _stops(draft)) for draft in drafts]
        if sum(count > 0 for count in counts) > 1:
            main = counts.index(max(counts))
            drafts = [
                draft if position == main else without(draft, members)
                for position, draft in enumerate(drafts)
            ]
    return [draft for draft in drafts if draft.steps]
