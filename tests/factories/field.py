"""A day in the field: orders that are firm, their crates, a round with a driver."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.logistics.domain.terms import PickingKind, StopKind
from shop.logistics.models import Crate, Hub, Stop, StopOrder, TruckRound, Vehicle
from shop.logistics.services import crates, publishing
from shop.logistics.services.driving import Deed
from shop.logistics.services.picking import Said
from shop.orders.domain.terms import ShortageReason
from shop.orders.models import Order, OrderLine
from tests.factories.fulfilment import CLOSED_AT, close, grant, place_paid
from tests.factories.orders import Scene

PICKED_AT = CLOSED_AT + timedelta(days=1)
LEFT_AT = CLOSED_AT + timedelta(days=2)

_numbers = itertools.count(1)


@dataclass
class Day:
    """Orders of a closed sale, one round that collects at a farm and stops at two doors."""

    scene: Scene
    preparer: int
    driver: int
    orders: list[int]
    round_id: int = 0
    farm: int = 0
    """Key of the stop at the first farm."""
    relay: int = 0
    """Key of the stop at the relay point, with every order but the last."""
    last: int = 0
    """Key of the stop with the last order."""
    lines: dict[tuple[int, str], int] = field(default_factory=dict)
    """Key of a line by its order and the name of its offer."""


WANTED = {"chicken": 1, "honey": 2, "carrots": 1000, "yogurt": 2}


def make_day(session: Session, scene: Scene, *, orders: int = 2) -> Day:
    """Sell to so many customers, close, number the crates, publish a round."""
    names = ["Jeanne Martin", "Léa Dupont", "Yann Le Goff", "Inès Zerbib"]
    kept = [place_paid(session, scene, WANTED, name=names[each % 4]) for each in range(orders)]
    close(session, scene)
    return day_of(session, scene, kept)


def day_of(session: Session, scene: Scene, orders: list[int]) -> Day:
    """Crates and a published round for orders that are firm."""
    crates.make_crates(session, scene.cycle.id)
    day = Day(
        scene,
        preparer=grant(session, Role.PREPARER, market_id=scene.market.id),
        driver=grant(session, Role.DRIVER, market_id=scene.market.id),
        orders=orders,
    )
    _make_round(session, day)
    by_offer = {offer: name for name, offer in scene.offers.items()}
    for row in session.execute(select(OrderLine.id, OrderLine.order_id, OrderLine.offer_id)):
        if row.offer_id in by_offer:
            day.lines[row.order_id, by_offer[row.offer_id]] = row.id
    return day


def _make_round(session: Session, day: Day) -> None:
    market_id = day.scene.market.id
    session.add(
        Hub(
            market_id=market_id,
            name="Le hangar",
            address="ZA des Consacs",
            postcode="83170",
            commune="Brignoles",
            commune_insee="83023",
            lon=6.05,
            lat=43.41,
            opens_s=5 * 3600,
            closes_s=20 * 3600,
            service_s=1800,
        )
    )
    vehicle = Vehicle(
        market_id=market_id,
        name="Kangoo",
        plate=f"AB-{next(_numbers):03d}-CD",
        kind="van",
        capacity={"chilled": {"kg": 320, "crates": 36}},
        fixed_cents=3000,
        cents_per_km=45,
        cents_per_hour=2200,
        shift_s=8 * 3600,
        max_overtime_s=3600,
        overtime_cents_per_hour=3000,
        start_from_s=5 * 3600,
        start_until_s=10 * 3600,
        max_reloads=1,
    )
    session.add(vehicle)
    session.flush()
    made = TruckRound(
        cycle_id=day.scene.cycle.id,
        number=1,
        vehicle_id=vehicle.id,
        driver_id=day.driver,
        state="published",
        starts_at=LEFT_AT,
        ends_at=LEFT_AT + timedelta(hours=4),
        distance_m=84_000,
        cost_cents=9000,
    )
    session.add(made)
    session.flush()
    day.round_id = made.id
    point = session.scalars(select(Order.pickup_point_id).where(Order.id == day.orders[0])).one()
    day.farm = _stop(session, day, 1, StopKind.COLLECT, "Ferme des Avens", [])
    day.relay = _stop(session, day, 2, StopKind.RELAY, "Point relay", day.orders[:-1], point)
    day.last = _stop(session, day, 3, StopKind.HOME, "Au bout", day.orders[-1:])
    publishing.bind_crates(session, day.scene.cycle.id)


def _stop(
    session: Session,
    day: Day,
    position: int,
    kind: StopKind,
    name: str,
    orders: list[int],
    point: int | None = None,
) -> int:
    arrives_at = LEFT_AT + timedelta(minutes=40 * position)
    stop = Stop(
        round_id=day.round_id,
        position=position,
        kind=kind,
        producer_id=day.scene.producers[0] if kind is StopKind.COLLECT else None,
        pickup_point_id=point,
        name=name,
        address="3 rue des Tilleuls, 83170 Brignoles",
        lon=6.06,
        lat=43.4,
        arrives_at=arrives_at,
        departs_at=arrives_at + timedelta(minutes=10),
        distance_m=9000,
    )
    session.add(stop)
    session.flush()
    session.add_all(StopOrder(stop_id=stop.id, order_id=order_id) for order_id in orders)
    session.flush()
    return stop.id


def said(
    line_id: int,
    amount: int,
    weight_g: int | None = None,
    *,
    key: uuid.UUID | None = None,
    reason: ShortageReason | None = None,
    undone: bool = False,
    sure: bool = False,
) -> Said:
    """What a tablet says of one line."""
    kind = PickingKind.SHORT if reason else PickingKind.PICKED
    return Said(
        key or uuid.uuid4(),
        line_id,
        PickingKind.UNDONE if undone else kind,
        amount,
        PICKED_AT,
        weight_g,
        reason,
        sure,
    )


def all_picked(day: Day, order_id: int) -> list[Said]:
    """Everything of one order as it was ordered, the chicken at 1.234 kg."""
    return [
        said(day.lines[order_id, "chicken"], 1, 1234),
        said(day.lines[order_id, "honey"], 2),
        said(day.lines[order_id, "carrots"], 1000, 1000),
        said(day.lines[order_id, "yogurt"], 2),
    ]


def deed(day: Day, key: uuid.UUID | None = None, at: datetime = LEFT_AT) -> Deed:
    """What the driver's phone says."""
    return Deed(key or uuid.uuid4(), at, day.driver)


def crate_states(session: Session, order_id: int) -> list[str]:
    """States of the crates of an order."""
    session.expire_all()
    return list(
        session.scalars(
            select(Crate.state).where(Crate.order_id == order_id).order_by(Crate.position)
        )
    )


def line_of(session: Session, line_id: int) -> OrderLine:
    """A line as the database has it."""
    session.expire_all()
    return session.get_one(OrderLine, line_id)
