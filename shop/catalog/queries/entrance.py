"""A market and the cycle that customers see in it, in one question: what every page begins with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Select, bindparam, case, select, true
from sqlalchemy.orm import Session

from shop.catalog.errors import MarketUnknown
from shop.catalog.models import Cycle, Market
from shop.catalog.queries.cycles import COLUMNS as CYCLE_COLUMNS
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.markets import COLUMNS as MARKET_COLUMNS
from shop.catalog.queries.markets import MarketCard


def _entrance() -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=DateTime(timezone=True))
    rank = case(
        ((Cycle.state == "open") & (Cycle.closes_at > now), 0),
        (Cycle.opens_at > now, 1),
        else_=2,
    )
    cycle = (
        select(*CYCLE_COLUMNS)
        .where(Cycle.market_id == Market.id)
        .order_by(rank, case((rank == 2, None), else_=Cycle.opens_at), Cycle.closes_at.desc())
        .limit(1)
        .lateral("cycle")
    )
    return (
        select(*MARKET_COLUMNS, *cycle.c)
        .outerjoin(cycle, true())
        .where(Market.slug == bindparam("slug"))
    )


_ENTRANCE = _entrance()


def by_slug(session: Session, slug: str, now: datetime) -> tuple[MarketCard, CycleCard | None]:
    """The market of that address, and its cycle: open now, else the next, else the last.

    Raises:
        MarketUnknown: there is none.
    """
    row = session.execute(_ENTRANCE, {"slug": slug, "now": now}).one_or_none()
    if row is None:
        raise MarketUnknown(slug=slug)
    values = tuple(row)
    market, cycle = values[: len(MARKET_COLUMNS)], values[len(MARKET_COLUMNS) :]
    return MarketCard(*market), None if cycle[0] is None else CycleCard(*cycle)
