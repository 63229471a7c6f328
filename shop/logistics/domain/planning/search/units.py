"""A problem in the figures of the search: money per meter and second, what can run out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.planning.goods import Measure, TemperatureClass
from shop.logistics.domain.planning.problem import UNREACHABLE, Problem, Travel, Vehicle
from shop.logistics.domain.planning.timing import UNREACHABLE_FACTOR

MILLICENTS = 1_000
NO_LIMIT_S = 10**8


def per_second(cents_per_hour: int) -> int:
    """Thousandths of a cent per second, rounded half up."""
    return (2 * cents_per_hour * MILLICENTS + 3600) // 7200


def prices_of(vehicle: Vehicle) -> tuple[int, int, int, int]:
    """Thousandths of a cent: once, per meter, per second, more per second of overtime."""
    overtime = vehicle.overtime_cents_per_hour - vehicle.cents_per_hour
    return (
        vehicle.fixed_cents * MILLICENTS,
        vehicle.cents_per_km,
        per_second(vehicle.cents_per_hour),
        max(0, per_second(overtime)),
    )


def time_offset(problem: Problem) -> int:
    """Seconds added to every time so that none is negative."""
    times = [0, *(hub.opens_s for hub in problem.hubs)]
    times += [vehicle.earliest_start_s for vehicle in problem.vehicles]
    times += [window.opens_s for stop in problem.stops for window in stop.windows]
    return -min(times)


def last_time(problem: Problem) -> int:
    """When the last hub closes: nothing can be served later."""
    return max(hub.closes_s for hub in problem.hubs)


def dimensions_of(problem: Problem) -> list[tuple[TemperatureClass | None, Measure]]:
    """What can run out: measures that some stop uses and some vehicle limits."""
    layouts = [layout for vehicle in problem.vehicles for layout in vehicle.layouts]
    found: list[tuple[TemperatureClass | None, Measure]] = [
        (temperature, measure)
        for temperature in TemperatureClass
        for measure in Measure
        if (temperature, measure) in problem.measures_used
        and any(layout.of(temperature).of(measure) is not None for layout in layouts)
    ]
    if any(layout.payload_g is not None for layout in layouts):
        found.append((None, Measure.WEIGHT))
    return found


def without_holes(matrix: NDArray[np.int64], travel: Travel) -> Any:
    """A leg nobody can drive costs ten times the longest real one."""
    holes = (travel.distance_m == UNREACHABLE) | (travel.duration_s == UNREACHABLE)
    if not holes.any():
        return np.ascontiguousarray(matrix)
    return np.where(holes, UNREACHABLE_FACTOR * max(1, int(matrix.max())), matrix)
