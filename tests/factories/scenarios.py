"""Scenarios of a planned sale, asked for and searched as the worker would."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shop.logistics.domain.desk.what_if import Elsewhere, Scenario
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.document import write_plan
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.queries.search_day import search_day
from shop.logistics.services import planning, what_if
from shop.logistics.services.plan_facts import facts_of
from tests.factories.planned import PLANNED_AT

ASKED_AT = PLANNED_AT + timedelta(hours=1)
ITERATIONS = 20

LORGUES = Elsewhere("La cave", "Chemin des vignes", "83510", "Lorgues", "83072", 6.362, 43.494)


def ask(session: Session, cycle_id: int, scenario: Scenario, *, by: int | None = None) -> int:
    """Ask for a scenario with a form of its own."""
    return what_if.ask(session, cycle_id, scenario, key=uuid.uuid4(), seconds=5, by=by)


def searched(
    session: Session,
    cycle_id: int,
    scenario: Scenario,
    *,
    by: int | None = None,
    at: datetime = ASKED_AT,
) -> int:
    """A scenario whose search has ended; its key."""
    run_id = ask(session, cycle_id, scenario, by=by)
    planning.start(session, run_id, at=at)
    day = search_day(session, cycle_id, scenario)
    plan = solve(day.problem, StopRule(iterations=ITERATIONS), 1)
    what_if.finish(
        session,
        run_id,
        day,
        plan,
        written=write_plan(day.problem, plan),
        facts=facts_of(day, plan, len(check(day.problem, plan))),
        at=at,
    )
    session.flush()
    session.expire_all()
    return run_id
