"""Ask for rounds, follow the search, keep what it finds, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance, advance_all
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.lifecycles import PLAN_RUN, TRUCK_ROUND
from shop.logistics.domain.planning.plan import Plan, Round, Visit, VisitKind
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import PlanRunLive, PlanRunUnknown, RoundsUnderway, RoundUnknown
from shop.logistics.models import Crate, PlanRun, Stop, StopOrder, TruckRound
from shop.logistics.queries.day_problem import DayProblem

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
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise InvalidInput(field="seconds", least=LEAST_SECONDS, most=MOST_SECONDS)
    _refuse_underway(session, cycle_id)
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


@dataclass(frozen=True, slots=True)
class Search:
    """What a search was asked."""

    cycle_id: int
    seconds: int
    seed: int


def start(session: Session, run_id: int, *, at: datetime) -> Search | None:
    """Begin a search, or begin again one that was cut; None when it has ended.

    Raises:
        PlanRunUnknown: there is none.
    """
    run = _lock(session, run_id)
    if run.state == "queued":
        advance(session, PLAN_RUN, run, "start", at=at)
        run.started_at = at
    elif run.state != "running":
        return None
    run.heard_at = at
    return Search(run.cycle_id, run.seconds, run.seed)


def hear(
    session: Session,
    run_id: int,
    progress: Mapping[str, Any],
    *,
    at: datetime,
) -> bool:
    """Note how far a search is; whether it shall go on."""
    stop_asked = session.execute(
        update(PlanRun)
        .where(PlanRun.id == run_id, PlanRun.state == "running")
        .values(progress=dict(progress), heard_at=at)
        .returning(PlanRun.stop_asked_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return stop_asked is not None and stop_asked[0] is None


def ask_to_stop(session: Session, run_id: int, *, at: datetime) -> None:
    """Tell a search to end now and keep its best.

    Raises:
        PlanRunUnknown: there is none.
    """
    run = _lock(session, run_id)
    if run.stop_asked_at is None and run.state in ("queued", "running"):
        run.stop_asked_at = at


def fail(session: Session, run_id: int, *, error: str, at: datetime) -> None:
    """Note that a search cannot be done, and why."""
    run = _lock(session, run_id)
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
    run = _lock(session, run_id)
    if run.state != "running":
        return
    run.plan = dict(written)
    run.facts = dict(facts)
    run.finished_at = at
    advance(session, PLAN_RUN, run, "finish", at=at)
    _drop_drafts(session, run.cycle_id, at=at)
    for number, planned in enumerate(sorted(plan.rounds, key=_by_start), start=1):
        behind = day.vehicles[planned.vehicle_id]
        vehicle_id = behind[planned.vehicle_number % len(behind)]
        _write_round(session, run, number, vehicle_id, day, planned)


def publish(
    session: Session, cycle_id: int, drivers: Mapping[int, int], *, at: datetime, by: int | None
) -> list[int]:
    """Make the draft rounds of a cycle the ones that are driven; ``drivers`` by round.

    Crates learn which stop hands them over. Rounds published before and not begun give way.

    Raises:
        RoundUnknown: the cycle has no draft round.
        RoundsUnderway: its rounds have left.
    """
    _refuse_underway(session, cycle_id)
    drafts = session.scalars(
        select(TruckRound.id)
        .where(TruckRound.cycle_id == cycle_id, TruckRound.state == "draft")
        .order_by(TruckRound.id)
        .with_for_update()
    ).all()
    if not drafts:
        raise RoundUnknown(cycle_id=cycle_id)
    before = session.scalars(
        select(TruckRound.id).where(
            TruckRound.cycle_id == cycle_id, TruckRound.state.in_(("published", "loading"))
        )
    ).all()
    _forget_rounds(session, list(before))
    for round_id, driver_id in sorted(drivers.items()):
        session.execute(
            update(TruckRound)
            .where(TruckRound.id == round_id, TruckRound.cycle_id == cycle_id)
            .values(driver_id=driver_id)
            .execution_options(synchronize_session=False)
        )
    published = advance_all(session, TRUCK_ROUND, TruckRound, drafts, "publish", at=at, by=by)
    bind_crates(session, cycle_id)
    return published


def bind_crates(session: Session, cycle_id: int) -> None:
    """Tell every crate of a cycle which stop of a published round hands it over."""
    stop = (
        select(StopOrder.stop_id)
        .join(Stop, Stop.id == StopOrder.stop_id)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .where(StopOrder.order_id == Crate.order_id)
        .where(TruckRound.state.not_in(("draft", "discarded")))
        .correlate(Crate)
        .order_by(StopOrder.stop_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(Crate)
        .where(Crate.cycle_id == cycle_id)
        .values(stop_id=stop)
        .execution_options(synchronize_session=False)
    )


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


def _by_start(planned: Round) -> tuple[int, str, int]:
    return planned.start_s, planned.vehicle_id, planned.vehicle_number


def _write_round(
    session: Session, run: PlanRun, number: int, vehicle_id: int, day: DayProblem, planned: Round
) -> None:
    row = TruckRound(
        cycle_id=run.cycle_id,
        plan_run_id=run.id,
        number=number,
        vehicle_id=vehicle_id,
        starts_at=day.instant(planned.start_s),
        ends_at=day.instant(planned.end_s),
        distance_m=planned.distance_m,
        cost_cents=planned.cost.total_cents,
    )
    session.add(row)
    session.flush()
    stops = [visit for visit in planned.visits if visit.kind in (VisitKind.STOP, VisitKind.RELOAD)]
    for position, visit in enumerate(stops, start=1):
        stop_id = session.scalar(
            insert(Stop).values(**_stop_values(row.id, position, day, visit)).returning(Stop.id)
        )
        orders = day.orders_of.get(visit.stop_id or "", [])
        if orders:
            session.execute(
                insert(StopOrder), [{"stop_id": stop_id, "order_id": each} for each in orders]
            )


def _stop_values(round_id: int, position: int, day: DayProblem, visit: Visit) -> dict[str, Any]:
    common = {
        "round_id": round_id,
        "position": position,
        "arrives_at": day.instant(visit.arrival_s),
        "departs_at": day.instant(visit.departure_s),
        "distance_m": visit.distance_m,
    }
    if visit.stop_id is None:
        place = day.problem.places[visit.place]
        return common | {
            "kind": StopKind.HUB,
            "name": place.name,
            "address": place.name,
            "lon": place.lon,
            "lat": place.lat,
        }
    door = day.doors[visit.stop_id]
    return common | {
        "kind": StopKind(door.kind.value) if door.kind else StopKind.COLLECT,
        "producer_id": door.producer_id,
        "pickup_point_id": door.pickup_point_id,
        "name": door.name,
        "address": door.address,
        "lon": door.lon,
        "lat": door.lat,
        "window_from": day.instant(door.window[0]) if door.window else None,
        "window_until": day.instant(door.window[1]) if door.window else None,
    }


def _refuse_underway(session: Session, cycle_id: int) -> None:
    left = session.scalar(
        select(func.count())
        .select_from(TruckRound)
        .where(TruckRound.cycle_id == cycle_id, TruckRound.state.in_(("underway", "done")))
    )
    if left:
        raise RoundsUnderway(cycle_id=cycle_id, rounds=left)


def _drop_drafts(session: Session, cycle_id: int, *, at: datetime) -> None:
    drafts = session.scalars(
        select(TruckRound.id).where(TruckRound.cycle_id == cycle_id, TruckRound.state == "draft")
    ).all()
    _forget_rounds(session, list(drafts))


def _forget_rounds(session: Session, round_ids: list[int]) -> None:
    """Rounds that nobody has begun are rewritten whole; the search that found them keeps them."""
    if not round_ids:
        return
    stops = select(Stop.id).where(Stop.round_id.in_(round_ids))
    session.execute(
        update(Crate)
        .where(Crate.stop_id.in_(stops))
        .values(stop_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(TruckRound)
        .where(TruckRound.id.in_(round_ids))
        .execution_options(synchronize_session=False)
    )


def _lock(session: Session, run_id: int) -> PlanRun:
    run = session.get(PlanRun, run_id, with_for_update=True)
    if run is None:
        raise PlanRunUnknown(plan_run_id=run_id)
    return run
