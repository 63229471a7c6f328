"""After a failed stop: its orders are called off, or they leave once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.infra.transitions import advance
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.lifecycles import TRUCK_ROUND
from shop.logistics.domain.planning.problem import Place
from shop.logistics.domain.planning.travel import estimate_travel
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import GoodsAboard, NotToBringAgain, RoundUnknown, StopUnknown
from shop.logistics.models import Crate, Hub, Stop, StopOrder, TruckRound, Vehicle
from shop.logistics.queries import order_parts
from shop.logistics.services import completing
from shop.orders.queries import handing
from shop.orders.services import undelivered

SERVICE = timedelta(minutes=6)
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
    at: datetime,
    by: int,
) -> int:
    """Let orders of a failed stop leave once more; the key of the new stop.

    The stop is added at the end of the round. A farm that could not be visited is visited again
    in the same way, without orders. The customers are told.

    Raises:
        StopUnknown: the market has no such stop.
        NotToBringAgain: the stop has not failed, or has no such order waiting.
        RoundUnknown: the round is another cycle's, or over.
        GoodsAboard: the crates are still in the truck that could not deliver them.
        InvalidInput: the hours are past, or end before they begin; no such vehicle.
    """
    stop, row = _failed(session, market_id, stop_id)
    if again.starts_at <= at:
        raise InvalidInput(field="starts_at", reason="past")
    if again.ends_at <= again.starts_at:
        raise InvalidInput(field="ends_at", reason="before_start")
    chosen = _waiting(session, stop, order_ids)
    if isinstance(again.way, NewRound):
        target = _new_round(session, market_id, row.cycle_id, again.way, stop, again, at=at, by=by)
    else:
        target = _joined(session, row.cycle_id, again.way)
    _refuse_aboard(session, stop, chosen, row, target)
    new_id = _add_stop(session, target, stop, again)
    if chosen:
        session.execute(
            insert(StopOrder), [{"stop_id": new_id, "order_id": each} for each in chosen]
        )
        session.execute(
            update(Crate)
            .where(_crates_here(stop, chosen))
            .values(stop_id=new_id)
            .execution_options(synchronize_session=False)
        )
    for order_id in chosen:
        undelivered.promise_again(
            session, order_id, starts_at=again.starts_at, ends_at=again.ends_at
        )
    return new_id


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
    session: Session, stop: Stop, order_ids: Sequence[int], row: TruckRound, target: TruckRound
) -> None:
    """Crates leave with the truck they are in, or, once it is back, with one still at the hub."""
    states = set(
        session.scalars(select(Crate.state).where(_crates_here(stop, order_ids)).distinct())
    )
    if target.id == row.id:
        return
    if "loaded" in states or (order_ids and target.state == "underway"):
        raise GoodsAboard(round_id=row.id)


def _crates_here(stop: Stop, order_ids: Sequence[int]) -> ColumnElement[bool]:
    """What the stop was to hand over of these orders; the rest may travel on another vehicle."""
    return Crate.order_id.in_(order_ids) & or_(Crate.stop_id == stop.id, Crate.stop_id.is_(None))


def _new_round(
    session: Session,
    market_id: int,
    cycle_id: int,
    made_of: NewRound,
    stop: Stop,
    again: Again,
    *,
    at: datetime,
    by: int,
) -> TruckRound:
    vehicle = session.get(Vehicle, made_of.vehicle_id)
    hub = session.scalars(
        select(Hub).where(Hub.market_id == market_id).order_by(Hub.id).limit(1)
    ).one_or_none()
    if vehicle is None or vehicle.market_id != market_id or vehicle.retired_at or hub is None:
        raise InvalidInput(field="vehicle_id", reason="unknown")
    meters, seconds = _leg(hub.lon, hub.lat, stop)
    there = timedelta(seconds=seconds)
    starts_at = max(at, again.starts_at - there - LOADING)
    ends_at = again.starts_at + SERVICE + there
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


def _add_stop(session: Session, target: TruckRound, failed: Stop, again: Again) -> int:
    before = session.scalars(
        select(Stop).where(Stop.round_id == target.id).order_by(Stop.position.desc()).limit(1)
    ).one_or_none()
    meters = _leg(before.lon, before.lat, failed)[0] if before else target.distance_m // 2
    farm = failed.kind is StopKind.COLLECT
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
        arrives_at=again.starts_at,
        departs_at=again.starts_at + SERVICE,
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
