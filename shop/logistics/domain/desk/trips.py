"""One more trip: a truck that comes back to the hub loads again for a stop that fits nowhere else.

A van that collects in the morning and delivers in the afternoon is two trips; putting a stop into
the trips there are would never find the second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import Round, VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.search.repair import Insertion, cheapest_insertion
from shop.logistics.domain.planning.timing import Draft, Step, time_round

TRIED = 5
"""How many trucks are asked for one more trip, those with the shortest days."""


def new_trip(
    problem: Problem, drafts: Sequence[Draft], rounds: Sequence[Round], stop: Stop
) -> Insertion | None:
    """The cheapest lawful trip for one stop before or after what a truck does already."""
    best: Insertion | None = None
    order = sorted(range(len(rounds)), key=lambda at: rounds[at].duration_s)
    for position in order[:TRIED]:
        for draft in _longer(problem, drafts[position], stop):
            timed = time_round(problem, draft)
            added = timed.cost.total_cents - rounds[position].cost.total_cents
            if (best is None or added < best.added_cents) and not check_round(problem, timed):
                best = Insertion(draft, timed, added, position)
    return best


def _longer(problem: Problem, draft: Draft, stop: Stop) -> Iterator[Draft]:
    vehicle = problem.vehicle_by_id[draft.vehicle_id]
    used = sum(step.kind is VisitKind.RELOAD for step in draft.steps)
    if used >= vehicle.max_reloads or not problem.may_call(vehicle, stop):
        return
    call = Step(VisitKind.STOP, stop.id)
    for hub in vehicle.reload_hubs:
        again = Step(VisitKind.RELOAD, hub)
        yield replace(draft, steps=(*draft.steps, again, call))
        yield replace(draft, steps=(call, again, *draft.steps))


def fit_in(
    problem: Problem, drafts: list[Draft], rounds: list[Round], stops: Iterable[Stop]
) -> None:
    """Put each stop where it costs least, in place; what fits nowhere is left out."""
    for stop in stops:
        found = cheapest_insertion(problem, drafts, rounds, stop)
        found = found or new_trip(problem, drafts, rounds, stop)
        if found is None:
            continue
        if found.round is None:
            drafts.append(found.draft)
            rounds.append(found.planned)
        else:
            drafts[found.round] = found.draft
            rounds[found.round] = found.planned
