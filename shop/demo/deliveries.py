"""The day of delivery: rounds found by the planner, driven as far as the hour of the day says."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.demo.market import Ground
from shop.demo.orders import Shop
from shop.demo.sales import Sale
from shop.demo.weeks import after_midnight
from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import advance_all
from shop.logistics.domain.desk.what_if import Elsewhere, Scenario
from shop.logistics.domain.lifecycles import CRATE, STOP, TRUCK_ROUND
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.document import write_plan
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.domain.terms import HandoverKind, StopKind
from shop.logistics.models import Crate, Handover, Stop, StopOrder, TruckRound, Vehicle
from shop.logistics.queries.day_problem import day_problem
from shop.logistics.queries.search_day import search_day
from shop.logistics.services import crates, planning, what_if
from shop.logistics.services.plan_facts import facts_of
from shop.orders.models import Order

ITERATIONS = 600
ITERATIONS_BESIDE = 100
"""For scenarios beside the plan."""

LOADING = timedelta(minutes=15)
LATEST = timedelta(minutes=9)
"""So much later than planned a stop may be, and so much less of a day has happened."""

SEED = 83

ANOTHER_HUB = Elsewhere("Cave coopérative", "", "83510", "Lorgues", "83072", 6.3617, 43.4936)


@dataclass(slots=True)
class Done:
    """What happened so far today."""

    delivered: dict[int, datetime] = field(default_factory=dict)
    """Orders handed over by a truck, and when."""
    aboard: set[int] = field(default_factory=set)
    """Orders on a truck that is under way."""
    waiting: set[int] = field(default_factory=set)
    """Orders on rounds that have not left."""


def plan_rounds(session: Session, shop: Shop, sale: Sale, desk_id: int) -> None:
    """Make the crates, find the rounds and publish them, as the desk would have done."""
    cycle_id = sale.cycle["id"]
    planned_at = sale.week.answers_by + timedelta(hours=2)
    crates.make_crates(session, cycle_id)
    run_id = planning.ask(session, cycle_id, seconds=20, seed=SEED, by=desk_id)
    planning.start(session, run_id, at=planned_at)
    day = day_problem(session, cycle_id)
    plan = solve(day.problem, StopRule(iterations=ITERATIONS), SEED)
    planning.finish(
        session,
        run_id,
        day,
        plan,
        written=write_plan(day.problem, plan),
        facts=facts_of(day, plan, len(check(day.problem, plan))),
        at=planned_at + timedelta(seconds=20),
    )
    _compare(session, cycle_id, desk_id, planned_at + timedelta(minutes=4))
    # What was asked of the worker has been done here.
    session.execute(update(OutboxMessage).values(done_at=planned_at))
    session.flush()
    drivers = _drivers(session, shop, cycle_id)
    planning.publish(session, cycle_id, drivers, at=planned_at + timedelta(minutes=9), by=desk_id)


def _compare(session: Session, cycle_id: int, desk_id: int, at: datetime) -> None:
    """Try one vehicle less and another hub beside the plan, as a desk that wonders."""
    used = tuple(sorted(what_if.drives_in(session, cycle_id)))
    for number, scenario in enumerate(
        (Scenario(without=used[-1:], only=used), Scenario(hub=ANOTHER_HUB))
    ):
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"demo scenario {cycle_id} {number}")
        run_id = what_if.ask(
            session, cycle_id, scenario, key=key, seconds=20, seed=SEED, by=desk_id
        )
        planning.start(session, run_id, at=at)
        day = search_day(session, cycle_id, scenario)
        plan = solve(day.problem, StopRule(iterations=ITERATIONS_BESIDE), SEED)
        what_if.finish(
            session,
            run_id,
            day,
            plan,
            written=write_plan(day.problem, plan),
            facts=facts_of(day, plan, len(check(day.problem, plan))),
            at=at + timedelta(seconds=20),
        )


def _drivers(session: Session, shop: Shop, cycle_id: int) -> dict[int, int]:
    """A driver for each round: the usual one of the vehicle, else one who is free."""
    rounds = session.execute(
        select(TruckRound.id, TruckRound.starts_at, TruckRound.ends_at, Vehicle.name)
        .join(Vehicle, Vehicle.id == TruckRound.vehicle_id)
        .where(TruckRound.cycle_id == cycle_id)
        .order_by(TruckRound.starts_at, TruckRound.id)
    ).all()
    busy_until: dict[int, datetime] = {}
    everybody = [person["id"] for person in shop.people.drivers.values()]
    chosen: dict[int, int] = {}
    for each in rounds:
        usual = shop.people.drivers.get(each.name)
        free = [key for key in everybody if busy_until.get(key, each.starts_at) <= each.starts_at]
        if usual is not None and usual["id"] in free:
            free = [usual["id"]]
        if free:
            chosen[each.id] = free[0]
            busy_until[free[0]] = each.ends_at
    return chosen


def drive(session: Session, shop: Shop, ground: Ground, sale: Sale, now: datetime) -> Done:
    """Let every round happen as far as its hours say; one door stays shut."""
    done = Done()
    rounds = session.execute(
        select(TruckRound.id, TruckRound.driver_id, TruckRound.starts_at, TruckRound.ends_at)
        .where(TruckRound.cycle_id == sale.cycle["id"], TruckRound.state == "published")
        .order_by(TruckRound.ends_at, TruckRound.id)
    ).all()
    midnight = after_midnight(sale.week.delivers_on, 0)
    shut_door: int | None = None
    for each in rounds:
        chance = Random(f"drive {each.id}")
        if each.ends_at <= now:
            today = each.starts_at >= midnight
            shut = _last_home(session, each.id) if today and shut_door is None else None
            shut_door = shut_door or shut
            driver_id = each.driver_id if today else None
            _finish(session, each.id, driver_id, chance, now, done, shut)
        elif each.starts_at + LOADING <= now:
            _begin(session, each.id, each.driver_id, chance, now, done)
        else:
            done.waiting |= set(_orders_of(session, [each.id]))
            if each.starts_at - LOADING <= now:
                at = min(each.starts_at, now)
                advance_all(session, TRUCK_ROUND, TruckRound, [each.id], "load", at=at)
    return done


def _finish(
    session: Session,
    round_id: int,
    driver_id: int | None,
    chance: Random,
    now: datetime,
    done: Done,
    shut_door: int | None = None,
) -> None:
    started, stops = _depart(session, round_id, now)
    for stop in stops:
        if stop.id == shut_door:
            _fail(session, stop, driver_id, chance, now, done)
        else:
            _serve(session, stop, driver_id, chance, now, done)
    ended = max((stop.departs_at for stop in stops), default=started)
    advance_all(session, TRUCK_ROUND, TruckRound, [round_id], "finish", at=min(ended, now))


def _begin(
    session: Session, round_id: int, driver_id: int, chance: Random, now: datetime, done: Done
) -> None:
    _, stops = _depart(session, round_id, now)
    served: set[int] = set()
    for stop in stops:
        if stop.departs_at + LATEST > now:
            break
        _serve(session, stop, driver_id, chance, now, done)
        served |= set(_orders_at(session, stop.id))
    done.aboard |= set(_orders_of(session, [round_id])) - served


def _depart(session: Session, round_id: int, now: datetime) -> tuple[datetime, list[Stop]]:
    started = session.scalars(select(TruckRound.starts_at).where(TruckRound.id == round_id)).one()
    stops = list(
        session.scalars(select(Stop).where(Stop.round_id == round_id).order_by(Stop.position))
    )
    left = min(started + LOADING, now)
    keys = session.scalars(
        select(Crate.id).where(Crate.stop_id.in_([stop.id for stop in stops]))
    ).all()
    advance_all(session, TRUCK_ROUND, TruckRound, [round_id], "load", at=started)
    for event in ("receive", "load"):
        advance_all(session, CRATE, Crate, keys, event, at=started)
    advance_all(session, TRUCK_ROUND, TruckRound, [round_id], "depart", at=left)
    return left, stops


def _serve(
    session: Session,
    stop: Stop,
    driver_id: int | None,
    chance: Random,
    now: datetime,
    done: Done,
) -> None:
    late = timedelta(minutes=chance.randint(-4, LATEST // timedelta(minutes=1)))
    arrived = min(stop.arrives_at + late, now)
    ended = min(max(arrived + timedelta(minutes=2), stop.departs_at + late), now)
    advance_all(session, STOP, Stop, [stop.id], "arrive", at=arrived, by=driver_id)
    advance_all(session, STOP, Stop, [stop.id], "serve", at=ended, by=driver_id)
    session.execute(
        update(Stop)
        .where(Stop.id == stop.id)
        .values(arrived_at=arrived, ended_at=ended)
        .execution_options(synchronize_session=False)
    )
    keys = session.scalars(select(Crate.id).where(Crate.stop_id == stop.id)).all()
    advance_all(session, CRATE, Crate, keys, "hand_over", at=ended, by=driver_id)
    for order_id in _orders_at(session, stop.id):
        done.delivered[order_id] = ended
        session.add(
            Handover(
                key=uuid.UUID(int=chance.getrandbits(128), version=4),
                order_id=order_id,
                stop_id=stop.id,
                kind=HandoverKind.SERVED,
                receiver=stop.name if stop.kind is StopKind.HOME else "Accueil",
                by_person_id=driver_id,
                device_at=ended,
                at=ended,
            )
        )


def _last_home(session: Session, round_id: int) -> int | None:
    return session.scalars(
        select(Stop.id)
        .where(Stop.round_id == round_id, Stop.kind == StopKind.HOME)
        .order_by(Stop.position.desc())
        .limit(1)
    ).one_or_none()


def _fail(
    session: Session,
    stop: Stop,
    driver_id: int | None,
    chance: Random,
    now: datetime,
    done: Done,
) -> None:
    """Nobody opened: the goods came back, and the desk has not decided yet."""
    ended = min(stop.departs_at, now)
    why = "Personne, portail fermé, téléphone sans réponse"
    advance_all(session, STOP, Stop, [stop.id], "fail", at=ended, by=driver_id, reason=why)
    session.execute(
        update(Stop)
        .where(Stop.id == stop.id)
        .values(ended_at=ended)
        .execution_options(synchronize_session=False)
    )
    keys = session.scalars(select(Crate.id).where(Crate.stop_id == stop.id)).all()
    advance_all(session, CRATE, Crate, keys, "bring_back", at=ended, by=driver_id)
    for order_id in _orders_at(session, stop.id):
        done.aboard.add(order_id)
        session.add(
            Handover(
                key=uuid.UUID(int=chance.getrandbits(128), version=4),
                order_id=order_id,
                stop_id=stop.id,
                kind=HandoverKind.ABSENT,
                note=why,
                by_person_id=driver_id,
                device_at=ended,
                at=ended,
            )
        )


def receive(session: Session, orders: Collection[int], at: datetime, by: int) -> None:
    """The crates of these orders are ready at the hub."""
    keys = session.scalars(select(Crate.id).where(Crate.order_id.in_(orders))).all()
    advance_all(session, CRATE, Crate, keys, "receive", at=at, by=by)


def _rounds_at(session: Session, round_ids: list[int], pickup_point_id: int) -> set[int]:
    return set(
        session.scalars(
            select(Stop.round_id).where(
                Stop.round_id.in_(round_ids), Stop.pickup_point_id == pickup_point_id
            )
        )
    )


def fetch(session: Session, shop: Shop, ground: Ground, done: Done, now: datetime) -> None:
    """Some customers have come for their crates already, the demo's host saw them."""
    host_id = shop.people.accounts["relay_host"]["id"]
    point_id = ground.relays[shop.people.host_point_id]["id"]
    rows = session.execute(
        select(Order.id, Order.contact_name)
        .where(Order.id.in_(done.delivered), Order.pickup_point_id == point_id)
        .order_by(Order.id)
    ).all()
    for place, row in enumerate(rows[: len(rows) * 2 // 5]):
        at = min(now, done.delivered[row.id] + timedelta(minutes=25 + 7 * place))
        session.add(
            Handover(
                key=uuid.UUID(int=Random(f"fetch {row.id}").getrandbits(128), version=4),
                order_id=row.id,
                pickup_point_id=point_id,
                kind=HandoverKind.SERVED,
                receiver=row.contact_name,
                by_person_id=host_id,
                device_at=at,
                at=at,
            )
        )


def _orders_of(session: Session, round_ids: list[int]) -> list[int]:
    return list(
        session.scalars(
            select(StopOrder.order_id)
            .join(Stop, Stop.id == StopOrder.stop_id)
            .where(Stop.round_id.in_(round_ids))
            .order_by(StopOrder.order_id)
        )
    )


def _orders_at(session: Session, stop_id: int) -> list[int]:
    return list(
        session.scalars(
            select(StopOrder.order_id).where(StopOrder.stop_id == stop_id).order_by(StopOrder.id)
        )
    )
