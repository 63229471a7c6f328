"""Round sheet of the driver: the stops in driving order, the loading in reverse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity
from shop.kernel.sheet import Formats, Heading, Translate, print_heading
from shop.logistics.domain.sheets.words import StopKind, stop_words, temperature_words


@dataclass(frozen=True, slots=True)
class CrateCount:
    """Crates of one temperature class; ``weight_g`` in grams, None when not weighed."""

    temperature: TemperatureClass
    crates: int
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class StopCrate:
    """A crate of an order, by the number on its label."""

    crate_id: int
    number: str
    temperature: TemperatureClass


@dataclass(frozen=True, slots=True)
class StopOrder:
    """An order handed over at a stop, with its crates."""

    order_id: int
    number: str
    customer: str
    crates: tuple[StopCrate, ...] = ()


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
    """Crates of one stop to put into a compartment; step 1 goes in first, to the bottom.

    ``numbers`` are those on the labels; fewer than ``crates`` while some have no label yet.
    """

    step: int
    stop_rank: int
    name: str
    crates: int
    numbers: tuple[str, ...] = ()


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
class Trip:
    """One loading at the hub, and what goes aboard then."""

    number: int
    loads_at: datetime
    """When the vehicle is there (UTC): for the first trip, when it leaves."""
    loads: tuple[CompartmentLoad, ...]

    @property
    def crates(self) -> int:
        """Crates of every compartment."""
        return sum(load.crates for load in self.loads)


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
        return self.trips[0].loads

    @property
    def trips(self) -> tuple[Trip, ...]:
        """What is loaded each time the vehicle leaves the hub, the first time included."""
        starts = [self.departs_at]
        between: list[list[RoundStop]] = [[]]
        for stop in sorted(self.stops, key=lambda stop: stop.rank):
            if stop.kind is StopKind.HUB:
                starts.append(stop.planned_at)
                between.append([])
            else:
                between[-1].append(stop)
        trips = (
            Trip(number, at, _loads(self.compartments, tuple(stops)))
            for number, (at, stops) in enumerate(zip(starts, between, strict=True), start=1)
        )
        return tuple(trip for trip in trips if trip.number == 1 or trip.crates)


def _loads(
    limits: tuple[CompartmentLimit, ...], stops: tuple[RoundStop, ...]
) -> tuple[CompartmentLoad, ...]:
    return tuple(CompartmentLoad(limit, _steps(stops, limit.temperature)) for limit in limits)


def _steps(stops: tuple[RoundStop, ...], temperature: TemperatureClass) -> tuple[LoadStep, ...]:
    """Steps of one compartment, the last stop first."""
    loads = [
        (stop, sum(c.crates for c in stop.crates if c.temperature is temperature))
        for stop in sorted(stops, key=lambda stop: stop.rank, reverse=True)
        if not stop.comes_aboard
    ]
    return tuple(
        LoadStep(step, stop.rank, stop.name, crates, _numbers(stop, temperature))
        for step, (stop, crates) in enumerate(((s, c) for s, c in loads if c > 0), start=1)
    )


def _numbers(stop: RoundStop, temperature: TemperatureClass) -> tuple[str, ...]:
    """Numbers of a stop's crates of one class, in the order of the orders."""
    return tuple(
        crate.number
        for order in stop.orders
        for crate in order.crates
        if crate.temperature is temperature
    )


def to_print(sheet: RoundSheet, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « logistics/round_sheet »."""
    many = len(sheet.trips) > 1
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(translate),
        "name": sheet.name,
        "vehicle": sheet.vehicle,
        "plate": sheet.plate,
        "driver": sheet.driver,
        "departs": formats.time(sheet.departs_at),
        "departs_from": sheet.departs_from,
        "returns": "" if sheet.returns_at is None else formats.time(sheet.returns_at),
        "distance": "" if sheet.distance_m is None else formats.distance(sheet.distance_m),
        "desk_phone": sheet.desk_phone,
        "qr": sheet.url,
        "note": sheet.note,
        "stops": [_stop(stop, formats) for stop in sheet.stops],
        "loading": [
            _load(load, formats) | {"trip": _trip_words(trip, formats) if many else ""}
            for trip in sheet.trips
            for load in trip.loads
        ],
    }


def _stop(stop: RoundStop, formats: Formats) -> dict[str, Any]:
    window = [
        "" if at is None else formats.time(at) for at in (stop.window_from_at, stop.window_until_at)
    ]
    return {
        "rank": str(stop.rank),
        "kind": stop.kind.value,
        "name": stop.name,
        "address": list(stop.address),
        "phone": stop.phone,
        "access": stop.access,
        "planned": formats.time(stop.planned_at),
        "window": window if any(window) else [],
        "aboard": stop.comes_aboard,
        "crate_count": stop.crate_count,
        "crates": [
            {
                "temperature": count.temperature.value,
                "crates": count.crates,
                "weight": ""
                if count.weight_g is None
                else formats.quantity(Quantity.grams(count.weight_g)),
            }
            for count in stop.crates
            if count.crates
        ],
        "orders": [_stop_order(order) for order in stop.orders],
        "to_collect": "" if stop.to_collect is None else formats.money(stop.to_collect),
        "note": stop.note,
    }


def _stop_order(order: StopOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "customer": order.customer,
        "crates": [
            {"number": crate.number, "temperature": crate.temperature.value}
            for crate in order.crates
        ],
    }


def _trip_words(trip: Trip, formats: Formats) -> str:
    return f"{trip.number} · {formats.time(trip.loads_at)}"


def _load(load: CompartmentLoad, formats: Formats) -> dict[str, Any]:
    limit = load.limit
    return {
        "temperature": limit.temperature.value,
        "set_point": "" if limit.set_point_dc is None else formats.temperature(limit.set_point_dc),
        "highest": "" if limit.highest_dc is None else formats.temperature(limit.highest_dc),
        "crates": load.crates,
        "steps": [
            {
                "step": str(step.step),
                "stop": str(step.stop_rank),
                "name": step.name,
                "crates": step.crates,
                "numbers": list(step.numbers),
            }
            for step in load.steps
        ],
    }


def _labels(_: Translate) -> dict[str, Any]:
    return {
        "title": _("Round sheet"),
        "vehicle": _("Vehicle"),
        "driver": _("Driver"),
        "departs": _("Departure"),
        "returns": _("Return"),
        "distance": _("Distance"),
        "stops": _("Stops"),
        "crates": _("Crates"),
        "desk": _("Trouble? Call the desk"),
        "open": _("This round on the phone"),
        "planned": _("planned"),
        "window": _("expected"),
        "from": _("from"),
        "until": _("until"),
        "phone": _("Phone"),
        "access": _("Access"),
        "aboard": _("Take aboard"),
        "unload": _("Hand over"),
        "collect": _("Ask for payment"),
        "arrived": _("Arrived at"),
        "receiver": _("Received by, signature"),
        "taken_back": _("Crates taken back"),
        "loading": _("Loading"),
        "trip": _("Trip"),
        "loading_how": _("The last stop goes in first, against the bulkhead; stop 1 by the door."),
        "nothing": _("Nothing to load: this round only collects."),
        "step": _("No."),
        "stop": _("Stop"),
        "temperature_record": _("Temperature record"),
        "set_point": _("Set point"),
        "highest": _("Highest allowed"),
        "at_departure": _("At departure"),
        "at_return": _("At return"),
        "probe": _("Core probe"),
        "deviation": _("Deviation and decision, with name and time"),
        "temperatures": temperature_words(_),
        "kinds": stop_words(_),
    }
