"""A first plan where there is no time for one search of everything: sectors, each on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.search.split import angle_of

SECTOR_STOPS = 200
"""About how many stops a sector has."""
CLIENTS_PER_SECOND = 150
"""How many clients of the model a second is enough for, if all are searched at once."""


@dataclass(frozen=True, slots=True)
class Sector:
    """Stops that lie in one direction, and the vehicles that go there."""

    stops: tuple[Stop, ...]
    counts: dict[tuple[str, int], int]
    """How many of a vehicle, by its layouts."""


def is_hasty(clients: int, seconds: float | None) -> bool:
    """Whether a search of everything would hardly find its first plan in time."""
    return seconds is not None and clients > max(3 * SECTOR_STOPS, CLIENTS_PER_SECOND * seconds)


def sectors(problem: Problem, stops: Sequence[Stop]) -> list[Sector]:
    """Cut stops into sectors round the first hub; vehicles are dealt out like cards."""
    parts = max(1, round(len(stops) / SECTOR_STOPS))
    members: list[list[Stop]] = [[] for _ in range(parts)]
    seen = 0
    for bundle in sorted(
        _bundles(problem, stops), key=lambda each: angle_of(problem, [stop.place for stop in each])
    ):
        members[min(parts - 1, seen * parts // len(stops))] += bundle
        seen += len(bundle)
    trucks = [vehicle.id for vehicle in problem.vehicles for _ in range(vehicle.count)]
    found = []
    for part, inside in enumerate(members):
        dealt = Counter(trucks[part::parts])
        counts = {
            (vehicle.id, layout): dealt[vehicle.id]
            for vehicle in problem.vehicles
            for layout in range(len(vehicle.layouts))
        }
        found.append(Sector(tuple(inside), counts))
    return [each for each in found if each.stops and any(each.counts.values())]


def _bundles(problem: Problem, stops: Sequence[Stop]) -> list[list[Stop]]:
    """Stops that must stay together: the ends of a transfer, and those with one word."""
    bundles: dict[str, list[Stop]] = {}
    for stop in stops:
        transfer = problem.transfer_of.get(stop.id)
        key = f"stop {stop.id if transfer is None else transfer.collect}"
        if stop.kept_with is not None:
            key = f"word {stop.kept_with}"
        bundles.setdefault(key, []).append(stop)
    return list(bundles.values())
