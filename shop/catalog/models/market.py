"""A market: where several producers sell together, with its own rules."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Integer, true
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.terms import LogisticsPack, ShortageRule
from shop.infra.column_types import text_enum
from shop.infra.db import Base, Row


class Market(Row):
    """A name, a territory, staff, delivery options, cycles."""

    __tablename__ = "markets"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    territory: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="Europe/Paris")
    pack: Mapped[LogisticsPack] = mapped_column(text_enum(LogisticsPack))
    hold_minutes: Mapped[int] = mapped_column(Integer, server_default="30")
    """How long a basket keeps what is in it."""
    email: Mapped[str]
    phone: Mapped[str]
    texts: Mapped[dict[str, Any]]
    """Words of the market by name, then language: welcome, terms, legal, privacy, ranking."""
    terms_version: Mapped[str]
    shortage_rule: Mapped[ShortageRule] = mapped_column(
        text_enum(ShortageRule), server_default=ShortageRule.FIRST_ORDERED.value
    )
    """Who goes short when a producer brings less than was ordered."""


class MarketProducer(Base):
    """A producer who may offer in a market."""

    __tablename__ = "market_producers"

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), primary_key=True)
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"), primary_key=True)
    is_member: Mapped[bool] = mapped_column(server_default=true())
    """Whether the farm is a member of the producers' shop; False: it is a guest there."""
