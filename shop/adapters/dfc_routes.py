"""Routes in the terms of the Data Food Consortium: steps, shipments and vehicles.

The same orders and routes give the same bytes: new things are named by the file they come from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from shop.logistics.domain.exchange.orders import OutsideLine, OutsideOrders, OutsidePlace
from shop.logistics.domain.exchange.routes import OutsideRoute, OutsideRoutes, OutsideStep

GEOJSON = "https://purl.org/geojson/vocab#"
XSD = "http://www.w3.org/2001/XMLSchema#"

TIMED = ("arrivalDate", "startDate", "endDate")


def written(orders: OutsideOrders, routes: OutsideRoutes) -> bytes:
    """One JSON-LD document: routes, their steps, shipments and vehicles, and the places."""
    document = {
        "@context": _context(orders.vocabulary),
        "@graph": list(_graph(orders, routes)),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _context(vocabulary: str) -> dict[str, Any]:
    held = files("shop.adapters").joinpath("contexts/dfc_1.json").read_text("utf-8")
    terms: dict[str, Any] = json.loads(held)["@context"]
    used = {name: value for name, value in terms.items() if name.startswith("dfc-b")}
    return {
        **used,
        "dfc-b": vocabulary,
        "xsd": XSD,
        "geojson": GEOJSON,
        **{f"dfc-b:{name}": {"@type": "xsd:dateTime"} for name in TIMED},
        "dfc-b:duration": {"@type": "xsd:duration"},
        "geojson:properties": {"@type": "@json"},
        "geojson:coordinates": {"@container": "@list"},
    }


def _graph(orders: OutsideOrders, routes: OutsideRoutes) -> Iterable[dict[str, Any]]:
    lines = {line.id: line for line in orders.lines}
    known = {place.id for place in orders.places}
    used: set[str] = set()
    for route in routes.routes:
        naming = _Naming(orders.fingerprint, route)
        yield _route(route, naming, estimated=routes.estimated)
        base = naming.base(known)
        yield _vehicle(route, naming, base)
        if route.base.id not in known and base not in used:
            yield _place(route.base, base)
        used.add(base)
        for at, step in enumerate(route.steps, start=1):
            yield _step(step, naming, at)
        for each in dict.fromkeys(step.line_id for step in route.steps):
            yield _shipment(lines[each], route, naming)
            used.update((lines[each].from_place, lines[each].to_place))
    for place in orders.places:
        if place.id in used:
            yield _place(place, place.id)


class _Naming:
    """Names of the new things of one route."""

    def __init__(self, fingerprint: str, route: OutsideRoute) -> None:
        self.fingerprint = fingerprint
        self.key = route.number
        self.place = route.base

    def name(self, *parts: object) -> str:
        path = "/".join(str(part) for part in (self.fingerprint, *parts))
        return f"urn:uuid:{uuid5(NAMESPACE_URL, path)}"

    @property
    def route(self) -> str:
        return self.name("route", self.key)

    @property
    def vehicle(self) -> str:
        return self.name("vehicle", self.key)

    def step(self, at: int) -> str:
        return self.name("route", self.key, "step", at)

    def shipment(self, line_id: str) -> str:
        return self.name("shipment", line_id)

    def base(self, known: set[str]) -> str:
        return self.place.id if self.place.id in known else self.name("base", self.place.id)


def _route(route: OutsideRoute, naming: _Naming, *, estimated: bool) -> dict[str, Any]:
    return {
        "@id": naming.route,
        "@type": "dfc-b:Route",
        "dfc-b:name": str(route.number),
        "dfc-b:useVehicle": naming.vehicle,
        "dfc-b:hasStep": [naming.step(at) for at in range(1, len(route.steps) + 1)],
        "dfc-b:hasGeoJsonFeature": {
            "@type": "geojson:Feature",
            "geojson:geometry": {
                "@type": "geojson:LineString",
                "geojson:coordinates": [list(spot) for spot in route.path],
            },
            "geojson:properties": {
                "distance_m": route.distance_m,
                "driving_s": route.driving_s,
                "distances_estimated": estimated,
                "starts_at": _written_at(route.starts_at),
                "ends_at": _written_at(route.ends_at),
            },
        },
    }


def _vehicle(route: OutsideRoute, naming: _Naming, base: str) -> dict[str, Any]:
    lines = dict.fromkeys(step.line_id for step in route.steps)
    return {
        "@id": naming.vehicle,
        "@type": "dfc-b:Vehicle",
        "dfc-b:name": route.vehicle,
        "dfc-b:basedAt": base,
        "dfc-b:usedInRoute": naming.route,
        "dfc-b:ships": [naming.shipment(each) for each in lines],
    }


def _step(step: OutsideStep, naming: _Naming, at: int) -> dict[str, Any]:
    stay_s = int((step.leaves_at - step.arrives_at).total_seconds())
    return {
        "@id": naming.step(at),
        "@type": "dfc-b:PickUpStep" if step.takes else "dfc-b:DeliveryStep",
        "dfc-b:name": str(at),
        "dfc-b:isStepOf": naming.route,
        "dfc-b:arrivalDate": _written_at(step.arrives_at),
        "dfc-b:duration": f"PT{stay_s}S",
        "dfc-b:pickUp" if step.takes else "dfc-b:delivery": naming.shipment(step.line_id),
    }


def _shipment(line: OutsideLine, route: OutsideRoute, naming: _Naming) -> dict[str, Any]:
    taken, handed = (
        next(step for step in route.steps if step.line_id == line.id and step.takes is takes)
        for takes in (True, False)
    )
    return {
        "@id": naming.shipment(line.id),
        "@type": "dfc-b:Shipment",
        "dfc-b:name": line.order_number,
        "dfc-b:description": line.product,
        "dfc-b:isShippedIn": naming.vehicle,
        "dfc-b:transports": line.stock_id,
        "dfc-b:startsAt": line.from_place,
        "dfc-b:endsAt": line.to_place,
        "dfc-b:startDate": _written_at(taken.arrives_at),
        "dfc-b:endDate": _written_at(handed.leaves_at),
    }


def _place(place: OutsidePlace, name: str) -> dict[str, Any]:
    return {
        "@id": name,
        "@type": "dfc-b:PhysicalPlace",
        "dfc-b:hasAddress": {
            "@type": "dfc-b:Address",
            "dfc-b:street": place.street,
            "dfc-b:postcode": place.postcode,
            "dfc-b:city": place.city,
            "dfc-b:latitude": repr(place.lat),
            "dfc-b:longitude": repr(place.lon),
        },
    }


def _written_at(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
