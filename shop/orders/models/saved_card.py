"""Means of payment that people asked us to keep for their next orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Row


class PaymentCustomer(Row):
    """Under which name the provider knows a person with an account."""

    __tablename__ = "payment_customers"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    customer_ref: Mapped[str] = mapped_column(unique=True)


class SavedCard(Row):
    """One card (or account) kept with consent: what is shown of it, never its number."""

    __tablename__ = "saved_cards"
    __table_args__ = (Index(None, "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    method_ref: Mapped[str] = mapped_column(unique=True)
    brand: Mapped[str]
    last4: Mapped[str]
    exp_month: Mapped[int | None] = mapped_column(Integer)
    exp_year: Mapped[int | None] = mapped_column(Integer)
    agreed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    chosen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    """The one chosen last is offered first."""
    forgotten_at: Mapped[datetime | None]
    """Asked to be thrown away; the provider is told."""
