"""Who sells in law: the identity of farms and markets, and the mandates between them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.billing.domain.invoice_terms import PartyKind, VatReturn
from shop.infra.column_types import text_enum
from shop.infra.db import Row


class SellerIdentity(Row):
    """What invoices, payouts and the tax office need to know of a seller."""

    __tablename__ = "seller_identities"
    __table_args__ = (UniqueConstraint("kind", "owner_id"),)

    kind: Mapped[PartyKind] = mapped_column(text_enum(PartyKind))
    owner_id: Mapped[int] = mapped_column(BigInteger)
    """Producer or market."""
    legal_name: Mapped[str]
    legal_form: Mapped[str] = mapped_column(server_default="")
    """GAEC, EARL, SCIC, entreprise individuelle."""
    siret: Mapped[str]
    vat_number: Mapped[str] = mapped_column(server_default="")
    vat_return: Mapped[VatReturn] = mapped_column(
        text_enum(VatReturn), server_default=VatReturn.SIMPLIFIED.value
    )
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    country: Mapped[str] = mapped_column(server_default="FR")
    email: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    iban: Mapped[str] = mapped_column(server_default="")
    """Of a market: where its invoices are paid; a producer's is their payee's."""
    born_on: Mapped[date | None]
    """Of a seller who is a person: asked by the yearly report."""
    prefix: Mapped[str] = mapped_column(server_default="")
    """Of its numbers; empty: made from its name."""
    yearly_numbers: Mapped[bool] = mapped_column(server_default="true")
    """Whether its numbers begin anew each year."""
    certified_at: Mapped[datetime | None]
    """When the seller last declared that all this is true."""


class Mandate(Row):
    """A producer lets a market write invoices in their name, or bill itself."""

    __tablename__ = "invoice_mandates"
    __table_args__ = (
        CheckConstraint("contest_days >= 0", name="contest_days"),
        CheckConstraint("revoked_on IS NULL OR revoked_on >= signed_on", name="days"),
        Index(None, "producer_id", "market_id"),
    )

    producer_id: Mapped[int] = mapped_column(BigInteger)
    market_id: Mapped[int] = mapped_column(BigInteger)
    signed_on: Mapped[date]
    signed_by: Mapped[str]
    contest_days: Mapped[int] = mapped_column(Integer)
    """How long the producer may contest an invoice after it was issued."""
    self_billing: Mapped[bool]
    """Also invoices of what the market buys from the producer."""
    wording: Mapped[str]
    """What was signed, word by word."""
    revoked_on: Mapped[date | None]
    noted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    noted_by: Mapped[int | None] = mapped_column(BigInteger)


class TaxMention(Row):
    """What the law asks to be written where no tax is billed, from a day on."""

    __tablename__ = "tax_mentions"
    __table_args__ = (UniqueConstraint("reason", "valid_from"),)

    reason: Mapped[str]
    """A regime (rfa, franchise, exempt), or ``deposit``."""
    text: Mapped[str]
    """As the law words it, in French whatever the language of the invoice."""
    code: Mapped[str] = mapped_column(server_default="")
    """In the list VATEX, where there is one."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
