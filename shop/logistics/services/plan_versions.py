"""Keep each state of a plan, the newest being the plan; nothing kept is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.logistics.domain.desk.assess import Assessment, assess
from shop.logistics.domain.desk.board import Board, board_of, write_board
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.errors import PlanMoved
from shop.logistics.models import PlanVersion, TruckRound
from shop.logistics.queries import desk_plan
from shop.logistics.queries.day_problem import COLLECTING, DayProblem
from shop.logistics.queries.desk_plan import DeskDay
from shop.logistics.services import round_rows

PUBLISHED = ("published", "loading", "underway", "done")
TRIES = 5


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to a plan, by whom, when."""

    edit: str
    facts: Mapping[str, Any]
    by: int | None
    at: datetime
    reason: str | None = None
    same_as: int | None = None


def keep(
    session: Session,
    cycle_id: int,
    seen: int,
    board: Board,
    worth: Assessment,
    deed: Deed,
    *,
    parent: int | None,
) -> int:
    """Write the next version after ``seen``; its number.

    Raises:
        PlanMoved: somebody wrote it first.
    """
    number: int | None = session.scalar(
        insert(PlanVersion)
        .values(
            cycle_id=cycle_id,
            number=seen + 1,
            parent=parent,
            same_as=deed.same_as,
            edit=deed.edit,
            facts=dict(deed.facts),
            board=write_board(board),
            cost_cents=worth.plan.cost.total_cents,
            distance_m=worth.plan.distance_m,
            duration_s=worth.plan.duration_s,
            faults=worth.faults,
            unserved=worth.unserved,
            reason=deed.reason,
            by_person_id=deed.by,
            at=deed.at,
        )
        .on_conflict_do_nothing()
        .returning(PlanVersion.number)
    )
    if number is None:
        raise PlanMoved(cycle_id=cycle_id, seen=seen)
    return number


def is_published(session: Session, cycle_id: int) -> bool:
    """Whether drivers have been given rounds: edits then wait for the next publication."""
    found = session.scalar(
        select(TruckRound.id)
        .where(TruckRound.cycle_id == cycle_id, TruckRound.state.in_(PUBLISHED))
        .limit(1)
    )
    return found is not None


def found(
    session: Session,
    cycle_id: int,
    day: DayProblem,
    plan: Plan,
    *,
    at: datetime,
    by: int | None,
    run_id: int | None = None,
    edit: str = "search",
) -> None:
    """Make what a search found the plan; before anything is published, its rounds are drafts.

    An edit that was made while the search went on stays in the history.
    """
    last = desk_plan.head(session, cycle_id)
    single, board = named_board(day, plan, last[1] if last else None)
    desk = DeskDay(single, single.problem, board)
    worth = assess(single.problem, board)
    deed = Deed(edit, {"run": run_id}, by, at)
    for _ in range(TRIES):
        seen = last[0].number if last else 0
        try:
            keep(session, cycle_id, seen, board, worth, deed, parent=last[0].node if last else None)
            break
        except PlanMoved:
            last = desk_plan.head(session, cycle_id)
    if not is_published(session, cycle_id):
        round_rows.write(session, cycle_id, desk, worth.plan, at=at, run_id=run_id)


def named_board(day: DayProblem, plan: Plan, before: Board | None) -> tuple[DayProblem, Board]:
    """What a search found as the desk handles it: vehicles one by one, decisions as they were."""
    single = desk_plan.apart(day)
    rounds = tuple(
        replace(
            each, vehicle_id=_named(day, each.vehicle_id, each.vehicle_number), vehicle_number=0
        )
        for each in plan.rounds
    )
    return single, board_of(single.problem, replace(plan, rounds=rounds), before=before)


def _named(day: DayProblem, kind: str, number: int) -> str:
    """A vehicle by its own name."""
    behind = day.vehicles[kind]
    return f"v{behind[number % len(behind)]}{COLLECTING if kind.endswith(COLLECTING) else ''}"
