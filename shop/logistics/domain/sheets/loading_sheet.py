"""Loading sheet: what goes into which compartment of a vehicle, the last stop first."""

from __future__ import annotations

from typing import Any

from shop.kernel.sheet import Formats, Translate, print_heading
from shop.logistics.domain.sheets.round_sheet import CompartmentLoad, RoundSheet, Trip
from shop.logistics.domain.sheets.words import temperature_words


def to_print(sheet: RoundSheet, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « logistics/loading_sheet »."""
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(translate),
        "name": sheet.name,
        "vehicle": sheet.vehicle,
        "plate": sheet.plate,
        "driver": sheet.driver,
        "departs": formats.time(sheet.departs_at),
        "departs_from": sheet.departs_from,
        "trips": [_trip(trip, formats) for trip in sheet.trips],
    }


def _trip(trip: Trip, formats: Formats) -> dict[str, Any]:
    return {
        "number": str(trip.number),
        "at": formats.time(trip.loads_at),
        "crates": trip.crates,
        "loads": [_load(load, formats) for load in trip.loads if load.steps],
    }


def _load(load: CompartmentLoad, formats: Formats) -> dict[str, Any]:
    limit = load.limit
    return {
        "temperature": limit.temperature.value,
        "set_point": "" if limit.set_point_dc is None else formats.temperature(limit.set_point_dc),
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
        "title": _("Loading sheet"),
        "vehicle": _("Vehicle"),
        "driver": _("Driver"),
        "departs": _("Departure"),
        "trip": _("Trip"),
        "how": _("The last stop goes in first, against the bulkhead; stop 1 by the door."),
        "nothing": _("Nothing to load: this round only collects."),
        "set_point": _("Set point"),
        "stop": _("Stop"),
        "crates": _("Crates"),
        "numbers": _("Crate numbers, tick each one"),
        "loaded_by": _("Loaded by, time"),
        "probe": _("Core probe"),
        "temperatures": temperature_words(_),
    }
