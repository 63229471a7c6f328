"""Routes for the orders of another platform, as plain values that can be kept and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shop.logistics.domain.exchange.orders import OutsideLine, OutsideOrders, OutsidePlace
from shop.logistics.domain.exchange.routes import OutsideRoute, OutsideRoutes
from shop.logistics.domain.roads import RoadsUsed


def summary_of(orders: OutsideOrders, routes: OutsideRoutes, used: RoadsUsed) -> dict[str, Any]:
    """Figures, steps in driving order, lines left out and lines of unknown weight."""
    lines = {line.id: line for line in orders.lines}
    places = {place.id: place for place in orders.places}
    return {
        "estimated": routes.estimated,
        "roads": used.plain(),
        "distance_m": routes.distance_m,
        "driving_s": routes.driving_s,
        "routes": [_route(each, lines, places) for each in routes.routes],
        "unserved": [
            {**_line(lines[line_id]), "reason": reason} for line_id, reason in routes.unserved
        ],
        "unweighed": [_line(lines[line_id]) for line_id in orders.unweighed],
    }


def _route(
    route: OutsideRoute, lines: dict[str, OutsideLine], places: dict[str, OutsidePlace]
) -> dict[str, Any]:
    return {
        "number": route.number,
        "vehicle": route.vehicle,
        "starts_at": _at(route.starts_at),
        "ends_at": _at(route.ends_at),
        "distance_m": route.distance_m,
        "driving_s": route.driving_s,
        "path": [list(spot) for spot in route.path],
        "steps": [
            {
                "takes": step.takes,
                "place": places[step.place_id].label,
                "spot": [places[step.place_id].lon, places[step.place_id].lat],
                "arrives_at": _at(step.arrives_at),
                **_line(lines[step.line_id]),
            }
            for step in route.steps
        ],
    }


def _line(line: OutsideLine) -> dict[str, Any]:
    return {
        "order": line.order_number,
        "product": line.product,
        "amount": line.quantity.amount,
        "unit": line.quantity.unit.value,
    }


def _at(at: datetime) -> str:
    return at.isoformat()
