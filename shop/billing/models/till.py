"""Tills, their journal and their closings: rows are only ever added, each sealed on the last."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.billing.domain.journal import EntryKind, Period
from shop.catalog.domain.terms import SpotWay
from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row


class Till(Row):
    """Where money is taken by hand: the desk, a pick-up point, a driver's bag."""

    __tablename__ = "tills"
    __table_args__ = (UniqueConstraint("market_id", "code"),)

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    code: Mapped[str]
    """« desk », « point-12 », « person-7 »: part of every seal."""
    name: Mapped[str]


class TillEntry(Row):
    """One payment that was taken, or its counter-entry."""

    __tablename__ = "till_entries"
    __table_args__ = (
        UniqueConstraint("till_id", "sequence"),
        CheckConstraint("amount_cents <> 0", name="amount"),
        Index(None, "till_id", "day"),
        Index(None, "order_id"),
        Index("ix_till_entries_payer", "payer", "day"),
        {"info": APPEND_ONLY},
    )

    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id"))
    sequence: Mapped[int] = mapped_column(BigInteger)
    """1, 2, 3… in each till, without a gap."""
    key: Mapped[str] = mapped_column(unique=True)
    """Of the form: sent twice, taken once."""
    kind: Mapped[EntryKind] = mapped_column(text_enum(EntryKind))
    way: Mapped[SpotWay] = mapped_column(text_enum(SpotWay))
    amount_cents: Mapped[int] = mapped_column(Integer)
    """Above zero: taken; below: given back."""
    at: Mapped[datetime]
    day: Mapped[date]
    """In the market's zone."""
    by_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    by_name: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    order_number: Mapped[str] = mapped_column(server_default="")
    payer: Mapped[str] = mapped_column(server_default="")
    """« person:7 » or « mail:… »: whose meal vouchers count together."""
    counters_id: Mapped[int | None] = mapped_column(ForeignKey("till_entries.id"), unique=True)
    """The entry that it takes back."""
    details: Mapped[dict[str, Any]]
    """Cheque: number, bank, payee; reason of a counter-entry; taxes of the order."""
    previous_hash: Mapped[str]
    hash: Mapped[str]


class TillClosing(Row):
    """The end of a day, a month or a year of a till, with its totals."""

    __tablename__ = "till_closings"
    __table_args__ = (
        UniqueConstraint("till_id", "sequence"),
        UniqueConstraint("till_id", "period", "label"),
        {"info": APPEND_ONLY},
    )

    till_id: Mapped[int] = mapped_column(ForeignKey("tills.id"))
    sequence: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[Period] = mapped_column(text_enum(Period))
    label: Mapped[str]
    """« 2026-11-24 », « 2026-11 », « 2026 »."""
    first_entry: Mapped[int | None] = mapped_column(BigInteger)
    """Sequence of the first entry inside; None: nothing was taken."""
    last_entry: Mapped[int | None] = mapped_column(BigInteger)
    totals: Mapped[dict[str, Any]]
    """Cents by way."""
    total_cents: Mapped[int] = mapped_column(BigInteger)
    perpetual_cents: Mapped[int] = mapped_column(BigInteger)
    """Everything ever taken in this till, less what was given back."""
    counted_cents: Mapped[int | None] = mapped_column(Integer)
    """Cash in the drawer as counted; None: nobody counted."""
    expected_cents: Mapped[int] = mapped_column(Integer)
    """Cash that the entries of the period say."""
    note: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None: the clock closed it."""
    previous_hash: Mapped[str]
    hash: Mapped[str]
