"""A geocoder over the wire: it answers as the national service does, and knows a few streets."""

from __future__ import annotations

from typing import Any

from shop.kernel.folding import fold
from tests.factories.road_servers import Answer, RoadServer

STREETS = [
    ("12 Rue de la République 83170 Brignoles", 6.0612, 43.4058, "83023", "housenumber", 0.97),
    ("Rue du Four 83170 Brignoles", 6.0631, 43.4049, "83023", "street", 0.58),
    ("Rue du Four 83170 La Celle", 6.0391, 43.3941, "83037", "street", 0.61),
    ("12 Rue de la République 13001 Marseille", 5.3747, 43.2985, "13201", "housenumber", 0.83),
]


class GeocoderServer(RoadServer):
    """``/search`` and ``/reverse``: streets whose words are all asked for."""

    def answer(self, path: str, query: dict[str, str], body: Any) -> Answer:
        """What it says to a question."""
        if path == "/reverse":
            lon, lat = float(query["lon"]), float(query["lat"])
            nearest = min(STREETS, key=lambda each: (each[1] - lon) ** 2 + (each[2] - lat) ** 2)
            return 200, _collection([nearest])
        words = set(fold(query["q"]).split())
        found = [each for each in STREETS if set(fold(each[0].split(" 8")[0]).split()) <= words]
        town = ("Brignoles", 6.0616, 43.4057, "83023", "municipality", 0.41)
        return 200, _collection([*found, town][: int(query["limit"])])


def _collection(found: list[tuple[str, float, float, str, str, float]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
                "properties": {
                    "label": label,
                    "score": score,
                    "type": kind,
                    "citycode": insee,
                    "postcode": "83170",
                    "city": label.split()[-1],
                },
            }
            for label, lon, lat, insee, kind, score in found
        ],
    }
