"""How goods can reach customers: options, the places to pick up, and slots of a cycle."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.terms import OptionKind
from shop.infra.column_types import text_enum
from shop.infra.db import Base, Row


class DeliveryOption(Row):
    """One way of a market to deliver, with its minimum and its fee."""

    __tablename__ = "delivery_options"
    __table_args__ = (
        CheckConstraint("minimum_cents >= 0 AND fee_cents >= 0", name="amounts"),
        Index(None, "market_id"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    kind: Mapped[OptionKind] = mapped_column(text_enum(OptionKind))
    texts: Mapped[dict[str, Any]]
    """``name`` and ``description`` by language."""
    minimum_cents: Mapped[int] = mapped_column(Integer)
    """Least value of goods, without fees and deposits."""
    fee_cents: Mapped[int] = mapped_column(Integer)
    free_from_cents: Mapped[int | None] = mapped_column(Integer)
    """Goods of that value or more are delivered free; None: never."""
    position: Mapped[int] = mapped_column(Integer, server_default="0")
    retired_at: Mapped[datetime | None]
    spot_ways: Mapped[list[str]] = mapped_column(server_default="{}")
    """How one may pay there instead of by card (``SpotWay``)."""


class DeliveryCommune(Base):
    """A commune that a home option serves, by INSEE code."""

    __tablename__ = "delivery_communes"

    option_id: Mapped[int] = mapped_column(
        ForeignKey("delivery_options.id", ondelete="CASCADE"), primary_key=True
    )
    insee: Mapped[str] = mapped_column(primary_key=True)


class PickupPoint(Row):
    """A relay point or a drive: where customers fetch their crates."""

    __tablename__ = "pickup_points"
    __table_args__ = (UniqueConstraint("market_id", "slug"),)

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    slug: Mapped[str]
    kind: Mapped[OptionKind] = mapped_column(text_enum(OptionKind))
    name: Mapped[str]
    sort_key: Mapped[str]
    host_name: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    commune_insee: Mapped[str]
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    texts: Mapped[dict[str, Any]]
    """``hours`` and ``welcome`` by language."""
    has_cold: Mapped[bool]
    """Has a fridge: takes chilled and frozen goods for longer than the hand-over."""
    crate_capacity: Mapped[int] = mapped_column(Integer)
    deliver_from_s: Mapped[int] = mapped_column(Integer)
    """The truck may come from that second after midnight, market time."""
    deliver_until_s: Mapped[int] = mapped_column(Integer)
    service_s: Mapped[int] = mapped_column(Integer)
    """How long the truck stands there."""
    retired_at: Mapped[datetime | None]


class DeliverySlot(Row):
    """When customers of one cycle get their goods by one option, and how many can."""

    __tablename__ = "delivery_slots"
    __table_args__ = (
        UniqueConstraint(
            "cycle_id",
            "option_id",
            "pickup_point_id",
            "starts_at",
            postgresql_nulls_not_distinct=True,
            name="uq_delivery_slots_once",
        ),
        CheckConstraint("starts_at < ends_at", name="hours"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="capacity"),
    )

    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    option_id: Mapped[int] = mapped_column(ForeignKey("delivery_options.id"))
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_points.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cutoff_at: Mapped[datetime]
    """No order for this slot from then on; never after the cycle closes."""
    capacity: Mapped[int] = mapped_column(Integer)
    """Orders."""
    taken: Mapped[int] = mapped_column(Integer, server_default="0")
