"""Season contracts of an AMAP: baskets on dates, instalments that go straight to the farm."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.append_only import APPEND_ONLY
from shop.infra.db import Row


class SeasonContract(Row):
    """A member's share in a farm's season: so many baskets, paid to the farm itself."""

    __tablename__ = "season_contracts"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'signed', 'ended', 'dropped')", name="state"),
        CheckConstraint("basket_cents > 0", name="basket"),
        Index(None, "market_id"),
        Index(None, "producer_id"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"))
    state: Mapped[str] = mapped_column(server_default="offered")
    label: Mapped[str]
    """What the basket is: « Panier de légumes »."""
    basket_cents: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """The member's account, if they have one."""
    member_name: Mapped[str]
    """Who has the share now."""
    sort_key: Mapped[str]
    member_email: Mapped[str] = mapped_column(server_default="")
    member_phone: Mapped[str] = mapped_column(server_default="")
    signed_on: Mapped[date | None]
    """None: it waits for the member."""
    terms: Mapped[str] = mapped_column(server_default="")
    """What is agreed, word by word, as the member read it."""
    terms_hash: Mapped[str] = mapped_column(server_default="")
    """SHA-256 of ``terms``, in hexadecimal."""
    token: Mapped[str | None] = mapped_column(unique=True)
    """Opens the page on which the member reads and signs."""
    signed_by: Mapped[str] = mapped_column(server_default="")
    """The name that was typed; empty: signed on paper."""
    signed_at: Mapped[datetime | None]
    form_key: Mapped[str | None] = mapped_column(unique=True)
    """Of the desk's form: sent twice, one contract."""


class ContractDelivery(Row):
    """One date on which the member fetches a basket."""

    __tablename__ = "contract_deliveries"
    __table_args__ = (
        UniqueConstraint("contract_id", "on_day"),
        CheckConstraint("baskets > 0", name="baskets"),
    )

    contract_id: Mapped[int] = mapped_column(ForeignKey("season_contracts.id"))
    on_day: Mapped[date]
    baskets: Mapped[int] = mapped_column(Integer, server_default="1")
    fetched_at: Mapped[datetime | None]


class ContractInstalment(Row):
    """One cheque to the farm's order: when it may be cashed, and whether the farm has it."""

    __tablename__ = "contract_instalments"
    __table_args__ = (
        UniqueConstraint("contract_id", "position"),
        CheckConstraint("amount_cents > 0", name="amount"),
    )

    contract_id: Mapped[int] = mapped_column(ForeignKey("season_contracts.id"))
    position: Mapped[int] = mapped_column(Integer)
    amount_cents: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date]
    received_on: Mapped[date | None]
    """The farm said that it has it; the platform never holds it."""
    cheque_number: Mapped[str] = mapped_column(server_default="")
    bank: Mapped[str] = mapped_column(server_default="")
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who noted it."""


class ContractTransfer(Row):
    """A share went from one member to another."""

    __tablename__ = "contract_transfers"
    __table_args__ = (Index(None, "contract_id"), {"info": APPEND_ONLY})

    contract_id: Mapped[int] = mapped_column(ForeignKey("season_contracts.id"))
    from_name: Mapped[str]
    to_name: Mapped[str]
    from_day: Mapped[date]
    """The new member fetches from then on."""
    note: Mapped[str] = mapped_column(server_default="")
    by_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
