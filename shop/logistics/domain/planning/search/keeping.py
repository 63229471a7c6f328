"""Which of the plans a search has found is the best, made lawful where that is simple."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shop.logistics.domain.planning.check import check_whole
from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import Cost, Plan, Round
from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.search.repair import lawful
from shop.logistics.domain.planning.timing import Draft, time_round
from shop.logistics.domain.planning.violations import Violation, ViolationCode

REPAIRABLE = 30
"""Up to how many broken rules a plan is worth repairing at once."""


@dataclass(slots=True)
class Candidate:
    """A lawful set of rounds and what it is worth: fewer required stops left out, then cheaper."""

    drafts: list[Draft]
    rounds: list[Round]
    missing: int
    objective_cents: int

    @property
    def key(self) -> tuple[int, int]:
        """The smaller, the better."""
        return self.missing, self.objective_cents

    @property
    def cost(self) -> Cost:
        """All rounds together."""
        return sum((each.cost for each in self.rounds), Cost())


class Keeper:
    """Remembers the best lawful plan, and one that is nearly so while there is none."""

    def __init__(
        self, problem: Problem, stops: Sequence[Stop], is_late: Callable[[], bool]
    ) -> None:
        """``stops`` are those that can be served at all."""
        self.problem = problem
        self.stops = stops
        self.is_late = is_late
        self.best: Candidate | None = None
        self._nearly: tuple[int, tuple[int, int], list[Draft]] | None = None

    def is_short(self) -> bool:
        """Whether no plan found so far serves all that is required."""
        return self.best is None or self.best.missing > 0

    def keep(self, drafts: list[Draft]) -> None:
        """Remember drafts when they are the best so far, lawful or at least nearly so."""
        rounds = [time_round(self.problem, draft) for draft in drafts]
        candidate = self.candidate(drafts, rounds)
        broken = len(self.judge(rounds)) + self._split(rounds)
        if broken == 0:
            self.offer(candidate)
            return
        if self._nearly is None or (broken, candidate.key) < self._nearly[:2]:
            self._nearly = (broken, candidate.key, drafts)
        if broken <= REPAIRABLE and not self.is_late():
            self.offer(self.candidate(*lawful(self.problem, drafts, self.is_late)))

    def offer(self, candidate: Candidate) -> None:
        """Remember a lawful plan when it is the best so far."""
        if self.best is None or candidate.key < self.best.key:
            self.best = candidate

    def settle(self) -> Candidate | None:
        """The best lawful plan; one that is nearly so is made lawful when there is no other."""
        if self.best is None and self._nearly is not None:
            self.best = self.candidate(*lawful(self.problem, self._nearly[2], self.is_late))
        return self.best

    def judge(self, rounds: Sequence[Round]) -> list[Violation]:
        """Every broken rule of single rounds."""
        return [
            violation
            for position, planned in enumerate(rounds)
            for violation in check_round(self.problem, planned, position)
        ]

    def candidate(self, drafts: list[Draft], rounds: list[Round]) -> Candidate:
        """What rounds are worth."""
        served = {stop_id for each in rounds for stop_id in each.stop_ids}
        left = [stop for stop in self.stops if stop.id not in served]
        cents = sum(each.cost.total_cents for each in rounds)
        return Candidate(
            drafts,
            rounds,
            sum(stop.required for stop in left),
            cents + sum(stop.price_cents for stop in left if not stop.required),
        )

    def _split(self, rounds: Sequence[Round]) -> int:
        """How many rules between rounds are broken."""
        whole = Plan(tuple(rounds), cost=sum((each.cost for each in rounds), Cost()))
        return sum(
            each.code is not ViolationCode.STOP_LOST for each in check_whole(self.problem, whole)
        )
