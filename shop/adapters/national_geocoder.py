"""The national geocoder: GeoJSON over HTTP, asked once per address, never too often."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Protocol

from redis import RedisError
from structlog import get_logger

from shop.adapters.http_json import JsonServer
from shop.infra.places.communes import Commune
from shop.infra.places.geocoding import Spot
from shop.kernel.errors import GatewayRefused
from shop.kernel.folding import fold

log = get_logger()

NATIONAL_SERVICE = "https://data.geopf.fr/geocodage"
MOST_PER_S = 50
KEPT_S = 30 * 24 * 3600
ANSWERS = 5


class Cache(Protocol):
    """Where answers are kept: Redis, or a dictionary in tests."""

    def get(self, name: str) -> Any:
        """What is kept under that name; None when nothing is."""

    def setex(self, name: str, time: int, value: str) -> Any:
        """Keep it for so many seconds."""


class Pace:
    """No more than so many a second in this process: whoever comes too early waits a little."""

    def __init__(
        self,
        most_per_s: int,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.every_s = 1 / most_per_s
        self.now = now
        self.pause = pause
        self.next_at = 0.0
        self.lock = threading.Lock()

    def wait(self) -> None:
        """Return when it is one's turn."""
        with self.lock:
            turn = max(self.next_at, self.now())
            self.next_at = turn + self.every_s
        if (left := turn - self.now()) > 0:
            self.pause(left)


class NationalGeocoder:
    """Answers are kept for a month; without the cache the service is asked each time."""

    knows_streets = True

    def __init__(self, server: JsonServer, cache: Cache, pace: Pace | None = None) -> None:
        self.server = server
        self.cache = cache
        self.pace = pace or Pace(MOST_PER_S)

    def search(self, address: str, commune: Commune) -> tuple[Spot, ...]:
        """``/search`` with the address and the name of the commune.

        The commune is not made a condition: an answer elsewhere shows that the address is wrong.
        """
        return self._spots(
            "/search",
            {
                "q": f"{address} {commune.postcodes[0]} {commune.name}",
                "limit": str(ANSWERS),
                "autocomplete": "0",
            },
        )

    def reverse(self, lon: float, lat: float) -> Spot | None:
        """``/reverse``."""
        found = self._spots("/reverse", {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "limit": "1"})
        return found[0] if found else None

    def _spots(self, path: str, query: Mapping[str, str]) -> tuple[Spot, ...]:
        key = _key(path, query)
        kept = self._kept(key)
        if kept is None:
            self.pace.wait()
            spots = read_spots(self.server.ask(path, query=query))
            self._keep(key, json.dumps([asdict(spot) for spot in spots]))
            return spots
        return tuple(Spot(**each) for each in json.loads(kept))

    def _kept(self, key: str) -> Any:
        try:
            return self.cache.get(key)
        except RedisError as error:
            log.warning("geocoder_cache_silent", error=str(error))
            return None

    def _keep(self, key: str, value: str) -> None:
        try:
            self.cache.setex(key, KEPT_S, value)
        except RedisError as error:
            log.warning("geocoder_cache_silent", error=str(error))


def read_spots(said: Mapping[str, Any]) -> tuple[Spot, ...]:
    """Points of a GeoJSON collection as the national service writes it.

    Raises:
        GatewayRefused: it is none.
    """
    try:
        return tuple(_spot(feature) for feature in said["features"])
    except (KeyError, TypeError, ValueError) as error:
        raise GatewayRefused(why="no_geojson") from error


def _spot(feature: Mapping[str, Any]) -> Spot:
    lon, lat = feature["geometry"]["coordinates"]
    properties = feature["properties"]
    return Spot(
        float(lon),
        float(lat),
        str(properties["label"]),
        float(properties.get("score", 0)),
        str(properties.get("type", "")),
        str(properties["citycode"]),
        str(properties.get("postcode", "")),
    )


def _key(path: str, query: Mapping[str, str]) -> str:
    words = [path, *(f"{name}={fold(value)}" for name, value in sorted(query.items()))]
    if path == "/reverse":
        words = [path, *query.values()]
    return "geocoder:" + sha256("|".join(words).encode()).hexdigest()
