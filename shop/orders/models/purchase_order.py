"""What a market asks a producer to bring, and what the producer answers."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.kernel.quantity import Unit


class PurchaseOrder(Row):
    """All that one producer supplies to one cycle."""

    __tablename__ = "purchase_orders"
    __table_args__ = (
        UniqueConstraint("cycle_id", "producer_id"),
        CheckConstraint(
            "state IN ('draft', 'issued', 'accepted', 'refused', 'collected')", name="state"
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    token: Mapped[uuid.UUID] = mapped_column(unique=True)
    """Opens the answer page without an account."""
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="draft")
    issued_at: Mapped[datetime | None]
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    note: Mapped[str | None]
    """Words of the producer with the answer."""


class PurchaseOrderLine(Row):
    """One offer on a purchase order: ordered, confirmed, received."""

    __tablename__ = "purchase_order_lines"
    __table_args__ = (
        UniqueConstraint("purchase_order_id", "offer_id"),
        CheckConstraint("ordered > 0", name="ordered"),
        CheckConstraint("confirmed IS NULL OR confirmed BETWEEN 0 AND ordered", name="confirmed"),
        CheckConstraint("received IS NULL OR received >= 0", name="received"),
    )

    purchase_order_id: Mapped[int] = mapped_column(ForeignKey("purchase_orders.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"), index=True)
    reference: Mapped[str]
    product_name: Mapped[str]
    unit: Mapped[Unit] = mapped_column(text_enum(Unit))
    orders: Mapped[int] = mapped_column(Integer)
    """How many orders have it."""
    ordered: Mapped[int] = mapped_column(Integer)
    confirmed: Mapped[int | None] = mapped_column(Integer)
    received: Mapped[int | None] = mapped_column(Integer)
    value_cents: Mapped[int] = mapped_column(Integer)
    """Estimate at the consumer's price, tax included."""
