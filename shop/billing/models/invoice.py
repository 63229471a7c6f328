"""Invoices as they were issued: rows are only added, numbers never skipped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.billing.domain.invoice_terms import InvoiceKind, InvoiceLineKind, PartyKind
from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Base, Row


class InvoiceSeries(Row):
    """The numbers that one issuer gives to the invoices of one seller, each year anew."""

    __tablename__ = "invoice_series"
    __table_args__ = (
        UniqueConstraint(
            "seller_kind",
            "seller_id",
            "issuer_kind",
            "issuer_id",
            "year",
            postgresql_nulls_not_distinct=True,
            name="uq_invoice_series_once",
        ),
        CheckConstraint("last_number >= 0", name="last_number"),
    )

    seller_kind: Mapped[PartyKind] = mapped_column(text_enum(PartyKind, "seller_kind"))
    seller_id: Mapped[int] = mapped_column(BigInteger)
    issuer_kind: Mapped[PartyKind] = mapped_column(text_enum(PartyKind, "issuer_kind"))
    issuer_id: Mapped[int] = mapped_column(BigInteger)
    year: Mapped[int | None] = mapped_column(Integer)
    """None: one series for ever."""
    prefix: Mapped[str]
    last_number: Mapped[int] = mapped_column(Integer, server_default="0")


class IssuedInvoice(Row):
    """An invoice or a credit note, frozen."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("series_id", "sequence"),
        UniqueConstraint("seller_kind", "seller_id", "number"),
        Index(None, "order_id"),
        Index(None, "market_id", "cycle_id"),
        Index(None, "seller_kind", "seller_id", "issued_on"),
        {"info": APPEND_ONLY},
    )

    key: Mapped[str] = mapped_column(unique=True)
    """Names its reason, so that nothing is ever invoiced twice: ``order:12:producer:3``."""
    kind: Mapped[InvoiceKind] = mapped_column(text_enum(InvoiceKind))
    series_id: Mapped[int] = mapped_column(ForeignKey("invoice_series.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    number: Mapped[str]
    seller_kind: Mapped[PartyKind] = mapped_column(text_enum(PartyKind, "seller_kind"))
    seller_id: Mapped[int] = mapped_column(BigInteger)
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycles.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    """None: a self-billed invoice of a whole cycle."""
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    """The invoice that a credit note cites."""
    buyer_name: Mapped[str]
    search_text: Mapped[str]
    """Number, order, buyer and seller, folded."""
    buyer_siret: Mapped[str]
    """Empty: a consumer."""
    issued_on: Mapped[date]
    supplied_on: Mapped[date]
    net_cents: Mapped[int] = mapped_column(Integer)
    tax_cents: Mapped[int] = mapped_column(Integer)
    rounding_cents: Mapped[int] = mapped_column(Integer)
    gross_cents: Mapped[int] = mapped_column(Integer)
    """What it comes to; above zero on credit notes too."""
    paid_cents: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]]
    """All of it (``domain.invoice_record``)."""
    xml: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(BigInteger)


class InvoiceTax(Row):
    """Base and tax of an invoice by rate."""

    __tablename__ = "invoice_taxes"
    __table_args__ = (UniqueConstraint("invoice_id", "rate_bp"), {"info": APPEND_ONLY})

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    rate_bp: Mapped[int] = mapped_column(Integer)
    base_cents: Mapped[int] = mapped_column(Integer)
    tax_cents: Mapped[int] = mapped_column(Integer)
    rounding_cents: Mapped[int] = mapped_column(Integer)


class IssuedLine(Row):
    """A line of an invoice, for what is counted over many of them."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        Index(None, "invoice_id"),
        Index(None, "order_line_id"),
        {"info": APPEND_ONLY},
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    place: Mapped[int] = mapped_column(Integer)
    kind: Mapped[InvoiceLineKind] = mapped_column(text_enum(InvoiceLineKind))
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))
    producer_id: Mapped[int | None] = mapped_column(BigInteger)
    rate_bp: Mapped[int] = mapped_column(Integer)
    net_cents: Mapped[int] = mapped_column(Integer)
    gross_cents: Mapped[int] = mapped_column(Integer)


class InvoiceFile(Base):
    """The PDF of an invoice, made once."""

    __tablename__ = "invoice_files"
    __table_args__ = ({"info": APPEND_ONLY},)

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    printed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class InvoiceRun(Row):
    """Issuing and printing the invoices of a cycle, and how far it is."""

    __tablename__ = "invoice_runs"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done')", name="state"),
        Index(None, "market_id"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    state: Mapped[str] = mapped_column(server_default="waiting")
    orders: Mapped[int] = mapped_column(Integer, server_default="0")
    orders_done: Mapped[int] = mapped_column(Integer, server_default="0")
    files: Mapped[int] = mapped_column(Integer, server_default="0")
    files_done: Mapped[int] = mapped_column(Integer, server_default="0")
    issued: Mapped[int] = mapped_column(Integer, server_default="0")
    blocked: Mapped[int] = mapped_column(Integer, server_default="0")
    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    finished_at: Mapped[datetime | None]
