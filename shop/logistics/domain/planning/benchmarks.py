"""Reads benchmark files of the literature as planning problems.

Solomon and Gehring-Homberger (time windows), Li and Lim (collect and deliver, fewest vehicles
first), and VRPLIB files of Uchoa and others (capacity only). Lengths have no unit there: each
becomes so many meters and seconds, its scale, and a meter costs a cent, so that
``plan.distance_m / SCALES[convention]`` is the length under the usual convention.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.goods import NOTHING, Amount, Capacity, Goods, Layout
from shop.logistics.domain.planning.problem import (
    Hub,
    Place,
    Problem,
    Stop,
    Transfer,
    Travel,
    Vehicle,
    Window,
)

CENTS_PER_KM = 1_000
"""One cent per meter: the price of a plan is its distance."""
FEWEST_VEHICLES_CENTS = 1_000_000
"""What a vehicle costs where fewer vehicles count before shorter ways."""

SPARE_VEHICLES = 10
"""Where a file says nothing of the fleet, it is twice what the goods need, and so many more."""


class Convention(StrEnum):
    """How lengths between points are rounded."""

    TENTHS_CUT = "tenths_cut"
    """One decimal, the rest cut off: Solomon, Gehring and Homberger."""
    WHOLE = "whole"
    """Rounded to the nearest whole number, and time does not count: VRPLIB."""
    HUNDREDTHS = "hundredths"
    """Two decimals, rounded: Li and Lim, who compute in double precision."""


SCALES = {Convention.TENTHS_CUT: 10, Convention.WHOLE: 1, Convention.HUNDREDTHS: 100}
"""Scaled units per unit of length."""


def read_benchmark(text: str) -> tuple[Problem, Convention]:
    """The problem in a benchmark file, whichever of the three formats it has.

    Raises:
        InvalidProblem: when the text is in none of them.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    try:
        if any(line[0].startswith("NODE_COORD_SECTION") for line in lines):
            return _read_vrplib(lines), Convention.WHOLE
        if len(lines[0]) == 3 and all(each.lstrip("-").isdigit() for each in lines[0]):
            return _read_li_lim(lines), Convention.HUNDREDTHS
        return _read_solomon(lines), Convention.TENTHS_CUT
    except (IndexError, ValueError, StopIteration) as error:
        raise InvalidProblem(field="file", reason="unknown_benchmark_format") from error


def _lengths(points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    at = np.array(points, dtype=np.float64)
    return np.asarray(np.sqrt(((at[:, None, :] - at[None, :, :]) ** 2).sum(axis=2)))


def _travel(points: Sequence[tuple[float, float]], convention: Convention) -> Travel:
    scaled = _lengths(points) * SCALES[convention]
    if convention is Convention.TENTHS_CUT:
        # A distance such as 3 × 0.1 may fall just below its decimal.
        whole = np.floor(scaled + 1e-9)
    else:
        whole = np.floor(scaled + 0.5)
    meters = whole.astype(np.int64)
    timeless = convention is Convention.WHOLE
    return Travel(
        meters, np.zeros_like(meters) if timeless else meters.copy(), source=convention.value
    )


def _problem(
    name: str,
    points: Sequence[tuple[float, float]],
    convention: Convention,
    fleet: tuple[int, int],
    hub: Window,
    stops: Sequence[Stop],
    transfers: Sequence[Transfer] = (),
) -> Problem:
    """Put together what all three formats have; ``fleet`` is number of vehicles and capacity."""
    count, capacity = fleet
    room = Layout(ambient=Capacity(capacity, None))
    vehicle = Vehicle(
        id="vehicle",
        start_hub="hub",
        end_hub="hub",
        layouts=(room,),
        count=count,
        earliest_start_s=hub.opens_s,
        latest_start_s=hub.closes_s,
        shift_s=hub.closes_s - hub.opens_s,
        fixed_cents=FEWEST_VEHICLES_CENTS if transfers else 0,
        cents_per_km=CENTS_PER_KM,
    )
    longest = max(1.0, max(max(abs(x), abs(y)) for x, y in points)) / 80
    return Problem(
        places=tuple(
            Place(str(row), x / longest, y / longest) for row, (x, y) in enumerate(points)
        ),
        hubs=(Hub("hub", 0, hub.opens_s, hub.closes_s),),
        vehicles=(vehicle,),
        stops=tuple(stops),
        travel=_travel(points, convention),
        transfers=tuple(transfers),
        name=name,
    )


def _goods(amount: int) -> Goods:
    return Goods(ambient=Amount(weight_g=amount))


def _read_solomon(lines: Sequence[Sequence[str]]) -> Problem:
    scale = SCALES[Convention.TENTHS_CUT]
    at = next(row for row, line in enumerate(lines) if line[0] == "NUMBER")
    fleet = int(lines[at + 1][0]), int(lines[at + 1][1])
    rows = [line for line in lines[at + 2 :] if len(line) == 7 and line[0].isdigit()]
    numbers = [[round(float(each)) for each in line] for line in rows]
    points = [(float(line[1]), float(line[2])) for line in rows]
    stops = [
        Stop(
            id=str(each[0]),
            place=row,
            delivers=_goods(each[3]),
            windows=(Window(each[4] * scale, each[5] * scale),),
            service_s=each[6] * scale,
        )
        for row, each in enumerate(numbers)
        if row
    ]
    hub = Window(numbers[0][4] * scale, numbers[0][5] * scale)
    return _problem(lines[0][0], points, Convention.TENTHS_CUT, fleet, hub, stops)


def _read_li_lim(lines: Sequence[Sequence[str]]) -> Problem:
    scale = SCALES[Convention.HUNDREDTHS]
    fleet = int(lines[0][0]), int(lines[0][1])
    numbers = [[int(each) for each in line] for line in lines[1:]]
    points = [(float(each[1]), float(each[2])) for each in numbers]
    stops, transfers = [], []
    for row, each in enumerate(numbers):
        if row == 0:
            continue
        goods = _goods(abs(each[3]))
        collects = each[3] > 0
        stops.append(
            Stop(
                id=str(each[0]),
                place=row,
                collects=goods if collects else NOTHING,
                delivers=NOTHING if collects else goods,
                windows=(Window(each[4] * scale, each[5] * scale),),
                service_s=each[6] * scale,
            )
        )
        if collects:
            transfers.append(Transfer(str(each[0]), str(each[8])))
    hub = Window(numbers[0][4] * scale, numbers[0][5] * scale)
    return _problem("", points, Convention.HUNDREDTHS, fleet, hub, stops, transfers)


def _read_vrplib(lines: Sequence[Sequence[str]]) -> Problem:
    header = {line[0].rstrip(":"): line[-1] for line in lines if ":" in " ".join(line)}
    points = [(float(x), float(y)) for _, x, y in _section(lines, "NODE_COORD_SECTION")]
    demands = [int(line[1]) for line in _section(lines, "DEMAND_SECTION")]
    if len(points) != len(demands) or demands[0] != 0:
        raise ValueError("the first point must be the depot")
    stops = [
        Stop(id=str(row), place=row, delivers=_goods(demand))
        for row, demand in enumerate(demands)
        if row
    ]
    capacity = int(header["CAPACITY"])
    count = min(len(stops), 2 * -(-sum(demands) // capacity) + SPARE_VEHICLES)
    fleet = count, capacity
    name = header.get("NAME", "")
    return _problem(name, points, Convention.WHOLE, fleet, Window(0, 0), stops)


def _section(lines: Sequence[Sequence[str]], name: str) -> list[Sequence[str]]:
    start = next(row for row, line in enumerate(lines) if line[0] == name) + 1
    found = []
    for line in lines[start:]:
        if not line[0].lstrip("-").isdigit():
            break
        found.append(line)
    return found
