"""The plan that is being edited, as map data."""

from __future__ import annotations

from typing import Any

from flask_babel import ngettext

from shop.logistics.queries.desk_board import BoardView
from shop.logistics.queries.desk_plan import DeskDay
from shop.web import formats


def geojson(desk: DeskDay, view: BoardView, page: str) -> dict[str, Any]:
    """Rounds as numbered lines, stops as points that lead to their panel."""
    hub = desk.day.problem.places[0]
    features = [_point(hub.lon, hub.lat, {"kind": "depot", "label": hub.name})]
    for index, lane in enumerate(view.lanes, start=1):
        line = [[block.lon, block.lat] for block in lane.blocks if block.kind != "break"]
        if not lane.underway:
            line = [[hub.lon, hub.lat], *line]
        features.append(
            {
                "type": "Feature",
                "geometry": {
                    "type": "LineString",
                    "coordinates": [*line, [hub.lon, hub.lat]],
                },
                "properties": {
                    "kind": "round",
                    "round": index,
                    "id": f"lane-{lane.vehicle}",
                    "label": lane.name,
                    "text": ngettext("%(num)s stop", "%(num)s stops", lane.stops),
                },
            }
        )
        features.extend(
            _point(
                block.lon,
                block.lat,
                {
                    "kind": block.kind,
                    "round": index,
                    "number": block.rank,
                    "id": block.stop,
                    "label": block.name,
                    "text": f"{formats.clock_time(block.at)} · {lane.name}",
                    "url": f"{page}?stop={block.stop.replace('#', '%23')}#panel",
                },
            )
            for block in lane.blocks
            if block.rank
        )
    return {"type": "FeatureCollection", "features": features}


def _point(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }
