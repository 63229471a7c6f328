"""Other solvers on the same problem: what they answer are drafts, which our clock times.

They know less than our problem says: no limit aboard, no breaks; VROOM and OR-Tools here no second
trip, no release times and only the first arrangement of compartments. The checker says
what that breaks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import pyvrp

from shop.logistics.domain.planning.plan import VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop, Vehicle
from shop.logistics.domain.planning.search.model import SearchModel
from shop.logistics.domain.planning.search.units import MILLICENTS, per_second
from shop.logistics.domain.planning.timing import Draft, Step

PACKAGES = {"pyvrp": "pyvrp", "vroom": "pyvroom", "ortools": "ortools"}
"""What to install for each peer: together the extra ``peers``."""
FAR = 2**31 - 1
DAY_BEFORE_S = 86_400
MOST_PRIORITY = 100
LEFT_OUT_CENTS = 10**8
"""What OR-Tools pays for leaving out what is required: it finds no first plan without."""


@dataclass(frozen=True, slots=True)
class Task:
    """One search: what, how long on each core, on how many, with which seed."""

    problem: Problem
    seconds: float
    cores: int
    seed: int


def is_installed(peer: str) -> bool:
    """Whether a peer can be run here."""
    return find_spec(peer) is not None


def name_of(peer: str) -> str:
    """A peer and its version."""
    return f"{peer} {version(PACKAGES[peer])}"


class _Deadline:
    """PyVRP's stop rule by the seconds the processor worked."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.process_time() + seconds

    def __call__(self, best_cost: float) -> bool:
        return time.process_time() >= self.ends


def solve_with_pyvrp(task: Task) -> list[Draft]:
    """PyVRP as it comes, one core, on the model our own search begins with."""
    model = SearchModel(task.problem, task.problem.stops)
    result = pyvrp.solve(
        model.data, _Deadline(task.seconds), seed=task.seed, collect_stats=False, display=False
    )
    return model.drafts(result.best)


@dataclass(frozen=True, slots=True)
class _Truck:
    """One single vehicle and which of its equals it is."""

    vehicle: Vehicle
    number: int

    def draft(self, stop_ids: Sequence[str]) -> Draft:
        """A round of this vehicle past these stops."""
        steps = tuple(Step(VisitKind.STOP, each) for each in stop_ids)
        return Draft(self.vehicle.id, steps, self.number)


class _Flat:
    """A problem as solvers with one trip per vehicle see it; times from the day before on."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = SearchModel(problem, problem.stops)
        self.trucks = [
            _Truck(vehicle, number)
            for vehicle in problem.vehicles
            for number in range(vehicle.count)
        ]
        self.times = problem.travel.duration_s
        self.meters = problem.travel.distance_m
        self.skills = {
            word: at
            for at, word in enumerate(
                sorted({need for stop in problem.stops for need in stop.needs})
            )
        }

    def hub_of(self, vehicle: Vehicle) -> int:
        """Where it starts and ends."""
        return self.problem.hub_by_id[vehicle.start_hub].place

    def room(self, vehicle: Vehicle) -> list[int]:
        """Capacity in the dimensions of the model, of the first arrangement."""
        kind = next(each for each in self.model.kinds if each.vehicle.id == vehicle.id)
        return self.model.room(kind)

    def windows(self, stop: Stop) -> Iterator[tuple[int, int]]:
        """Opening times, none below zero."""
        for window in stop.windows:
            yield window.opens_s + DAY_BEFORE_S, window.closes_s + DAY_BEFORE_S

    def day(self, vehicle: Vehicle) -> tuple[int, int]:
        """When it may leave, loaded, and when it must be back."""
        hub = self.problem.hub_by_id[vehicle.start_hub]
        closes = hub.closes_s if vehicle.latest_end_s is None else vehicle.latest_end_s
        opens = max(vehicle.earliest_start_s, hub.opens_s) + hub.loading_s
        return opens + DAY_BEFORE_S, min(closes, hub.closes_s) + DAY_BEFORE_S

    def longest_s(self, vehicle: Vehicle) -> int:
        """The longest day on the road."""
        hub = self.problem.hub_by_id[vehicle.start_hub]
        return vehicle.shift_s + vehicle.max_overtime_s - hub.loading_s


def solve_with_vroom(task: Task) -> list[Draft]:
    """VROOM at its highest level; it ends by itself, often early."""
    vroom: Any = import_module("vroom")
    flat = _Flat(task.problem)
    whole = vroom.Input()
    whole.set_durations_matrix("car", flat.times.astype(np.uint32))
    whole.set_distances_matrix("car", flat.meters.astype(np.uint32))
    for at, truck in enumerate(flat.trucks):
        vehicle = truck.vehicle
        whole.add_vehicle(
            vroom.Vehicle(
                at,
                start=flat.hub_of(vehicle),
                end=task.problem.hub_by_id[vehicle.end_hub].place,
                capacity=flat.room(vehicle),
                skills={flat.skills[each] for each in vehicle.skills if each in flat.skills},
                time_window=vroom.TimeWindow(*flat.day(vehicle)),
                max_distance=vehicle.max_distance_m or FAR,
                costs=vroom.VehicleCosts(
                    vehicle.fixed_cents, vehicle.cents_per_hour, vehicle.cents_per_km
                ),
            )
        )
    rows = {stop.id: row for row, stop in enumerate(task.problem.stops)}
    _give_work(vroom, whole, flat, rows)
    answer = whole.solve(5, nb_threads=task.cores, timeout=timedelta(seconds=task.seconds))
    found: dict[int, list[str]] = {}
    frame = answer.routes
    for truck_at, kind, job in zip(frame["vehicle_id"], frame["type"], frame["id"], strict=True):
        if kind not in ("start", "end", "break"):
            found.setdefault(int(truck_at), []).append(task.problem.stops[int(job)].id)
    return [flat.trucks[at].draft(stop_ids) for at, stop_ids in sorted(found.items())]


def _give_work(vroom: Any, whole: Any, flat: _Flat, rows: dict[str, int]) -> None:
    """Stops and transfers; what is required comes first."""
    for stop in flat.problem.stops:
        if stop.id in flat.problem.transfer_of:
            continue
        whole.add_job(
            vroom.Job(
                rows[stop.id],
                location=stop.place,
                default_service=stop.service_s,
                delivery=flat.model.load(stop.delivers),
                pickup=flat.model.load(stop.collects),
                skills={flat.skills[each] for each in stop.needs},
                priority=MOST_PRIORITY if stop.required else 0,
                time_windows=[vroom.TimeWindow(*each) for each in flat.windows(stop)],
            )
        )
    for transfer in flat.problem.transfers:
        ends = [flat.problem.stop_by_id[each] for each in (transfer.collect, transfer.deliver)]
        steps = [
            vroom.ShipmentStep(
                rows[stop.id],
                stop.place,
                default_service=stop.service_s,
                time_windows=[vroom.TimeWindow(*each) for each in flat.windows(stop)],
            )
            for stop in ends
        ]
        amount = vroom.Amount(flat.model.load(ends[0].collects))
        whole.add_shipment(*steps, amount=amount, priority=MOST_PRIORITY)


def solve_with_ortools(task: Task) -> list[Draft]:
    """OR-Tools with guided local search, one core."""
    wrap: Any = import_module("ortools.constraint_solver.pywrapcp")
    enums: Any = import_module("ortools.constraint_solver.routing_enums_pb2")
    flat = _Flat(task.problem)
    places = [stop.place for stop in task.problem.stops]
    hub = flat.hub_of(task.problem.vehicles[0])
    rows = [hub, *places]
    manager = wrap.RoutingIndexManager(len(rows), len(flat.trucks), 0)
    routing = wrap.RoutingModel(manager)
    nodes = {stop.id: manager.NodeToIndex(at) for at, stop in enumerate(task.problem.stops, 1)}
    _price(routing, flat, rows)
    _load(routing, flat)
    _time(routing, flat, rows, nodes)
    for stop in task.problem.stops:
        price = LEFT_OUT_CENTS if stop.required else stop.price_cents
        routing.AddDisjunction([nodes[stop.id]], price * MILLICENTS)
    for transfer in task.problem.transfers:
        first, second = nodes[transfer.collect], nodes[transfer.deliver]
        routing.AddPickupAndDelivery(first, second)
        routing.solver().Add(routing.VehicleVar(first) == routing.VehicleVar(second))
        clock = routing.GetDimensionOrDie("time")
        routing.solver().Add(clock.CumulVar(first) <= clock.CumulVar(second))
    rule = wrap.DefaultRoutingSearchParameters()
    rule.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    rule.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    rule.time_limit.FromMilliseconds(round(task.seconds * 1000))
    answer = routing.SolveWithParameters(rule)
    if answer is None:
        return []
    drafts = []
    for at, truck in enumerate(flat.trucks):
        index, stop_ids = answer.Value(routing.NextVar(routing.Start(at))), []
        while not routing.IsEnd(index):
            stop_ids.append(task.problem.stops[manager.IndexToNode(index) - 1].id)
            index = answer.Value(routing.NextVar(index))
        if stop_ids:
            drafts.append(truck.draft(stop_ids))
    return drafts


def _price(routing: Any, flat: _Flat, rows: list[int]) -> None:
    """Thousandths of a cent per meter and per vehicle."""
    evaluators: dict[int, int] = {}
    for at, truck in enumerate(flat.trucks):
        price = truck.vehicle.cents_per_km
        if price not in evaluators:
            money = flat.meters[np.ix_(rows, rows)] * price
            evaluators[price] = routing.RegisterTransitMatrix(money.tolist())
        routing.SetArcCostEvaluatorOfVehicle(evaluators[price], at)
        routing.SetFixedCostOfVehicle(truck.vehicle.fixed_cents * MILLICENTS, at)


def _load(routing: Any, flat: _Flat) -> None:
    """One dimension for each measure; what is collected takes the room of what was delivered."""
    rooms = [flat.room(truck.vehicle) for truck in flat.trucks]
    stops = flat.problem.stops
    for at in range(len(rooms[0])):
        given = [flat.model.load(stop.delivers)[at] for stop in stops]
        taken = [flat.model.load(stop.collects)[at] for stop in stops]
        paired = [stop.id in flat.problem.transfer_of for stop in stops]
        room = [each[at] for each in rooms]
        if any(paired):
            change = [more - less for more, less in zip(taken, given, strict=True)]
            evaluator = routing.RegisterUnaryTransitVector([0, *change])
            routing.AddDimensionWithVehicleCapacity(evaluator, 0, room, True, f"load {at}")
            continue
        for amounts, name in ((given, "out"), (taken, "back")):
            evaluator = routing.RegisterUnaryTransitVector([0, *amounts])
            routing.AddDimensionWithVehicleCapacity(evaluator, 0, room, True, f"{name} {at}")


def _time(routing: Any, flat: _Flat, rows: list[int], nodes: dict[str, int]) -> None:
    """Windows of stops and of days; of several windows the times between are taken out."""
    stops = flat.problem.stops
    service = np.array([0, *(stop.service_s for stop in stops)])
    transit = flat.times[np.ix_(rows, rows)] + service[:, None]
    evaluator = routing.RegisterTransitMatrix(transit.tolist())
    days = [flat.day(truck.vehicle) for truck in flat.trucks]
    horizon = max(closes for _, closes in days)
    routing.AddDimension(evaluator, horizon, horizon, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for stop in stops:
        windows = list(flat.windows(stop))
        if windows:
            clock.CumulVar(nodes[stop.id]).SetRange(windows[0][0], min(horizon, windows[-1][1]))
        for (_, closes), (opens, _) in pairwise(windows):
            clock.CumulVar(nodes[stop.id]).RemoveInterval(closes + 1, opens - 1)
    for at, truck in enumerate(flat.trucks):
        clock.CumulVar(routing.Start(at)).SetRange(*days[at])
        clock.CumulVar(routing.End(at)).SetRange(*days[at])
        clock.SetSpanUpperBoundForVehicle(flat.longest_s(truck.vehicle), at)
        price = per_second(truck.vehicle.cents_per_hour)
        if price:
            clock.SetSpanCostCoefficientForVehicle(price, at)


PEERS = {
    "pyvrp": solve_with_pyvrp,
    "vroom": solve_with_vroom,
    "ortools": solve_with_ortools,
}
