"""What a second try of a failed stop would break, worked out from the day as it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from shop.accounts.queries.identity import names
from shop.logistics.domain.desk.board import Board, Extra
from shop.logistics.domain.desk.second_try import Trial, on_day, try_again
from shop.logistics.domain.planning.goods import NOTHING, Goods
from shop.logistics.domain.planning.plan import VisitKind
from shop.logistics.domain.planning.problem import DAY_S, Problem
from shop.logistics.domain.planning.timing import Step
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import HubMissing, NothingToPlan
from shop.logistics.models import Crate, Stop, TruckRound, Vehicle
from shop.logistics.queries import desk_plan
from shop.logistics.queries.day_problem import goods_of_fill
from shop.logistics.queries.desk_plan import DeskDay
from shop.logistics.queries.order_parts import NOTHING_TO_HAND
from shop.orders.queries.demand import Fill

SERVICE_S = 360
"""Time at the door of a second try."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the goods leave once more: the vehicle and driver of a round that is there, or new."""

    vehicle_id: int
    driver_id: int | None
    round_id: int | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """A vehicle or a driver who would be in two places at once."""

    name: str
    round: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """The second try with its times, and everything that speaks against it."""

    desk: DeskDay | None
    """None: the day cannot be worked out (no hub, no order), so nothing was judged."""
    trial: Trial | None
    overlaps: tuple[Overlap, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.overlaps and not (self.trial and self.trial.violations)


def judge(
    session: Session,
    failed: Stop,
    order_ids: Collection[int],
    way: Way,
    *,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
) -> Verdict:
    """Time the stop at the end of a round, or alone in a new one, and check it by every rule."""
    cycle_id = session.scalars(
        select(TruckRound.cycle_id).where(TruckRound.id == failed.round_id)
    ).one()
    target = session.get(TruckRound, way.round_id) if way.round_id is not None else None
    to_come = _to_come(session, target) if target is not None else []
    found = desk_plan.head(session, cycle_id)
    board = found[1] if found else Board()
    try:
        bare = desk_plan.desk_day(session, cycle_id, board, at)
    except (HubMissing, NothingToPlan):
        return Verdict(None, None)
    mine = _extra(
        bare, failed, bare.day.second(starts_at), bare.day.second(ends_at), service_s=SERVICE_S
    )
    unplanned = [stop for stop in to_come if stop.plan_key not in bare.problem.stop_by_id]
    others = {stop.id: _standing_extra(bare, stop) for stop in unplanned if _is_call(stop)}
    board = replace(board, extras=(*board.extras, *others.values(), mine))
    desk = desk_plan.desk_day(session, cycle_id, board, at)
    goods = {mine.id: _goods(session, crates_here(failed, order_ids))}
    goods |= {
        extra.id: _goods(session, Crate.stop_id == stop_id) for stop_id, extra in others.items()
    }
    problem = _loaded(desk.problem, goods)
    problem, vehicle = _available(desk, problem, way, target, starts_at)
    standing = desk.standings.get(vehicle)
    trial = try_again(
        problem,
        vehicle,
        [_step(stop, others) for stop in to_come],
        mine.id,
        loaded_s=standing.loaded_s if standing is not None and standing.left else None,
    )
    return Verdict(desk, trial, _overlaps(session, way, desk, trial))


def _available(
    desk: DeskDay, problem: Problem, way: Way, target: TruckRound | None, starts_at: datetime
) -> tuple[Problem, str]:
    """The vehicle as it can be had: where it stands with what is left of its day, or afresh."""
    planned = target.plan_key if target is not None else None
    if planned is not None and planned in problem.vehicle_by_id:
        return problem, planned
    vehicle = f"v{way.vehicle_id}"
    fresh = desk.day.problem
    # Its other rounds of the day are compared by their hours, not by where it stands.
    problem = replace(problem, vehicles=fresh.vehicles, hubs=(*fresh.hubs, *problem.hubs))
    leaves_at = target.starts_at if target is not None else starts_at
    return on_day(problem, vehicle, desk.day.second(leaves_at) // DAY_S, desk.now_s), vehicle


def crates_here(stop: Stop, order_ids: Collection[int]) -> ColumnElement[bool]:
    """What the stop was to hand over of these orders; the rest may travel on another vehicle."""
    return Crate.order_id.in_(order_ids) & or_(Crate.stop_id == stop.id, Crate.stop_id.is_(None))


def _to_come(session: Session, target: TruckRound) -> Sequence[Stop]:
    return session.scalars(
        select(Stop)
        .where(Stop.round_id == target.id, Stop.state == "planned")
        .order_by(Stop.position)
    ).all()


def _is_call(stop: Stop) -> bool:
    return stop.kind is not StopKind.HUB


def _step(stop: Stop, others: dict[int, Extra]) -> Step:
    if not _is_call(stop):
        return Step(VisitKind.RELOAD, "hub")
    extra = others.get(stop.id)
    return Step(VisitKind.STOP, extra.id if extra else stop.plan_key or "")


def _standing_extra(desk: DeskDay, stop: Stop) -> Extra:
    """A stop of the round that the plan does not know: another second try."""
    day = desk.day
    opens_s = day.second(stop.window_from or stop.arrives_at)
    closes_s = day.second(stop.window_until or stop.departs_at)
    service_s = int((stop.departs_at - stop.arrives_at).total_seconds())
    return _extra(desk, stop, opens_s, closes_s, service_s=service_s)


def _extra(desk: DeskDay, stop: Stop, opens_s: int, closes_s: int, *, service_s: int) -> Extra:
    return Extra(
        f"again:{stop.id}",
        stop.name,
        stop.address,
        stop.lon,
        stop.lat,
        opens_s,
        closes_s,
        service_s,
    )


def _goods(session: Session, which: ColumnElement[bool]) -> Goods:
    fill: Fill = defaultdict(int)
    for kind, thousandths in session.execute(
        select(Crate.temperature_class, func.sum(Crate.fill))
        .where(which, Crate.state.not_in(NOTHING_TO_HAND))
        .group_by(Crate.temperature_class)
    ):
        fill[kind] += int(thousandths)
    return goods_of_fill(fill)


def _loaded(problem: Problem, goods: dict[str, Goods]) -> Problem:
    stops = tuple(
        replace(stop, delivers=goods.get(stop.id, NOTHING)) if stop.id in goods else stop
        for stop in problem.stops
    )
    return replace(problem, stops=stops)


def _overlaps(session: Session, way: Way, desk: DeskDay, trial: Trial) -> tuple[Overlap, ...]:
    """Other rounds of the same vehicle or driver at the same hours."""
    starts_at = desk.day.instant(trial.planned.start_s)
    ends_at = desk.day.instant(trial.planned.end_s)
    rows = session.execute(
        select(
            TruckRound.number,
            TruckRound.vehicle_id,
            TruckRound.driver_id,
            TruckRound.starts_at,
            TruckRound.ends_at,
            Vehicle.name,
        )
        .join(Vehicle, Vehicle.id == TruckRound.vehicle_id)
        .where(TruckRound.id != (way.round_id or 0))
        .where(TruckRound.state.in_(("published", "loading", "underway")))
        .where(TruckRound.starts_at < ends_at, TruckRound.ends_at > starts_at)
        .where(or_(TruckRound.vehicle_id == way.vehicle_id, TruckRound.driver_id == way.driver_id))
        .order_by(TruckRound.id)
    ).all()
    people = names(session, {way.driver_id} if way.driver_id else set())
    return tuple(
        Overlap(
            row.name if row.vehicle_id == way.vehicle_id else people.get(way.driver_id or 0, ""),
            f"{row.number} · {row.name}",
            row.starts_at,
            row.ends_at,
        )
        for row in rows
    )
