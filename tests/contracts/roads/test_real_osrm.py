"""A real OSRM on a real extract: what the toy servers promise holds there as well.

Runs where the optional package is installed (Python 3.12 or newer) and the extract is at hand.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from shop.adapters.embedded_roads import EmbeddedRoads, is_installed
from shop.adapters.http_json import JsonServer
from shop.adapters.osrm_roads import OsrmRoads
from shop.kernel.errors import GatewayRefused
from shop.logistics.domain.roads import NO_ROAD

SHARED = Path(os.environ.get("CARRIOLE_SHARED", Path(__file__).resolve().parents[4] / "shared"))
EXTRACT = SHARED / "roads" / "andorra.osm.pbf"

pytestmark = [
    pytest.mark.skipif(
        not is_installed(), reason="osrm-bindings is not installed (needs Python 3.12 or newer)"
    ),
    pytest.mark.skipif(not EXTRACT.exists(), reason=f"no extract at {EXTRACT}"),
]

CAPITAL = (1.5218, 42.5063)
SOUTH = (1.4910, 42.4636)
PASS = (1.7330, 42.5420)
FAR = (6.10, 43.40)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedRoads:
    folder = tmp_path_factory.mktemp("roads")
    extract = folder / "andorra.osm.pbf"
    shutil.copyfile(EXTRACT, extract)
    return EmbeddedRoads(extract, folder / "prepared")


@pytest.fixture(scope="module")
def routed(embedded: EmbeddedRoads) -> Iterator[OsrmRoads]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--algorithm", "mld", "--ip", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "osrm", "routed"),
            *options,
            *("--max-table-size", "3", str(embedded.prepare())),
        ],
        stdout=subprocess.DEVNULL,
    )
    try:
        http = JsonServer(f"http://127.0.0.1:{port}", tries=40, pause=lambda wait: time.sleep(0.1))
        yield OsrmRoads(http, largest=3)
    finally:
        # The program starts the server as a child of its own.
        subprocess.run(["pkill", "-P", str(server.pid)], check=False)
        server.wait(timeout=10)


def test_the_server_and_the_map_read_here_say_the_same(
    embedded: EmbeddedRoads, routed: OsrmRoads
) -> None:
    spots = [CAPITAL, SOUTH, PASS]
    here, there = embedded.table(spots, spots), routed.table(spots, spots)
    assert (here.distance_m == there.distance_m).all()
    assert (np.abs(here.duration_s - there.duration_s) <= 1).all()
    assert 5_000 < here.distance_m[0, 1] < 8_000
    assert here.distance_m[0, 1] != here.distance_m[1, 0]


def test_a_place_outside_the_extract_has_no_road(
    embedded: EmbeddedRoads, routed: OsrmRoads
) -> None:
    for source in (embedded, routed):
        assert source.table([CAPITAL], [SOUTH, FAR]).distance_m[0, 1] == NO_ROAD


def test_the_server_refuses_what_is_too_large(routed: OsrmRoads) -> None:
    spots = [CAPITAL, SOUTH, PASS, CAPITAL]
    with pytest.raises(GatewayRefused) as refusal:
        routed.table(spots, [*spots, PASS])
    assert refusal.value.facts["too_large"] is True


def test_a_map_is_prepared_once_for_an_extract(embedded: EmbeddedRoads) -> None:
    done = embedded.prepare().parent / "andorra.osrm.prepared"
    first = done.stat().st_mtime_ns
    embedded.prepare()
    assert done.stat().st_mtime_ns == first
    assert done.read_text() == embedded.data_date(CAPITAL)
