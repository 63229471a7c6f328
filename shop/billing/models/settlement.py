"""What each producer was told for each cycle: frozen, numbered without gaps, never changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.append_only import APPEND_ONLY
from shop.infra.db import Row


class SettlementRules(Row):
    """How a market settles with its producers, and from which account it pays them."""

    __tablename__ = "settlement_rules"
    __table_args__ = (
        CheckConstraint("settle_after_days >= 0", name="settle_after_days"),
        CheckConstraint("warn_days >= 0", name="warn_days"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), unique=True)
    settle_after_days: Mapped[int | None] = mapped_column(Integer)
    """Days after the delivery on which the clock settles a cycle; None: the desk does."""
    warn_days: Mapped[int] = mapped_column(Integer, server_default="5")
    """How long before a statutory date passes the desk is warned."""
    account_holder: Mapped[str] = mapped_column(server_default="")
    iban: Mapped[str] = mapped_column(server_default="")
    bic: Mapped[str] = mapped_column(server_default="")
    sepa_schema: Mapped[str] = mapped_column(server_default="pain.001.001.09")
    """Which version of the credit-transfer file the bank takes."""


class Settlement(Row):
    """One producer's statement for one cycle."""

    __tablename__ = "settlements"
    __table_args__ = (
        UniqueConstraint("cycle_id", "producer_id"),
        UniqueConstraint("market_id", "year", "rank"),
        CheckConstraint(
            "closing_cents = opening_cents + goods_cents - fees_cents + others_cents",
            name="adds_up",
        ),
        Index(None, "producer_id"),
        {"info": APPEND_ONLY},
    )

    number: Mapped[str] = mapped_column(unique=True)
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    year: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Integer)
    """Without gaps in a market and a year."""
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"))
    settled_at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)
    """None: the clock."""
    opening_cents: Mapped[int] = mapped_column(BigInteger)
    """What was owed after the statement before; below zero: the producer owed us."""
    goods_cents: Mapped[int] = mapped_column(BigInteger)
    fees_cents: Mapped[int] = mapped_column(BigInteger)
    """Tax included."""
    fee_tax_cents: Mapped[int] = mapped_column(BigInteger)
    others_cents: Mapped[int] = mapped_column(BigInteger)
    """Refunds, corrections and payouts, as the producer sees them."""
    closing_cents: Mapped[int] = mapped_column(BigInteger)
    """What is owed now."""
    content: Mapped[dict[str, Any]]
    """Every line (``domain.statement``)."""
    digest: Mapped[str]
    """SHA-256 of the content, printed on the paper."""


class SettlementPosting(Row):
    """Which posting of the ledger stands on which statement: each on one, once."""

    __tablename__ = "settlement_postings"
    __table_args__ = (Index(None, "settlement_id"), {"info": APPEND_ONLY})

    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"))
    posting_id: Mapped[int] = mapped_column(ForeignKey("ledger_postings.id"), unique=True)


class PaymentDelay(Row):
    """How long the law lets us wait before a producer is paid, by kind of goods (rules §3)."""

    __tablename__ = "payment_delays"
    __table_args__ = (
        UniqueConstraint("kind", "valid_from"),
        CheckConstraint("days >= 0", name="days"),
        CheckConstraint("basis IN ('delivery', 'month_end', 'invoice')", name="basis"),
        CheckConstraint("kind IN ('perishable', 'fresh_meat', 'spirits', 'other')", name="kind"),
    )

    kind: Mapped[str]
    days: Mapped[int] = mapped_column(Integer)
    basis: Mapped[str]
    """Counted from the delivery, the end of its month, or the invoice."""
    categories: Mapped[list[str]]
    """Slugs of the shelves it is about; other goods are perishable when they travel cold."""
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class MarketDelay(Row):
    """What one market keeps to instead: a law that is new here, or an agreement with its farms."""

    __tablename__ = "market_delays"
    __table_args__ = (
        UniqueConstraint("market_id", "kind", "valid_from"),
        CheckConstraint("days BETWEEN 0 AND 120", name="days"),
        CheckConstraint("basis IN ('delivery', 'month_end', 'invoice')", name="basis"),
        CheckConstraint("kind IN ('perishable', 'fresh_meat', 'spirits', 'other')", name="kind"),
        CheckConstraint("source <> ''", name="source"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    kind: Mapped[str]
    days: Mapped[int] = mapped_column(Integer)
    basis: Mapped[str]
    source: Mapped[str]
    """The law or the agreement that says so."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
