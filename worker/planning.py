"""Search for rounds in a process of its own, and let the desk see how far it is."""

from __future__ import annotations

from time import monotonic
from typing import Any

from structlog import get_logger

from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.document import read_plan, write_plan
from shop.logistics.domain.planning.errors import InvalidPlan, InvalidProblem, SearchFailed
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.search.stop import Progress
from shop.logistics.domain.roads import Point
from shop.logistics.errors import HubMissing, NoPlanYet, NothingToPlan
from shop.logistics.ports import RoadMatrix
from shop.logistics.queries.day_problem import DayProblem
from shop.logistics.queries.rest_day import rest_day
from shop.logistics.queries.search_day import kept_plan, search_day
from shop.logistics.services import planning, rest_search, roads, what_if
from shop.logistics.services.plan_facts import facts_of
from worker.handlers import handles
from worker.search_process import SearchProcess

log = get_logger()

HEARD_EVERY_S = 1.0


@handles(planning.PLAN_TOPIC, long=True)
def plan_rounds(plan_run_id: int) -> None:
    """Find the rounds of a cycle, or of a scenario; a try that was cut goes on from its best."""
    with unit_of_work() as session:
        search = planning.start(session, plan_run_id, at=clock.now())
    if search is None:
        return
    if search.rest_of is not None:
        _plan_rest(plan_run_id, search)
        return
    try:
        with reading() as session:
            scenario = what_if.scenario_of(search.variant)
            day = search_day(session, search.cycle_id, scenario)
            known = kept_plan(session, search.cycle_id, day) if scenario is not None else None
        if _measure(plan_run_id, day.points, search.seconds):
            with reading() as session:
                day = search_day(session, search.cycle_id, scenario)
        plan = _find(plan_run_id, day, search, known)
    except (HubMissing, NothingToPlan, InvalidProblem) as refusal:
        with unit_of_work() as session:
            planning.fail(session, plan_run_id, error=refusal.code, at=clock.now())
        return
    violations = check(day.problem, plan)
    keep = planning.finish if scenario is None else what_if.finish
    with unit_of_work() as session:
        keep(
            session,
            plan_run_id,
            day,
            plan,
            written=write_plan(day.problem, plan),
            facts=facts_of(day, plan, len(violations)),
            at=clock.now(),
        )


def _plan_rest(plan_run_id: int, search: planning.Search) -> None:
    """Search what is not yet driven; what the search cannot know of the day is taken out later."""
    try:
        with reading() as session:
            rest = rest_day(session, search.cycle_id, clock.now())
        plan = _find(plan_run_id, rest.day, search, rest.start)
    except (HubMissing, NoPlanYet, NothingToPlan, InvalidProblem) as refusal:
        with unit_of_work() as session:
            planning.fail(session, plan_run_id, error=refusal.code, at=clock.now())
        return
    with unit_of_work() as session:
        rest_search.finish(session, plan_run_id, rest, plan, at=clock.now())


def _measure(plan_run_id: int, points: list[Point], seconds: int) -> bool:
    """Ask the road servers for what is not kept yet; whether any of them answered."""
    told = 0.0

    def say(done: int, of: int) -> None:
        nonlocal told
        if monotonic() - told < HEARD_EVERY_S:
            return
        told = monotonic()
        with unit_of_work() as session:
            progress = {"roads_done": done, "roads": of, "seconds": seconds}
            planning.hear(session, plan_run_id, progress, at=clock.now())

    books = roads.Books(reading, unit_of_work)
    measured = roads.measure(port(RoadMatrix), points, books, say)
    log.info("roads_measured", source=measured.source, asked=measured.asked, failed=measured.failed)
    return measured.source is not None


def _find(
    plan_run_id: int, day: DayProblem, search: planning.Search, known: Plan | None = None
) -> Plan:
    began = monotonic()
    start = _kept(day, search)
    if start is not None:
        log.info("search_resumed", plan_run=plan_run_id, left_s=search.left_s)
    steady = start is None and known is not None
    start = start or known
    with SearchProcess(day.problem, search.left_s, search.seed, start, steady=steady) as process:
        told, best = 0.0, None
        for message in process.messages():
            if isinstance(message, Plan):
                return message
            best = message.kept or best
            if monotonic() - told < HEARD_EVERY_S:
                continue
            told = monotonic()
            with unit_of_work() as session:
                go_on = planning.hear(
                    session,
                    plan_run_id,
                    _progress(message, search.seconds, monotonic() - began),
                    at=clock.now(),
                    kept=None if best is None else write_plan(day.problem, best),
                )
            best = None
            if not go_on:
                process.ask_to_stop()
    raise SearchFailed(plan_run_id=plan_run_id)


def _kept(day: DayProblem, search: planning.Search) -> Plan | None:
    """The best plan of a try that was cut, where the problem is still what it was."""
    if search.kept is None:
        return None
    try:
        return read_plan(day.problem, search.kept)
    except InvalidPlan:
        return None


def _progress(progress: Progress, seconds: int, spent: float) -> dict[str, Any]:
    left = progress.seconds_left
    return {
        "best_cents": progress.best_cents,
        "unserved": progress.unserved,
        "violations": progress.violations,
        "iterations": progress.iterations,
        "seconds": seconds,
        "seconds_left": round(max(0.0, seconds - spent if left is None else left), 1),
    }
