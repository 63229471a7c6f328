"""Crates, and what the preparer says about the lines that go into them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.terms import TemperatureClass
from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.logistics.domain.terms import PickingKind
from shop.orders.domain.terms import ShortageReason


class Crate(Row):
    """A numbered crate of one order, of one temperature class."""

    __tablename__ = "crates"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        CheckConstraint("position BETWEEN 1 AND total", name="position"),
        CheckConstraint(
            "state IN ('expected', 'received', 'loaded', 'handed_over', 'missing', 'quarantined')",
            name="state",
        ),
        Index(None, "cycle_id", "state"),
        Index(None, "stop_id"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    """What its QR code opens."""
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    """Crates of the order."""
    temperature_class: Mapped[TemperatureClass] = mapped_column(text_enum(TemperatureClass))
    fill: Mapped[int] = mapped_column(Integer)
    """Thousandths of a crate expected in it."""
    state: Mapped[str] = mapped_column(server_default="expected")
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("stops.id"))
    """Where a published round hands it over."""


class PickingEntry(Row):
    """One thing that a preparer said about one line; the last one counts."""

    __tablename__ = "picking_entries"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("weight_g >= 0", name="weight"),
        Index(None, "order_line_id"),
        {"info": APPEND_ONLY},
    )

    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    """Given by the tablet: an entry that is sent again is the same entry."""
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    kind: Mapped[PickingKind] = mapped_column(text_enum(PickingKind))
    amount: Mapped[int] = mapped_column(Integer)
    """Pieces, grams or milliliters, as the line counts."""
    weight_g: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[ShortageReason | None] = mapped_column(text_enum(ShortageReason))
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    device_at: Mapped[datetime]
    """When it was said, by the clock of the tablet."""
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """When it arrived."""
