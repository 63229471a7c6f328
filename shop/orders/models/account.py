"""Organisations that buy on account: what they owe, by when, and what they paid."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.append_only import APPEND_ONLY
from shop.infra.db import Base, Row


class Organisation(Row):
    """A canteen, a school, a collective buyer: pays by bank transfer when the term is over."""

    __tablename__ = "organisations"
    __table_args__ = (
        UniqueConstraint("market_id", "siret"),
        CheckConstraint("term_days BETWEEN 0 AND 90", name="term"),
        CheckConstraint("limit_cents >= 0", name="limit"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    name: Mapped[str]
    sort_key: Mapped[str]
    siret: Mapped[str]
    email: Mapped[str]
    """Where reminders go."""
    phone: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    term_days: Mapped[int] = mapped_column(Integer)
    """Due so many days after the delivery."""
    limit_cents: Mapped[int] = mapped_column(Integer)
    """Most that may be owed or ordered at a time."""
    locale: Mapped[str] = mapped_column(server_default="fr")
    closed_at: Mapped[datetime | None]
    """Buys no more on account since then."""


class OrganisationMember(Base):
    """Somebody who may order for an organisation."""

    __tablename__ = "organisation_members"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class AccountClaim(Row):
    """What an organisation owes for one delivered order."""

    __tablename__ = "account_claims"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    amount_cents: Mapped[int] = mapped_column(Integer)
    delivered_on: Mapped[date]
    due_on: Mapped[date]
    reminders: Mapped[int] = mapped_column(Integer, server_default="0")
    """Letters sent about it."""
    reminded_on: Mapped[date | None]


class AccountReceipt(Row):
    """A bank transfer of an organisation, as the desk read it on the statement."""

    __tablename__ = "account_receipts"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        {"info": APPEND_ONLY},
    )

    key: Mapped[str] = mapped_column(unique=True)
    """Of the form: sent twice, noted once."""
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    amount_cents: Mapped[int] = mapped_column(Integer)
    received_on: Mapped[date]
    reference: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class AccountAllocation(Row):
    """So much of a transfer pays so much of a claim."""

    __tablename__ = "account_allocations"
    __table_args__ = (
        UniqueConstraint("receipt_id", "claim_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
        {"info": APPEND_ONLY},
    )

    receipt_id: Mapped[int] = mapped_column(ForeignKey("account_receipts.id"))
    claim_id: Mapped[int] = mapped_column(ForeignKey("account_claims.id"), index=True)
    amount_cents: Mapped[int] = mapped_column(Integer)
