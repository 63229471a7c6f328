"""Ask for rounds, follow the search, keep what it finds, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.lifecycles import PLAN_RUN
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.errors import PlanRunLive, PlanRunUnknown, RoundsUnderway, RoundUnknown
from shop.logistics.models import PlanRun, TruckRound
from shop.logistics.queries.day_problem import DayProblem
from shop.logistics.services import plan_versions, publishing

PLAN_TOPIC = "logistics.plan_rounds"
LEAST_SECONDS, MOST_SECONDS = 2, 600


def ask(
    session: Session, cycle_id: int, *, seconds: int, seed: int = 1, by: int | None = None
) -> int:
    """Ask for the rounds of a cycle; the key of the search.

    Raises:
        InvalidInput: too little or too much time.
        PlanRunLive: a search for this cycle is under way.
        RoundsUnderway: its rounds have left.
    """
    refuse_seconds(seconds)
    refuse_underway(session, cycle_id)
    run_id: int | None = session.scalar(
        upsert(PlanRun)
        .values(
            cycle_id=cycle_id, seed=seed, seconds=seconds, asked_by_id=by, progress={}, facts={}
        )
        .on_conflict_do_nothing()
        .returning(PlanRun.id)
    )
    if run_id is None:
        raise PlanRunLive(cycle_id=cycle_id)
    outbox.post(session, PLAN_TOPIC, key=f"{PLAN_TOPIC}:{run_id}", plan_run_id=run_id)
    return run_id


def refuse_seconds(seconds: int, *, most: int = MOST_SECONDS) -> None:
    """Look at the time for a search.

    Raises:
        InvalidInput: too little or too much.
    """
    if not LEAST_SECONDS <= seconds <= most:
        raise InvalidInput(field="seconds", least=LEAST_SECONDS, most=most)


@dataclass(frozen=True, slots=True)
class Search:
    """What a search was asked."""

    cycle_id: int
    seconds: int
    seed: int
    left_s: float
    """What a try that was cut has not used up."""
    kept: Mapping[str, Any] | None
    """The best plan of such a try, in the documented format."""
    variant: Mapping[str, Any] | None = None
    """What-if: what is different from the cycle as it is."""
    rest_of: int | None = None
    """During the day: number of the version of which it searches what is not yet driven."""


def start(session: Session, run_id: int, *, at: datetime) -> Search | None:
    """Begin a search, or begin again one that was cut; None when it has ended.

    Raises:
        PlanRunUnknown: there is none.
    """
    run = lock(session, run_id)
    if run.state == "queued":
        advance(session, PLAN_RUN, run, "start", at=at)
        run.started_at = at
    elif run.state != "running":
        return None
    run.heard_at = at
    left_s = run.progress.get("seconds_left", run.seconds)
    left_s = max(LEAST_SECONDS, left_s)
    return Search(run.cycle_id, run.seconds, run.seed, left_s, run.plan, run.variant, run.rest_of)


def hear(
    session: Session,
    run_id: int,
    progress: Mapping[str, Any],
    *,
    at: datetime,
    kept: Mapping[str, Any] | None = None,
) -> bool:
    """Note how far a search is, and the best plan when it is new; whether it shall go on."""
    plan = {} if kept is None else {"plan": dict(kept)}
    stop_asked = session.execute(
        update(PlanRun)
        .where(PlanRun.id == run_id, PlanRun.state == "running")
        .values(progress=dict(progress), heard_at=at, **plan)
        .returning(PlanRun.stop_asked_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return stop_asked is not None and stop_asked[0] is None


def ask_to_stop(session: Session, run_id: int, *, at: datetime) -> None:
    """Tell a search to end now and keep its best.

    Raises:
        PlanRunUnknown: there is none.
    """
    run = lock(session, run_id)
    if run.stop_asked_at is None and run.state in ("queued", "running"):
        run.stop_asked_at = at


def fail(session: Session, run_id: int, *, error: str, at: datetime) -> None:
    """Note that a search cannot be done, and why."""
    run = lock(session, run_id)
    run.error = error
    run.finished_at = at
    advance(session, PLAN_RUN, run, "fail", at=at, reason=error)


def finish(
    session: Session,
    run_id: int,
    day: DayProblem,
    plan: Plan,
    *,
    written: Mapping[str, Any],
    facts: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep what a search found as draft rounds, instead of earlier drafts of the cycle.

    A second time changes nothing.
    """
    run = lock(session, run_id)
    if run.state != "running":
        return
    run.plan = dict(written)
    run.facts = dict(facts)
    run.finished_at = at
    advance(session, PLAN_RUN, run, "finish", at=at)
    plan_versions.found(session, run.cycle_id, day, plan, at=at, by=run.asked_by_id, run_id=run.id)


def publish(
    session: Session, cycle_id: int, drivers: Mapping[int, int], *, at: datetime, by: int | None
) -> list[int]:
    """Make the draft rounds of a cycle the ones that are driven; ``drivers`` by round.

    Crates learn which stop hands them over.

    Raises:
        RoundUnknown: the cycle has no draft round.
        RoundsUnderway: its rounds have left.
    """
    refuse_underway(session, cycle_id)
    return publishing.publish(session, cycle_id, drivers, at=at, by=by).rounds


def assign_driver(session: Session, round_id: int, driver_id: int | None) -> None:
    """Say who drives a round that has not left.

    Raises:
        RoundUnknown: there is none, or it has left.
    """
    changed = session.scalar(
        update(TruckRound)
        .where(TruckRound.id == round_id)
        .where(TruckRound.state.in_(("draft", "published", "loading")))
        .values(driver_id=driver_id)
        .returning(TruckRound.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise RoundUnknown(round_id=round_id)


def refuse_underway(session: Session, cycle_id: int) -> None:
    """Look whether a truck of a cycle has left.

    Raises:
        RoundsUnderway: one has.
    """
    left = session.scalar(
        select(func.count())
        .select_from(TruckRound)
        .where(TruckRound.cycle_id == cycle_id, TruckRound.state.in_(("underway", "done")))
    )
    if left:
        raise RoundsUnderway(cycle_id=cycle_id, rounds=left)


def lock(session: Session, run_id: int) -> PlanRun:
    """A search, held until the unit of work ends.

    Raises:
        PlanRunUnknown: there is none.
    """
    run = session.get(PlanRun, run_id, with_for_update=True)
    if run is None:
        raise PlanRunUnknown(plan_run_id=run_id)
    return run
