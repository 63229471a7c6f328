"""Files of orders that another platform handed over, and the routes found for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class ExchangeRun(Row):
    """One file of orders and the search for its routes; nothing of it becomes an order of ours."""

    __tablename__ = "exchange_runs"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("fleet IN ('theirs', 'ours')", name="fleet"),
        Index(None, "market_id"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    state: Mapped[str] = mapped_column(server_default="queued")
    name: Mapped[str]
    """What the file was called."""
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    orders: Mapped[int] = mapped_column(Integer)
    lines: Mapped[int] = mapped_column(Integer)
    fleet: Mapped[str]
    """``theirs``: a vehicle at each place where goods wait; ``ours``: those of the market."""
    service_s: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[int] = mapped_column(Integer)
    """Time given to the search."""
    result: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    """The routes for whoever looks at them: figures, steps, what was left out."""
    written: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """The routes in the terms of the other platform."""
    error: Mapped[str | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    finished_at: Mapped[datetime | None]
