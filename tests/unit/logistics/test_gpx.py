"""A round as GPX: read back by what reads XML."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

from shop.logistics.domain.gpx import NAMESPACE, Way, Waypoint, write

AT = datetime(2026, 11, 26, 6, 15, tzinfo=UTC)
WAY = Way(
    "Tournée 3",
    "Kangoo & co, 2 arrêts",
    [
        Waypoint(6.0616, 43.4057, "Hangar", AT, kind="hub"),
        Waypoint(6.25, 43.5, "1 · Chez <Léa>", AT, "Livraison\x00", "home"),
    ],
)
IN = {"g": NAMESPACE}


def test_stops_are_waypoints_a_route_and_a_track() -> None:
    root = ElementTree.fromstring(write(WAY, made_at=AT))
    assert root.tag == f"{{{NAMESPACE}}}gpx"
    assert root.get("version") == "1.1"
    assert root.findtext("g:metadata/g:desc", namespaces=IN) == "Kangoo & co, 2 arrêts"
    for path in ("g:wpt", "g:rte/g:rtept", "g:trk/g:trkseg/g:trkpt"):
        found = root.findall(path, IN)
        assert [(each.get("lon"), each.get("lat")) for each in found] == [
            ("6.061600", "43.405700"),
            ("6.250000", "43.500000"),
        ]
    assert root.findtext("g:wpt[2]/g:name", namespaces=IN) == "1 · Chez <Léa>"
    assert root.findtext("g:wpt[2]/g:desc", namespaces=IN) == "Livraison"
    assert root.findtext("g:wpt[2]/g:time", namespaces=IN) == "2026-11-26T06:15:00Z"


def test_the_parts_stand_in_the_order_of_the_schema() -> None:
    root = ElementTree.fromstring(write(WAY, made_at=AT))
    names = [child.tag.rpartition("}")[2] for child in root]
    assert names == ["metadata", "wpt", "wpt", "rte", "trk"]
    point = [child.tag.rpartition("}")[2] for child in root.findall("g:wpt", IN)[1]]
    assert point == ["time", "name", "desc", "type"]
