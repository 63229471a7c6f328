"""Distances by road from an OSRM server: its HTTP ``table`` service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shop.adapters.http_json import JsonServer
from shop.adapters.road_answers import table_of, without
from shop.kernel.errors import GatewayRefused
from shop.logistics.domain.roads import FARTHEST_SNAP_M, Point, RoadTable

USUAL_LIMIT = 100
"""Rows times columns must stay below the square of ``--max-table-size``, which is 100 at first."""

LARGEST = 200
"""Twice as many places make an address of 7 kB; many a proxy refuses more than eight."""


class OsrmRoads:
    """OSRM never says that a place is off its map: it takes the nearest road, however far.

    So the distance to that road is looked at, and a place too far from any has no road.
    """

    name = "osrm"

    def __init__(
        self,
        server: JsonServer,
        *,
        profile: str = "driving",
        largest: int = USUAL_LIMIT,
        said_date: str = "",
    ) -> None:
        self.server = server
        self.profile = profile
        self.largest = min(largest, LARGEST)
        self.said_date = said_date

    def data_date(self, near: Point) -> str:
        """What the server says of its map, else what the settings say."""
        said = self.server.ask(f"/nearest/v1/{self.profile}/{_spot(near)}", refused=_why)
        if said.get("code") != "Ok":
            raise GatewayRefused(why=str(said.get("code")))
        return str(said.get("data_version") or self.said_date)

    def table(self, rows: Sequence[Point], columns: Sequence[Point]) -> RoadTable:
        """One question of the ``table`` service."""
        same = list(rows) == list(columns)
        spots = [*rows] if same else [*rows, *columns]
        query = {"annotations": "duration,distance", "generate_hints": "false"}
        if not same:
            query["sources"] = ";".join(map(str, range(len(rows))))
            query["destinations"] = ";".join(map(str, range(len(rows), len(spots))))
        said = self.server.ask(
            f"/table/v1/{self.profile}/{';'.join(map(_spot, spots))}", query=query, refused=_why
        )
        return read_table(said, len(rows), len(columns))


def read_table(said: Mapping[str, Any], rows: int, columns: int) -> RoadTable:
    """What OSRM says, over the wire or in this process.

    Raises:
        GatewayRefused: it is no table of that shape.
    """
    try:
        table = table_of(
            [list(row) for row in said["distances"]],
            [list(row) for row in said["durations"]],
            rows,
            columns,
        )
        return without(table, _far(said["sources"]), _far(said["destinations"]))
    except (KeyError, TypeError) as error:
        raise GatewayRefused(why="no_table") from error


def _far(waypoints: Sequence[Any]) -> list[int]:
    return [
        at
        for at, waypoint in enumerate(waypoints)
        if waypoint is None or waypoint["distance"] > FARTHEST_SNAP_M
    ]


def _why(said: Mapping[str, Any]) -> Mapping[str, Any]:
    code = said.get("code")
    return {"why": code, "message": said.get("message"), "too_large": code == "TooBig"}


def _spot(point: Point) -> str:
    return f"{point[0]:.5f},{point[1]:.5f}"
