"""Large plans are improved in parts: neighboring rounds together, each group its own problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import atan2, pi

from pyvrp import ProblemData, Solution

from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.search.engine import Found, has_long_rounds
from shop.logistics.domain.planning.search.model import SearchModel
from shop.logistics.domain.planning.search.tightening import Tightening
from shop.logistics.domain.planning.timing import Draft, time_round

SPLIT_ABOVE = 300
"""From how many stops on a plan is improved in parts."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How a large plan is improved in parts."""

    first_share: float
    """Part of the time spent on the whole before."""
    stops: int
    """About how many stops a group has."""
    rounds: int
    """A group has at least so many rounds, or nothing can be exchanged."""


SHORT_ROUNDS = Cut(0.25, 150, 5)
LONG_ROUNDS = Cut(0.4, 300, 8)
IN_HASTE = Cut(0.0, 200, 5)


def cut_for(data: ProblemData) -> Cut:
    """How to cut a problem, by how many stops its vehicles have room for."""
    return LONG_ROUNDS if has_long_rounds(data) else SHORT_ROUNDS


@dataclass(frozen=True, slots=True)
class Group:
    """Rounds to be improved together, and stops without a round that lie near them."""

    drafts: tuple[Draft, ...]
    stop_ids: frozenset[str]


def split(
    problem: Problem, drafts: Sequence[Draft], unserved: Iterable[Stop], offset: float, cut: Cut
) -> list[Group]:
    """Cut rounds into groups of neighbors, going round the hub from an angle (0 to 1 turns)."""
    angles = [_angle(problem, draft) for draft in drafts]
    turn = offset * 2 * pi
    order = sorted(range(len(drafts)), key=lambda at: ((angles[at] - turn) % (2 * pi), at))
    total = sum(len(draft.steps) for draft in drafts)
    parts = max(1, min(round(total / cut.stops), len(drafts) // cut.rounds))
    members: list[list[int]] = [[] for _ in range(parts)]
    seen = 0
    for at in order:
        members[min(parts - 1, seen * parts // max(1, total))].append(at)
        seen += len(drafts[at].steps)
    groups = [group for group in members if group]
    homeless: list[set[str]] = [set() for _ in groups]
    for stop in unserved:
        angle = angle_of(problem, [stop.place])
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
    return angle_of(problem, places)


def angle_of(problem: Problem, places: Sequence[int]) -> float:
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
    """One group to improve as a problem of its own, with the vehicles it has."""

    problem: Problem
    group: Group
    tightening: Tightening
    bonus_millicents: int | None
    lawful_only: bool = False
    """Whether rounds that break a rule are given up at once: there is no time to learn."""

    def model(self) -> SearchModel:
        """What the search sees of the group."""
        counts: Counter[tuple[str, int]] = Counter(
            (draft.vehicle_id, draft.layout) for draft in self.group.drafts
        )
        for vehicle in self.problem.vehicles:
            for layout in range(len(vehicle.layouts)):
                counts.setdefault((vehicle.id, layout), 0)
        stops = [stop for stop in self.problem.stops if stop.id in self.group.stop_ids]
        tightening = replace(self.tightening, counts=counts)
        return SearchModel(self.problem, stops, tightening, self.bonus_millicents)

    def start(self, model: SearchModel) -> Solution:
        """The rounds as they are."""
        return model.solution(self.group.drafts)

    def kept(self, model: SearchModel, found: Found | None) -> tuple[Draft, ...]:
        """The rounds as they were improved; as they are when nothing better was found."""
        if found is None or not found.solution.is_feasible():
            return self.group.drafts
        drafts = tuple(model.drafts(found.solution))
        if self.lawful_only and any(
            check_round(self.problem, time_round(self.problem, draft)) for draft in drafts
        ):
            return self.group.drafts
        return drafts


def renumbered(drafts: Iterable[Draft]) -> list[Draft]:
    """Equal vehicles numbered from 0, in the order of the drafts."""
    used: Counter[str] = Counter()
    numbered = []
    for draft in drafts:
        numbered.append(replace(draft, vehicle_number=used[draft.vehicle_id]))
        used[draft.vehicle_id] += 1
    return numbered
