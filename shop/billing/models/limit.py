"""Dated thresholds of the law for farms that resell and for producers' shops."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class SalesLimit(Row):
    """A threshold that holds for a time."""

    __tablename__ = "sales_limits"
    __table_args__ = (
        UniqueConstraint("kind", "valid_from"),
        CheckConstraint("kind IN ('resale_share', 'resale_year', 'member_share')", name="kind"),
        CheckConstraint("value > 0 AND warn_bp BETWEEN 0 AND 10000", name="value"),
    )

    kind: Mapped[str]
    value: Mapped[int] = mapped_column(BigInteger)
    """Basis points for shares, cents for a year."""
    warn_bp: Mapped[int] = mapped_column(Integer)
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
