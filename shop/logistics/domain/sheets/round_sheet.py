"""Round sheet of the driver: the stops in driving order, the loading in reverse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.sheet import Heading


class StopKind(StrEnum):
    """What the truck comes to do."""

    FARM = "farm"
    HUB = "hub"
    RELAY = "relay"
    DRIVE = "drive"
    HOME = "home"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class CrateCount:
    """Crates of one temperature class; ``weight_g`` in grams, None when not weighed."""

    temperature: TemperatureClass
    crates: int
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class StopOrder:
    """An order handed over at a stop, with the numbers of its crates."""

    order_id: int
    number: str
    customer: str
    crates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundStop:
    """One stop: when the place expects the truck, when the plan says, what changes hands.

    ``crates`` come off the truck, except at a farm, where they come aboard. Instants are UTC.
    ``access`` is the gate code and the way in.
    """

    stop_id: int
    rank: int
    kind: StopKind
    name: str
    planned_at: datetime
    address: tuple[str, ...] = ()
    phone: str = ""
    access: str = ""
    window_from_at: datetime | None = None
    window_until_at: datetime | None = None
    crates: tuple[CrateCount, ...] = ()
    orders: tuple[StopOrder, ...] = ()
    to_collect: Money | None = None
    note: str = ""

    @property
    def crate_count(self) -> int:
        """Crates of all classes."""
        return sum(count.crates for count in self.crates)

    @property
    def comes_aboard(self) -> bool:
        """Whether the crates are taken here rather than left."""
        return self.kind is StopKind.FARM


@dataclass(frozen=True, slots=True)
class CompartmentLimit:
    """Set-point and highest temperature of a compartment, in tenths of a degree Celsius."""

    temperature: TemperatureClass
    set_point_dc: int | None = None
    highest_dc: int | None = None


@dataclass(frozen=True, slots=True)
class LoadStep:
    """Crates of one stop to put into a compartment; step 1 goes in first, to the bottom."""

    step: int
    stop_rank: int
    name: str
    crates: int
    orders: tuple[StopOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class CompartmentLoad:
    """What goes into one compartment, last stop first."""

    limit: CompartmentLimit
    steps: tuple[LoadStep, ...]

    @property
    def crates(self) -> int:
        """Crates of all steps."""
        return sum(step.crates for step in self.steps)


@dataclass(frozen=True, slots=True)
class RoundSheet:
    """One truck round on its day. Instants are UTC, ``distance_m`` in meters.

    ``driver`` is empty while nobody is named. ``desk_phone`` is who the driver calls.
    """

    round_id: int
    name: str
    heading: Heading
    vehicle: str
    plate: str
    driver: str
    departs_at: datetime
    departs_from: str
    stops: tuple[RoundStop, ...]
    compartments: tuple[CompartmentLimit, ...]
    returns_at: datetime | None = None
    distance_m: int | None = None
    desk_phone: str = ""
    url: str = ""
    """Page of the round, opened by the QR code; empty: no code."""
    note: str = ""

    @property
    def loading(self) -> tuple[CompartmentLoad, ...]:
        """What goes aboard at departure, by compartment, the last stop first.

        Crates taken at farms on the way are not loaded at departure, and a stop without
        crates of a class has no step in its compartment.
        """
        return tuple(
            CompartmentLoad(limit, _steps(self.stops, limit.temperature))
            for limit in self.compartments
        )


def _steps(stops: tuple[RoundStop, ...], temperature: TemperatureClass) -> tuple[LoadStep, ...]:
    """Steps of one compartment, the last stop first."""
    loads = [
        (stop, sum(c.crates for c in stop.crates if c.temperature is temperature))
        for stop in sorted(stops, key=lambda stop: stop.rank, reverse=True)
        if not stop.comes_aboard
    ]
    return tuple(
        LoadStep(step, stop.rank, stop.name, crates, stop.orders)
        for step, (stop, crates) in enumerate(((s, c) for s, c in loads if c > 0), start=1)
    )
