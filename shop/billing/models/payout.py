"""Money that goes to producers: where to, in which batch, and how far it got."""

from __future__ import annotations

from datetime import date, datetime

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

from shop.billing.domain.payout import PayoutMethod
from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row


class Payee(Row):
    """Where a producer wants their money, from an instant on; the latest row counts."""

    __tablename__ = "payees"
    __table_args__ = (Index(None, "producer_id"), {"info": APPEND_ONLY})

    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"))
    method: Mapped[PayoutMethod] = mapped_column(text_enum(PayoutMethod))
    holder: Mapped[str]
    iban: Mapped[str] = mapped_column(server_default="")
    bic: Mapped[str] = mapped_column(server_default="")
    account_ref: Mapped[str] = mapped_column(server_default="")
    """The producer's account at the payment provider."""
    noted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)


class PayoutBatch(Row):
    """All that is paid by one press of a button."""

    __tablename__ = "payout_batches"
    __table_args__ = (UniqueConstraint("market_id", "method", "year", "rank"),)

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    method: Mapped[PayoutMethod] = mapped_column(text_enum(PayoutMethod))
    year: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(Integer)
    """Without gaps in a market, a method and a year."""
    message_id: Mapped[str] = mapped_column(unique=True)
    """Names the file to the bank."""
    total_cents: Mapped[int] = mapped_column(BigInteger)
    execute_on: Mapped[date]
    account_holder: Mapped[str] = mapped_column(server_default="")
    iban: Mapped[str] = mapped_column(server_default="")
    bic: Mapped[str] = mapped_column(server_default="")
    sepa_schema: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)


class Payout(Row):
    """What one producer is paid in a batch."""

    __tablename__ = "payouts"
    __table_args__ = (
        UniqueConstraint("batch_id", "producer_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("reversed_cents BETWEEN 0 AND amount_cents", name="reversed"),
        CheckConstraint("state IN ('noted', 'sent', 'paid', 'refused')", name="state"),
        Index(None, "producer_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batches.id"))
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"))
    method: Mapped[PayoutMethod] = mapped_column(text_enum(PayoutMethod))
    state: Mapped[str] = mapped_column(server_default="noted")
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    reversed_cents: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """What was taken back of it, or is being."""
    holder: Mapped[str]
    iban: Mapped[str]
    bic: Mapped[str]
    account_ref: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    """End-to-end reference, and key of the call to the provider: done once."""
    text: Mapped[str]
    """What the producer reads on their account."""
    asked_at: Mapped[datetime | None]
    """When the provider was first asked for it: from then on it may have been done."""
    provider_ref: Mapped[str | None]
    error: Mapped[str | None]
    paid_at: Mapped[datetime | None]


class PayoutReversal(Row):
    """A part of a transfer that is taken back, because customers were given money back."""

    __tablename__ = "payout_reversals"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("state IN ('noted', 'paid', 'refused')", name="state"),
        Index(None, "payout_id"),
    )

    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"))
    state: Mapped[str] = mapped_column(server_default="noted")
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str] = mapped_column(unique=True)
    asked_at: Mapped[datetime | None]
    """When the provider was first asked for it."""
    provider_ref: Mapped[str | None]
    error: Mapped[str | None]
    noted_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
