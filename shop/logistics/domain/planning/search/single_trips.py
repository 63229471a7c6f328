"""A model for the first search in which time aboard is exact, for vehicles that make one trip.

PyVRP limits how long a route lasts. When the drive home counts no time, a route lasts exactly as
long as its last delivery is aboard. What that drive costs is kept by reckoning distance in
money. That holds the longest limit; goods with a shorter one have slots with release times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from pyvrp import Depot, Location, VehicleType

from shop.logistics.domain.planning.goods import TemperatureClass
from shop.logistics.domain.planning.problem import Problem, Stop, Vehicle
from shop.logistics.domain.planning.search.model import SearchModel
from shop.logistics.domain.planning.search.slots import ANY_RELEASE_S, Slot, limit_out
from shop.logistics.domain.planning.search.units import (
    MILLICENTS,
    NO_LIMIT_S,
    per_second,
    without_holes,
)
from shop.logistics.domain.planning.search.way_back import Kind


def fits_single_trips(problem: Problem) -> bool:
    """Whether most of what is delivered has a limit aboard, and nothing forbids this model."""
    delivered = [stop for stop in problem.stops if stop.delivers]
    limited = sum(limit_out(problem, stop) is not None for stop in delivered)
    return (
        2 * limited > len(delivered)
        and not problem.transfers
        and all(
            vehicle.max_distance_m is None and vehicle.start_hub == vehicle.end_hub
            for vehicle in problem.vehicles
        )
    )


class SingleTripModel(SearchModel):
    """Each vehicle makes one trip, from its hub to a double of it that costs no time to reach."""

    def _money_unit(self) -> int:
        """Distances are money here, in thousandths of a cent."""
        return 1

    def _locations(self) -> list[Location]:
        doubles = [self.problem.places[hub.place] for hub in self.problem.hubs]
        return super()._locations() + [Location(place.lon, place.lat) for place in doubles]

    def _depots(self) -> list[Depot]:
        first = len(self._rows)
        doubles = [Depot(first + index) for index in range(len(self.problem.hubs))]
        return super()._depots() + doubles

    def _matrices(self) -> tuple[list[Any], list[Any]]:
        """Distances in thousandths of a cent, one matrix per price of driving."""
        self._prices = sorted({_price(kind.vehicle) for kind in self.kinds})
        distances, durations = [], []
        hubs = [self._row_of[hub.place] for hub in self.problem.hubs]
        size = len(self._rows)
        rows = [*range(size), *hubs]
        for profile, cents_per_km, cents_per_hour in self._prices:
            travel = self.problem.profiles.get(profile, self.problem.travel)
            money = self._between(without_holes(travel.distance_m, travel)) * cents_per_km
            seconds = self._between(without_holes(travel.duration_s, travel))
            distance, duration = money[np.ix_(rows, rows)], seconds[np.ix_(rows, rows)]
            home = money + seconds * per_second(cents_per_hour)
            distance[:size, size:] = home[:, hubs]
            duration[:size, size:] = 0
            np.fill_diagonal(distance, 0)
            distances.append(np.ascontiguousarray(distance))
            durations.append(np.ascontiguousarray(duration))
        return distances, durations

    def _slots(self, stop: Stop) -> list[Slot]:
        """Windows without the times from which nobody comes home before the hub closes."""
        latest = max(
            (
                self._home_by(vehicle)
                - stop.service_s
                - int(self.problem.travel_of(vehicle).duration_s[stop.place, self._hub(vehicle)])
                for vehicle in self.problem.vehicles
                if self.problem.may_call(vehicle, stop)
            ),
            default=NO_LIMIT_S,
        )
        slots = super()._slots(stop)
        limit_s = limit_out(self.problem, stop)
        if limit_s is None or limit_s == _longest(self.problem):
            release = ANY_RELEASE_S if stop.release_s is None else stop.release_s
            windows = stop.windows or (self._any_time,)
            slots = [Slot(at, window, release) for at, window in enumerate(windows)]
        kept = [
            replace(slot, window=replace(slot.window, closes_s=min(slot.window.closes_s, latest)))
            for slot in slots
            if max(slot.window.opens_s, slot.release_s) <= min(slot.window.closes_s, latest)
        ]
        return kept or super()._slots(stop)

    def _hub(self, vehicle: Vehicle) -> int:
        return self.problem.hub_by_id[vehicle.end_hub].place

    def _home_by(self, vehicle: Vehicle) -> int:
        closes = self.problem.hub_by_id[vehicle.end_hub].closes_s
        return closes if vehicle.latest_end_s is None else min(closes, vehicle.latest_end_s)

    def _vehicle_type(self, index: int, kind: Kind) -> VehicleType:
        vehicle, shift = kind.vehicle, self._shift_s
        hub = self.problem.hub_by_id[vehicle.start_hub]
        real = self._depot_of[hub.id]
        return VehicleType(
            self._count(kind),
            self._capacity(index, kind),
            start_depot=real,
            end_depot=len(self.problem.hubs) + real,
            fixed_cost=vehicle.fixed_cents * MILLICENTS,
            tw_early=max(0, vehicle.earliest_start_s + shift),
            tw_late=NO_LIMIT_S,
            start_late=max(0, vehicle.latest_start_s + shift),
            shift_duration=min(_longest(self.problem) + hub.loading_s, vehicle.shift_s),
            unit_distance_cost=1,
            unit_duration_cost=per_second(vehicle.cents_per_hour),
            profile=self._prices.index(_price(vehicle)),
            max_reloads=0,
        )


def _longest(problem: Problem) -> int:
    """The longest of the limits aboard."""
    limits = [problem.aboard.of(each) for each in TemperatureClass]
    return max(limit for limit in limits if limit is not None)


def _price(vehicle: Vehicle) -> tuple[str, int, int]:
    return vehicle.profile, vehicle.cents_per_km, vehicle.cents_per_hour
