"""The planning problem of a cycle, built from the database in one place and in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind, TemperatureClass
from shop.catalog.queries import cycles, delivery, markets, producers
from shop.logistics.domain.desk.board import Extra
from shop.logistics.domain.desk.what_if import Elsewhere
from shop.logistics.domain.planning import goods, problem
from shop.logistics.domain.roads import Point, RoadsUsed
from shop.logistics.errors import HubMissing, NothingToPlan
from shop.logistics.models import Vehicle
from shop.logistics.queries import fleet, roads
from shop.orders.queries import demand
from shop.orders.queries.demand import Fill, OrderLoad

CRATE_G = 9_000
"""Weight of a full crate; fifteen kilograms are the most that one may lift (rules §10)."""

CHILLED_ABOARD_S = 18_000
FROZEN_ABOARD_S = 14_400
"""Longest time aboard: five hours chilled, four frozen."""

HOME_SERVICE_S = 240
CRATE_SERVICE_S = 30
FARM_SERVICE_S = 420
PREPARED_BY_S = 6 * 3600
"""On the day of delivery the preparer is done at that second after midnight."""

COLLECTING = ":collect"
"""Ends the planner's name of vehicles on a day of collection before the day of delivery."""

DAY_BEFORE = "hub:collect"
"""The planner's name of the hub on such a day."""


@dataclass(frozen=True, slots=True)
class DayProblem:
    """What is to be planned, and the way back from the planner's names to our records."""

    problem: problem.Problem
    delivers_on: date
    zone: ZoneInfo
    vehicles: dict[str, list[int]]
    """Vehicles behind each kind the planner sees, in the order it numbers them."""
    orders_of: dict[str, list[int]]
    """Orders that each stop hands over."""
    doors: dict[str, Door]
    """Where each stop is, in words."""
    roads: RoadsUsed
    """Where its distances come from."""
    goods_of: dict[int, goods.Goods] = field(default_factory=dict)
    """What each order weighs and fills."""
    vehicle_names: dict[int, str] = field(default_factory=dict)
    """What each vehicle is called."""
    co2_g_per_km: dict[int, int] = field(default_factory=dict)
    """Grams of CO2 equivalent per kilometer of each vehicle."""

    def instant(self, second: int) -> datetime:
        """The instant (UTC) of a second of the planner: from midnight of the delivery day."""
        midnight = datetime.combine(self.delivers_on, time(), self.zone)
        return datetime.fromtimestamp(midnight.timestamp() + second, UTC)

    @property
    def points(self) -> list[Point]:
        """Every place, as road servers are asked for it."""
        return [(place.lon, place.lat) for place in self.problem.places]

    def second(self, at: datetime) -> int:
        """The planner's second of an instant."""
        midnight = datetime.combine(self.delivers_on, time(), self.zone)
        return int(at.timestamp() - midnight.timestamp())


@dataclass(frozen=True, slots=True)
class Door:
    """What a stop is called, and which record it stands for."""

    kind: OptionKind | None
    """None: a farm."""
    name: str
    address: str
    lon: float
    lat: float
    producer_id: int | None = None
    pickup_point_id: int | None = None
    window: tuple[int, int] | None = None
    extra: bool = False
    """Added by hand."""


def day_problem(
    session: Session,
    cycle_id: int,
    *,
    extras: Sequence[Extra] = (),
    states: Sequence[str] = (),
    hub: int | Elsewhere | None = None,
) -> DayProblem:
    """The problem of a cycle: farms to collect from, relay points, drives and homes to serve.

    Orders to one place and time are joined into one stop. A constant number of questions.
    ``extras`` are stops added by hand; ``states`` are those of the orders meant (none: to deliver).
    ``hub`` is another one than the market's, by key or only thought of.

    Raises:
        HubMissing: the market has no hub.
        NothingToPlan: the cycle has no firm order.
    """
    cycle = cycles.by_id(session, cycle_id)
    market = markets.by_id(session, cycle.market_id)
    begins = fleet.begins(session, market.id, hub)
    if begins is None:
        raise HubMissing(market_id=market.id)
    loads = demand.order_loads(session, cycle_id, states or demand.TO_DELIVER)
    if not loads:
        raise NothingToPlan(cycle_id=cycle_id)
    vehicles = session.scalars(
        select(Vehicle)
        .where(Vehicle.market_id == market.id, Vehicle.retired_at.is_(None))
        .where(or_(Vehicle.cycle_id.is_(None), Vehicle.cycle_id == cycle_id))
        .order_by(Vehicle.kind, Vehicle.id)
    ).all()
    zone = ZoneInfo(market.timezone)
    builder = _Builder(begins, vehicles, zone, cycle.collects_on, cycle.delivers_on)
    builder.grams_per_litre = fleet.grams_per_litre(session, cycle.delivers_on)
    supplies = demand.supply_loads(session, cycle_id, states or demand.TO_DELIVER)
    makers = producers.by_ids(session, [supply.producer_id for supply in supplies])
    for supply in supplies:
        builder.add_farm(makers[supply.producer_id], supply.fill)
    points = delivery.pickup_by_ids(
        session, {load.pickup_point_id for load in loads if load.pickup_point_id}
    )
    by_point: dict[int, list[OrderLoad]] = defaultdict(list)
    for load in loads:
        if load.pickup_point_id is None:
            builder.add_home(load)
        else:
            by_point[load.pickup_point_id].append(load)
    for point_id, together in sorted(by_point.items()):
        builder.add_point(points[point_id], together)
    for extra in extras:
        builder.add_extra(extra)
    return builder.finish(session)


class _Builder:
    def __init__(
        self,
        hub: fleet.Begins,
        fleet: Sequence[Vehicle],
        zone: ZoneInfo,
        collects_on: date,
        delivers_on: date,
    ) -> None:
        self.hub = hub
        self.kinds: dict[str, list[Vehicle]] = defaultdict(list)
        for vehicle in fleet:
            self.kinds[vehicle.kind].append(vehicle)
        self.zone = zone
        self.delivers_on = delivers_on
        self.days_before = (delivers_on - collects_on).days
        self.places = [problem.Place("hub", hub.lon, hub.lat, hub.name)]
        self.stops: list[problem.Stop] = []
        self.orders_of: dict[str, list[int]] = {}
        self.doors: dict[str, Door] = {}
        self.goods_of: dict[int, goods.Goods] = {}
        self.grams_per_litre: dict[str, int] = {}

    def add_farm(self, maker: producers.ProducerCard, fill: Fill) -> None:
        """Collect what a producer brings, in the hours of the farm."""
        shift = -self.days_before * problem.DAY_S
        window = (maker.collect_from_s + shift, maker.collect_until_s + shift)
        self._add(
            f"farm:{maker.id}",
            Door(
                None,
                maker.name,
                f"{maker.address}, {maker.postcode} {maker.commune}",
                maker.lon,
                maker.lat,
                producer_id=maker.id,
                window=window,
            ),
            problem.StopKind.FARM,
            collects=goods_of_fill(fill),
            window=window,
            service_s=FARM_SERVICE_S + CRATE_SERVICE_S * crates_in(fill),
        )

    def add_home(self, load: OrderLoad) -> None:
        """Bring an order home, within its slot."""
        self.goods_of[load.order_id] = goods_of_fill(load.fill)
        window = (self._second(load.slot_starts_at), self._second(load.slot_ends_at))
        self._add(
            f"home:{load.order_id}",
            Door(
                OptionKind.HOME,
                load.contact_name,
                f"{load.address}, {load.postcode} {load.commune}",
                load.lon,
                load.lat,
                window=window,
            ),
            problem.StopKind.HOME,
            delivers=goods_of_fill(load.fill),
            window=window,
            service_s=HOME_SERVICE_S + CRATE_SERVICE_S * crates_in(load.fill),
            orders=[load.order_id],
        )

    def add_point(self, point: delivery.PickupCard, together: list[OrderLoad]) -> None:
        """Bring every order of a relay point or drive, before its customers come."""
        fill: Fill = defaultdict(int)
        for load in together:
            self.goods_of[load.order_id] = goods_of_fill(load.fill)
            for kind, amount in load.fill.items():
                fill[kind] += amount
        window = (point.deliver_from_s, point.deliver_until_s)
        self._add(
            f"point:{point.id}",
            Door(
                point.kind,
                point.name,
                f"{point.address}, {point.postcode} {point.commune}",
                point.lon,
                point.lat,
                pickup_point_id=point.id,
                window=window,
            ),
            problem.StopKind(point.kind.value),
            delivers=goods_of_fill(fill),
            window=window,
            service_s=max(point.service_s, CRATE_SERVICE_S * crates_in(fill)),
            orders=[load.order_id for load in together],
        )

    def add_extra(self, extra: Extra) -> None:
        """Call where no order asked for it."""
        window = (extra.opens_s, extra.closes_s)
        self._add(
            extra.id,
            Door(
                None,
                extra.name,
                extra.address,
                extra.lon,
                extra.lat,
                window=window,
                extra=True,
            ),
            problem.StopKind.OTHER,
            window=window,
            service_s=extra.service_s,
        )

    def finish(self, session: Session) -> DayProblem:
        """The whole problem, with distances between all places."""
        ways = roads.between(session, self.places)
        hub = problem.Hub(
            "hub", 0, self.hub.opens_s, self.hub.closes_s, self.hub.service_s, self.hub.name
        )
        hubs = [hub]
        shift = -self.days_before * problem.DAY_S
        if shift:
            hubs.append(
                replace(
                    hub, id=DAY_BEFORE, opens_s=hub.opens_s + shift, closes_s=hub.closes_s + shift
                )
            )
        vehicles, behind = [], {}
        for kind, alike in self.kinds.items():
            keys = [each.id for each in alike]
            made = planned_vehicle(kind, alike, "hub", 0)
            made = replace(made, co2_g_per_km=self._co2_g_per_km(alike[0]))
            vehicles.append(made)
            behind[kind] = keys
            if shift:
                before = planned_vehicle(kind + COLLECTING, alike, DAY_BEFORE, shift)
                vehicles.append(replace(before, co2_g_per_km=made.co2_g_per_km))
                behind[kind + COLLECTING] = keys
        return DayProblem(
            problem=problem.Problem(
                places=tuple(self.places),
                hubs=tuple(hubs),
                vehicles=tuple(vehicles),
                stops=tuple(self.stops),
                travel=ways.travel,
                aboard=problem.AboardLimits(CHILLED_ABOARD_S, FROZEN_ABOARD_S),
                name=str(self.delivers_on),
            ),
            delivers_on=self.delivers_on,
            zone=self.zone,
            vehicles=behind,
            orders_of=self.orders_of,
            doors=self.doors,
            roads=ways.used,
            goods_of=self.goods_of,
            vehicle_names={each.id: each.name for alike in self.kinds.values() for each in alike},
            co2_g_per_km={
                each.id: self._co2_g_per_km(each) for alike in self.kinds.values() for each in alike
            },
        )

    def _co2_g_per_km(self, vehicle: Vehicle) -> int:
        """What it burns with the cold running, times what that sets free."""
        grams = self.grams_per_litre.get(vehicle.fuel, 0)
        return (2 * vehicle.litres_per_1000_km * grams + 1000) // 2000

    def _add(
        self,
        stop_id: str,
        door: Door,
        kind: problem.StopKind,
        *,
        window: tuple[int, int],
        service_s: int,
        collects: goods.Goods = goods.NOTHING,
        delivers: goods.Goods = goods.NOTHING,
        orders: list[int] | None = None,
    ) -> None:
        self.doors[stop_id] = door
        self.orders_of[stop_id] = orders or []
        self.places.append(problem.Place(stop_id, door.lon, door.lat, door.name))
        day_before = door.producer_id is not None and self.days_before > 0
        self.stops.append(
            problem.Stop(
                id=stop_id,
                place=len(self.places) - 1,
                kind=kind,
                collects=collects,
                delivers=delivers,
                windows=(problem.Window(*window),),
                service_s=service_s,
                release_s=PREPARED_BY_S if delivers else None,
                hub=None if door.extra else DAY_BEFORE if day_before else "hub",
                name=door.name,
            )
        )

    def _second(self, at: datetime) -> int:
        midnight = datetime.combine(self.delivers_on, time(), self.zone)
        return int(at.timestamp() - midnight.timestamp())


def planned_vehicle(kind: str, alike: list[Vehicle], hub_id: str, shift: int) -> problem.Vehicle:
    """Vehicles of one kind as the planner knows them; ``shift`` is the seconds to their day."""
    first = alike[0]
    chilled, frozen, ambient = (
        _capacity(first.capacity.get(each.value, {}))
        for each in (TemperatureClass.CHILLED, TemperatureClass.FROZEN, TemperatureClass.AMBIENT)
    )
    return problem.Vehicle(
        id=kind,
        start_hub=hub_id,
        end_hub=hub_id,
        layouts=(goods.Layout(chilled, frozen, ambient),),
        count=len(alike),
        name=kind,
        earliest_start_s=first.start_from_s + shift,
        latest_start_s=first.start_until_s + shift,
        shift_s=first.shift_s,
        max_overtime_s=first.max_overtime_s,
        reload_hubs=(hub_id,) if first.max_reloads else (),
        max_reloads=first.max_reloads,
        fixed_cents=first.fixed_cents,
        cents_per_km=first.cents_per_km,
        cents_per_hour=first.cents_per_hour,
        overtime_cents_per_hour=first.overtime_cents_per_hour,
        break_rule=problem.BreakRule(),
    )


def _capacity(given: dict[str, int]) -> goods.Capacity:
    return goods.Capacity(given.get("kg", 0) * 1000, given.get("crates", 0) * 10)


def goods_of_fill(fill: Fill) -> goods.Goods:
    """Crates in tenths rounded up, and their weight."""
    amounts = {
        kind: goods.Amount(thousandths * CRATE_G // 1000, -(-thousandths // 100))
        for kind, thousandths in fill.items()
    }
    nothing = goods.Amount()
    return goods.Goods(
        chilled=amounts.get(TemperatureClass.CHILLED, nothing),
        frozen=amounts.get(TemperatureClass.FROZEN, nothing),
        ambient=amounts.get(TemperatureClass.AMBIENT, nothing),
    )


def crates_in(fill: Fill) -> int:
    """Whole crates, each class by itself."""
    return sum(-(-thousandths // 1000) for thousandths in fill.values())
