"""Where a market is every week: its hub, its farms, its pick-up points."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.catalog.queries import delivery, producers
from shop.logistics.domain.roads import Point
from shop.logistics.queries import fleet


def standing_places(session: Session, market_id: int) -> list[Point]:
    """Points of everything that stays where it is; homes come and go."""
    hub = fleet.hub(session, market_id)
    return [
        *([(hub.lon, hub.lat)] if hub else []),
        *((farm.lon, farm.lat) for farm in producers.of_market(session, market_id)),
        *((point.lon, point.lat) for point in delivery.pickup_points(session, market_id)),
    ]
