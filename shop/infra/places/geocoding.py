"""From an address to a point: what a geocoder answers, and what to make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shop.infra.places.communes import Commune, municipality_code

SURE_SCORE = 0.7
WORTH_ASKING_SCORE = 0.4
"""At or above the first an address is taken, between the two the person chooses."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One answer of a geocoder. Degrees; the score is between 0 and 1."""

    lon: float
    lat: float
    label: str
    score: float
    kind: str
    """« housenumber », « street », « locality » or « municipality »."""
    commune_insee: str
    postcode: str = ""


class Geocoder(Protocol):
    """Whoever knows where addresses are."""

    @property
    def knows_streets(self) -> bool:
        """False: it knows communes only, and nobody need be asked to choose."""

    def search(self, address: str, commune: Commune) -> tuple[Spot, ...]:
        """Places that ``address`` may mean, the best first; those elsewhere are among them.

        Raises:
            GatewayUnavailable: nobody answers.
            GatewayRefused: the answer cannot be read.
        """

    def reverse(self, lon: float, lat: float) -> Spot | None:
        """The address nearest to a point; None when there is none.

        Raises:
            GatewayUnavailable: nobody answers.
            GatewayRefused: the answer cannot be read.
        """


class PinBy(StrEnum):
    """Who said where a door is."""

    COMMUNE = "commune"
    """Nobody: it is the middle of the commune."""
    ADDRESS = "address"
    """A geocoder, from the address."""
    PERSON = "person"
    """The customer, on the map or among proposals."""
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Located:
    """Where an address is taken to be, and what else it may mean."""

    lon: float
    lat: float
    by: PinBy
    proposals: tuple[Spot, ...]
    """In the commune and worth asking about, the best first; empty when the address is sure."""

    @property
    def is_sure(self) -> bool:
        """Whether nobody need be asked."""
        return self.by is PinBy.ADDRESS


def judge(spots: Sequence[Spot], commune: Commune) -> Located:
    """What to make of a geocoder's answers for an address in ``commune``.

    An answer outside the commune, a bare commune and a low score count for nothing: then the
    point is the commune's own, and the person is asked to move the pin.
    """
    asked = municipality_code(commune.insee)
    inside = [
        spot
        for spot in spots
        if municipality_code(spot.commune_insee) == asked
        and spot.kind != "municipality"
        and spot.score >= WORTH_ASKING_SCORE
    ]
    inside.sort(key=lambda spot: -spot.score)
    if inside and inside[0].score >= SURE_SCORE:
        return Located(inside[0].lon, inside[0].lat, PinBy.ADDRESS, ())
    return Located(commune.lon, commune.lat, PinBy.COMMUNE, tuple(inside))
