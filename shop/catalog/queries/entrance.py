"""A market and the cycle that customers see in it, in one question: what every page begins with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    DateTime,
    Select,
    Text,
    bindparam,
    case,
    cast,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shop.catalog.errors import MarketUnknown
from shop.catalog.models import Cycle, Market
from shop.catalog.queries.cycles import COLUMNS as CYCLE_COLUMNS
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.markets import COLUMNS as MARKET_COLUMNS
from shop.catalog.queries.markets import MarketCard

LONG_TEXTS = ["terms", "legal", "privacy", "ranking"]
"""Left out here: ``markets.by_slug`` has them."""


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
    # Terms and notices are long, and have a page of their own.
    short: Any = Market.texts.op("-")(cast(LONG_TEXTS, ARRAY(Text)))
    columns = [
        type_coerce(short, JSONB).label("texts") if column is Market.texts else column
        for column in MARKET_COLUMNS
    ]
    return (
        select(*columns, *cycle.c).outerjoin(cycle, true()).where(Market.slug == bindparam("slug"))
    )


_ENTRANCE = _entrance()


def by_slug(session: Session, slug: str, now: datetime) -> tuple[MarketCard, CycleCard | None]:
    """The market of that address, and its cycle: open now, else the next, else the last.

    The market comes without its long texts.

    Raises:
        MarketUnknown: there is none.
    """
    row = session.execute(_ENTRANCE, {"slug": slug, "now": now}).one_or_none()
    if row is None:
        raise MarketUnknown(slug=slug)
    values = tuple(row)
    market, cycle = values[: len(MARKET_COLUMNS)], values[len(MARKET_COLUMNS) :]
    return MarketCard(*market), None if cycle[0] is None else CycleCard(*cycle)
