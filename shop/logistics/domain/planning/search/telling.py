"""Telling the one who waits how far a search is, about once a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from pyvrp import Solution

from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.search.keeping import Candidate, Keeper
from shop.logistics.domain.planning.search.model import SearchModel
from shop.logistics.domain.planning.search.stop import Progress
from shop.logistics.domain.planning.timing import time_round

REPORT_EVERY_S = 0.8

Listener = Callable[[Progress], None]


class Teller:
    """Keeps each lawful plan as soon as there is one, and says what it costs."""

    def __init__(
        self, listener: Listener | None, keeper: Keeper, seconds_left: Callable[[], float | None]
    ) -> None:
        self._listener = listener
        self._keeper = keeper
        self._seconds_left = seconds_left
        self._told_at = 0.0
        self._told_of: Solution | None = None
        self._told_best: Candidate | None = None

    def watch(self, model: SearchModel) -> Callable[[Solution, int], None] | None:
        """What one search of a model calls now and then; nothing where nobody listens."""
        if self._listener is None:
            return None

        def watch(solution: Solution, iterations: int) -> None:
            now = time.monotonic()
            if now - self._told_at >= REPORT_EVERY_S:
                self._told_at = now
                self._tell(model, solution, iterations)

        return watch

    def _tell(self, model: SearchModel, solution: Solution, iterations: int) -> None:
        assert self._listener is not None
        keeper = self._keeper
        violations = 0
        if solution.is_feasible() and solution is not self._told_of:
            self._told_of = solution
            drafts = model.drafts(solution)
            rounds = [time_round(keeper.problem, draft) for draft in drafts]
            violations = len(keeper.judge(rounds))
            if violations == 0:
                keeper.offer(keeper.candidate(drafts, rounds))
        best = keeper.best
        served = 0 if best is None else sum(len(each.stop_ids) for each in best.rounds)
        self._listener(
            Progress(
                best_cents=None if best is None else best.cost.total_cents,
                unserved=len(keeper.problem.stops) - served,
                violations=violations,
                seconds_left=self._seconds_left(),
                iterations=iterations,
                kept=self._new_best(),
            )
        )

    def _new_best(self) -> Plan | None:
        """The best plan, once."""
        best = self._keeper.best
        if best is None or best is self._told_best:
            return None
        self._told_best = best
        return Plan(tuple(best.rounds), cost=best.cost)
