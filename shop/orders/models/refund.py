"""Money that is given back: why, of which lines, and how far it got."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.orders.domain.terms import RefundPart, RefundReason, RefundWay


class Refund(Row):
    """One giving back of a part of an order."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("state IN ('noted', 'done', 'refused')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint(
            "way = 'card' AND payment_id IS NOT NULL OR way = 'credit' AND person_id IS NOT NULL",
            name="way_is_open",
        ),
        Index(None, "order_id"),
        Index(None, "payment_id"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    """The payment that it comes out of; None: given as credit."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who gets the credit; None: it goes back the way it came."""
    way: Mapped[RefundWay] = mapped_column(text_enum(RefundWay))
    state: Mapped[str] = mapped_column(server_default="noted")
    amount_cents: Mapped[int] = mapped_column(Integer)
    reason: Mapped[RefundReason] = mapped_column(text_enum(RefundReason))
    note: Mapped[str]
    """In words, for the customer; may be empty."""
    key: Mapped[str] = mapped_column(unique=True)
    """Of the wish: the same button pressed twice is one refund."""
    provider_ref: Mapped[str | None]
    error: Mapped[str | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    noted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    done_at: Mapped[datetime | None]


class RefundLine(Row):
    """What of the order a refund is about."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("(part = 'goods') = (order_line_id IS NOT NULL)", name="line"),
        Index(None, "refund_id"),
        Index(None, "order_line_id"),
    )

    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"))
    part: Mapped[RefundPart] = mapped_column(text_enum(RefundPart))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))
    """None: deposits, or the delivery."""
    amount_cents: Mapped[int] = mapped_column(Integer)
