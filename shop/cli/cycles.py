"""Open and close sales cycles, and find the rounds of one, from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from time import monotonic

import click
from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.services.cycles import close_cycle as close
from shop.catalog.services.cycles import open_cycle as open_
from shop.cli.answers import in_application, json_option, plain, say
from shop.cli.plan import told
from shop.infra import clock
from shop.infra.outbox import OutboxMessage
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.document import write_plan
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import Progress, StopRule
from shop.logistics.ports import RoadMatrix
from shop.logistics.queries.day_problem import day_problem
from shop.logistics.services import planning, roads
from shop.logistics.services.plan_facts import facts_of

market_option = click.option("--market", help="Its address (slug); not needed when there is one.")


def find_cycle(session: Session, code: str, market: str | None) -> CycleCard:
    """The cycle with that code, in the market named or the only one.

    Raises:
        InvalidInput: no market is named, and there are several.
        MarketUnknown, CycleUnknown: there is none.
    """
    if market is not None:
        return cycles.by_code(session, markets.by_slug(session, market).id, code)
    found = markets.all_markets(session)
    if len(found) != 1:
        raise InvalidInput(field="market", markets=[each.slug for each in found])
    return cycles.by_code(session, found[0].id, code)


@click.command("open-cycle")
@click.argument("code")
@market_option
@json_option
@in_application
def open_cycle(code: str, market: str | None, as_json: bool) -> None:
    """Let customers order in the sales cycle CODE, now."""
    with unit_of_work() as session:
        cycle = find_cycle(session, code, market)
        open_(session, cycle.id, at=clock.now())
        cycle = cycles.by_id(session, cycle.id)
    say(asdict(cycle), [f"« {cycle.name} » ({cycle.code}) is open."], as_json=as_json)


@click.command("close-cycle")
@click.argument("code")
@market_option
@json_option
@in_application
def close_cycle(code: str, market: str | None, as_json: bool) -> None:
    """End the sales cycle CODE; the worker then asks producers for what was ordered."""
    with unit_of_work() as session:
        cycle = find_cycle(session, code, market)
        close(session, cycle.id, at=clock.now(), reason="command line")
        cycle = cycles.by_id(session, cycle.id)
    lines = [f"« {cycle.name} » ({cycle.code}) is closed; the worker writes purchase orders."]
    say(asdict(cycle), lines, as_json=as_json)


@click.command("plan-rounds")
@click.option("--cycle", "code", required=True, help="Code of the sales cycle.")
@market_option
@click.option("--seconds", type=click.IntRange(min=2, max=600), default=20, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@json_option
@in_application
def plan_rounds(code: str, market: str | None, seconds: int, seed: int, as_json: bool) -> None:
    """Find the rounds of a closed cycle, here and now; they wait as drafts for the desk."""
    with unit_of_work() as session:
        cycle = find_cycle(session, code, market)
        run_id = planning.ask(session, cycle.id, seconds=seconds, seed=seed)
        planning.start(session, run_id, at=clock.now())
        _keep_from_the_worker(session, run_id, until=clock.now() + timedelta(seconds=seconds + 120))
        day = day_problem(session, cycle.id)
    try:
        measured = roads.measure(port(RoadMatrix), day.points, roads.Books(reading, unit_of_work))
        if measured.source is not None:
            with reading() as session:
                day = day_problem(session, cycle.id)
        plan = solve(
            day.problem, StopRule(seconds=seconds), seed, progress=_hear(run_id, day.problem)
        )
    except BaseException:
        with unit_of_work() as session:
            planning.fail(session, run_id, error="interrupted", at=clock.now())
            _let_go(session, run_id)
        raise
    broken = check(day.problem, plan)
    written = write_plan(day.problem, plan)
    with unit_of_work() as session:
        planning.finish(
            session,
            run_id,
            day,
            plan,
            written=written,
            facts=facts_of(day, plan, len(broken)),
            at=clock.now(),
        )
        _let_go(session, run_id)
    value = {"plan_run_id": run_id, **written, "violations": broken}
    say(value, told(day.problem, plan, broken), as_json=as_json)
    if broken:
        sys.exit(1)


def _keep_from_the_worker(session: Session, run_id: int, *, until: datetime) -> None:
    """The search that was asked for is done here; the worker takes it over when this dies."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.key == _key_of(run_id))
        .values(leased_until=until)
        .execution_options(synchronize_session=False)
    )


def _let_go(session: Session, run_id: int) -> None:
    """The search has ended: its message is handled."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.key == _key_of(run_id))
        .values(done_at=clock.now(), leased_until=None)
        .execution_options(synchronize_session=False)
    )


def _key_of(run_id: int) -> str:
    return f"{planning.PLAN_TOPIC}:{run_id}"


def _hear(run_id: int, problem: Problem) -> Callable[[Progress], None]:
    """Let the desk see how far the search is, about once a second."""
    told_at = 0.0
    best: Plan | None = None

    def hear(progress: Progress) -> None:
        nonlocal told_at, best
        best = progress.kept or best
        if monotonic() - told_at < 1:
            return
        told_at = monotonic()
        kept = None if best is None else write_plan(problem, best)
        with unit_of_work() as session:
            figures = plain(replace(progress, kept=None))
            planning.hear(session, run_id, figures, at=clock.now(), kept=kept)
        best = None

    return hear
