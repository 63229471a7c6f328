"""PyVRP's iterated local search, started warm and stopped on time."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from pyvrp import (
    IteratedLocalSearch,
    IteratedLocalSearchParams,
    PenaltyManager,
    PenaltyParams,
    ProblemData,
    RandomNumberGenerator,
    Solution,
)
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from shop.logistics.domain.planning.search.clock import WallClock

UNLAWFUL_COST = 2.0**62
"""PyVRP says that what breaks a limit costs about as much as a number can be."""

Watch = Callable[[Solution, int], None]
"""Told now and then: the best solution so far and how many iterations were done."""


@dataclass(slots=True)
class Budget:
    """What is left of seconds and iterations, shared by all parts of one search.

    ``ends`` is an instant of ``clock``; ``None`` where only iterations count.
    """

    ends: float | None
    iterations: int | None
    asked: Callable[[], bool] | None = None
    done: int = 0
    stopped: bool = False
    clock: WallClock = field(default_factory=WallClock)

    def seconds_left(self) -> float | None:
        """Seconds left, never negative; ``None`` when time does not count."""
        return None if self.ends is None else max(0.0, self.ends - self.clock.now())

    def is_spent(self) -> bool:
        """Whether the search must end now."""
        if self.stopped:
            return True
        self.stopped = (
            (self.iterations is not None and self.done >= self.iterations)
            or (self.ends is not None and self.clock.now() >= self.ends)
            or (self.asked is not None and self.asked())
        )
        return self.stopped

    def part(self, share: float) -> Part:
        """A share of what is left now, at least one iteration."""
        return Part(self, self.ends, self.iterations).share(share)


@dataclass(frozen=True, slots=True)
class Aim:
    """What makes a search end before its time."""

    hope: float = 1.0
    """Share of its time after which it gives up when it has found nothing lawful."""
    lawful_is_enough: bool = False
    """Whether it ends with the first lawful solution."""


BEST = Aim()


@dataclass(slots=True)
class Part:
    """A share of a budget; PyVRP asks it before each iteration."""

    budget: Budget
    ends: float | None
    until: int | None
    hope: Part | None = None
    """When to give up while nothing lawful was found; ``None`` is never."""
    aim: Aim = BEST

    def aiming_at(self, aim: Aim) -> Part:
        """This part, ended early by what its aim says."""
        return replace(self, aim=aim, hope=self.share(aim.hope))

    def is_spent(self) -> bool:
        """Whether no more is left of this part."""
        return (self.ends is not None and self.budget.clock.now() >= self.ends) or (
            self.until is not None and self.budget.done >= self.until
        )

    def share(self, share: float) -> Part:
        """A share of what is left of this part now, at least one iteration."""
        now, done = self.budget.clock.now(), self.budget.done
        return Part(
            self.budget,
            None if self.ends is None else now + share * max(0.0, self.ends - now),
            None if self.until is None else done + max(1, round(share * (self.until - done))),
        )

    def allowance(self) -> tuple[float | None, int | None]:
        """Seconds and iterations that this part still has."""
        left = self.budget.seconds_left()
        if left is not None and self.ends is not None:
            left = min(left, max(0.0, self.ends - self.budget.clock.now()))
        return (
            left,
            None if self.until is None else max(0, self.until - self.budget.done),
        )

    def __call__(self, best_cost: float) -> bool:
        """Whether to stop; counts the iteration that follows when not."""
        spent = self.budget.is_spent() or self.is_spent()
        if not spent and best_cost >= UNLAWFUL_COST:
            spent = self.hope is not None and self.hope.is_spent()
        elif not spent:
            spent = self.aim.lawful_is_enough
        if not spent:
            self.budget.done += 1
        return spent


class _Watcher(IteratedLocalSearchCallbacks):
    def __init__(self, watch: Watch | None, budget: Budget) -> None:
        self._watch = watch
        self._budget = budget
        self._next = 0.0

    def on_iteration(
        self, current: Solution, candidate: Solution, best: Solution, cost_evaluator: object
    ) -> None:
        """Tell the one who watches, a few times a second."""
        if self._watch is not None and time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.5
            self._watch(best, self._budget.done)


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a search looks before it settles."""

    perturbations: int
    """How many moves at most are undone before each descent."""
    history: int
    """How many iterations ago a solution must be matched to be accepted."""
    neighbours: int = 35
    """How many near stops are tried for each stop."""
    updates: int = 20
    """After how many solutions penalties are set anew."""


HURRIED = Pace(10, 50)
PATIENT = Pace(25, 300)
WINDOWLESS = Pace(25, 100, neighbours=20, updates=100)
"""For many stops that may be served at any time: near is then near, and few neighbors do."""
MANY_WINDOWLESS = 200
PATIENT_FROM = 8_000
"""Expected iterations from which patience pays."""
LONG_ROUND = 18
"""Stops in a round, as far as vehicles have room, from which patience pays too."""
STOPS_PER_SECOND = 200_000
"""Iterations of a second times stops, roughly."""


Penalties = tuple[list[float], float, float]
"""What a unit too much costs: per load dimension, of time, of distance."""


HARDER = 30
"""How many times as much a broken limit costs a search that found nothing lawful."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search ends with; ``penalties`` serve the next search of the same problem."""

    solution: Solution
    penalties: Penalties | None


def pace_of(data: ProblemData, part: Part) -> Pace:
    """Patient when the part allows many iterations, a guess by size, or when routes are long."""
    seconds, iterations = part.allowance()
    stops = data.num_clients + data.num_shipments
    if data.num_clients >= MANY_WINDOWLESS and not _has_windows(data):
        return WINDOWLESS
    if iterations is None:
        iterations = int((seconds or 0.0) * STOPS_PER_SECOND / max(1, stops))
    return PATIENT if iterations >= PATIENT_FROM or has_long_rounds(data) else HURRIED


def _penalty_params(pace: Pace) -> PenaltyParams:
    """A planner waits seconds, not hours: penalties must find their level in few iterations."""
    return PenaltyParams(
        solutions_between_updates=pace.updates,
        penalty_increase=1.25,
        penalty_decrease=0.9,
        max_penalty=1_000_000.0,
    )


def _has_windows(data: ProblemData) -> bool:
    """Whether a tenth of the stops and more cannot be served at any time."""
    begins = min(each.tw_early for each in data.vehicle_types())
    ends = max(each.tw_late for each in data.clients())
    bound = sum(each.tw_early > begins or each.tw_late < ends for each in data.clients())
    return data.num_shipments > 0 or 10 * bound >= data.num_clients


def has_long_rounds(data: ProblemData) -> bool:
    """Whether room lets rounds be long; goods that must stay cold keep them short (slots)."""
    return data.num_groups == 0 and data.num_clients >= LONG_ROUND * _least_rounds(data)


def _least_rounds(data: ProblemData) -> float:
    """How many of the largest vehicles would hold everything."""
    loads = np.zeros(data.num_load_dimensions)
    for client in data.clients():
        loads += np.maximum(client.delivery, client.pickup)
    room = np.max([each.capacity for each in data.vehicle_types()], axis=0, initial=1)
    return max(1.0, float(np.max(loads / np.maximum(1, room), initial=0.0)))


def improve(
    data: ProblemData,
    seed: int,
    part: Part,
    initial: Solution | None = None,
    watch: Watch | None = None,
    penalties: Penalties | None = None,
) -> Found:
    """Search until the part is spent; the best solution found, which may break limits.

    A start that lacks stops would stay stuck, so whatever we start from first goes through one
    exhaustive local search at the highest penalties.
    """
    if data.num_clients + data.num_shipments == 0:
        return Found(Solution(data, []), None)
    rng = RandomNumberGenerator(seed=seed)
    pace = pace_of(data, part)
    search = LocalSearch(
        data,
        rng,
        compute_neighbours(data, NeighbourhoodParams(num_neighbours=pace.neighbours)),
        PerturbationManager(PerturbationParams(1, pace.perturbations)),
    )
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    if penalties is None or len(penalties[0]) != data.num_load_dimensions:
        penalties = first_penalties(data)
    manager = PenaltyManager(penalties, _penalty_params(pace))
    start = Solution.make_random(data, rng) if initial is None else initial
    first = search(start, manager.max_cost_evaluator(), exhaustive=True)
    if initial is not None and initial.is_feasible() and not _better(first, initial, manager):
        first = initial
    algorithm = IteratedLocalSearch(
        data,
        manager,
        search,
        first,
        IteratedLocalSearchParams(
            history_length=pace.history, callbacks=_Watcher(watch, part.budget)
        ),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        best = algorithm.run(part, collect_stats=False, display=False).best
    return Found(best, manager.penalties())


def first_penalties(data: ProblemData) -> Penalties:
    """Penalties per unit at which breaking a limit by a usual stop costs about a usual leg."""
    vehicle = data.vehicle_type(0)
    meters = float(np.median(data.distance_matrix(0)))
    seconds = float(np.median(data.duration_matrix(0)))
    usual = 1.0 + meters * vehicle.unit_distance_cost + seconds * vehicle.unit_duration_cost
    loads = np.zeros(data.num_load_dimensions)
    for client in data.clients():
        loads += np.maximum(client.delivery, client.pickup)
    for shipment in data.shipments():
        loads += shipment.amount
    loads /= data.num_clients + data.num_shipments
    return (usual / np.maximum(1.0, loads)).tolist(), usual / max(1.0, seconds), usual


def harder(penalties: Penalties) -> Penalties:
    """Penalties at which what is lawful counts far more than what is cheap."""
    loads, duration, distance = penalties
    return [each * HARDER for each in loads], duration * HARDER, distance * HARDER


def _better(one: Solution, other: Solution, manager: PenaltyManager) -> bool:
    evaluator = manager.max_cost_evaluator()
    return bool(evaluator.cost(one) < evaluator.cost(other))
