"""Distances by road for a truck from a Valhalla server: its ``sources_to_targets`` service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shop.adapters.http_json import JsonServer
from shop.adapters.road_answers import table_of
from shop.kernel.errors import GatewayRefused
from shop.logistics.domain.roads import FARTHEST_SNAP_M, NO_ROAD, Point, RoadTable

USUAL_LIMIT = 50
"""Rows times columns must stay below ``max_matrix_location_pairs``, which is 2500 at first."""

TOO_MANY = frozenset({150, 151})
OFF_THE_MAP = frozenset({170, 171})
"""No road near one of the places, or none between them: the whole question is refused."""

METERS = 1000.0
FARTHEST_PLACE_M = FARTHEST_SNAP_M


@dataclass(frozen=True, slots=True)
class TruckSize:
    """What a road may forbid: meters and tons of a refrigerated van of 3.5 t."""

    height_m: float = 3.1
    width_m: float = 2.2
    weight_t: float = 3.5

    def options(self) -> dict[str, float]:
        """As Valhalla calls them."""
        return {"height": self.height_m, "width": self.width_m, "weight": self.weight_t}


class ValhallaRoads:
    """One place off the map has Valhalla refuse the whole question.

    Then it is asked where the places are (``locate``), and again without those it does not know.
    """

    name = "valhalla"

    def __init__(
        self, server: JsonServer, *, largest: int = USUAL_LIMIT, size: TruckSize = TruckSize()
    ) -> None:
        self.server = server
        self.largest = largest
        self.size = size

    def data_date(self, near: Point) -> str:
        """The day on which the tiles were made."""
        said = self.server.ask("/status", refused=_why)
        made = said.get("tileset_last_modified")
        if not isinstance(made, int):
            raise GatewayRefused(why="no_status")
        return datetime.fromtimestamp(made, UTC).date().isoformat()

    def table(self, rows: Sequence[Point], columns: Sequence[Point]) -> RoadTable:
        """One question; three when a place is off the map."""
        try:
            return self._matrix(rows, columns)
        except GatewayRefused as error:
            if error.facts.get("why") not in OFF_THE_MAP:
                raise
        good_rows, good_columns = self._known(rows), self._known(columns)
        whole = RoadTable.empty(len(rows), len(columns))
        whole.distance_m[:] = whole.duration_s[:] = NO_ROAD
        if good_rows and good_columns:
            everywhere = len(good_rows) == len(rows) and len(good_columns) == len(columns)
            if everywhere:
                # Each is on the map and none leads to another: an island.
                return whole
            part = self._matrix(
                [rows[each] for each in good_rows], [columns[each] for each in good_columns]
            )
            whole.put(good_rows, good_columns, part)
        return whole

    def _matrix(self, rows: Sequence[Point], columns: Sequence[Point]) -> RoadTable:
        said = self.server.ask(
            "/sources_to_targets",
            body={
                "sources": [_spot(point) for point in rows],
                "targets": [_spot(point) for point in columns],
                "costing": "truck",
                "costing_options": {"truck": self.size.options()},
                "units": "kilometers",
                "verbose": False,
            },
            refused=_why,
        )
        cells = said.get("sources_to_targets")
        if not isinstance(cells, dict):
            raise GatewayRefused(why="no_matrix")
        return table_of(
            cells.get("distances"), cells.get("durations"), len(rows), len(columns), scale=METERS
        )

    def _known(self, points: Sequence[Point]) -> list[int]:
        """Which of the points have a road near them."""
        body = {
            "locations": [_spot(point) for point in points],
            "costing": "truck",
            "verbose": False,
        }
        found = self.server.ask_list("/locate", body=body, refused=_why)
        return [at for at, place in enumerate(found) if place.get("edges") or place.get("nodes")]


def _spot(point: Point) -> dict[str, float]:
    return {"lon": point[0], "lat": point[1], "search_cutoff": FARTHEST_PLACE_M}


def _why(said: Mapping[str, Any]) -> Mapping[str, Any]:
    code = said.get("error_code")
    return {"why": code, "message": said.get("error"), "too_large": code in TOO_MANY}
