"""After a failed stop: its orders are called off, or they leave once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.infra.transitions import advance
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.lifecycles import TRUCK_ROUND
from shop.logistics.domain.planning.problem import Place
from shop.logistics.domain.planning.travel import estimate_travel
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import (
    AgainBreaksRules,
    GoodsAboard,
    HubMissing,
    NotToBringAgain,
    RoundUnknown,
    StopUnknown,
)
from shop.logistics.models import Crate, Hub, RoundChange, Stop, StopOrder, TruckRound, Vehicle
from shop.logistics.queries import order_parts, second_try
from shop.logistics.queries.second_try import Verdict, Way
from shop.logistics.services import completing
from shop.orders.queries import handing
from shop.orders.services import undelivered

SERVICE = timedelta(seconds=second_try.SERVICE_S)
LOADING = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NewRound:
    """A round made for goods that leave once more."""

    vehicle_id: int
    driver_id: int


@dataclass(frozen=True, slots=True)
class Again:
    """When the goods come, and with whom: a round that has room in its day, or a new one."""

    starts_at: datetime
    ends_at: datetime
    way: int | NewRound
    """Key of a round, or what a new one is made of."""


def call_off(
    session: Session,
    market_id: int,
    stop_id: int,
    order_ids: Sequence[int],
    *,
    why: str,
    at: datetime,
    by: int,
) -> None:
    """Give orders of a failed stop up: nothing delivered, nothing charged, customers told.

    Of an order on several vehicles only what failed here is given up: once nothing else of it is
    to come, what was handed over is charged.

    Raises:
        StopUnknown: the market has no such stop.
        NotToBringAgain: the stop has not failed, or has no such order waiting.
        InvalidInput: no reason.
    """
    stop, _row = _failed(session, market_id, stop_id)
    for order_id in _waiting(session, stop, order_ids):
        parts = order_parts.parts_of(session, [order_id]).get(order_id, [])
        if len(parts) < 2:
            undelivered.give_up(session, order_id, why=why, at=at, by=by)
            continue
        session.execute(
            update(StopOrder)
            .where(StopOrder.stop_id == stop_id, StopOrder.order_id == order_id)
            .values(given_up_why=why)
            .execution_options(synchronize_session=False)
        )
        completing.complete(session, order_id, why=why, at=at, by=by)


def send_again(
    session: Session,
    market_id: int,
    stop_id: int,
    order_ids: Sequence[int],
    again: Again,
    *,
    sure: bool = False,
    at: datetime,
    by: int,
) -> int:
    """Let orders of a failed stop leave once more; the key of the new stop.

    The stop is added at the end of the round, timed and checked by every rule of planning. A farm
    that could not be visited is visited again in the same way, without orders. The customers are
    told, and the driver of a round that was there already.

    Raises:
        StopUnknown: the market has no such stop.
        NotToBringAgain: the stop has not failed, or has no such order waiting.
        RoundUnknown: the round is another cycle's, or over.
        GoodsAboard: the crates are still in the truck that could not deliver them.
        AgainBreaksRules: it breaks rules, and nobody said that it is wanted all the same.
        InvalidInput: the hours are past, or end before they begin; no such vehicle.
    """
    stop, row, chosen, target = _asked(session, market_id, stop_id, order_ids, again, at=at)
    verdict = _verdict(session, stop, chosen, again, at=at)
    if not (sure or verdict.is_sound):
        raise AgainBreaksRules(stop_id=stop_id)
    if target is None:
        assert isinstance(again.way, NewRound)
        target = _new_round(
            session, market_id, row.cycle_id, again.way, stop, again, verdict, at=at, by=by
        )
    else:
        facts = {"added": [stop.name], "removed": [], "moved": [], "later_s": 0}
        session.add(RoundChange(round_id=target.id, facts=facts, by_person_id=by, at=at))
    new_id = _add_stop(session, target, stop, again, verdict)
    if chosen:
        session.execute(
            insert(StopOrder), [{"stop_id": new_id, "order_id": each} for each in chosen]
        )
        session.execute(
            update(Crate)
            .where(second_try.crates_here(stop, chosen))
            .values(stop_id=new_id)
            .execution_options(synchronize_session=False)
        )
    for order_id in chosen:
        undelivered.promise_again(
            session, order_id, starts_at=again.starts_at, ends_at=again.ends_at
        )
    return new_id


def judge(
    session: Session,
    market_id: int,
    stop_id: int,
    order_ids: Sequence[int],
    again: Again,
    *,
    at: datetime,
) -> Verdict:
    """What sending it again would break; changes nothing, raises as :func:`send_again` does."""
    stop, _row, chosen, _target = _asked(session, market_id, stop_id, order_ids, again, at=at)
    return _verdict(session, stop, chosen, again, at=at)


def _asked(
    session: Session,
    market_id: int,
    stop_id: int,
    order_ids: Sequence[int],
    again: Again,
    *,
    at: datetime,
) -> tuple[Stop, TruckRound, list[int], TruckRound | None]:
    """The failed stop, its round, its orders that may leave, and the round they join."""
    stop, row = _failed(session, market_id, stop_id)
    if again.starts_at <= at:
        raise InvalidInput(field="starts_at", reason="past")
    if again.ends_at <= again.starts_at:
        raise InvalidInput(field="ends_at", reason="before_start")
    chosen = _waiting(session, stop, order_ids)
    if isinstance(again.way, NewRound):
        target = None
        vehicle = session.get(Vehicle, again.way.vehicle_id)
        if vehicle is None or vehicle.market_id != market_id or vehicle.retired_at:
            raise InvalidInput(field="vehicle_id", reason="unknown")
    else:
        target = _joined(session, row.cycle_id, again.way)
    _refuse_aboard(session, stop, chosen, row, target)
    return stop, row, chosen, target


def _verdict(
    session: Session, stop: Stop, chosen: Sequence[int], again: Again, *, at: datetime
) -> Verdict:
    if isinstance(again.way, NewRound):
        way = Way(again.way.vehicle_id, again.way.driver_id)
    else:
        joined = session.get_one(TruckRound, again.way)
        way = Way(joined.vehicle_id, joined.driver_id, joined.id)
    return second_try.judge(
        session, stop, chosen, way, starts_at=again.starts_at, ends_at=again.ends_at, at=at
    )


def _failed(session: Session, market_id: int, stop_id: int) -> tuple[Stop, TruckRound]:
    stop = session.get(Stop, stop_id)
    row = None if stop is None else session.get(TruckRound, stop.round_id, with_for_update=True)
    if stop is None or row is None:
        raise StopUnknown(stop_id=stop_id)
    if cycles.by_id(session, row.cycle_id).market_id != market_id:
        raise StopUnknown(stop_id=stop_id)
    session.refresh(stop, with_for_update=True)
    if stop.state != "failed":
        raise NotToBringAgain(stop_id=stop_id, state=stop.state)
    return stop, row


def _waiting(session: Session, stop: Stop, order_ids: Sequence[int]) -> list[int]:
    """The orders asked for, each of this stop, not handed over and in no later stop."""
    here = set(
        session.scalars(
            select(StopOrder.order_id).where(
                StopOrder.stop_id == stop.id, StopOrder.given_up_why.is_(None)
            )
        )
    ) - order_parts.left_again(session, [stop.id]).get(stop.id, frozenset())
    asked = sorted(set(order_ids))
    if set(asked) - here or bool(asked) == (stop.kind is StopKind.COLLECT):
        raise NotToBringAgain(stop_id=stop.id)
    states = handing.states_held(session, asked)
    if any(state != "firm" for state in states.values()):
        raise NotToBringAgain(stop_id=stop.id)
    return asked


def _joined(session: Session, cycle_id: int, round_id: int) -> TruckRound:
    row = session.get(TruckRound, round_id, with_for_update=True)
    if row is None or row.cycle_id != cycle_id:
        raise RoundUnknown(round_id=round_id)
    if row.state not in ("published", "loading", "underway"):
        raise RoundUnknown(round_id=round_id, state=row.state)
    return row


def _refuse_aboard(
    session: Session,
    stop: Stop,
    order_ids: Sequence[int],
    row: TruckRound,
    target: TruckRound | None,
) -> None:
    """Crates leave with the truck they are in, or, once it is back, with one still at the hub."""
    states = set(
        session.scalars(
            select(Crate.state).where(second_try.crates_here(stop, order_ids)).distinct()
        )
    )
    if target is not None and target.id == row.id:
        return
    left = target is not None and target.state == "underway"
    if "loaded" in states or (order_ids and left):
        raise GoodsAboard(round_id=row.id)


def _new_round(
    session: Session,
    market_id: int,
    cycle_id: int,
    made_of: NewRound,
    stop: Stop,
    again: Again,
    verdict: Verdict,
    *,
    at: datetime,
    by: int,
) -> TruckRound:
    vehicle = session.get_one(Vehicle, made_of.vehicle_id)
    hub = session.scalars(
        select(Hub)
        .where(Hub.market_id == market_id, Hub.cycle_id.is_(None))
        .order_by(Hub.id)
        .limit(1)
    ).one_or_none()
    if hub is None:
        raise HubMissing(market_id=market_id)
    meters, seconds = _leg(hub.lon, hub.lat, stop)
    there = timedelta(seconds=seconds)
    starts_at = max(at, again.starts_at - there - LOADING)
    ends_at = again.starts_at + SERVICE + there
    if verdict.is_sound and verdict.desk is not None and verdict.trial is not None:
        starts_at = verdict.desk.day.instant(verdict.trial.planned.start_s)
        ends_at = verdict.desk.day.instant(verdict.trial.planned.end_s)
    hours_s = int((ends_at - starts_at).total_seconds())
    last = session.scalar(
        select(func.max(TruckRound.number)).where(TruckRound.cycle_id == cycle_id)
    )
    row = TruckRound(
        cycle_id=cycle_id,
        number=(last or 0) + 1,
        vehicle_id=vehicle.id,
        driver_id=made_of.driver_id,
        starts_at=starts_at,
        ends_at=ends_at,
        distance_m=2 * meters,
        cost_cents=vehicle.fixed_cents
        + 2 * meters * vehicle.cents_per_km // 1000
        + hours_s * vehicle.cents_per_hour // 3600,
    )
    session.add(row)
    session.flush()
    advance(session, TRUCK_ROUND, row, "publish", at=at, by=by, reason="a stop that had failed")
    return row


def _add_stop(
    session: Session, target: TruckRound, failed: Stop, again: Again, verdict: Verdict
) -> int:
    before = session.scalars(
        select(Stop).where(Stop.round_id == target.id).order_by(Stop.position.desc()).limit(1)
    ).one_or_none()
    meters = _leg(before.lon, before.lat, failed)[0] if before else target.distance_m // 2
    farm = failed.kind is StopKind.COLLECT
    arrives_at = again.starts_at
    if verdict.is_sound and verdict.desk is not None and verdict.trial is not None:
        arrives_at = verdict.desk.day.instant(verdict.trial.visit.start_s)
    stop = Stop(
        round_id=target.id,
        position=before.position + 1 if before else 1,
        kind=failed.kind,
        producer_id=failed.producer_id,
        pickup_point_id=failed.pickup_point_id,
        name=failed.name,
        address=failed.address,
        lon=failed.lon,
        lat=failed.lat,
        arrives_at=arrives_at,
        departs_at=arrives_at + SERVICE,
        window_from=None if farm else again.starts_at,
        window_until=None if farm else again.ends_at,
        distance_m=meters,
        again_of_id=failed.id,
    )
    session.add(stop)
    if before:
        target.distance_m += meters
    target.ends_at = max(target.ends_at, stop.departs_at)
    session.flush()
    return stop.id


def _leg(lon: float, lat: float, stop: Stop) -> tuple[int, int]:
    """Meters and seconds from a place to a stop, estimated."""
    travel = estimate_travel([Place("from", lon, lat), Place("to", stop.lon, stop.lat)])
    return int(travel.distance_m[0, 1]), int(travel.duration_s[0, 1])
