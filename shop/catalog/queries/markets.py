"""Markets as other rooms and pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import LogisticsPack, ShortageRule
from shop.catalog.errors import MarketUnknown
from shop.catalog.models import Market


@dataclass(frozen=True, slots=True)
class MarketCard:
    """A market: its name, its rules of the house and its words."""

    id: int
    slug: str
    name: str
    territory: str
    timezone: str
    pack: LogisticsPack
    hold_minutes: int
    email: str
    phone: str
    texts: dict[str, Any]
    terms_version: str
    shortage_rule: ShortageRule

    def text(self, name: str, language: str) -> str:
        """One of the market's texts; in French when it is not written in ``language``."""
        words: dict[str, str] = self.texts.get(name, {})
        return words.get(language) or words.get("fr", "")


COLUMNS = (
    Market.id,
    Market.slug,
    Market.name,
    Market.territory,
    Market.timezone,
    Market.pack,
    Market.hold_minutes,
    Market.email,
    Market.phone,
    Market.texts,
    Market.terms_version,
    Market.shortage_rule,
)

_BY_SLUG = select(*COLUMNS).where(Market.slug == bindparam("slug"))
"""Built once: every page of a market begins with it."""


def by_slug(session: Session, slug: str) -> MarketCard:
    """The market of that address.

    Raises:
        MarketUnknown: there is none.
    """
    row = session.execute(_BY_SLUG, {"slug": slug}).one_or_none()
    if row is None:
        raise MarketUnknown(slug=slug)
    return MarketCard(*row)


def by_id(session: Session, market_id: int) -> MarketCard:
    """The market with that key.

    Raises:
        MarketUnknown: there is none.
    """
    row = session.execute(select(*COLUMNS).where(Market.id == market_id)).one_or_none()
    if row is None:
        raise MarketUnknown(market_id=market_id)
    return MarketCard(*row)


def all_markets(session: Session) -> list[MarketCard]:
    """Every market, by name."""
    return [MarketCard(*row) for row in session.execute(select(*COLUMNS).order_by(Market.name))]
