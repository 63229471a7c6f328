"""What is to be planned: places, hubs, vehicles, stops and the rules between them.

Everything is a whole number. Times are seconds from midnight of the day of delivery (the day
before is negative), distances meters, money cents. Coordinates are (lon, lat).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.planning.goods import (
    NOTHING,
    Goods,
    Layout,
    Measure,
    TemperatureClass,
)

UNREACHABLE = -1
"""In a travel matrix: nobody can drive from here to there."""

DAY_S = 86_400


class StopKind(StrEnum):
    """What kind of door the vehicle stops at."""

    FARM = "farm"
    RELAY = "relay"
    DRIVE = "drive"
    HOME = "home"
    GROUP_DROP = "group_drop"
    MOBILE_SHOP = "mobile_shop"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map; its position in ``Problem.places`` is its row in the travel matrix."""

    id: str
    lon: float
    lat: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """When a service may begin, both ends included."""

    opens_s: int
    closes_s: int


@dataclass(frozen=True, slots=True)
class Hub:
    """Where vehicles start, end, load and unload.

    Each departure takes ``loading_s`` first, whether the vehicle starts its day or comes back
    for more; unloading what was collected is part of it. Loading begins while the hub is open,
    and the vehicle is back before it closes.
    """

    id: str
    place: int
    opens_s: int = 0
    closes_s: int = DAY_S
    loading_s: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class BreakRule:
    """Nobody works longer than ``after_s`` without having stopped for ``length_s``."""

    after_s: int = 21_600
    length_s: int = 1_200


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle, or ``count`` equal ones, with its driver, its day and what it costs.

    The day runs from the start of loading to the return. An hour of overtime costs
    ``overtime_cents_per_hour`` in all, not on top of ``cents_per_hour``.
    """

    id: str
    start_hub: str
    end_hub: str
    layouts: tuple[Layout, ...]
    count: int = 1
    name: str = ""
    earliest_start_s: int = 0
    latest_start_s: int = DAY_S
    latest_end_s: int | None = None
    shift_s: int = 36_000
    """Paid at the normal rate up to here."""
    max_overtime_s: int = 0
    max_distance_m: int | None = None
    reload_hubs: tuple[str, ...] = ()
    max_reloads: int = 0
    fixed_cents: int = 0
    cents_per_km: int = 0
    cents_per_hour: int = 0
    overtime_cents_per_hour: int = 0
    skills: frozenset[str] = frozenset()
    """What the vehicle or driver can do: tail lift, low-emission zone, a key."""
    break_rule: BreakRule | None = None
    certified_cold: bool = True
    """Whether a valid ATP certificate allows chilled and frozen goods at any distance."""
    profile: str = ""
    """Which travel matrix it drives by; empty is the ordinary one."""
    co2_g_per_km: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """One call at one door: goods collected for a hub, delivered from a hub, or both.

    A stop that is not required is left out when serving it costs more than ``price_cents``.
    """

    id: str
    place: int
    kind: StopKind = StopKind.OTHER
    collects: Goods = NOTHING
    delivers: Goods = NOTHING
    windows: tuple[Window, ...] = ()
    """At least one must hold; none means any time."""
    service_s: int = 0
    release_s: int | None = None
    """What is delivered cannot leave the hub before this time."""
    due_s: int | None = None
    """What is collected must be back at the hub by this time."""
    required: bool = True
    price_cents: int = 0
    hub: str | None = None
    """The hub its goods leave from or go to; ``None`` is any."""
    needs: frozenset[str] = frozenset()
    """Skills the vehicle must have."""
    vehicles: frozenset[str] | None = None
    """Only these vehicles may call; ``None`` is all."""
    excluded_vehicles: frozenset[str] = frozenset()
    kept_with: str | None = None
    """Stops with the same word here travel in one round."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Goods taken at one stop and handed over at another by the same vehicle, past no hub.

    What the collecting stop collects is what the delivering stop delivers.
    """

    collect: str
    deliver: str


@dataclass(frozen=True, slots=True)
class AboardLimits:
    """Longest time goods of a class may be aboard, door to door; ``None`` is no limit.

    Delivered goods are aboard from the departure of the hub to the end of the service at the
    stop; collected goods from the start of the service to the arrival at the hub.
    """

    chilled_s: int | None = None
    frozen_s: int | None = None
    ambient_s: int | None = None

    def of(self, temperature: TemperatureClass) -> int | None:
        """The limit of one temperature class in seconds."""
        match temperature:
            case TemperatureClass.CHILLED:
                return self.chilled_s
            case TemperatureClass.FROZEN:
                return self.frozen_s
            case TemperatureClass.AMBIENT:
                return self.ambient_s


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Meters and seconds from each place to each other; :data:`UNREACHABLE` where no road goes."""

    distance_m: NDArray[np.int64]
    duration_s: NDArray[np.int64]
    source: str = "given"
    """Who says so: a road server, or the estimate."""
    estimated: bool = False
    """Whether the figures come from straight lines and not from roads."""

    def fingerprint(self) -> str:
        """A short text that changes when any figure does."""
        digest = sha256(np.ascontiguousarray(self.distance_m).tobytes())
        digest.update(np.ascontiguousarray(self.duration_s).tobytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything the planner knows; what is not in here does not exist for it."""

    places: tuple[Place, ...]
    hubs: tuple[Hub, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    travel: Travel
    transfers: tuple[Transfer, ...] = ()
    aboard: AboardLimits = field(default_factory=AboardLimits)
    uncertified_limit_m: int = 80_000
    """How far chilled and frozen goods go from loading in a vehicle that is not certified."""
    profiles: Mapping[str, Travel] = field(default_factory=dict)
    """Other travel matrices, by the ``profile`` of the vehicles that use them."""
    name: str = ""

    @cached_property
    def stop_by_id(self) -> Mapping[str, Stop]:
        """Stops by their id."""
        return {stop.id: stop for stop in self.stops}

    @cached_property
    def vehicle_by_id(self) -> Mapping[str, Vehicle]:
        """Vehicles by their id."""
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    @cached_property
    def hub_by_id(self) -> Mapping[str, Hub]:
        """Hubs by their id."""
        return {hub.id: hub for hub in self.hubs}

    @cached_property
    def transfer_of(self) -> Mapping[str, Transfer]:
        """The transfer a stop belongs to, by stop id."""
        found: dict[str, Transfer] = {}
        for transfer in self.transfers:
            found[transfer.collect] = transfer
            found[transfer.deliver] = transfer
        return found

    @cached_property
    def measures_used(self) -> frozenset[tuple[TemperatureClass, Measure]]:
        """Of what the stops have anything at all: temperature classes and how they are measured."""
        kinds = [(each, measure) for each in TemperatureClass for measure in Measure]
        goods = [each for stop in self.stops for each in (stop.delivers, stop.collects) if each]
        return frozenset(
            (temperature, measure)
            for temperature, measure in kinds
            if any(each.of(temperature).of(measure) for each in goods)
        )

    def travel_of(self, vehicle: Vehicle) -> Travel:
        """The matrix a vehicle drives by."""
        return self.profiles.get(vehicle.profile, self.travel)

    def may_call(self, vehicle: Vehicle, stop: Stop) -> bool:
        """Whether skills, named vehicles and the hub of its goods let a vehicle serve a stop."""
        if stop.vehicles is not None and vehicle.id not in stop.vehicles:
            return False
        if vehicle.id in stop.excluded_vehicles or not stop.needs <= vehicle.skills:
            return False
        hubs = {vehicle.start_hub, vehicle.end_hub, *vehicle.reload_hubs}
        return stop.hub is None or stop.id in self.transfer_of or hubs == {stop.hub}
