"""What the desk said to a bank about a contested payment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class DisputeAnswer(Row):
    """One answer; a bank reads one, so there is one that was not refused."""

    __tablename__ = "dispute_answers"
    __table_args__ = (
        CheckConstraint("state IN ('noted', 'sent', 'refused')", name="state"),
        Index(
            "ix_dispute_answers_one",
            "dispute_id",
            unique=True,
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    dispute_id: Mapped[int] = mapped_column(ForeignKey("disputes.id"))
    state: Mapped[str] = mapped_column(server_default="noted")
    said: Mapped[dict[str, Any]]
    """Field by field, as it was handed in."""
    error: Mapped[str | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    noted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    sent_at: Mapped[datetime | None]
