"""What provider and bank say moved, and which entry of the ledger each of it is."""

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

from shop.infra.append_only import APPEND_ONLY
from shop.infra.db import Row


class BankFile(Row):
    """A statement of the bank as it was brought: the same file twice is one."""

    __tablename__ = "bank_files"
    __table_args__ = (UniqueConstraint("market_id", "digest"), {"info": APPEND_ONLY})

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    name: Mapped[str]
    format: Mapped[str]
    digest: Mapped[str]
    lines: Mapped[int] = mapped_column(Integer)
    fresh: Mapped[int] = mapped_column(Integer)
    """Lines that no earlier file had."""
    opening_cents: Mapped[int | None] = mapped_column(BigInteger)
    closing_cents: Mapped[int | None] = mapped_column(BigInteger)
    read_at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)


class BankUpload(Row):
    """A bank's file that somebody brought and has not said yes to; thrown away afterwards."""

    __tablename__ = "bank_uploads"

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), index=True)
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    brought_at: Mapped[datetime]


class BankColumns(Row):
    """Which column of a market's bank lists is what, remembered from the last time."""

    __tablename__ = "bank_columns"

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), unique=True)
    columns: Mapped[dict[str, Any]]


class MoneyMovement(Row):
    """One line of the provider's balance or of the bank's statement."""

    __tablename__ = "money_movements"
    __table_args__ = (
        UniqueConstraint("source", "key"),
        CheckConstraint("source IN ('provider', 'bank')", name="source"),
        CheckConstraint("state IN ('open', 'matched', 'explained')", name="state"),
        Index(None, "market_id", "state"),
    )

    source: Mapped[str]
    key: Mapped[str]
    """The provider's id, or what makes a line of a bank unique: read again, it is the same."""
    market_id: Mapped[int | None] = mapped_column(ForeignKey("markets.id"))
    """None: the provider's, which is one for the installation."""
    file_id: Mapped[int | None] = mapped_column(ForeignKey("bank_files.id"))
    state: Mapped[str] = mapped_column(server_default="open")
    on: Mapped[date]
    at: Mapped[datetime | None]
    kind: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    """What reached or left the account before fees; above zero: it came."""
    fee_cents: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reference: Mapped[str]
    counterparty: Mapped[str]
    text: Mapped[str]
    noted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class MovementMatch(Row):
    """Somebody said which entry a movement is, or why there is none."""

    __tablename__ = "movement_matches"
    __table_args__ = (Index(None, "entry_key"), {"info": APPEND_ONLY})

    movement_id: Mapped[int] = mapped_column(ForeignKey("money_movements.id"), unique=True)
    entry_key: Mapped[str]
    """Entry of the ledger that it is, or that was made for it."""
    note: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)
