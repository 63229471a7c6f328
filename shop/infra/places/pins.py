"""A pin that somebody set: read from a form, refused when it is far from the commune."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from shop.infra.places.communes import Commune
from shop.kernel.errors import InvalidInput

FARTHEST_M = 30_000
"""No French commune reaches farther from its point than Arles does."""

_METERS_PER_DEGREE = 111_195


class PinRefused(InvalidInput):
    """The pin cannot be meant."""

    code: ClassVar[str] = "pin_refused"


class PinMissing(PinRefused):
    """Neither a proposal was chosen nor a point given."""

    code: ClassVar[str] = "pin_missing"


class PinTooFar(PinRefused):
    """The point is not in the commune; facts: ``meters``."""

    code: ClassVar[str] = "pin_too_far"


def read_pin(form: Mapping[str, str], commune: Commune) -> tuple[float, float]:
    """(lon, lat) of the proposal that was chosen (``spot``), else of the fields.

    Raises:
        PinMissing: there is none, or no number.
        PinTooFar: it is elsewhere.
    """
    said = form.get("spot", "").split(",")
    if len(said) != 2:
        said = [form.get("lon", ""), form.get("lat", "")]
    try:
        lon, lat = (float(part.strip().replace(",", ".")) for part in said)
    except ValueError:
        raise PinMissing(field="lat") from None
    meters = meters_between((lon, lat), (commune.lon, commune.lat))
    if not meters <= FARTHEST_M:
        raise PinTooFar(field="lat", meters=meters if math.isfinite(meters) else None)
    return round(lon, 6), round(lat, 6)


def meters_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two points (lon, lat) that are not far apart."""
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(east, one[1] - other[1]) * _METERS_PER_DEGREE
