"""A change of an order that its customer asked for before the sale closes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class Amendment(Row):
    """What an order shall hold instead; waits when more money has to be secured first."""

    __tablename__ = "order_amendments"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'applied', 'lapsed')", name="state"),
        Index(
            "uq_order_amendments_waiting",
            "order_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(None, "payment_id"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    """The payment that has to be secured first; None: nothing had to."""
    state: Mapped[str] = mapped_column(server_default="waiting")
    key: Mapped[str] = mapped_column(unique=True)
    """Of the wish: the same button pressed twice is one change."""
    before: Mapped[dict[str, Any]]
    """Amount by offer that the order held."""
    wanted: Mapped[dict[str, Any]]
    """Amount by offer that it shall hold."""
    ceiling_cents: Mapped[int] = mapped_column(Integer)
    """What the customer agrees to at most from then on."""
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who at the desk asked for it; None: the customer."""
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    lapses_at: Mapped[datetime]
