"""Runs solvers, each in a process of its own, and lets the checker judge what they found."""

from __future__ import annotations

import os
import pickle
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from shop.bench.rounds.instances import Instance
from shop.bench.rounds.peers import PEERS, Task
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.plan import Plan, Unserved, UnservedReason
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.domain.planning.timing import Draft, build_plan

OURS = "carriole"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one solver found on one instance with one seed.

    ``cost`` and ``gap_percent`` are ``None`` for a plan that leaves out or breaks something.
    """

    instance: str
    solver: str
    seed: int
    cost: float | None
    reference: float | None
    gap_percent: float | None
    routes: int
    cpu_s: float
    convention: str
    stops: int
    unserved: int
    violations: int
    reference_routes: int | None
    wall_s: float
    peak_mb: float
    """The most memory of any one process."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Spent:
    cpu_s: float
    wall_s: float
    peak_mb: float


def measure(instance: Instance, solver: str, seed: int, seconds: float, cores: int) -> Outcome:
    """One search and its judgement; ``seconds`` are the processor's, on each core."""
    task = Task(instance.problem, seconds, cores, seed)
    seeds = range(seed * cores, (seed + 1) * cores) if solver in ("pyvrp", "ortools") else [seed]
    tasks = [replace(task, seed=each) for each in seeds] if cores > 1 else [task]
    answers = apart([partial(_plan, each, solver) for each in tasks])
    judged = [_judge(instance, solver, seed, found, spent) for found, spent in answers]
    best = min(judged, key=lambda each: (each.error is not None, _worth(each)))
    return replace(best, cpu_s=round(sum(each.cpu_s for each in judged), 1))


def _worth(outcome: Outcome) -> tuple[int, int, int, float]:
    few_first = 0 if outcome.reference_routes is None else outcome.routes
    cost = float("inf") if outcome.cost is None else outcome.cost
    return outcome.violations, outcome.unserved, few_first, cost


def _plan(task: Task, solver: str) -> Plan:
    if solver == OURS:
        rule = StopRule(seconds=task.seconds, processor=True)
        return solve(task.problem, rule, task.seed, cores=task.cores)
    return told(task.problem, PEERS[solver](task))


def told(problem: Problem, drafts: Sequence[Draft]) -> Plan:
    """Drafts as a plan that owns up to what it leaves out."""
    plan = build_plan(problem, drafts)
    served = {stop_id for each in plan.rounds for stop_id in each.stop_ids}
    left = [stop for stop in problem.stops if stop.id not in served]
    skipped = sum(stop.price_cents for stop in left if not stop.required)
    reason = UnservedReason.FLEET_FULL
    unserved = tuple(Unserved(stop.id, reason) for stop in left)
    return replace(plan, unserved=unserved, skipped_price_cents=skipped)


def _judge(instance: Instance, solver: str, seed: int, found: Plan | str, spent: _Spent) -> Outcome:
    known = instance.reference
    plan = found if isinstance(found, Plan) else told(instance.problem, [])
    lost = sum(instance.problem.stop_by_id[each.stop_id].required for each in plan.unserved)
    broken = check(instance.problem, plan)
    sound = not lost and not broken
    gap = instance.gap_percent(plan) if sound else None
    return Outcome(
        instance=instance.name,
        solver=solver,
        seed=seed,
        cost=round(instance.cost_of(plan), 2) if sound else None,
        reference=None if known is None else known.cost,
        gap_percent=None if gap is None else round(gap, 3),
        routes=len(plan.rounds),
        cpu_s=round(spent.cpu_s, 1),
        convention=instance.convention,
        stops=len(instance.problem.stops),
        unserved=lost,
        violations=len(broken),
        reference_routes=None if known is None else known.vehicles,
        wall_s=round(spent.wall_s, 1),
        peak_mb=round(spent.peak_mb, 1),
        error=found if isinstance(found, str) else None,
    )


def apart(jobs: Sequence[Callable[[], Plan]]) -> list[tuple[Plan | str, _Spent]]:
    """Do each job in a child of its own, all at once; an error comes back as its text."""
    children = [_start(job) for job in jobs]
    answers = []
    for pid, listen in children:
        with os.fdopen(listen, "rb") as source:
            body = source.read()
        os.waitpid(pid, 0)
        died: tuple[Plan | str, _Spent] = "the process died", _Spent(0.0, 0.0, 0.0)
        answers.append(pickle.loads(body) if body else died)
    return answers


def _start(job: Callable[[], Plan]) -> tuple[int, int]:
    listen, say = os.pipe()
    pid = os.fork()
    if pid:
        os.close(say)
        return pid, listen
    try:
        os.close(listen)
        began = time.monotonic()
        answer: Any
        try:
            answer = job()
        except Exception as error:  # noqa: BLE001 - whatever a solver throws is its result
            answer = f"{type(error).__name__}: {error}"
        with os.fdopen(say, "wb") as sink:
            pickle.dump((answer, _spent(began)), sink)
    finally:
        os._exit(0)


def _spent(began: float) -> _Spent:
    """Of this process and the ones it started."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = sum(each.ru_utime + each.ru_stime for each in (own, theirs))
    peak_kb = max(own.ru_maxrss, theirs.ru_maxrss)
    return _Spent(cpu_s, time.monotonic() - began, peak_kb / 1024)
