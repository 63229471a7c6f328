"""A payment that its holder contests at the bank."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class Dispute(Row):
    """Money that a bank took back from us, and what became of it."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'under_review', 'won', 'lost')", name="state"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(None, "payment_id"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    provider_ref: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default="open")
    amount_cents: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    """In the provider's word."""
    evidence_by: Mapped[datetime | None]
    """Until when our proofs may be handed in; None: the bank has decided already."""
    opened_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    closed_at: Mapped[datetime | None]
