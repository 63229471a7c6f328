"""Distances and times between places as road servers tell them: rounding, asking in blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.planning.problem import Travel

Point = tuple[float, float]
"""(lon, lat) in degrees."""

NO_ROAD = -1
"""The server was asked and knows no road."""
NOT_ASKED = -2
"""Nobody was asked yet, or the server failed."""

_STEPS_PER_DEGREE = 100_000
_ROW = 36_000_001

FARTHEST_SNAP_M = 2_000
"""A place farther than that from any road is not on the server's map."""


@dataclass(frozen=True, slots=True, eq=False)
class RoadTable:
    """Meters and seconds from each row to each column; negative where nothing is known."""

    distance_m: NDArray[np.int64]
    duration_s: NDArray[np.int64]

    @classmethod
    def empty(cls, rows: int, columns: int) -> RoadTable:
        """Nothing asked yet."""
        shape = (rows, columns)
        return cls(np.full(shape, NOT_ASKED, np.int64), np.full(shape, NOT_ASKED, np.int64))

    @property
    def unknown(self) -> NDArray[np.bool_]:
        """Where nobody was asked yet."""
        return np.equal(self.distance_m, NOT_ASKED)

    def put(self, rows: Sequence[int], columns: Sequence[int], part: RoadTable) -> None:
        """Write ``part`` at these rows and columns."""
        at = np.ix_(rows, columns)
        self.distance_m[at] = part.distance_m
        self.duration_s[at] = part.duration_s


@dataclass(frozen=True, slots=True)
class RoadsUsed:
    """Where the distances of a plan come from."""

    source: str
    """Name of the road server, or of the estimate."""
    data_date: str
    """Of which day its map is; empty when nobody says."""
    pairs: int
    estimated: int
    """Pairs of different places that the estimate filled."""

    @property
    def is_estimated(self) -> bool:
        """Whether no pair comes from roads."""
        return self.estimated >= self.pairs

    def plain(self) -> dict[str, str | int]:
        """Plain values, to be kept beside a plan."""
        return {
            "source": self.source,
            "data_date": self.data_date,
            "pairs": self.pairs,
            "estimated": self.estimated,
        }


def rounded(point: Point) -> Point:
    """The point to five decimals, about a meter: what the cache knows it by."""
    return round(point[0], 5), round(point[1], 5)


def key_of(point: Point) -> int:
    """One whole number for a rounded point."""
    lon, lat = rounded(point)
    return round((lat + 90) * _STEPS_PER_DEGREE) * _ROW + round((lon + 180) * _STEPS_PER_DEGREE)


def distinct(points: Sequence[Point]) -> tuple[list[Point], list[int]]:
    """Each rounded point once, and for every point the place of its own among them."""
    order: dict[Point, int] = {}
    places = [order.setdefault(rounded(point), len(order)) for point in points]
    return list(order), places


def blocks_to_ask(
    unknown: NDArray[np.bool_], largest: int
) -> Iterator[tuple[list[int], list[int]]]:
    """Rows and columns of questions of at most ``largest`` on a side that cover ``unknown``.

    ``unknown`` is square; its diagonal, a place to itself, may be asked for or not. Rows that
    lack the same columns are asked together: one new place among known ones costs two thin
    questions, not the whole square.
    """
    patterns: list[tuple[int, bytes, bytes]] = []
    for row in map(int, np.flatnonzero(_off_diagonal(unknown).any(axis=1))):
        lacking = unknown[row].copy()
        lacking[row] = False
        thin = lacking.tobytes()
        lacking[row] = True
        patterns.append((row, thin, lacking.tobytes()))
    alike = Counter(key for _, thin, wide in patterns for key in (thin, wide))
    groups: dict[bytes, list[int]] = {}
    for row, thin, wide in patterns:
        groups.setdefault(wide if alike[wide] > alike[thin] else thin, []).append(row)
    for key, rows in groups.items():
        columns = [int(each) for each in np.flatnonzero(np.frombuffer(key, dtype=np.bool_))]
        for top in range(0, len(rows), largest):
            for left in range(0, len(columns), largest):
                yield rows[top : top + largest], columns[left : left + largest]


def _off_diagonal(unknown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return unknown & ~np.eye(len(unknown), dtype=np.bool_)


def filled(table: RoadTable, estimate: Travel, source: str, data_date: str) -> Filled:
    """The matrix to plan by: roads where they are known, the estimate in every other cell."""
    holes = table.distance_m < 0
    np.fill_diagonal(holes, val=False)
    distance = np.where(holes, estimate.distance_m, table.distance_m)
    duration = np.where(holes, estimate.duration_s, table.duration_s)
    np.fill_diagonal(distance, 0)
    np.fill_diagonal(duration, 0)
    count = len(holes)
    used = RoadsUsed(source, data_date, count * (count - 1), int(holes.sum()))
    if used.is_estimated:
        return Filled(estimate, replace(used, source=estimate.source, data_date=""))
    return Filled(Travel(distance, duration, source, estimated=used.estimated > 0), used)


@dataclass(frozen=True, slots=True)
class Filled:
    """A matrix without holes, and where it comes from."""

    travel: Travel
    used: RoadsUsed
