"""Reads the published format of one day of a market: hub, farms, relays, homes and fleet.

The file describes itself (``units``, ``travel``, ``fleet``, ``points``); it says nothing of
breaks, skills or release times, so neither do the problems read from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.goods import (
    NOTHING,
    Amount,
    Capacity,
    Goods,
    Layout,
    TemperatureClass,
)
from shop.logistics.domain.planning.problem import (
    AboardLimits,
    Hub,
    Place,
    Problem,
    Stop,
    StopKind,
    Vehicle,
    Window,
)
from shop.logistics.domain.planning.travel import Estimate, estimate_travel
from shop.logistics.domain.planning.validation import validate


def is_market_day(document: Mapping[str, Any]) -> bool:
    """Whether a document looks like this format."""
    return "points" in document and "fleet" in document


def read_market_day(document: Mapping[str, Any], *, farms: bool = True) -> Problem:
    """A problem from one published day; without ``farms`` only what is delivered.

    Raises:
        InvalidProblem: naming the field that is missing or cannot be meant.
    """
    points: Sequence[Mapping[str, Any]] = document["points"]
    chosen = [each for each in points if farms or each.get("kind") != "farm"]
    places = tuple(_place(point, at) for at, point in enumerate(chosen))
    hubs = tuple(
        Hub(
            str(point["id"]),
            row,
            int(point["open"][0]),
            int(point["open"][1]),
            int(point.get("service_s", 0)),
            str(point.get("commune", "")),
        )
        for row, point in enumerate(chosen)
        if point["kind"] == "hub"
    )
    if not hubs:
        raise InvalidProblem(field="points", reason="no_hub")
    problem = Problem(
        places=places,
        hubs=hubs,
        vehicles=tuple(
            _vehicle(each, hubs[0].id, f"fleet[{at}]") for at, each in enumerate(document["fleet"])
        ),
        stops=tuple(
            _stop(point, row, f"points[{row}]")
            for row, point in enumerate(chosen)
            if point["kind"] != "hub"
        ),
        travel=estimate_travel(places, _estimate(document["travel"])),
        aboard=AboardLimits(
            chilled_s=document.get("max_chilled_aboard_s"),
            frozen_s=document.get("max_frozen_aboard_s"),
        ),
        name=str(document.get("name", "")),
    )
    validate(problem)
    return problem


def _place(point: Mapping[str, Any], position: int) -> Place:
    try:
        return Place(
            str(point["id"]),
            float(point["lon"]),
            float(point["lat"]),
            str(point.get("commune", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidProblem(field=f"points[{position}]", reason="no_position") from error


def _estimate(travel: Mapping[str, Any]) -> Estimate:
    return Estimate(
        float(travel["detour_factor"]),
        tuple(
            (None if limit is None else float(limit), float(speed))
            for limit, speed in travel["speed_kmh"]
        ),
    )


def _scaled(value: object, scale: int, field: str) -> int:
    """A decimal number times ``scale`` as a whole number, half up."""
    try:
        return int((Decimal(str(value)) * scale).quantize(Decimal(1), ROUND_HALF_UP))
    except ArithmeticError as error:
        raise InvalidProblem(field=field, reason="not_a_number", value=str(value)) from error


def _goods(point: Mapping[str, Any], field: str) -> Goods:
    kg, crates = point.get("kg", {}), point.get("crates", {})
    return Goods(
        *(
            Amount(
                _scaled(kg.get(each, 0), 1000, f"{field}.kg.{each}"),
                _scaled(crates.get(each, 0), 10, f"{field}.crates.{each}"),
            )
            for each in TemperatureClass
        )
    )


def _stop(point: Mapping[str, Any], row: int, field: str) -> Stop:
    goods = _goods(point, field)
    kind = StopKind(point["kind"]) if point["kind"] in set(StopKind) else StopKind.OTHER
    is_farm = kind is StopKind.FARM
    return Stop(
        id=str(point["id"]),
        place=row,
        kind=kind,
        collects=goods if is_farm else NOTHING,
        delivers=NOTHING if is_farm else goods,
        windows=tuple(Window(int(opens), int(closes)) for opens, closes in point["windows"]),
        service_s=int(point.get("service_s", 0)),
        required=bool(point.get("required", True)),
        price_cents=int(point.get("prize_cents", 0)),
        name=str(point.get("commune", "")),
    )


def _vehicle(row: Mapping[str, Any], hub_id: str, field: str) -> Vehicle:
    kg, crates = row["capacity_kg"], row["capacity_crates"]
    chilled, frozen, ambient = (
        Capacity(
            _scaled(kg.get(each, 0), 1000, f"{field}.capacity_kg.{each}"),
            _scaled(crates.get(each, 0), 10, f"{field}.capacity_crates.{each}"),
        )
        for each in TemperatureClass
    )
    return Vehicle(
        id=str(row["type"]),
        start_hub=hub_id,
        end_hub=hub_id,
        layouts=(Layout(chilled, frozen, ambient),),
        count=int(row["count"]),
        name=str(row["type"]),
        earliest_start_s=int(row["start_between"][0]),
        latest_start_s=int(row["start_between"][1]),
        shift_s=int(row["shift_s"]),
        max_overtime_s=int(row.get("max_overtime_s", 0)),
        reload_hubs=(hub_id,) if row.get("reload_at_hub") else (),
        max_reloads=int(row.get("max_reloads", 0)),
        fixed_cents=int(row.get("fixed_cents", 0)),
        cents_per_km=int(row.get("cents_per_km", 0)),
        cents_per_hour=int(row.get("cents_per_hour", 0)),
        overtime_cents_per_hour=int(row.get("overtime_cents_per_hour", 0)),
    )
