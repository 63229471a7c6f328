"""Every source of road distances, on a land that the tests know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop.adapters.http_json import JsonServer
from shop.adapters.osrm_roads import OsrmRoads
from shop.adapters.valhalla_roads import ValhallaRoads
from shop.logistics.ports import RoadSource
from tests.factories.road_servers import OsrmServer, RoadServer, ValhallaServer, serving


@pytest.fixture(params=[OsrmServer, ValhallaServer])
def server(request: pytest.FixtureRequest) -> Iterator[RoadServer]:
    """A server that takes four places on a side."""
    with serving(request.param(limit=4)) as made:
        yield made


@pytest.fixture
def source(server: RoadServer) -> RoadSource:
    """The adapter that speaks to it."""
    http = JsonServer(server.url, read_s=5, pause=server.pauses.append)
    if isinstance(server, OsrmServer):
        return OsrmRoads(http, largest=4, said_date="2026-11-01")
    return ValhallaRoads(http, largest=4)
