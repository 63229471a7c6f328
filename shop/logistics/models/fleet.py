"""Where rounds begin, and what drives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class Hub(Row):
    """The place where goods arrive, are prepared and leave."""

    __tablename__ = "hubs"

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), index=True)
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"))
    """For this sale only; None: where the market prepares every week."""
    name: Mapped[str]
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    commune_insee: Mapped[str]
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    opens_s: Mapped[int] = mapped_column(Integer)
    """Seconds after midnight, market time."""
    closes_s: Mapped[int] = mapped_column(Integer)
    service_s: Mapped[int] = mapped_column(Integer)
    """Loading or unloading a vehicle."""


class Vehicle(Row):
    """A refrigerated truck or van of a market."""

    __tablename__ = "vehicles"
    __table_args__ = (
        CheckConstraint("start_from_s <= start_until_s", name="start"),
        Index(None, "market_id"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"))
    """Hired for this sale only; None: it is there every week."""
    name: Mapped[str]
    plate: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    """Vehicles of one kind are alike to the planner."""
    capacity: Mapped[dict[str, Any]]
    """Per temperature class: ``{"chilled": {"kg": 320, "crates": 36}, …}``."""
    fixed_cents: Mapped[int] = mapped_column(Integer)
    cents_per_km: Mapped[int] = mapped_column(Integer)
    cents_per_hour: Mapped[int] = mapped_column(Integer)
    shift_s: Mapped[int] = mapped_column(Integer)
    max_overtime_s: Mapped[int] = mapped_column(Integer)
    overtime_cents_per_hour: Mapped[int] = mapped_column(Integer)
    start_from_s: Mapped[int] = mapped_column(Integer)
    start_until_s: Mapped[int] = mapped_column(Integer)
    max_reloads: Mapped[int] = mapped_column(Integer)
    fuel: Mapped[str] = mapped_column(server_default="diesel")
    litres_per_1000_km: Mapped[int] = mapped_column(Integer, server_default="110")
    """With the cold running."""
    retired_at: Mapped[datetime | None]
