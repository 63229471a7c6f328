"""A basket: what somebody puts aside before they order."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.infra.places.geocoding import PinBy


class Basket(Row):
    """What one visitor puts aside in one cycle; its allotment is held for a set time."""

    __tablename__ = "baskets"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'lapsed', 'ordered')", name="state"),
        Index("ix_baskets_expiring", "expires_at", postgresql_where=text("state = 'open'")),
        Index(None, "person_id"),
    )

    token: Mapped[uuid.UUID] = mapped_column(unique=True)
    """What the visitor's cookie holds."""
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(server_default="open")
    """``open`` holds its allotment; ``lapsed`` keeps its lines but holds nothing."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("delivery_slots.id"))
    contact_name: Mapped[str | None]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    address: Mapped[str | None]
    postcode: Mapped[str | None]
    commune: Mapped[str | None]
    commune_insee: Mapped[str | None]
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    pin_by: Mapped[PinBy | None] = mapped_column(text_enum(PinBy))
    """Who said where the door is; None as long as no address was given."""
    door_code: Mapped[str | None]
    note: Mapped[str | None]


class BasketLine(Row):
    """One offer in a basket."""

    __tablename__ = "basket_lines"
    __table_args__ = (
        UniqueConstraint("basket_id", "offer_id"),
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "offer_id"),
    )

    basket_id: Mapped[int] = mapped_column(ForeignKey("baskets.id", ondelete="CASCADE"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    amount: Mapped[int] = mapped_column(Integer)
    """In the unit of the offer."""
