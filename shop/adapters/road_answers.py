"""Numbers of a road server as whole meters and seconds; what cannot be a number is no road."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shop.kernel.errors import GatewayRefused
from shop.logistics.domain.roads import NO_ROAD, RoadTable


def table_of(
    meters: object, seconds: object, rows: int, columns: int, *, scale: float = 1.0
) -> RoadTable:
    """A block as rows of numbers; ``scale`` turns distances into meters.

    Raises:
        GatewayRefused: it has not the shape that was asked for.
    """
    distance, duration = _whole(meters, rows, columns, scale), _whole(seconds, rows, columns, 1.0)
    holes = (distance < 0) | (duration < 0)
    distance[holes] = duration[holes] = NO_ROAD
    return RoadTable(distance, duration)


def without(table: RoadTable, rows: Sequence[int], columns: Sequence[int]) -> RoadTable:
    """The same, with no road from these rows nor to these columns."""
    for values in (table.distance_m, table.duration_s):
        values[list(rows), :] = NO_ROAD
        values[:, list(columns)] = NO_ROAD
    return table


def _whole(said: object, rows: int, columns: int, scale: float) -> NDArray[np.int64]:
    try:
        numbers = np.array(said, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise GatewayRefused(why="not_numbers") from error
    if numbers.shape != (rows, columns):
        raise GatewayRefused(why="wrong_shape", shape=numbers.shape)
    usable = np.isfinite(numbers) & (numbers >= 0)
    whole = np.floor(np.where(usable, numbers, 0.0) * scale + 0.5).astype(np.int64)
    whole[~usable] = NO_ROAD
    return whole
