"""Buyers who are not consumers: firms and administrations, and what became of their invoices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.db import Base, Row


class BuyerParty(Base):
    """To whom an order is invoiced, when not to the person who ordered."""

    __tablename__ = "buyer_parties"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    name: Mapped[str]
    siret: Mapped[str]
    vat_number: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    is_public: Mapped[bool]
    """The state, a commune, a school: goes through the public portal."""
    service_code: Mapped[str] = mapped_column(server_default="")
    service_required: Mapped[bool]
    engagement: Mapped[str] = mapped_column(server_default="")
    engagement_required: Mapped[bool]


class InvoiceSubmission(Row):
    """Where the invoice of a firm or an administration stands at its portal."""

    __tablename__ = "invoice_submissions"
    __table_args__ = (
        CheckConstraint(
            "state IN ('ready', 'submitted', 'rejected', 'refused', 'approved', 'paid')",
            name="state",
        ),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), unique=True)
    is_public: Mapped[bool]
    """By Chorus Pro; else by an approved platform."""
    state: Mapped[str] = mapped_column(server_default="ready")
    reference: Mapped[str] = mapped_column(server_default="")
    """What the portal called it."""
    note: Mapped[str] = mapped_column(server_default="")
    """What the portal or the buyer said last."""
    changed_at: Mapped[datetime]
