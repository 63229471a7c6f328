"""Something went wrong on the road: search the rest of the day anew, and keep what is better."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.logistics.domain.desk.again import is_worth_it, late_rather_than_never, moved
from shop.logistics.domain.desk.assess import Assessment, assess, difference
from shop.logistics.domain.desk.board import board_of
from shop.logistics.domain.desk.rest_of_day import shortened
from shop.logistics.domain.lifecycles import PLAN_RUN
from shop.logistics.domain.planning.document import write_plan
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.errors import NoPlanYet, PlanMoved, PlanRunLive
from shop.logistics.models import PlanRun
from shop.logistics.queries import desk_plan
from shop.logistics.queries.rest_day import RestDay
from shop.logistics.services import plan_versions, planning
from shop.logistics.services.plan_versions import Deed
from shop.logistics.services.planning import PLAN_TOPIC

MOVED = "plan_moved"
"""Why a search kept nothing: somebody changed the plan meanwhile."""

USUAL_SECONDS = 5
MOST_SECONDS = 60


def ask(
    session: Session, cycle_id: int, seen: int, *, seconds: int, by: int | None, seed: int = 1
) -> int:
    """Ask for a better rest of the day than the plan that was ``seen``; the key of the search.

    Raises:
        InvalidInput: too little or too much time.
        NoPlanYet: drivers have no rounds yet.
        PlanMoved: somebody changed the plan meanwhile.
        PlanRunLive: a search for this cycle is under way.
    """
    planning.refuse_seconds(seconds, most=MOST_SECONDS)
    found = desk_plan.head(session, cycle_id)
    if found is None or not plan_versions.is_published(session, cycle_id):
        raise NoPlanYet(cycle_id=cycle_id)
    if found[0].number != seen:
        raise PlanMoved(cycle_id=cycle_id, seen=seen, number=found[0].number)
    run_id: int | None = session.scalar(
        insert(PlanRun)
        .values(
            cycle_id=cycle_id,
            seed=seed,
            seconds=seconds,
            rest_of=seen,
            asked_by_id=by,
            progress={},
            facts={},
        )
        .on_conflict_do_nothing()
        .returning(PlanRun.id)
    )
    if run_id is None:
        raise PlanRunLive(cycle_id=cycle_id)
    outbox.post(session, PLAN_TOPIC, key=f"{PLAN_TOPIC}:{run_id}", plan_run_id=run_id)
    return run_id


def finish(session: Session, run_id: int, rest: RestDay, plan: Plan, *, at: datetime) -> None:
    """Make what was found the plan, when it is worth it; drivers get it when it is published.

    What was driven while the search went on is taken out of it first. A second time changes
    nothing.
    """
    run = planning.lock(session, run_id)
    if run.state != "running":
        return
    found = desk_plan.head(session, run.cycle_id)
    if found is None or found[0].number != run.rest_of:
        planning.fail(session, run_id, error=MOVED, at=at)
        return
    last, board = found
    desk = desk_plan.desk_day(session, run.cycle_id, board, at)
    before = assess(desk.problem, desk.board)
    after = board_of(rest.day.problem, plan, before=rest.desk.board)
    after = shortened(after, desk.ended, desk.standings)
    after = late_rather_than_never(desk.shaped(after).problem, desk.board, after)
    worth = assess(desk.shaped(after).problem, after)
    changes = moved(desk.board, after)
    kept = is_worth_it(before, worth, len(changes))
    run.plan = dict(write_plan(rest.day.problem, plan))
    run.facts = _facts(rest, plan, worth if kept else before, len(changes), kept=kept)
    run.finished_at = at
    advance(session, PLAN_RUN, run, "finish", at=at)
    if not kept:
        return
    cost = difference(before, worth)
    facts = {
        "cents": cost.cents,
        "meters": cost.meters,
        "seconds": cost.seconds,
        "faults": cost.faults,
        "unserved": cost.unserved,
        "moved": len(changes),
        "run": run_id,
    }
    deed = Deed("rest", facts, run.asked_by_id, at)
    plan_versions.keep(session, run.cycle_id, last.number, after, worth, deed, parent=last.node)


def _facts(
    rest: RestDay, plan: Plan, worth: Assessment, changes: int, *, kept: bool
) -> dict[str, Any]:
    return {
        "solver": plan.provenance.solver,
        "iterations": plan.provenance.iterations,
        "elapsed_ms": plan.provenance.elapsed_ms,
        "matrix": plan.provenance.matrix,
        "estimated": rest.day.problem.travel.estimated,
        "roads": rest.day.roads.plain(),
        "violations": worth.faults,
        "cost_cents": worth.plan.cost.total_cents,
        "distance_m": worth.plan.distance_m,
        "stops": len(rest.day.problem.stops),
        "kept": kept,
        "moved": changes if kept else 0,
        "unserved": [
            {
                "stop": each.stop_id,
                "name": rest.desk.stop_name(each.stop_id),
                "reason": each.reason.value,
                "facts": {name: str(value) for name, value in each.facts.items()},
            }
            for each in worth.plan.unserved
        ],
    }
