"""People and what each may do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.accounts.domain.roles import Role
from shop.infra.column_types import text_enum
from shop.infra.db import Row


class Person(Row):
    """Somebody who can sign in."""

    __tablename__ = "people"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="fr")
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    closed_at: Mapped[datetime | None]
    """When the account was closed: nobody signs in with it any more."""


class Grant(Row):
    """One role of one person, at one place: a market, a producer or a pick-up point."""

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint(
            "person_id",
            "role",
            "market_id",
            "producer_id",
            "pickup_point_id",
            postgresql_nulls_not_distinct=True,
            name="uq_grants_once",
        ),
        Index(None, "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(text_enum(Role))
    market_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("markets.id"))
    producer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("producers.id"))
    pickup_point_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("pickup_points.id"))
