"""A geocoder without the network: every address is in the middle of its commune."""

from __future__ import annotations

from shop.infra.places import communes
from shop.infra.places.communes import Commune
from shop.infra.places.geocoding import Spot

NEAR_DEGREES = 0.25


class CommuneGeocoder:
    """Knows the communes of the package, and no street."""

    knows_streets = False

    def search(self, address: str, commune: Commune) -> tuple[Spot, ...]:
        """The commune itself."""
        return (_spot(commune),)

    def reverse(self, lon: float, lat: float) -> Spot | None:
        """The commune whose point is nearest."""
        around = communes.within(
            lon - NEAR_DEGREES, lat - NEAR_DEGREES, lon + NEAR_DEGREES, lat + NEAR_DEGREES
        )
        if not around:
            return None
        return _spot(min(around, key=lambda each: (each.lon - lon) ** 2 + (each.lat - lat) ** 2))


def _spot(commune: Commune) -> Spot:
    return Spot(
        commune.lon,
        commune.lat,
        commune.name,
        0.0,
        "municipality",
        commune.insee,
        commune.postcodes[0],
    )
