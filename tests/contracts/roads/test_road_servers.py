"""What every road server promises, asked over the wire in its own words."""

from __future__ import annotations

import numpy as np
import pytest

from shop.adapters.http_json import JsonServer
from shop.adapters.osrm_roads import OsrmRoads
from shop.adapters.valhalla_roads import ValhallaRoads
from shop.kernel.errors import GatewayRefused, GatewayUnavailable
from shop.logistics.domain.roads import NO_ROAD
from shop.logistics.ports import RoadSource
from tests.factories.road_servers import OsrmServer, RoadServer, ValhallaServer, serving

FARM = (6.10, 43.40)
HUB = (6.12, 43.40)
NORTH = (6.10, 43.42)
ISLAND = (7.20, 43.00)
SEA = (8.50, 43.00)


def test_a_square_has_meters_and_seconds_each_way(source: RoadSource) -> None:
    table = source.table([FARM, HUB, NORTH], [FARM, HUB, NORTH])
    assert table.distance_m.tolist() == [[0, 1600, 2442], [1600, 0, 4042], [2220, 3820, 0]]
    assert table.duration_s.tolist() == [[0, 80, 122], [80, 0, 202], [111, 191, 0]]


def test_a_block_has_its_rows_and_its_columns(source: RoadSource) -> None:
    table = source.table([NORTH], [FARM, HUB])
    assert table.distance_m.tolist() == [[2220, 3820]]
    assert table.distance_m.dtype == np.int64


def test_where_no_road_leads_is_said_and_the_rest_is_kept(source: RoadSource) -> None:
    table = source.table([FARM, HUB], [HUB, ISLAND])
    assert table.distance_m.tolist() == [[1600, NO_ROAD], [0, NO_ROAD]]
    assert table.duration_s.tolist() == [[80, NO_ROAD], [0, NO_ROAD]]


def test_a_place_far_from_any_road_has_none(source: RoadSource) -> None:
    table = source.table([FARM, SEA, ISLAND], [FARM, SEA, ISLAND])
    assert table.distance_m.tolist() == [
        [0, NO_ROAD, NO_ROAD],
        [NO_ROAD, NO_ROAD, NO_ROAD],
        [NO_ROAD, NO_ROAD, 0],
    ]


def test_a_question_that_is_too_large_is_refused_as_such(source: RoadSource) -> None:
    five = [(6.1 + each / 100, 43.4) for each in range(5)]
    with pytest.raises(GatewayRefused) as refusal:
        source.table(five, five)
    assert refusal.value.facts["too_large"] is True


def test_a_busy_server_is_asked_again_after_the_time_it_names(
    server: RoadServer, source: RoadSource
) -> None:
    server.busy, server.busy_status = 2, 429
    assert source.table([FARM], [HUB]).distance_m.tolist() == [[1600]]
    assert len(server.asked) == 3
    assert server.pauses == [2.0, 4.0]


def test_a_server_that_stays_busy_is_unavailable(server: RoadServer, source: RoadSource) -> None:
    server.busy = 99
    with pytest.raises(GatewayUnavailable):
        source.table([FARM], [HUB])
    assert len(server.asked) == 3


def test_a_silent_server_is_unavailable() -> None:
    pauses: list[float] = []
    http = JsonServer("http://127.0.0.1:9", pause=pauses.append)
    for source in (OsrmRoads(http), ValhallaRoads(http)):
        with pytest.raises(GatewayUnavailable):
            source.data_date(FARM)
    assert pauses == [0.25, 0.5, 0.25, 0.5]


def test_the_day_of_the_map_is_known(server: RoadServer, source: RoadSource) -> None:
    if isinstance(server, ValhallaServer):
        assert source.data_date(FARM) == "2026-11-23"
        return
    assert source.data_date(FARM) == "2026-11-01"
    server.data_version = "2026-11-20T20:21:00Z"
    assert source.data_date(FARM) == "2026-11-20T20:21:00Z"


class Elsewhere(OsrmServer):
    def answer(self, path: str, query: dict[str, str], body: object) -> tuple[int, object]:
        return 200, {"hello": "this is another site"}


def test_what_is_no_table_is_refused() -> None:
    with serving(Elsewhere(limit=4)) as server:
        http = JsonServer(server.url, read_s=5)
        for source in (OsrmRoads(http), ValhallaRoads(http)):
            with pytest.raises(GatewayRefused):
                source.table([FARM], [HUB])
            with pytest.raises(GatewayRefused):
                source.data_date(FARM)
