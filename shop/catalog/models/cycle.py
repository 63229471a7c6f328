"""A sales cycle of a market, and what is offered in it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.terms import MovementKind
from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.kernel.quantity import Unit


class Cycle(Row):
    """A market sells from one instant to another, for one day of delivery."""

    __tablename__ = "cycles"
    __table_args__ = (
        UniqueConstraint("market_id", "code"),
        CheckConstraint("opens_at < closes_at", name="hours"),
        CheckConstraint("collects_on <= delivers_on", name="days"),
        CheckConstraint("state IN ('draft', 'open', 'closed', 'archived')", name="state"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    code: Mapped[str]
    """Short and spoken, such as 2026-48."""
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    answers_by: Mapped[datetime]
    """Until when producers answer their purchase orders."""
    collects_on: Mapped[date]
    delivers_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    shelf_version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Counted up by the database whenever an offer, its order or its words change: what pages
    keep of a shelf belongs to one version."""


class Offer(Row):
    """A product in a cycle, with its price and how much there is of it."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("cycle_id", "product_id"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("committed >= 0", name="committed"),
        CheckConstraint("held + committed <= allotted", name="allotment"),
        CheckConstraint("price_cents >= 0", name="price"),
    )

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    price_cents: Mapped[int] = mapped_column(Integer)
    """For one piece, kilogram or liter, as the product says; tax included."""
    unit: Mapped[Unit] = mapped_column(text_enum(Unit))
    """Unit of the three amounts below."""
    allotted: Mapped[int] = mapped_column(Integer)
    """Smallest units that the producer gives to this cycle."""
    held: Mapped[int] = mapped_column(Integer, server_default="0")
    """Smallest units promised to baskets."""
    committed: Mapped[int] = mapped_column(Integer, server_default="0")
    """Smallest units promised to orders."""
    withdrawn_at: Mapped[datetime | None]
    """When it was taken off the shelf; orders that have it keep it."""


class AllotmentMovement(Row):
    """One change of what is held or committed; the sums are checked every night."""

    __tablename__ = "allotment_movements"
    __table_args__ = (
        Index(None, "offer_id"),
        CheckConstraint("amount > 0", name="amount"),
        {"info": APPEND_ONLY},
    )

    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    kind: Mapped[MovementKind] = mapped_column(text_enum(MovementKind))
    amount: Mapped[int] = mapped_column(Integer)
    holder: Mapped[str]
    """``basket`` or ``order``."""
    holder_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
