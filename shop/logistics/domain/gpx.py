"""A round as a GPX 1.1 file: what navigation apps and receivers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

NAMESPACE = "http://www.topografix.com/GPX/1/1"
SCHEMA = f"{NAMESPACE} {NAMESPACE}/gpx.xsd"
MEDIA_TYPE = "application/gpx+xml"


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place on the way. Degrees; ``at`` is when the plan is there (UTC)."""

    lon: float
    lat: float
    name: str
    at: datetime
    text: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A round: where it passes, in driving order."""

    name: str
    text: str
    waypoints: Sequence[Waypoint]


def write(way: Way, *, made_at: datetime) -> bytes:
    """Each stop as a waypoint, all of them as a route to be driven and as a track to be seen.

    The lines between two stops are straight: a navigation app finds the roads.
    """
    ElementTree.register_namespace("", NAMESPACE)
    root = ElementTree.Element(
        _tag("gpx"),
        {
            "version": "1.1",
            "creator": "Carriole",
            "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation": SCHEMA,
        },
    )
    about = _add(root, "metadata")
    _add(about, "name", way.name)
    _add(about, "desc", way.text)
    _add(about, "time", _instant(made_at))
    for each in way.waypoints:
        _point(root, "wpt", each)
    route = _add(root, "rte")
    _add(route, "name", way.name)
    for each in way.waypoints:
        _point(route, "rtept", each)
    track = _add(root, "trk")
    _add(track, "name", way.name)
    segment = _add(track, "trkseg")
    for each in way.waypoints:
        _add(_located(segment, "trkpt", each), "time", _instant(each.at))
    ElementTree.indent(root, " ")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _point(parent: ElementTree.Element, tag: str, each: Waypoint) -> None:
    # The schema wants these children in this order.
    element = _located(parent, tag, each)
    _add(element, "time", _instant(each.at))
    _add(element, "name", each.name)
    if each.text:
        _add(element, "desc", each.text)
    if each.kind:
        _add(element, "type", each.kind)


def _located(parent: ElementTree.Element, tag: str, each: Waypoint) -> ElementTree.Element:
    element = _add(parent, tag)
    element.set("lat", f"{each.lat:.6f}")
    element.set("lon", f"{each.lon:.6f}")
    return element


def _add(parent: ElementTree.Element, tag: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _tag(tag))
    if text is not None:
        element.text = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
