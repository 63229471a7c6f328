"""Distances without a road server: great circles, stretched, driven faster the farther it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop.logistics.domain.planning.problem import Place, Travel

EARTH_RADIUS_KM = 6371.0
ESTIMATE = "great_circle"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How straight lines become roads.

    ``speeds_kmh`` holds pairs (km up to which it holds, speed), nearest first; ``None`` as the
    distance of the last one means any.
    """

    detour: float = 1.35
    speeds_kmh: tuple[tuple[float | None, float], ...] = ((4.0, 28.0), (15.0, 45.0), (None, 65.0))


DEFAULT_ESTIMATE = Estimate()


def great_circle_km(places: Sequence[Place]) -> NDArray[np.float64]:
    """Straight-line kilometers between all places."""
    lon = np.radians(np.array([place.lon for place in places], dtype=np.float64))
    lat = np.radians(np.array([place.lat for place in places], dtype=np.float64))
    half_chord = (
        np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
        + np.cos(lat[:, None])
        * np.cos(lat[None, :])
        * np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    )
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, half_chord))))


def estimate_travel(places: Sequence[Place], estimate: Estimate = DEFAULT_ESTIMATE) -> Travel:
    """Meters and seconds between all places, both rounded half up, marked as estimated."""
    km = great_circle_km(places) * estimate.detour
    speed = np.full_like(km, estimate.speeds_kmh[-1][1])
    for limit_km, speed_kmh in reversed(estimate.speeds_kmh):
        if limit_km is not None:
            speed[km < limit_km] = speed_kmh
    return Travel(
        distance_m=np.floor(km * 1000 + 0.5).astype(np.int64),
        duration_s=np.floor(km / speed * 3600 + 0.5).astype(np.int64),
        source=ESTIMATE,
        estimated=True,
    )
