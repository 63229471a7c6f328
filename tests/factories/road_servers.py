"""Road servers over the wire: they speak as OSRM 26 and Valhalla 3.9 do, and know one toy land.

On the mainland (east of nothing, west of 7°) a road goes straight along the meridian and the
parallel; the island (7° to 7.5°) has roads of its own; beyond 8° there is no road at all.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

METERS_PER_LON = 80_000
METERS_PER_LAT = 111_000
METERS_PER_S = 20
Spot = tuple[float, float]
Answer = tuple[int, Any]


def meters(one: Spot, other: Spot) -> float:
    """How far the toy roads lead; one that goes north is a tenth longer than back."""
    north = other[1] - one[1]
    up = 1.1 if north > 0 else 1.0
    return abs(other[0] - one[0]) * METERS_PER_LON + abs(north) * METERS_PER_LAT * up


def land(spot: Spot) -> str:
    """Which net of roads a place is on."""
    if spot[0] >= 8:
        return "sea"
    return "island" if spot[0] >= 7 else "mainland"


@dataclass
class RoadServer:
    """One server under way: what it was asked, and how often it shall be busy first."""

    limit: int
    url: str = ""
    asked: list[str] = field(default_factory=list)
    busy: int = 0
    busy_status: int = 503
    data_version: str | None = None
    pauses: list[float] = field(default_factory=list)

    def answer(self, path: str, query: dict[str, str], body: Any) -> Answer:
        """What it says to a question."""
        raise NotImplementedError


class OsrmServer(RoadServer):
    """``/table`` and ``/nearest``; a place at sea is taken to the coast, however far."""

    def answer(self, path: str, query: dict[str, str], body: Any) -> Answer:
        """What it says to a question."""
        service, _version, _profile, spots = path.strip("/").split("/", 3)
        try:
            places = [(float(lon), float(lat)) for lon, lat in _pairs(spots)]
        except ValueError:
            return 400, {"message": "Query string malformed", "code": "InvalidQuery"}
        said: dict[str, Any] = {"code": "Ok"}
        if self.data_version:
            said["data_version"] = self.data_version
        if service == "nearest":
            return 200, said | {"waypoints": [_waypoint(places[0])]}
        rows = _chosen(query.get("sources"), len(places))
        columns = _chosen(query.get("destinations"), len(places))
        if len(rows) * len(columns) > self.limit**2:
            return 400, {"message": "Too many table coordinates", "code": "TooBig"}
        on_road = [_snapped(place) for place in places]
        cells = [[_cell(on_road[row], on_road[column]) for column in columns] for row in rows]
        said["sources"] = [_waypoint(places[row]) for row in rows]
        said["destinations"] = [_waypoint(places[column]) for column in columns]
        said["distances"] = [[cell and round(cell, 1) for cell in row] for row in cells]
        said["durations"] = [
            [cell and round(cell / METERS_PER_S, 1) for cell in row] for row in cells
        ]
        return 200, said


class ValhallaServer(RoadServer):
    """``/sources_to_targets``, ``/locate`` and ``/status``; refuses whole questions."""

    def answer(self, path: str, query: dict[str, str], body: Any) -> Answer:
        """What it says to a question."""
        if path == "/status":
            return 200, {"version": "3.9.1", "tileset_last_modified": 1_795_478_122}
        if path == "/locate":
            return 200, [_located(place) for place in body["locations"]]
        if body["costing"] != "truck":
            return 400, {"error_code": 125, "error": "No costing method found"}
        rows = [(place["lon"], place["lat"]) for place in body["sources"]]
        columns = [(place["lon"], place["lat"]) for place in body["targets"]]
        if len(rows) * len(columns) > self.limit**2:
            return 400, {"error_code": 150, "error": "Exceeded max locations: 2500.000000"}
        if "sea" in {land(place) for place in (*rows, *columns)}:
            return 400, {"error_code": 170, "error": "Locations are in unconnected regions"}
        cells = [[_cell(row, column) for column in columns] for row in rows]
        return 200, {
            "sources_to_targets": {
                "distances": [[cell and round(cell / 1000, 3) for cell in row] for row in cells],
                "durations": [
                    [cell and round(cell / METERS_PER_S) for cell in row] for row in cells
                ],
            },
            "units": "kilometers",
            "algorithm": "costmatrix",
        }


@contextmanager
def serving(server: RoadServer) -> Iterator[RoadServer]:
    """Let it answer on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: Any) -> None:
            parts = urlsplit(self.path)
            path = unquote(parts.path)
            server.asked.append(path)
            headers = {}
            if server.busy:
                server.busy -= 1
                status, said = server.busy_status, {"error": "busy"}
                headers["Retry-After"] = "2"
            else:
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                status, said = server.answer(path, query, body)
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def _pairs(spots: str) -> list[list[str]]:
    return [spot.split(",") for spot in spots.split(";")]


def _chosen(said: str | None, count: int) -> list[int]:
    return list(range(count)) if said is None else [int(each) for each in said.split(";")]


def _snapped(spot: Spot) -> Spot:
    return (7.5, spot[1]) if land(spot) == "sea" else spot


def _waypoint(spot: Spot) -> dict[str, Any]:
    on_road = _snapped(spot)
    return {
        "name": "",
        "location": list(on_road),
        "distance": (spot[0] - on_road[0]) * METERS_PER_LON,
    }


def _cell(one: Spot, other: Spot) -> float | None:
    return meters(one, other) if land(one) == land(other) else None


def _located(place: dict[str, float]) -> dict[str, Any]:
    here = land((place["lon"], place["lat"])) != "sea"
    return {
        "input_lat": place["lat"],
        "input_lon": place["lon"],
        "edges": [{"way_id": 1}] if here else [],
        "nodes": [],
    }
