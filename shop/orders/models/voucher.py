"""Vouchers, and the dated rules about paying."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.orders.domain.terms import VoucherKind


class Voucher(Row):
    """A code that pays up to what is left on it, until a day."""

    __tablename__ = "vouchers"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'active', 'ended')", name="state"),
        CheckConstraint("value_cents > 0", name="value"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), index=True)
    kind: Mapped[VoucherKind] = mapped_column(text_enum(VoucherKind))
    state: Mapped[str] = mapped_column(server_default="waiting")
    code: Mapped[str] = mapped_column(unique=True)
    """Without hyphens, in capitals."""
    value_cents: Mapped[int] = mapped_column(Integer)
    valid_until: Mapped[date]
    """The last day on which it pays."""
    recipient: Mapped[str] = mapped_column(server_default="")
    """Whose name is printed on it."""
    message: Mapped[str] = mapped_column(server_default="")
    buyer_email: Mapped[str | None]
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who gave it at the desk."""
    reason: Mapped[str] = mapped_column(server_default="")
    token: Mapped[str] = mapped_column(unique=True)
    """Opens the voucher's page and its PDF."""
    locale: Mapped[str] = mapped_column(server_default="fr")
    intent_id: Mapped[str | None] = mapped_column(unique=True)
    """The payment provider's name for its purchase."""
    client_secret: Mapped[str | None]
    form_key: Mapped[str | None] = mapped_column(unique=True)
    """Of the form by which it was wanted: sent twice, one voucher."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class DiscountCode(Row):
    """A code that takes something off many orders, paid from the solidarity fund."""

    __tablename__ = "discount_codes"
    __table_args__ = (
        UniqueConstraint("market_id", "code"),
        CheckConstraint("state IN ('active', 'ended')", name="state"),
        CheckConstraint("(amount_cents IS NULL) <> (percent_bp IS NULL)", name="one_way"),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("percent_bp BETWEEN 1 AND 10000", name="percent"),
        CheckConstraint("uses > 0", name="uses"),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    code: Mapped[str]
    """Without hyphens, in capitals."""
    state: Mapped[str] = mapped_column(server_default="active")
    reason: Mapped[str]
    """For whom it is: « étudiants de Brignoles »."""
    amount_cents: Mapped[int | None] = mapped_column(Integer)
    """Off each order; None: a part of it."""
    percent_bp: Mapped[int | None] = mapped_column(Integer)
    """Of the goods, in hundredths of a percent; None: an amount."""
    uses: Mapped[int] = mapped_column(Integer)
    """Orders that it pays for at most, one for each person."""
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    created_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class MoneyRule(Row):
    """A threshold about paying from a day on; see ``domain.tenders.RuleName``."""

    __tablename__ = "money_rules"
    __table_args__ = (UniqueConstraint("name", "valid_from"),)

    name: Mapped[str]
    amount: Mapped[int] = mapped_column(Integer)
    """Cents, years or days, as the name says."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(server_default="")
    """Where the rule is written."""
