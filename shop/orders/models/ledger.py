"""Double entry in cents: accounts, entries, postings. Rows are only ever added."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.terms import OptionKind
from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.orders.domain.terms import AccountKind, Bearer, FeeKind


class LedgerAccount(Row):
    """One account of the tree; its balance is the sum of its postings."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint(
            "kind", "owner_id", postgresql_nulls_not_distinct=True, name="uq_ledger_accounts_once"
        ),
        {"info": APPEND_ONLY},
    )

    kind: Mapped[AccountKind] = mapped_column(text_enum(AccountKind))
    owner_id: Mapped[int | None] = mapped_column(BigInteger)
    """Order, producer or market, as the kind says; None: the installation."""


class LedgerEntry(Row):
    """One thing that happened to money; its postings add up to zero."""

    __tablename__ = "ledger_entries"
    __table_args__ = (Index(None, "order_id"), {"info": APPEND_ONLY})

    key: Mapped[str] = mapped_column(unique=True)
    """Names the event, so that it is never entered twice."""
    kind: Mapped[str]
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    facts: Mapped[dict[str, Any]]


class LedgerPosting(Row):
    """One side of an entry."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount"),
        Index(None, "entry_id"),
        Index(None, "account_id"),
        {"info": APPEND_ONLY},
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    """Above zero: debit; below: credit."""


class FeeRule(Row):
    """A fee of a market from a day on, everywhere or in a zone; amounts include the tax.

    What was in force is never changed: a rule ends when a later one of its kind begins.
    """

    __tablename__ = "fee_rules"
    __table_args__ = (
        UniqueConstraint(
            "market_id",
            "kind",
            "bearer",
            "option_kind",
            "commune_insee",
            "valid_from",
            name="uq_fee_rules_once",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(
            "percent_bp BETWEEN 0 AND 10000 AND per_order_cents >= 0 AND per_crate_cents >= 0"
            " AND tax_rate_bp BETWEEN 0 AND 10000",
            name="amounts",
        ),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="days"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    kind: Mapped[FeeKind] = mapped_column(text_enum(FeeKind))
    percent_bp: Mapped[int] = mapped_column(Integer, server_default="0")
    """Of the billed goods, in hundredths of a percent."""
    per_order_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    per_crate_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    tax_rate_bp: Mapped[int] = mapped_column(Integer, server_default="0")
    """Of the value added tax inside the fee, in hundredths of a percent."""
    bearer: Mapped[Bearer] = mapped_column(text_enum(Bearer))
    option_kind: Mapped[OptionKind | None] = mapped_column(text_enum(OptionKind))
    """Only for that kind of delivery; None: for all."""
    commune_insee: Mapped[str | None]
    """Only for deliveries in that commune; None: everywhere."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The first day on which it does not hold any more."""
    note: Mapped[str | None]
    """Why, in the words of the desk."""
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)
