"""A closed sale whose rounds were found: two vans, a relay point, homes along a road, two farms."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.logistics.domain.planning.timing import Draft, build_plan
from shop.logistics.models import Hub, Stop, TruckRound, Vehicle
from shop.logistics.queries.day_problem import day_problem
from shop.logistics.services import crates, plan_versions
from shop.orders.models import Order
from tests.factories.fulfilment import CLOSED_AT, close, grant
from tests.factories.orders import NOW, Scene, make_order

PLANNED_AT = CLOSED_AT + timedelta(hours=2)

VANS = ("Kangoo", "Jumper")

_plates = itertools.count(1)


@dataclass
class Planned:
    """What was planned, by the planner's names."""

    scene: Scene
    desk: int
    driver: int
    orders: list[int]
    """First the one for the relay point, then those for homes, from near to far."""
    vans: list[str]
    relay: str
    homes: list[str]

    @property
    def cycle_id(self) -> int:
        """Key of the cycle."""
        return self.scene.cycle.id


def make_planned(
    session: Session, scene: Scene, *, homes: int = 3, lawful: bool = False
) -> Planned:
    """The first van collects, then serves the relay and every home; the second one stands idle.

    That keeps chilled goods aboard too long; ``lawful`` lets a third van do the collecting.
    """
    orders = [make_order(session, scene, {"chicken": 1, "honey": 2}).order_id]
    for place in range(homes):
        wanted = {"honey": 4 if place else 40}
        made = make_order(session, scene, wanted, slot="home", name=f"Client {place + 1}")
        at = {"lon": 6.06 + place / 50, "lat": 43.42}
        session.execute(update(Order).where(Order.id == made.order_id).values(**at))
        orders.append(made.order_id)
    session.execute(update(Order).where(Order.id.in_(orders)).values(state="placed", placed_at=NOW))
    session.expire_all()
    close(session, scene)
    crates.make_crates(session, scene.cycle.id)
    vans = make_fleet(session, scene.market.id, (*VANS, "Boxer") if lawful else VANS)
    day = day_problem(session, scene.cycle.id)
    stops = {stop.id: stop for stop in day.problem.stops}
    order = sorted(stops, key=lambda key: stops[key].windows[0].closes_s)
    drafts = [Draft.of_stops("van", order)]
    if lawful:
        farms = [key for key in order if key.startswith("farm:")]
        rest = [key for key in order if key not in farms]
        drafts = [Draft.of_stops("van", rest), Draft.of_stops("van", farms, 2)]
    plan = build_plan(day.problem, drafts)
    plan_versions.found(session, scene.cycle.id, day, plan, at=PLANNED_AT, by=None)
    return Planned(
        scene,
        desk=grant(session, Role.DESK, market_id=scene.market.id),
        driver=grant(session, Role.DRIVER, market_id=scene.market.id),
        orders=orders,
        vans=[f"v{key}" for key in vans],
        relay=next(key for key in stops if key.startswith("point:")),
        homes=[f"home:{key}" for key in orders[1:]],
    )


def make_fleet(session: Session, market_id: int, names: tuple[str, ...] = VANS) -> list[int]:
    """A hub near the commune and equal vans; keys of the vans."""
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
            opens_s=4 * 3600,
            closes_s=22 * 3600,
            service_s=1800,
        )
    )
    cold = {kind: {"kg": 320, "crates": 36} for kind in ("chilled", "frozen", "ambient")}
    vans = [
        Vehicle(
            market_id=market_id,
            name=name,
            plate=f"CA-{next(_plates):03d}-RR",
            kind="van",
            capacity=cold,
            fixed_cents=3000,
            cents_per_km=45,
            cents_per_hour=2200,
            shift_s=12 * 3600,
            max_overtime_s=3600,
            overtime_cents_per_hour=3000,
            start_from_s=5 * 3600,
            start_until_s=18 * 3600,
            max_reloads=1,
        )
        for name in names
    ]
    session.add_all(vans)
    session.flush()
    return [each.id for each in vans]


def stops_of(session: Session, vehicle: str, cycle_id: int) -> list[str | None]:
    """What the rows say that a vehicle serves, in order."""
    session.expire_all()
    return list(
        session.scalars(
            select(Stop.plan_key)
            .join(TruckRound, TruckRound.id == Stop.round_id)
            .where(TruckRound.cycle_id == cycle_id, TruckRound.plan_key == vehicle)
            .order_by(Stop.position)
        )
    )


def at_hour(planned: Planned, hour: int) -> datetime:
    """An hour (UTC) of the day of delivery."""
    day = planned.scene.cycle.delivers_on
    return datetime(day.year, day.month, day.day, hour, tzinfo=NOW.tzinfo)
