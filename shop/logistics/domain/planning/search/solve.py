"""Finding a good plan within a time: search, learn what the search cannot know, search again.

Whatever happens, the plan that comes out passes the checker: what could not be made lawful is
left out and explained.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from pyvrp import Solution

from shop.logistics.domain.planning.check import check, check_whole
from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.plan import (
    Cost,
    Flag,
    Plan,
    Provenance,
    Round,
    Unserved,
)
from shop.logistics.domain.planning.problem import UNREACHABLE, Problem, Stop
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
from shop.logistics.domain.planning.search.haste import is_hasty, sectors
from shop.logistics.domain.planning.search.lessons import (
    learn,
    needs_lessons,
    with_late_loading,
)
from shop.logistics.domain.planning.search.model import MILLICENTS, SearchModel
from shop.logistics.domain.planning.search.reasons import LoneRounds, impossible, left_out
from shop.logistics.domain.planning.search.repair import insert_all, lawful
from shop.logistics.domain.planning.search.single_trips import SingleTripModel, fits_single_trips
from shop.logistics.domain.planning.search.split import (
    SPLIT_ABOVE,
    Cut,
    Polish,
    cut_for,
    renumbered,
    split,
)
from shop.logistics.domain.planning.search.stop import Progress, StopRule
from shop.logistics.domain.planning.search.tightening import Tightening
from shop.logistics.domain.planning.timing import Draft, draft_of, time_round
from shop.logistics.domain.planning.validation import validate
from shop.logistics.domain.planning.violations import Violation, ViolationCode

FIRST_SHARE = 0.25
"""Part of the search spent before the first lesson, where lessons are needed."""
LESSONS = 5
GOLDEN = 0.618034
"""By how many turns the cut between groups moves from one time to the next."""
REPAIRABLE = 30
"""Up to how many broken rules a plan is worth repairing at once."""
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
REPORT_EVERY_S = 0.8
RESERVE_SHARE = 0.04
"""Part of the seconds kept for judging, repairing and explaining the last plan."""

Listener = Callable[[Progress], None]


@dataclass(slots=True)
class _Candidate:
    """A lawful set of rounds and what it is worth: fewer required stops left out, then cheaper."""

    drafts: list[Draft]
    rounds: list[Round]
    missing: int
    objective_cents: int

    @property
    def key(self) -> tuple[int, int]:
        """The smaller, the better."""
        return self.missing, self.objective_cents


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
    validate(problem)
    return _Search(problem, stop, seed, progress, cores).run(start)


class _Search:
    def __init__(
        self, problem: Problem, stop: StopRule, seed: int, progress: Listener | None, cores: int
    ) -> None:
        self.problem = problem
        self.seed = seed
        self.progress = progress
        self.cores = max(1, cores)
        self.clock = ProcessorClock() if stop.processor else WallClock()
        self.began = self.clock.now()
        seconds = None if stop.seconds is None else stop.seconds * (1 - RESERVE_SHARE)
        self.budget = Budget(
            None if seconds is None else self.began + seconds,
            stop.iterations,
            stop.asked,
            clock=self.clock,
        )
        self.rule = stop
        self.excluded: dict[str, Unserved] = {}
        self.stops: tuple[Stop, ...] = ()
        self.best: _Candidate | None = None
        self.nearly: tuple[int, tuple[int, int], list[Draft]] | None = None
        self.bonus: int | None = None
        self.lone = LoneRounds(problem)
        self.runs = 0
        self.tightening: Tightening | None = None
        self.penalties: Penalties | None = None
        self._told = 0.0
        self._told_of: Solution | None = None
        self._told_best: _Candidate | None = None

    def run(self, start: Plan | None) -> Plan:
        """The whole search, from what is impossible to the last lawful plan."""
        self.excluded = impossible(self.lone)
        self.stops = tuple(each for each in self.problem.stops if each.id not in self.excluded)
        drafts = [] if start is None else self._known(start)
        if drafts:
            self._keep(drafts)
        if self.stops:
            self._search(drafts)
        return self._plan()

    def _known(self, start: Plan) -> list[Draft]:
        """What of the last plan still exists in this problem."""
        kept = []
        for planned in start.rounds:
            if planned.vehicle_id not in self.problem.vehicle_by_id:
                continue
            draft = draft_of(self.problem, planned)
            steps = tuple(
                step
                for step in draft.steps
                if (step.id in self.problem.stop_by_id and step.id not in self.excluded)
                or step.id in self.problem.hub_by_id
            )
            layouts = self.problem.vehicle_by_id[planned.vehicle_id].layouts
            layout = planned.layout if planned.layout < len(layouts) else 0
            kept.append(replace(draft, steps=steps, layout=layout))
        return [draft for draft in kept if draft.steps]

    def _search(self, drafts: list[Draft]) -> None:
        """First as a whole; then again and again with what was learned, large plans in parts."""
        large = len(self.stops) > SPLIT_ABOVE
        again = needs_lessons(self.problem) or large
        cut = cut_for(self._model().data) if large else None
        share = cut.first_share if cut else FIRST_SHARE if again else 1.0
        drafts = self._first(self.budget.part(share), drafts, again=again)
        for lesson in range(LESSONS if again else 0):
            if self.budget.is_spent():
                break
            left = LESSONS - lesson
            if self.bonus is None and self._is_short() and left <= LESSONS - PATIENCE:
                drafts = self._settle_for_less(drafts)
            self._study(drafts)
            if cut is not None and left > 1:
                drafts = self._improve_parts(self.budget.part(1 / left), drafts, lesson, cut)
            else:
                drafts = self._improve(self.budget.part(1 / left), drafts)

    def _is_short(self) -> bool:
        """Whether no plan found so far serves all that is required."""
        return self.best is None or self.best.missing > 0

    def _settle_for_less(self, drafts: list[Draft]) -> list[Draft]:
        """From now on serve as much as can be, beginning with the best lawful plan."""
        self.bonus = self._bonus()
        return drafts if self.best is None else self.best.drafts

    def _study(self, drafts: list[Draft]) -> None:
        rounds = [time_round(self.problem, draft) for draft in drafts]
        self.tightening = learn(self.problem, rounds, self._judge(rounds), self.tightening)

    def _first(self, part: Part, drafts: list[Draft], *, again: bool) -> list[Draft]:
        """Search with the last plan if any; when not everything fits, serve all that can be."""
        if not drafts and is_hasty(len(self.stops), part.allowance()[0]):
            drafts = self._sectors(part)
        elif not drafts and again and fits_single_trips(self.problem):
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

    def _sectors(self, part: Part) -> list[Draft]:
        """A first plan in a hurry, sector by sector, as much served as can be."""
        simple = fits_single_trips(self.problem)
        bonus = self._bonus()
        models = [
            (SingleTripModel if simple else SearchModel)(
                self.problem, each.stops, Tightening(counts=each.counts), bonus
            )
            for each in sectors(self.problem, self.stops)
        ]
        seconds, _ = part.share(min(1.0, self.cores / max(1, len(models)))).allowance()
        jobs = [Job(model.data, self._next_seed(), seconds, None, None, None) for model in models]
        found = improve_apart(jobs, self.cores, self.budget)
        drafts = [
            draft
            for model, each in zip(models, found, strict=True)
            if each is not None and each.solution.is_feasible()
            for draft in model.drafts(each.solution)
        ]
        self._keep(renumbered(drafts))
        return renumbered(drafts)

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
        served = {step.id for draft in drafts for step in draft.steps}
        unserved = [stop for stop in self.stops if stop.id not in served]
        offset = (lesson * GOLDEN) % 1.0
        drafts = with_late_loading(self.problem, drafts)
        groups = split(self.problem, drafts, unserved, offset, cut)
        tasks = [
            Polish(self.problem, group, self.tightening or Tightening(), self.bonus)
            for group in groups
        ]
        found = self._polish(tasks, part)
        found = renumbered(found)
        self._keep(found)
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
        watch = self._watch(model)
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
        dearest = 1
        for stop in self.stops:
            alone = self.lone.of(stop)
            if isinstance(alone, Round):
                dearest = max(dearest, alone.cost.total_cents)
        return BONUS_FACTOR * dearest * MILLICENTS

    def _judge(self, rounds: Sequence[Round]) -> list[Violation]:
        return [
            violation
            for position, planned in enumerate(rounds)
            for violation in check_round(self.problem, planned, position)
        ]

    def _keep(self, drafts: list[Draft]) -> None:
        """Remember drafts when they are the best so far, lawful or at least nearly so."""
        rounds = [time_round(self.problem, draft) for draft in drafts]
        candidate = self._candidate(drafts, rounds)
        broken = len(self._judge(rounds)) + self._split(rounds)
        if broken == 0:
            if self.best is None or candidate.key < self.best.key:
                self.best = candidate
            return
        if self.nearly is None or (broken, candidate.key) < self.nearly[:2]:
            self.nearly = (broken, candidate.key, drafts)
        if broken <= REPAIRABLE and not self._is_late():
            repaired = self._candidate(*lawful(self.problem, drafts, self._is_late))
            if self.best is None or repaired.key < self.best.key:
                self.best = repaired

    def _split(self, rounds: Sequence[Round]) -> int:
        """How many rules between rounds are broken."""
        whole = Plan(tuple(rounds), cost=sum((each.cost for each in rounds), Cost()))
        return sum(
            each.code is not ViolationCode.STOP_LOST for each in check_whole(self.problem, whole)
        )

    def _candidate(self, drafts: list[Draft], rounds: list[Round]) -> _Candidate:
        served = {stop_id for each in rounds for stop_id in each.stop_ids}
        left = [stop for stop in self.stops if stop.id not in served]
        cents = sum(each.cost.total_cents for each in rounds)
        return _Candidate(
            drafts,
            rounds,
            sum(stop.required for stop in left),
            cents + sum(stop.price_cents for stop in left if not stop.required),
        )

    def _watch(self, model: SearchModel) -> Callable[[Solution, int], None] | None:
        if self.progress is None:
            return None

        def watch(solution: Solution, iterations: int) -> None:
            now = time.monotonic()
            if now - self._told < REPORT_EVERY_S:
                return
            self._told = now
            self._tell(model, solution, iterations)

        return watch

    def _tell(self, model: SearchModel, solution: Solution, iterations: int) -> None:
        """Say how far we are; a first plan is made lawful and kept as soon as there is one."""
        assert self.progress is not None
        feasible = solution.is_feasible()
        violations = 0
        if feasible and solution is not self._told_of:
            self._told_of = solution
            drafts = model.drafts(solution)
            rounds = [time_round(self.problem, draft) for draft in drafts]
            violations = len(self._judge(rounds))
            if violations == 0:
                candidate = self._candidate(drafts, rounds)
                if self.best is None or candidate.key < self.best.key:
                    self.best = candidate
        best = self.best
        cost = None if best is None else sum(each.cost.total_cents for each in best.rounds)
        served = 0 if best is None else sum(len(each.stop_ids) for each in best.rounds)
        left = None if self.rule.seconds is None else self.began + self.rule.seconds
        self.progress(
            Progress(
                best_cents=cost,
                unserved=len(self.problem.stops) - served,
                violations=violations,
                seconds_left=None if left is None else max(0.0, left - self.clock.now()),
                iterations=iterations,
                kept=self._new_best(),
            )
        )

    def _new_best(self) -> Plan | None:
        """The best plan, once."""
        if self.best is None or self.best is self._told_best:
            return None
        self._told_best = self.best
        rounds = tuple(self.best.rounds)
        return Plan(rounds, cost=sum((each.cost for each in rounds), Cost()))

    def _is_late(self) -> bool:
        """Whether the time is up and nothing more may be tried."""
        seconds = self.rule.seconds
        return seconds is not None and self.clock.now() > self.began + seconds

    def _plan(self) -> Plan:
        if self.best is None and self.nearly is not None:
            self.best = self._candidate(*lawful(self.problem, self.nearly[2], self._is_late))
        drafts = [] if self.best is None else self.best.drafts
        rounds = [] if self.best is None else self.best.rounds
        served = {stop_id for each in rounds for stop_id in each.stop_ids}
        left = [stop for stop in self.stops if stop.id not in served]
        required = [stop for stop in left if stop.required]
        insert_all(self.problem, drafts, rounds, required, self._is_late)
        served = {stop_id for each in rounds for stop_id in each.stop_ids}
        unserved = [*self.excluded.values()]
        unserved += [
            left_out(self.lone, stop, rounds) for stop in self.stops if stop.id not in served
        ]
        order = {stop.id: position for position, stop in enumerate(self.problem.stops)}
        unserved.sort(key=lambda each: order[each.stop_id])
        plan = Plan(
            rounds=tuple(rounds),
            unserved=tuple(unserved),
            cost=sum((each.cost for each in rounds), Cost()),
            skipped_price_cents=sum(
                self.problem.stop_by_id[each.stop_id].price_cents
                for each in unserved
                if not self.problem.stop_by_id[each.stop_id].required
            ),
            flags=_flags(self.problem),
            provenance=Provenance(
                seed=self.seed,
                iterations=self.budget.done,
                elapsed_ms=round((self.clock.now() - self.began) * 1000),
                solver=f"pyvrp {version('pyvrp')}",
                matrix=self.problem.travel.fingerprint(),
            ),
        )
        broken = [each for each in check(self.problem, plan) if each.code in ViolationCode]
        return plan if not broken else replace(plan, flags=(*plan.flags, Flag.LIMITS_BROKEN))


def _flags(problem: Problem) -> tuple[Flag, ...]:
    travels = [problem.travel, *problem.profiles.values()]
    flags = []
    if any(travel.estimated for travel in travels):
        flags.append(Flag.ESTIMATED_DISTANCES)
    if any(
        (travel.distance_m == UNREACHABLE).any() or (travel.duration_s == UNREACHABLE).any()
        for travel in travels
    ):
        flags.append(Flag.MATRIX_HOLES)
    return tuple(flags)
