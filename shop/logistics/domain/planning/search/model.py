"""The problem as PyVRP sees it, and the way back from its routes to drafts of rounds.

Money is thousandths of a cent per meter and per second. Built from whole matrices, never edge
by edge. Stops that no vehicle could ever serve are expected to be left out beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyvrp import (
    Client,
    ClientGroup,
    Depot,
    Location,
    ProblemData,
    Shipment,
    Solution,
    VehicleType,
)

from shop.logistics.domain.planning.goods import Goods, Measure, TemperatureClass
from shop.logistics.domain.planning.problem import Problem, Stop, Transfer, Window
from shop.logistics.domain.planning.search.slots import Slot, slots_of
from shop.logistics.domain.planning.search.tightening import Tightening
from shop.logistics.domain.planning.search.units import (
    MILLICENTS,
    NO_LIMIT_S,
    dimensions_of,
    last_time,
    prices_of,
    time_offset,
    without_holes,
)
from shop.logistics.domain.planning.search.way_back import Kind, WayBack
from shop.logistics.domain.planning.timing import Draft


class SearchModel:
    """PyVRP's data for one problem, and the indices that lead back."""

    def __init__(
        self,
        problem: Problem,
        stops: Sequence[Stop],
        tightening: Tightening | None = None,
        bonus_millicents: int | None = None,
    ) -> None:
        """``bonus_millicents`` makes required stops optional at this prize; ``None`` keeps them."""
        self.problem = problem
        self.stops = tuple(stops)
        self.tightening = tightening or Tightening()
        self.bonus = bonus_millicents
        self._ids = {stop.id for stop in stops}
        self._shift_s = time_offset(problem)
        self._last_starts = {each.latest_start_s for each in problem.vehicles}
        self._any_time = Window(-self._shift_s, last_time(problem))
        self._clients: list[tuple[str, int]] = []
        self._transfers: list[Transfer] = [
            each
            for each in problem.transfers
            if each.collect in self._ids and each.deliver in self._ids
        ]
        self.kinds = [
            kind
            for vehicle in problem.vehicles
            for kind in (Kind(vehicle, layout) for layout in range(len(vehicle.layouts)))
            if self._count(kind) > 0
        ]
        hubs = [hub.place for hub in problem.hubs]
        self._rows = sorted({*hubs, *(stop.place for stop in self.stops)})
        self._row_of = {place: row for row, place in enumerate(self._rows)}
        self._depot_of = {hub.id: index for index, hub in enumerate(problem.hubs)}
        self._dimensions = dimensions_of(problem)
        self._unit = self._money_unit()
        self._circles = self._eligibility()
        self._client_of: dict[tuple[str, int], int] = {}
        self.data = self._build()
        self._way_back = WayBack(
            problem=problem,
            data=self.data,
            kinds=self.kinds,
            counts=[self._count(kind) for kind in self.kinds],
            clients=self._clients,
            client_of=self._client_of,
            transfers=self._transfers,
            depot_of=self._depot_of,
        )

    def _money_unit(self) -> int:
        """The largest unit of money in which all prices are whole: small figures search better."""
        prices = [each.price_cents * MILLICENTS for each in self.stops if not each.required]
        prices += [price for kind in self.kinds for price in prices_of(kind.vehicle)]
        return gcd(*prices, self.bonus or 0) or 1

    def _count(self, kind: Kind) -> int:
        return self.tightening.counts.get((kind.vehicle.id, kind.layout), kind.vehicle.count)

    def _may_call(self, kind: Kind, stop: Stop) -> bool:
        held = self.tightening.vehicles.get(stop.id)
        return self.problem.may_call(kind.vehicle, stop) and (
            held is None or kind.vehicle.id in held
        )

    def _eligibility(self) -> dict[frozenset[int], int]:
        """One load dimension for each circle of types that some stop is confined to."""
        everyone = frozenset(range(len(self.kinds)))
        self._circle_of = {
            stop.id: frozenset(
                index for index, kind in enumerate(self.kinds) if self._may_call(kind, stop)
            )
            for stop in self.stops
        }
        circles = {circle for circle in self._circle_of.values() if circle != everyone}
        return {circle: index for index, circle in enumerate(sorted(circles, key=sorted))}

    def load(self, goods: Goods) -> list[int]:
        """Goods as PyVRP's load, without the dimensions that rules add."""
        return [
            goods.weight_g if temperature is None else goods.of(temperature).of(measure)
            for temperature, measure in self._dimensions
        ]

    def _build(self) -> ProblemData:
        groups: list[ClientGroup] = []
        clients = self._build_clients(groups)
        distances, durations = self._matrices()
        return ProblemData(
            self._locations(),
            clients,
            self._depots(),
            [self._vehicle_type(index, kind) for index, kind in enumerate(self.kinds)],
            distances,
            durations,
            groups,
            [self._shipment(transfer) for transfer in self._transfers],
        )

    def _locations(self) -> list[Location]:
        places = (self.problem.places[at] for at in self._rows)
        return [Location(place.lon, place.lat) for place in places]

    def _depots(self) -> list[Depot]:
        shift = self._shift_s
        return [
            Depot(self._row_of[hub.place], hub.opens_s + shift, hub.closes_s + shift, hub.loading_s)
            for hub in self.problem.hubs
        ]

    def _matrices(self) -> tuple[list[Any], list[Any]]:
        """Distances and durations, one matrix per profile of vehicles."""
        self._profiles = ["", *sorted(self.problem.profiles)]
        travels = [self.problem.profiles.get(name, self.problem.travel) for name in self._profiles]
        return (
            [self._between(without_holes(travel.distance_m, travel)) for travel in travels],
            [self._between(without_holes(travel.duration_s, travel)) for travel in travels],
        )

    def _between(self, matrix: NDArray[np.int64]) -> Any:
        """The part of a matrix between places of this model: small ones stay near the core."""
        if len(self._rows) == len(matrix):
            return matrix
        return np.ascontiguousarray(matrix[np.ix_(self._rows, self._rows)])

    def _build_clients(self, groups: list[ClientGroup]) -> list[Client]:
        clients: list[Client] = []
        for stop in self.stops:
            if stop.id in self.problem.transfer_of:
                continue
            slots = self._slots(stop)
            group = len(groups) if len(slots) > 1 else None
            first = len(clients)
            for slot in slots:
                self._client_of.setdefault((stop.id, slot.position), len(clients))
                self._clients.append((stop.id, slot.position))
                clients.append(self._client(stop, slot, group))
            if group is not None:
                groups.append(
                    ClientGroup(list(range(first, len(clients))), required=self._required(stop))
                )
        return clients

    def _required(self, stop: Stop) -> bool:
        return stop.required and self.bonus is None

    def _prize(self, stop: Stop) -> int:
        cents = (self.bonus or 0) if stop.required else stop.price_cents * MILLICENTS
        return cents // self._unit

    def _slots(self, stop: Stop) -> list[Slot]:
        narrow = self.tightening.windows
        return slots_of(self.problem, stop, narrow, self._last_starts, self._any_time)

    def _client(self, stop: Stop, slot: Slot, group: int | None) -> Client:
        extra = self._extra(stop)
        delivers, collects = self.load(stop.delivers), self.load(stop.collects)
        # A stop that only collects spends its time aboard on the way back, others on the way out.
        back = bool(stop.collects) and not stop.delivers
        nothing = [0] * len(extra)
        return Client(
            self._row_of[stop.place],
            delivery=delivers + (nothing if back else extra),
            pickup=collects + (extra if back else nothing),
            service_duration=stop.service_s,
            tw_early=max(0, slot.window.opens_s + self._shift_s),
            tw_late=max(0, slot.window.closes_s + self._shift_s),
            release_time=max(0, slot.release_s + self._shift_s),
            prize=self._prize(stop),
            required=self._required(stop) and group is None,
            group=group,
        )

    def _extra(self, stop: Stop) -> list[int]:
        circle = self._circles.get(self._circle_of[stop.id])
        confined = [int(index == circle) for index in range(len(self._circles))]
        return confined + [limit.weights.get(stop.id, 0) for limit in self.tightening.limits]

    def _shipment(self, transfer: Transfer) -> Shipment:
        collect = self.problem.stop_by_id[transfer.collect]
        deliver = self.problem.stop_by_id[transfer.deliver]
        early, late = self._slots(collect)[0].window, self._slots(deliver)[0].window
        amount = self.load(collect.collects) + self._extra(collect)
        for index, circle in enumerate(self._circles):
            if circle == self._circle_of[deliver.id]:
                amount[len(self._dimensions) + index] = 1
        return Shipment(
            self._row_of[collect.place],
            self._row_of[deliver.place],
            pickup_tw_early=max(0, early.opens_s + self._shift_s),
            pickup_tw_late=max(0, early.closes_s + self._shift_s),
            pickup_service_duration=collect.service_s,
            delivery_tw_early=max(0, late.opens_s + self._shift_s),
            delivery_tw_late=max(0, late.closes_s + self._shift_s),
            delivery_service_duration=deliver.service_s,
            amount=amount,
            prize=self._prize(collect),
            required=self._required(collect),
        )

    def room(self, kind: Kind) -> list[int]:
        """What a vehicle can carry, in the dimensions of :meth:`load`."""
        compartments = kind.vehicle.layouts[kind.layout]
        room: list[int] = []
        for temperature, measure in self._dimensions:
            limit = (
                compartments.payload_g
                if temperature is None
                else compartments.of(temperature).of(measure)
            )
            room.append(self._total(temperature, measure) if limit is None else limit)
        return room

    def _capacity(self, index: int, kind: Kind) -> list[int]:
        """Room per load dimension: compartments, circles, lessons."""
        capacity = self.room(kind)
        capacity += [len(self.stops) if index in circle else 0 for circle in self._circles]
        for each in self.tightening.limits:
            binds = each.vehicles is None or kind.vehicle.id in each.vehicles
            capacity.append(each.capacity if binds else 1 + sum(each.weights.values()))
        return capacity

    def _vehicle_type(self, index: int, kind: Kind) -> VehicleType:
        vehicle, shift = kind.vehicle, self._shift_s
        cut = self.tightening.shift_cut_s.get(vehicle.id, 0)
        latest = NO_LIMIT_S if vehicle.latest_end_s is None else vehicle.latest_end_s + shift
        fixed, per_m, per_s, overtime = (each // self._unit for each in prices_of(vehicle))
        profile = self._profiles.index(vehicle.profile) if vehicle.profile in self._profiles else 0
        return VehicleType(
            self._count(kind),
            self._capacity(index, kind),
            start_depot=self._depot_of[vehicle.start_hub],
            end_depot=self._depot_of[vehicle.end_hub],
            fixed_cost=fixed,
            tw_early=max(0, vehicle.earliest_start_s + shift),
            tw_late=max(0, latest),
            shift_duration=max(0, vehicle.shift_s - max(0, cut - vehicle.max_overtime_s)),
            max_distance=vehicle.max_distance_m if vehicle.max_distance_m is not None else 2**60,
            unit_distance_cost=per_m,
            unit_duration_cost=per_s,
            profile=profile,
            start_late=min(max(0, vehicle.latest_start_s + shift), max(0, latest)),
            reload_depots=[self._depot_of[hub] for hub in vehicle.reload_hubs],
            max_reloads=vehicle.max_reloads if vehicle.reload_hubs else 0,
            max_overtime=max(0, vehicle.max_overtime_s - cut),
            unit_overtime_cost=overtime,
        )

    def _total(self, temperature: TemperatureClass | None, measure: Measure) -> int:
        """More than everything there is: a capacity that never binds."""
        amounts = (stop.delivers + stop.collects for stop in self.stops)
        if temperature is None:
            return 1 + sum(goods.weight_g for goods in amounts)
        return 1 + sum(goods.of(temperature).of(measure) for goods in amounts)

    def may_hang(self) -> bool:
        """Whether PyVRP's local search might never end: seen only where vehicles may reload."""
        return any(each.max_reloads > 0 for each in self.data.vehicle_types())

    def drafts(self, solution: Solution) -> list[Draft]:
        """Rounds in order of stops, equal vehicles numbered from 0."""
        return self._way_back.drafts(solution)

    def solution(self, drafts: Iterable[Draft]) -> Solution:
        """Drafts as PyVRP's solution; what the model does not know any more is left out."""
        return self._way_back.solution(drafts)
