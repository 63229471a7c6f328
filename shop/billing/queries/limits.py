"""Where a market stands towards the thresholds of its way to sell, off the ledger."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.limits import Limit, LimitKind, Standing, standings
from shop.billing.models import SalesLimit
from shop.catalog.queries import markets, selling
from shop.orders.queries import yearly


def of_year(session: Session, market_id: int, year: int) -> list[Standing]:
    """Each threshold that concerns what a market sold in a year, as the law stood at its end."""
    zone = ZoneInfo(markets.by_id(session, market_id).timezone)
    return standings(
        yearly.by_model(session, market_id, year, zone),
        in_force(session, date(year, 12, 31)),
        lead=selling.terms_of(session, market_id).lead_producer_id,
        members=selling.members(session, market_id),
    )


def in_force(session: Session, day: date) -> list[Limit]:
    """Thresholds that hold on a day."""
    rows = session.scalars(
        select(SalesLimit)
        .where(SalesLimit.valid_from <= day)
        .where(SalesLimit.valid_to.is_(None) | (SalesLimit.valid_to > day))
        .order_by(SalesLimit.id)
    )
    return [Limit(LimitKind(row.kind), row.value, row.warn_bp, row.source) for row in rows]
