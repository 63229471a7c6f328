"""Rounds of one driver, for what leaves the site."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shop.logistics.models import TruckRound
from shop.logistics.queries.rounds import RoundCard, rounds_where


def ahead(session: Session, driver_id: int, *, since: datetime) -> list[RoundCard]:
    """Rounds that end after ``since``, published or later, with their stops."""
    return rounds_where(
        session,
        (TruckRound.driver_id == driver_id)
        & (TruckRound.ends_at >= since)
        & (TruckRound.state != "draft"),
    )
