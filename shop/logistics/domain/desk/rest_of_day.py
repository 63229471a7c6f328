"""The problem of what is not yet driven: served stops are over, trucks start where they stand.

A truck that left cannot be given goods that wait at the hub without going there, and what it
carries can only be handed over by it; when it is lost, another one takes its goods over at the
place where it stands. Breaks of drivers on the road are their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from shop.logistics.domain.desk.board import RELOAD, Board, Row
from shop.logistics.domain.planning.goods import Goods
from shop.logistics.domain.planning.problem import (
    AboardLimits,
    Hub,
    Problem,
    Stop,
    StopKind,
    Transfer,
    Vehicle,
    Window,
)

HERE = "now:"
"""Begins the name of the place where a truck stands, as a hub."""

TAKEN_OVER = "from:"
"""Begins the name of a stop where goods are taken out of a truck that is lost."""

TAKE_OVER_S = 60
LATE_START_S = 3600
"""A truck that should have left already may still leave within an hour."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a vehicle is; seconds from midnight of the day of delivery."""

    vehicle: str
    place: int
    free_s: int
    """From when on it can drive."""
    began_s: int
    """When the driver's day began."""
    left: bool = True
    """Whether it is on the road; else it is at its hub, and ``free_s`` is when it may leave."""
    loaded_s: int = 0
    """When what is aboard was loaded."""
    driven_m: int = 0
    late_s: int = 0
    """So much later than its events say, says the driver."""


def shortened(board: Board, ended: Collection[str], standings: Mapping[str, Standing]) -> Board:
    """The board without what is over, reloads before a served stop included."""
    rows = []
    for row in board.rows:
        steps = row.steps
        last = max((at for at, step in enumerate(steps) if step in ended), default=-1)
        kept = tuple(
            step
            for at, step in enumerate(steps)
            if step not in ended and not (step.startswith(RELOAD) and at < last)
        )
        standing = standings.get(row.vehicle)
        if standing is not None and standing.left and kept and kept[0].startswith(RELOAD):
            rows.append(Row(row.vehicle, kept, row.layout))
        elif any(not step.startswith(RELOAD) for step in kept):
            rows.append(Row(row.vehicle, _trimmed(kept), row.layout))
    locks = {key: replace(each, rank=None) for key, each in board.locks.items() if key not in ended}
    return replace(board, rows=tuple(rows), locks=locks)


def _trimmed(steps: tuple[str, ...]) -> tuple[str, ...]:
    while steps and steps[0].startswith(RELOAD):
        steps = steps[1:]
    return steps


def rest_of_day(
    problem: Problem,
    standings: Mapping[str, Standing],
    carried: Mapping[str, str],
    *,
    ended: Collection[str],
    lost: Collection[str],
    now_s: int,
) -> Problem:
    """What is left to plan; ``carried`` names the truck that has the goods of a stop aboard."""
    hubs = [*problem.hubs]
    vehicles = []
    for vehicle in problem.vehicles:
        standing = standings.get(vehicle.id)
        if vehicle.id in lost:
            continue
        if standing is None or not standing.left:
            vehicles.append(_waiting(vehicle, standing, now_s))
            continue
        hubs.append(Hub(HERE + vehicle.id, standing.place, standing.free_s, standing.free_s, 0, ""))
        vehicles.append(_underway(vehicle, standing))
    stops: list[Stop] = []
    transfers = [*problem.transfers]
    for stop in problem.stops:
        if stop.id in ended:
            continue
        if stop.collects and stop.kind is StopKind.FARM:
            stop = replace(stop, hub=None)
        holder = carried.get(stop.id)
        if holder is None or not stop.delivers:
            stops.append(stop)
            continue
        standing = standings[holder]
        stop = _hurried(stop, standing.loaded_s, problem.aboard)
        if holder not in lost:
            stops.append(replace(stop, vehicles=frozenset({holder}), hub=None, release_s=None))
            continue
        stops += _taken_over(stop, standing)
        transfers.append(Transfer(TAKEN_OVER + stop.id, stop.id))
    return replace(
        problem,
        hubs=tuple(hubs),
        vehicles=tuple(vehicles),
        stops=tuple(stops),
        transfers=tuple(transfers),
    )


def _waiting(vehicle: Vehicle, standing: Standing | None, now_s: int) -> Vehicle:
    """A vehicle at its hub leaves from now on; one that has driven today has less of its day."""
    if vehicle.latest_start_s < now_s - LATE_START_S * 6:
        # A day of collection that is over.
        return vehicle
    earliest = max(vehicle.earliest_start_s, now_s, standing.free_s if standing else 0)
    worked = 0 if standing is None else max(0, standing.free_s - standing.began_s)
    return replace(
        vehicle,
        earliest_start_s=earliest,
        latest_start_s=max(vehicle.latest_start_s, earliest + LATE_START_S),
        shift_s=max(0, vehicle.shift_s - worked),
    )


def _underway(vehicle: Vehicle, standing: Standing) -> Vehicle:
    worked = max(0, standing.free_s - standing.began_s)
    over = max(0, worked - vehicle.shift_s)
    return replace(
        vehicle,
        start_hub=HERE + vehicle.id,
        earliest_start_s=standing.free_s,
        latest_start_s=standing.free_s,
        shift_s=max(0, vehicle.shift_s - worked),
        max_overtime_s=max(0, vehicle.max_overtime_s - over),
        fixed_cents=0,
        break_rule=None,
    )


def _hurried(stop: Stop, loaded_s: int, limits: AboardLimits) -> Stop:
    """What was loaded long ago must be handed over the sooner: its windows end with its cold."""
    allowed = [limit for each in stop.delivers.classes() if (limit := limits.of(each)) is not None]
    if not allowed:
        return stop
    last = loaded_s + min(allowed) - stop.service_s
    windows = stop.windows or (Window(loaded_s, last),)
    return replace(
        stop,
        windows=tuple(
            Window(min(window.opens_s, last), min(window.closes_s, last)) for window in windows
        ),
    )


def _taken_over(stop: Stop, standing: Standing) -> Iterable[Stop]:
    """The goods are taken where the lost truck stands and handed over where they should be."""
    yield replace(
        stop,
        id=TAKEN_OVER + stop.id,
        place=standing.place,
        kind=StopKind.OTHER,
        collects=stop.delivers,
        delivers=Goods(),
        windows=(),
        service_s=TAKE_OVER_S,
        release_s=None,
        due_s=None,
        hub=None,
        vehicles=None,
    )
    yield replace(stop, hub=None, release_s=None, vehicles=None)
