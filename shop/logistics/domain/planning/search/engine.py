"""PyVRP's iterated local search, started warm and stopped on time."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

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

Watch = Callable[[Solution, int], None]
"""Told now and then: the best solution so far and how many iterations were done."""


@dataclass(slots=True)
class Budget:
    """What is left of seconds and iterations, shared by all parts of one search.

    ``ends`` is an instant of the monotonic clock; ``None`` where only iterations count.
    """

    ends: float | None
    iterations: int | None
    asked: Callable[[], bool] | None = None
    done: int = 0
    stopped: bool = False

    def seconds_left(self) -> float | None:
        """Seconds left, never negative; ``None`` when time does not count."""
        return None if self.ends is None else max(0.0, self.ends - time.monotonic())

    def is_spent(self) -> bool:
        """Whether the search must end now."""
        if self.stopped:
            return True
        self.stopped = (
            (self.iterations is not None and self.done >= self.iterations)
            or (self.ends is not None and time.monotonic() >= self.ends)
            or (self.asked is not None and self.asked())
        )
        return self.stopped

    def part(self, share: float) -> Part:
        """A share of what is left now, at least one iteration."""
        seconds = self.seconds_left()
        return Part(
            self,
            None if seconds is None else time.monotonic() + share * seconds,
            None
            if self.iterations is None
            else self.done + max(1, round(share * (self.iterations - self.done))),
        )


@dataclass(slots=True)
class Part:
    """A share of a budget; PyVRP asks it before each iteration."""

    budget: Budget
    ends: float | None
    until: int | None

    def __call__(self, best_cost: float) -> bool:
        """Whether to stop; counts the iteration that follows when not."""
        spent = (
            self.budget.is_spent()
            or (self.ends is not None and time.monotonic() >= self.ends)
            or (self.until is not None and self.budget.done >= self.until)
        )
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


def improve(
    data: ProblemData,
    seed: int,
    part: Part,
    initial: Solution | None = None,
    watch: Watch | None = None,
) -> Solution:
    """Search until the part is spent; the best solution found, which may break limits.

    A start that lacks stops would stay stuck, so whatever we start from first goes through one
    exhaustive local search at the highest penalties.
    """
    if data.num_clients + data.num_shipments == 0:
        return Solution(data, [])
    rng = RandomNumberGenerator(seed=seed)
    params = PenaltyParams()
    search = LocalSearch(
        data,
        rng,
        compute_neighbours(data, NeighbourhoodParams()),
        PerturbationManager(PerturbationParams()),
    )
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    manager = PenaltyManager(params.midpoint_penalties(data), params)
    start = Solution.make_random(data, rng) if initial is None else initial
    first = search(start, manager.max_cost_evaluator(), exhaustive=True)
    if initial is not None and initial.is_feasible() and not _better(first, initial, manager):
        first = initial
    algorithm = IteratedLocalSearch(
        data,
        manager,
        search,
        first,
        IteratedLocalSearchParams(callbacks=_Watcher(watch, part.budget)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        return algorithm.run(part, collect_stats=False, display=False).best


def _better(one: Solution, other: Solution, manager: PenaltyManager) -> bool:
    evaluator = manager.max_cost_evaluator()
    return bool(evaluator.cost(one) < evaluator.cost(other))
