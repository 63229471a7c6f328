"""A result that another planner published for the same orders, measured beside ours.

Its format is that of VROOM: routes of steps with a location, and meters and seconds so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from shop.logistics.domain.planning.errors import InvalidPlan
from shop.logistics.domain.planning.problem import Place, Problem, Travel

NEAR = 5
"""Decimals of a degree by which two points are the same: about a meter."""


@dataclass(frozen=True, slots=True)
class Leg:
    """From one place to the next, as the published result measured it by road."""

    start: tuple[float, float]
    end: tuple[float, float]
    distance_m: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Published:
    """What the other planner found."""

    routes: int
    unserved: int
    distance_m: int
    driving_s: int
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is compared. ``driving_s`` is time at the wheel, without stops."""

    routes: int
    unserved: int
    distance_m: int
    driving_s: int


def read_published(document: object) -> Published:
    """The figures and legs of a published result.

    Raises:
        InvalidPlan: it is not of that format.
    """
    try:
        routes: Sequence[Mapping[str, Any]] = document["routes"]  # type: ignore[index]
        unassigned = document["unassigned"]  # type: ignore[index]
        return Published(
            routes=len(routes),
            unserved=len(unassigned),
            distance_m=sum(int(each["distance"]) for each in routes),
            driving_s=sum(int(each["duration"]) for each in routes),
            legs=tuple(leg for each in routes for leg in _legs(each["steps"])),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidPlan(field="routes", reason="not_a_result", value=repr(error)[:80]) from error


def _legs(steps: Sequence[Mapping[str, Any]]) -> Iterator[Leg]:
    for one, two in pairwise(steps):
        (start, end) = (_spot(*one["location"]), _spot(*two["location"]))
        if start != end:
            yield Leg(
                start,
                end,
                int(two["distance"]) - int(one["distance"]),
                int(two["duration"]) - int(one["duration"]),
            )


def figures_of(published: Published) -> Figures:
    """As it was published."""
    return Figures(published.routes, published.unserved, published.distance_m, published.driving_s)


def measured(published: Published, problem: Problem) -> Figures:
    """The published routes, driven by the matrix of ``problem``.

    Raises:
        InvalidPlan: they pass where the problem has no place.
    """
    rows = _rows(problem.places)
    hops = [(_row(rows, leg.start)[0], _row(rows, leg.end)[0]) for leg in published.legs]
    return Figures(
        published.routes,
        published.unserved,
        sum(int(problem.travel.distance_m[hop]) for hop in hops),
        sum(int(problem.travel.duration_s[hop]) for hop in hops),
    )


def known_roads(published: Published, problem: Problem) -> Travel:
    """The roads that the result tells, and for all others an estimate that flatters nobody.

    Where the result says nothing, straight lines are stretched by the worst ratio of road to
    estimate among the legs it tells: whoever leaves its roads pays for the doubt.

    Raises:
        InvalidPlan: it passes where the problem has no place.
    """
    rows, travel = _rows(problem.places), problem.travel
    told: dict[tuple[int, int], Leg] = {
        (start, end): leg
        for leg in published.legs
        for start in _row(rows, leg.start)
        for end in _row(rows, leg.end)
    }
    distance, duration = travel.distance_m.copy(), travel.duration_s.copy()
    for matrix, name in ((distance, "distance_m"), (duration, "duration_s")):
        ratios = [(getattr(leg, name), int(matrix[at])) for at, leg in told.items() if matrix[at]]
        over, under = max(ratios, key=lambda pair: pair[0] / pair[1], default=(1, 1))
        matrix[:] = -(-matrix * over // under)
        for at, leg in told.items():
            matrix[at] = getattr(leg, name)
        np.fill_diagonal(matrix, 0)
    return Travel(distance, duration, source="published", estimated=True)


def _spot(lon: float, lat: float) -> tuple[float, float]:
    return round(float(lon), NEAR), round(float(lat), NEAR)


def _rows(places: Sequence[Place]) -> dict[tuple[float, float], list[int]]:
    rows: dict[tuple[float, float], list[int]] = {}
    for at, place in enumerate(places):
        rows.setdefault(_spot(place.lon, place.lat), []).append(at)
    return rows


def _row(rows: Mapping[tuple[float, float], list[int]], spot: tuple[float, float]) -> list[int]:
    try:
        return rows[spot]
    except KeyError:
        raise InvalidPlan(field="routes", reason="unknown_place", value=repr(spot)) from None
