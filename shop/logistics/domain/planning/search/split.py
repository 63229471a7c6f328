"""Large plans are improved in parts: neighboring rounds together, each group its own problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import atan2, pi

from shop.logistics.domain.planning.plan import VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.search.engine import Part, Penalties, improve
from shop.logistics.domain.planning.search.model import SearchModel, Tightening
from shop.logistics.domain.planning.timing import Draft

SPLIT_ABOVE = 300
"""From how many stops on a plan is improved in parts."""
GROUP_STOPS = 150
"""About how many stops a group has."""
LEAST_ROUNDS = 5
"""A group has at least so many rounds, or nothing can be exchanged."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rounds to be improved together, and stops without a round that lie near them."""

    drafts: tuple[Draft, ...]
    stop_ids: frozenset[str]


def split(
    problem: Problem, drafts: Sequence[Draft], unserved: Iterable[Stop], offset: float
) -> list[Group]:
    """Cut rounds into groups of neighbors, going round the hub from an angle (0 to 1 turns)."""
    angles = [_angle(problem, draft) for draft in drafts]
    turn = offset * 2 * pi
    order = sorted(range(len(drafts)), key=lambda at: ((angles[at] - turn) % (2 * pi), at))
    total = sum(len(draft.steps) for draft in drafts)
    parts = max(1, min(round(total / GROUP_STOPS), len(drafts) // LEAST_ROUNDS))
    members: list[list[int]] = [[] for _ in range(parts)]
    seen = 0
    for at in order:
        members[min(parts - 1, seen * parts // max(1, total))].append(at)
        seen += len(drafts[at].steps)
    groups = [group for group in members if group]
    homeless: list[set[str]] = [set() for _ in groups]
    for stop in unserved:
        angle = _angle_of(problem, [stop.place])
        near = min(
            range(len(groups)),
            key=lambda at: min(_apart(angle, angles[member]) for member in groups[at]),
        )
        homeless[near].add(stop.id)
    return [
        Group(
            tuple(drafts[at] for at in group),
            frozenset(step.id for at in group for step in drafts[at].steps) | extra,
        )
        for group, extra in zip(groups, homeless, strict=True)
    ]


def _angle(problem: Problem, draft: Draft) -> float:
    places = [
        problem.stop_by_id[step.id].place for step in draft.steps if step.kind is VisitKind.STOP
    ]
    return _angle_of(problem, places)


def _angle_of(problem: Problem, places: Sequence[int]) -> float:
    """The direction, seen from the first hub, in which the middle of some places lies."""
    hub = problem.places[problem.hubs[0].place]
    lon = sum(problem.places[at].lon for at in places) / max(1, len(places))
    lat = sum(problem.places[at].lat for at in places) / max(1, len(places))
    return atan2(lat - hub.lat, lon - hub.lon)


def _apart(one: float, other: float) -> float:
    difference = abs(one - other) % (2 * pi)
    return min(difference, 2 * pi - difference)


@dataclass(frozen=True, slots=True)
class Polish:
    """One group to improve: everything a worker process needs to know."""

    problem: Problem
    group: Group
    tightening: Tightening
    bonus_millicents: int | None
    seed: int
    penalties: Penalties | None


def polish(task: Polish, part: Part) -> tuple[Draft, ...]:
    """Improve one group; its old rounds when nothing better was found."""
    counts: Counter[tuple[str, int]] = Counter(
        (draft.vehicle_id, draft.layout) for draft in task.group.drafts
    )
    for vehicle in task.problem.vehicles:
        for layout in range(len(vehicle.layouts)):
            counts.setdefault((vehicle.id, layout), 0)
    stops = [stop for stop in task.problem.stops if stop.id in task.group.stop_ids]
    tightening = replace(task.tightening, counts=counts)
    model = SearchModel(task.problem, stops, tightening, task.bonus_millicents)
    initial = model.solution(task.group.drafts)
    found = improve(model.data, task.seed, part, initial, None, task.penalties).solution
    if not found.is_feasible():
        return task.group.drafts
    return tuple(model.drafts(found))


def renumbered(drafts: Iterable[Draft]) -> list[Draft]:
    """Equal vehicles numbered from 0, in the order of the drafts."""
    used: Counter[str] = Counter()
    numbered = []
    for draft in drafts:
        numbered.append(replace(draft, vehicle_number=used[draft.vehicle_id]))
        used[draft.vehicle_id] += 1
    return numbered
