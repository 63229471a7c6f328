"""From PyVRP's routes back to drafts of rounds, and from drafts to what PyVRP starts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyvrp import Activity, ActivityType, ProblemData, Solution
from pyvrp import Route as SearchRoute

from shop.logistics.domain.planning.plan import VisitKind
from shop.logistics.domain.planning.problem import Problem, Transfer, Vehicle
from shop.logistics.domain.planning.timing import Draft, Step


@dataclass(frozen=True, slots=True)
class Kind:
    """One vehicle type of the model: a vehicle with one of its layouts."""

    vehicle: Vehicle
    layout: int


@dataclass(frozen=True, slots=True)
class WayBack:
    """Which client, depot and vehicle type of a model stands for what."""

    problem: Problem
    data: ProblemData
    kinds: Sequence[Kind]
    counts: Sequence[int]
    """How many vehicles of each kind there are."""
    clients: Sequence[tuple[str, int]]
    """By client: the stop and which of its windows."""
    client_of: Mapping[tuple[str, int], int]
    transfers: Sequence[Transfer]
    """By shipment."""
    depot_of: Mapping[str, int]

    def drafts(self, solution: Solution) -> list[Draft]:
        """Rounds in order of stops, equal vehicles numbered from 0."""
        used: dict[str, int] = {}
        drafts = []
        for route in solution.routes():
            kind = self.kinds[route.vehicle_type()]
            vehicle, layout = kind.vehicle, kind.layout
            steps = [step for step in map(self._step, list(route)[1:-1]) if step is not None]
            if not any(step.kind is VisitKind.STOP for step in steps):
                continue
            number = used.get(vehicle.id, 0)
            used[vehicle.id] = number + 1
            drafts.append(Draft(vehicle.id, tuple(steps), number, layout))
        return drafts

    def _step(self, activity: Activity) -> Step | None:
        if activity.type == ActivityType.DEPOT:
            return Step(VisitKind.RELOAD, self.problem.hubs[activity.idx].id)
        if activity.type == ActivityType.CLIENT:
            stop_id, window = self.clients[activity.idx]
            return Step(VisitKind.STOP, stop_id, window)
        transfer = self.transfers[activity.idx]
        pickup = activity.type == ActivityType.PICKUP
        return Step(VisitKind.STOP, transfer.collect if pickup else transfer.deliver, None)

    def solution(self, drafts: Iterable[Draft]) -> Solution:
        """Drafts as PyVRP's solution; what the model does not know any more is left out."""
        left = list(self.counts)
        known = {stop_id for stop_id, _ in self.clients}
        routes = []
        for draft in drafts:
            position = self._type_for(draft, left)
            if position is None:
                continue
            activities = self._activities(draft, self.kinds[position].vehicle, known)
            if not activities:
                continue
            left[position] -= 1
            routes.append(SearchRoute(self.data, activities, position))
        return Solution(self.data, routes)

    def _type_for(self, draft: Draft, left: Sequence[int]) -> int | None:
        """The type a draft drives as, while there are vehicles of it left."""
        for position, kind in enumerate(self.kinds):
            same = (kind.vehicle.id, kind.layout) == (draft.vehicle_id, draft.layout)
            if same and left[position]:
                return position
        return None

    def _activities(self, draft: Draft, vehicle: Vehicle, known: set[str]) -> list[Activity]:
        found: list[Activity] = []
        shipments = {each.collect: number for number, each in enumerate(self.transfers)}
        inside = {step.id for step in draft.steps}
        reloads = 0
        for step in draft.steps:
            transfer = self.problem.transfer_of.get(step.id)
            if step.kind is VisitKind.RELOAD:
                allowed = step.id in vehicle.reload_hubs and reloads < vehicle.max_reloads
                if allowed and not (found and found[-1].is_depot()):
                    reloads += 1
                    found.append(Activity(ActivityType.DEPOT, self.depot_of[step.id]))
            elif transfer is None and step.id in known:
                found.append(Activity(ActivityType.CLIENT, self._client_for(step)))
            elif transfer is None:
                continue
            elif {transfer.collect, transfer.deliver} <= inside and transfer.collect in shipments:
                side = ActivityType.PICKUP if step.id == transfer.collect else ActivityType.DELIVERY
                found.append(Activity(side, shipments[transfer.collect]))
        while found and found[-1].is_depot():
            found.pop()
        return found

    def _client_for(self, step: Step) -> int:
        exact = self.client_of.get((step.id, step.window or 0))
        if exact is not None:
            return exact
        windows = range(max(1, len(self.problem.stop_by_id[step.id].windows)))
        return next(
            self.client_of[step.id, each] for each in windows if (step.id, each) in self.client_of
        )
