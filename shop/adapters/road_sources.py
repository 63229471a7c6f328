"""Every source of road distances that the settings name, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shop.adapters.embedded_roads import EmbeddedRoads
from shop.adapters.http_json import JsonServer
from shop.adapters.osrm_roads import OsrmRoads
from shop.adapters.valhalla_roads import ValhallaRoads
from shop.logistics.ports import RoadSource
from shop.settings import Settings


class RoadSources:
    """A list that was made once."""

    def __init__(self, sources: Sequence[RoadSource]) -> None:
        self.sources = tuple(sources)


def road_sources(settings: Settings) -> RoadSources:
    """Those of ``ROADS_ORDER`` that have what they need; none: distances are estimated."""
    made: dict[str, Callable[[], RoadSource | None]] = {
        "osrm": lambda: _osrm(settings),
        "embedded": lambda: _embedded(settings),
        "valhalla": lambda: _valhalla(settings),
    }
    found = [made[name]() for name in settings.roads_order]
    return RoadSources([each for each in found if each is not None])


def _osrm(settings: Settings) -> RoadSource | None:
    if settings.osrm_url is None:
        return None
    return OsrmRoads(
        JsonServer(settings.osrm_url),
        profile=settings.osrm_profile,
        largest=settings.osrm_table_size,
        said_date=str(settings.roads_data_date or ""),
    )


def _embedded(settings: Settings) -> RoadSource | None:
    if settings.roads_extract is None:
        return None
    return EmbeddedRoads(settings.roads_extract, settings.media_dir / "roads")


def _valhalla(settings: Settings) -> RoadSource | None:
    if settings.valhalla_url is None:
        return None
    return ValhallaRoads(JsonServer(settings.valhalla_url), largest=settings.valhalla_table_size)
