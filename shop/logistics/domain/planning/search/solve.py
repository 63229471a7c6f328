"""Finding a good plan within a time: search, learn what the search cannot know, search again.

Whatever happens, the plan that comes out passes the checker: what could not be made lawful is
left out and explained.
"""

from __future__ import annotations

from pyvrp import Solution

from shop.logistics.domain.planning.plan import Plan, Provenance, Unserved
from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.search.answer import answer
from shop.logistics.domain.planning.search.children import Job, improve_apart
from shop.logistics.domain.planning.search.clock import ProcessorClock, WallClock
from shop.logistics.domain.planning.search.engine import (
    BEST,
    Aim,
    Budget,
    Found,
    Part,
    Penalties,
    harder,
    improve,
)
from shop.logistics.domain.planning.search.keeping import Keeper
from shop.logistics.domain.planning.search.lessons import (
    learn,
    needs_lessons,
    with_late_loading,
)
from shop.logistics.domain.planning.search.model import SearchModel
from shop.logistics.domain.planning.search.quick import (
    CLIENTS_PER_SECOND,
    POLISHED_PER_SECOND,
    is_hasty,
    quick_drafts,
)
from shop.logistics.domain.planning.search.reasons import LoneRounds, dearest_cents, impossible
from shop.logistics.domain.planning.search.single_trips import SingleTripModel, fits_single_trips
from shop.logistics.domain.planning.search.split import (
    IN_HASTE,
    SPLIT_ABOVE,
    Cut,
    Polish,
    cut_for,
    renumbered,
    split,
)
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.domain.planning.search.telling import Listener, Teller
from shop.logistics.domain.planning.search.tightening import Tightening
from shop.logistics.domain.planning.search.units import MILLICENTS
from shop.logistics.domain.planning.search.warm import still_known
from shop.logistics.domain.planning.timing import Draft, time_round
from shop.logistics.domain.planning.validation import validate

FIRST_SHARE = 0.25
"""Part of the search spent before the first lesson, where lessons are needed."""
LESSONS = 5
GOLDEN = 0.618034
"""By how many turns the cut between groups moves from one time to the next."""
SINGLE_SHARE = 0.75
"""Part of the first search spent on one trip per vehicle, where goods must stay cold."""
SINGLE_HOPE_SHARE = 0.4
"""Part of that after which one trip per vehicle is found not to be enough."""
LAWFUL_SHARE = 0.5
"""Most of what is left that is spent to find any lawful plan before anything is learned."""
HOPE_SHARE = 0.55
"""Part of a search without lessons after which a fleet is found too small."""
PATIENCE = 2
"""Lessons after which a fleet is found too small for all that is required."""
BONUS_FACTOR = 3
"""How many times the dearest lone round a required stop is worth when not all can be served."""
RESERVE_SHARE = 0.04
"""Part of the seconds kept for judging, repairing and explaining the last plan."""
RESERVE_KEEPS = 3
"""How many times as long as judging one plan takes is kept at least."""


def solve(
    problem: Problem,
    stop: StopRule,
    seed: int = 0,
    progress: Listener | None = None,
    start: Plan | None = None,
    *,
    cores: int = 1,
) -> Plan:
    """Find a good lawful plan; with iterations as stop rule the same seed finds the same plan.

    ``start`` is the last plan, to be improved. ``progress`` is told about once a second. More
    than one of ``cores`` is used for large plans, in processes of their own.

    Raises:
        InvalidProblem: when the problem cannot be meant.
    """
    search = _Search(problem, stop, seed, progress, cores)
    validate(problem)
    return search.run(start)


class _Search:
    def __init__(
        self, problem: Problem, stop: StopRule, seed: int, progress: Listener | None, cores: int
    ) -> None:
        self.problem = problem
        self.seed = seed
        self.cores = max(1, cores)
        self.clock = ProcessorClock() if stop.processor else WallClock()
        self.began = self.clock.now()
        self.rule = stop
        self.budget = Budget(None, stop.iterations, stop.asked, clock=self.clock)
        self._keep_free(0.0)
        self.excluded: dict[str, Unserved] = {}
        self.stops: tuple[Stop, ...] = ()
        self.bonus: int | None = None
        self.runs = 0
        self.tightening: Tightening | None = None
        self.penalties: Penalties | None = None
        self.lone = LoneRounds(problem)
        self.keeper = Keeper(problem, (), self._is_late)
        self.teller = Teller(progress, self.keeper, self._seconds_left)

    def _keep_free(self, seconds: float) -> None:
        """End the search so early that the last plan can be judged and explained in time."""
        if self.rule.seconds is not None:
            reserve = max(RESERVE_SHARE * self.rule.seconds, seconds)
            self.budget.ends = self.began + self.rule.seconds - reserve

    def _seconds_left(self) -> float | None:
        if self.rule.seconds is None:
            return None
        return max(0.0, self.began + self.rule.seconds - self.clock.now())

    def _is_late(self) -> bool:
        """Whether the time is up and nothing more may be tried."""
        return self._seconds_left() == 0.0

    def _keep(self, drafts: list[Draft]) -> None:
        """Remember drafts when they are good; how long that takes says what to keep free."""
        before = self.clock.now()
        self.keeper.keep(drafts)
        if self.runs <= 1:
            self._keep_free(RESERVE_KEEPS * (self.clock.now() - before))

    def run(self, start: Plan | None) -> Plan:
        """The whole search, from what is impossible to the last lawful plan."""
        self.excluded = impossible(self.lone)
        self.stops = tuple(each for each in self.problem.stops if each.id not in self.excluded)
        self.keeper.stops = self.stops
        drafts = [] if start is None else still_known(self.problem, start, self.excluded)
        if drafts:
            self._keep(drafts)
        if self.stops:
            self._search(drafts)
        elapsed_ms = round((self.clock.now() - self.began) * 1000)
        how = Provenance(self.seed, self.budget.done, elapsed_ms)
        return answer(self.problem, self.keeper, self.lone, self.excluded, how)

    def _search(self, drafts: list[Draft]) -> None:
        """First as a whole; then again and again with what was learned, large plans in parts."""
        if is_hasty(len(self.stops), self.budget.seconds_left()):
            self._search_in_haste(drafts)
            return
        large = len(self.stops) > SPLIT_ABOVE
        again = needs_lessons(self.problem) or large
        cut = cut_for(self._model().data) if large else None
        share = cut.first_share if cut else FIRST_SHARE if again else 1.0
        drafts = self._first(self.budget.part(share), drafts, again=again)
        for lesson in range(LESSONS if again else 0):
            if self.budget.is_spent():
                break
            left = LESSONS - lesson
            if self.bonus is None and self.keeper.is_short() and left <= LESSONS - PATIENCE:
                drafts = self._settle_for_less(drafts)
            self._study(drafts)
            if cut is not None and left > 1:
                drafts = self._improve_parts(self.budget.part(1 / left), drafts, lesson, cut)
            else:
                drafts = self._improve(self.budget.part(1 / left), drafts)

    def _search_in_haste(self, drafts: list[Draft]) -> None:
        """A simple first plan, then its parts one by one as far as time allows."""
        if not drafts:
            drafts = quick_drafts(self.problem, self.stops)
            self._keep(drafts)
        self.bonus = self._bonus()
        for part in range(LESSONS):
            left = self.budget.seconds_left() or 0.0
            if left * CLIENTS_PER_SECOND < len(self.stops) and part:
                break
            if self.keeper.best is not None:
                drafts = self.keeper.best.drafts
            self._study(drafts)
            tasks = self._parts(drafts, part, IN_HASTE)
            drafts = renumbered(self._polish_in_haste(tasks))
            self._keep(drafts)

    def _settle_for_less(self, drafts: list[Draft]) -> list[Draft]:
        """From now on serve as much as can be, beginning with the best lawful plan."""
        self.bonus = self._bonus()
        return drafts if self.keeper.best is None else self.keeper.best.drafts

    def _study(self, drafts: list[Draft]) -> None:
        rounds = [time_round(self.problem, draft) for draft in drafts]
        self.tightening = learn(self.problem, rounds, self.keeper.judge(rounds), self.tightening)

    def _first(self, part: Part, drafts: list[Draft], *, again: bool) -> list[Draft]:
        """Search with the last plan if any; when not everything fits, serve all that can be."""
        if not drafts and again and fits_single_trips(self.problem):
            drafts = self._single_trips(part)
        if drafts:
            self._study(drafts)
        model = self._model()
        solution = self._run(model, part, drafts, BEST if again else Aim(HOPE_SHARE))
        if again and not solution.is_feasible():
            more = self.budget.part(LAWFUL_SHARE)
            self.penalties = None if self.penalties is None else harder(self.penalties)
            solution = self._run(model, more, solution, Aim(lawful_is_enough=True))
        if not again and not solution.is_feasible():
            self._keep(model.drafts(solution))
            drafts = self._settle_for_less(model.drafts(solution))
            model = self._model()
            solution = self._run(model, part, drafts)
        drafts = model.drafts(solution)
        self._keep(drafts)
        return drafts

    def _single_trips(self, part: Part) -> list[Draft]:
        """A first plan of one trip per vehicle; nothing when that is not enough."""
        model = SingleTripModel(self.problem, self.stops)
        solution = self._run(model, part.share(SINGLE_SHARE), None, Aim(SINGLE_HOPE_SHARE))
        if not solution.is_feasible():
            return []
        drafts = model.drafts(solution)
        self._keep(drafts)
        return drafts

    def _improve(self, part: Part, drafts: list[Draft]) -> list[Draft]:
        model = self._model()
        found = model.drafts(self._run(model, part, drafts))
        self._keep(found)
        return found

    def _improve_parts(self, part: Part, drafts: list[Draft], lesson: int, cut: Cut) -> list[Draft]:
        tasks = self._parts(drafts, lesson, cut)
        found = renumbered(self._polish(tasks, part))
        self._keep(found)
        return found

    def _parts(self, drafts: list[Draft], turn: int, cut: Cut) -> list[Polish]:
        """Neighboring rounds as problems of their own, cut elsewhere each turn."""
        served = {step.id for draft in drafts for step in draft.steps}
        unserved = [stop for stop in self.stops if stop.id not in served]
        drafts = with_late_loading(self.problem, drafts)
        tightening = self.tightening or Tightening()
        return [
            Polish(self.problem, group, tightening, self.bonus, lawful_only=cut is IN_HASTE)
            for group in split(self.problem, drafts, unserved, (turn * GOLDEN) % 1.0, cut)
        ]

    def _polish_in_haste(self, tasks: list[Polish]) -> list[Draft]:
        """Improve one group after the other, as many as there is time for."""
        found: list[Draft] = []
        for position, task in enumerate(tasks):
            left = self.budget.seconds_left() or 0.0
            least = len(task.group.stop_ids) / POLISHED_PER_SECOND
            share = max(least, left / (len(tasks) - position))
            if left < 2 * least:
                found += task.group.drafts
                continue
            model = task.model()
            job = Job(model.data, self._next_seed(), share, None, task.start(model), None)
            found += task.kept(model, improve_apart([job], 1, self.budget)[0])
        return found

    def _polish(self, tasks: list[Polish], part: Part) -> list[Draft]:
        """Improve groups, on several cores or where PyVRP might hang in children."""
        models = [task.model() for task in tasks]
        apart = self.rule.seconds is not None or any(model.may_hang() for model in models)
        if self.cores == 1 and not apart:
            alone: list[Draft] = []
            for position, (task, model) in enumerate(zip(tasks, models, strict=True)):
                one = self._improved(task, model, part.share(1 / (len(tasks) - position)))
                alone += task.kept(model, one)
            return alone
        seconds, _ = part.share(min(1.0, self.cores / len(tasks))).allowance()
        _, iterations = part.share(1 / len(tasks)).allowance()
        jobs = [
            Job(
                model.data,
                self._next_seed(),
                seconds,
                iterations,
                task.start(model),
                self.penalties,
            )
            for task, model in zip(tasks, models, strict=True)
        ]
        found = improve_apart(jobs, self.cores, self.budget)
        return [
            draft
            for task, model, each in zip(tasks, models, found, strict=True)
            for draft in task.kept(model, each)
        ]

    def _improved(self, task: Polish, model: SearchModel, part: Part) -> Found:
        start = task.start(model)
        return improve(model.data, self._next_seed(), part, start, None, self.penalties)

    def _model(self) -> SearchModel:
        return SearchModel(self.problem, self.stops, self.tightening, self.bonus)

    def _run(
        self,
        model: SearchModel,
        part: Part,
        start: list[Draft] | Solution | None,
        aim: Aim = BEST,
    ) -> Solution:
        """One search; what it learns of penalties serves the next."""
        if isinstance(start, list):
            start = model.solution(with_late_loading(self.problem, start)) if start else None
        watch = self.teller.watch(model)
        seed = self._next_seed()
        if self.rule.seconds is not None or model.may_hang():
            job = Job(model.data, seed, *part.allowance(), start, self.penalties, aim)
            told = improve_apart([job], 1, self.budget, watch)[0]
            found = told or Found(start or Solution(model.data, []), None)
        else:
            whole = part.aiming_at(aim)
            found = improve(model.data, seed, whole, start, watch, self.penalties)
        self.penalties = found.penalties
        return found.solution

    def _next_seed(self) -> int:
        self.runs += 1
        return self.seed * 1000 + self.runs

    def _bonus(self) -> int:
        return BONUS_FACTOR * dearest_cents(self.problem, self.stops) * MILLICENTS
