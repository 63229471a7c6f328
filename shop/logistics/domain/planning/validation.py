"""Refusing problems that cannot be meant, with the path of the field that says so."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

import numpy as np

from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.goods import Goods, Layout, Measure, TemperatureClass
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    Problem,
    Stop,
    Travel,
    Vehicle,
)

LATEST_S = 14 * 86_400
"""No time of a problem lies further than two weeks from its midnight."""


def validate(problem: Problem) -> None:
    """Look at every field of a problem.

    Raises:
        InvalidProblem: for the first field that cannot be meant.
    """
    _validate_places(problem)
    _validate_travel(problem.travel, "travel", len(problem.places))
    for name, travel in problem.profiles.items():
        _validate_travel(travel, f"profiles.{name}", len(problem.places))
    _validate_hubs(problem)
    _require_unique((vehicle.id for vehicle in problem.vehicles), "vehicles")
    for position, vehicle in enumerate(problem.vehicles):
        _validate_vehicle(problem, vehicle, f"vehicles[{position}]")
    _require_unique((stop.id for stop in problem.stops), "stops")
    for position, stop in enumerate(problem.stops):
        _validate_stop(problem, stop, f"stops[{position}]")
    _validate_transfers(problem)
    for temperature in TemperatureClass:
        limit_s = problem.aboard.of(temperature)
        if limit_s is not None:
            _require(limit_s > 0, f"aboard.{temperature}_s", "not_positive", value=limit_s)
    _require(problem.uncertified_limit_m >= 0, "uncertified_limit_m", "negative")


def _require(holds: object, field: str, reason: str, **facts: object) -> None:
    if not holds:
        raise InvalidProblem(field=field, reason=reason, **facts)


def _require_unique(ids: Iterable[str], field: str) -> None:
    seen: set[str] = set()
    for position, each in enumerate(ids):
        _require(bool(each), f"{field}[{position}].id", "missing")
        _require(each not in seen, f"{field}[{position}].id", "duplicate", value=each)
        seen.add(each)


def _require_time(value: int | None, field: str) -> None:
    if value is not None:
        _require(abs(value) <= LATEST_S, field, "out_of_range", value=value)


def _require_not_negative(value: int | None, field: str) -> None:
    if value is not None:
        _require(value >= 0, field, "negative", value=value)


def _validate_places(problem: Problem) -> None:
    _require(bool(problem.places), "places", "empty")
    _require_unique((place.id for place in problem.places), "places")
    for position, place in enumerate(problem.places):
        field = f"places[{position}]"
        _require(isfinite(place.lon) and -180 <= place.lon <= 180, f"{field}.lon", "out_of_range")
        _require(isfinite(place.lat) and -90 <= place.lat <= 90, f"{field}.lat", "out_of_range")


def _validate_travel(travel: Travel, field: str, size: int) -> None:
    for name, matrix in (("distance_m", travel.distance_m), ("duration_s", travel.duration_s)):
        path = f"{field}.{name}"
        _require(matrix.shape == (size, size), path, "wrong_shape", expected=size)
        _require(np.issubdtype(matrix.dtype, np.integer), path, "not_whole_numbers")
        _require(bool((matrix >= UNREACHABLE).all()), path, "negative")
        _require(bool((matrix <= 10**9).all()), path, "out_of_range")
        _require(not np.diagonal(matrix).any(), path, "diagonal_not_zero")


def _require_place(problem: Problem, place: int, field: str) -> None:
    _require(0 <= place < len(problem.places), f"{field}.place", "unknown_place", value=place)


def _require_hub(problem: Problem, hub_id: str, field: str) -> None:
    _require(hub_id in problem.hub_by_id, field, "unknown_hub", value=hub_id)


def _validate_hubs(problem: Problem) -> None:
    _require(bool(problem.hubs), "hubs", "empty")
    _require_unique((hub.id for hub in problem.hubs), "hubs")
    for position, hub in enumerate(problem.hubs):
        field = f"hubs[{position}]"
        _require_place(problem, hub.place, field)
        _require_time(hub.opens_s, f"{field}.opens_s")
        _require_time(hub.closes_s, f"{field}.closes_s")
        _require(hub.opens_s <= hub.closes_s, f"{field}.closes_s", "upside_down")
        _require_not_negative(hub.loading_s, f"{field}.loading_s")


def _validate_layout(layout: Layout, field: str) -> None:
    for temperature in TemperatureClass:
        for measure in Measure:
            limit = layout.of(temperature).of(measure)
            _require_not_negative(limit, f"{field}.{temperature}.{measure}")
    _require_not_negative(layout.payload_g, f"{field}.payload_g")


def _validate_vehicle(problem: Problem, vehicle: Vehicle, field: str) -> None:
    _require_hub(problem, vehicle.start_hub, f"{field}.start_hub")
    _require_hub(problem, vehicle.end_hub, f"{field}.end_hub")
    for position, hub_id in enumerate(vehicle.reload_hubs):
        _require_hub(problem, hub_id, f"{field}.reload_hubs[{position}]")
    _require(vehicle.count > 0, f"{field}.count", "not_positive", value=vehicle.count)
    _require(bool(vehicle.layouts), f"{field}.layouts", "empty")
    for position, layout in enumerate(vehicle.layouts):
        _validate_layout(layout, f"{field}.layouts[{position}]")
    for name in ("earliest_start_s", "latest_start_s", "latest_end_s"):
        _require_time(getattr(vehicle, name), f"{field}.{name}")
    _require(
        vehicle.earliest_start_s <= vehicle.latest_start_s, f"{field}.latest_start_s", "upside_down"
    )
    latest_end_s = vehicle.latest_end_s
    if latest_end_s is not None:
        _require(vehicle.earliest_start_s <= latest_end_s, f"{field}.latest_end_s", "upside_down")
    for name in (
        "shift_s", "max_overtime_s", "max_distance_m", "max_reloads", "fixed_cents",
        "cents_per_km", "cents_per_hour", "overtime_cents_per_hour", "co2_g_per_km",
    ):  # fmt: skip
        _require_not_negative(getattr(vehicle, name), f"{field}.{name}")
    _require(
        vehicle.max_overtime_s == 0 or vehicle.overtime_cents_per_hour >= vehicle.cents_per_hour,
        f"{field}.overtime_cents_per_hour",
        "below_normal_rate",
    )
    if vehicle.break_rule is not None:
        _require(vehicle.break_rule.after_s > 0, f"{field}.break_rule.after_s", "not_positive")
        _require_not_negative(vehicle.break_rule.length_s, f"{field}.break_rule.length_s")
    _require(
        vehicle.profile == "" or vehicle.profile in problem.profiles,
        f"{field}.profile",
        "unknown_profile",
        value=vehicle.profile,
    )


def _validate_goods(goods: Goods, field: str) -> None:
    for temperature in TemperatureClass:
        for measure in Measure:
            value = goods.of(temperature).of(measure)
            _require_not_negative(value, f"{field}.{temperature}.{measure}")


def _validate_stop(problem: Problem, stop: Stop, field: str) -> None:
    _require_place(problem, stop.place, field)
    _validate_goods(stop.collects, f"{field}.collects")
    _validate_goods(stop.delivers, f"{field}.delivers")
    for position, window in enumerate(stop.windows):
        path = f"{field}.windows[{position}]"
        _require_time(window.opens_s, f"{path}.opens_s")
        _require_time(window.closes_s, f"{path}.closes_s")
        _require(
            window.opens_s <= window.closes_s,
            f"{path}.closes_s",
            "upside_down",
            opens_s=window.opens_s,
            closes_s=window.closes_s,
        )
    _require_not_negative(stop.service_s, f"{field}.service_s")
    _require_time(stop.service_s, f"{field}.service_s")
    _require_time(stop.release_s, f"{field}.release_s")
    _require_time(stop.due_s, f"{field}.due_s")
    _require_not_negative(stop.price_cents, f"{field}.price_cents")
    if stop.hub is not None:
        _require_hub(problem, stop.hub, f"{field}.hub")
    for name in sorted((stop.vehicles or frozenset()) | stop.excluded_vehicles):
        known = name in problem.vehicle_by_id
        _require(known, f"{field}.vehicles", "unknown_vehicle", value=name)


def _validate_transfers(problem: Problem) -> None:
    seen: set[str] = set()
    for position, transfer in enumerate(problem.transfers):
        field = f"transfers[{position}]"
        for name in ("collect", "deliver"):
            stop_id = getattr(transfer, name)
            _require(
                stop_id in problem.stop_by_id, f"{field}.{name}", "unknown_stop", value=stop_id
            )
            _require(stop_id not in seen, f"{field}.{name}", "used_twice", value=stop_id)
            seen.add(stop_id)
            windows = problem.stop_by_id[stop_id].windows
            _require(len(windows) <= 1, f"{field}.{name}", "several_windows", value=stop_id)
        collect = problem.stop_by_id[transfer.collect]
        deliver = problem.stop_by_id[transfer.deliver]
        _require(collect.collects == deliver.delivers, field, "goods_differ")
        _require(not collect.delivers and not deliver.collects, field, "other_goods_too")
        _require(collect.required == deliver.required, field, "required_differs")
