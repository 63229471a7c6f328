"""The payment of an order, and every call to the provider: noted before, noted after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, case, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.orders.domain.terms import OperationKind, OperationState, PaymentKind


class Payment(Row):
    """One card payment of one order."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(
            "state IN ('created', 'authorized', 'card_kept', 'processing', 'captured', 'returned',"
            " 'failed', 'canceled')",
            name="state",
        ),
        CheckConstraint("captured_cents <= authorized_cents", name="captured"),
        CheckConstraint("refunded_cents BETWEEN 0 AND captured_cents", name="refunded"),
        Index(
            "uq_payments_secured",
            "order_id",
            unique=True,
            postgresql_where=text("state IN ('authorized', 'card_kept', 'processing', 'captured')"),
        ),
        Index(
            "uq_payments_open",
            "order_id",
            unique=True,
            postgresql_where=text("state = 'created'"),
        ),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[PaymentKind] = mapped_column(text_enum(PaymentKind))
    state: Mapped[str] = mapped_column(server_default="created")
    ceiling_cents: Mapped[int] = mapped_column(Integer)
    """What the customer agreed to at most."""
    authorized_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    captured_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    refunded_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    """Given back of what was captured, as far as the provider has agreed."""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    """The payment that this one takes over from, once it is secured; until then both stand."""
    keep_agreed_at: Mapped[datetime | None]
    """When the person asked to keep this card for later orders; None: they did not."""
    intent_id: Mapped[str | None] = mapped_column(unique=True)
    """The provider's name for it."""
    taken_ref: Mapped[str | None] = mapped_column(unique=True)
    """The provider's name for the charge of a kept card or mandate; None: see ``intent_id``."""
    client_secret: Mapped[str | None]
    customer_ref: Mapped[str | None]
    method_ref: Mapped[str | None]
    capture_before: Mapped[datetime | None]
    """The authorization lapses then."""
    last_error: Mapped[str | None]
    """Code of the last refusal, shown to the customer in words."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class PaymentOperation(Row):
    """A call to the provider that moves money or promises it."""

    __tablename__ = "payment_operations"
    __table_args__ = (Index(None, "payment_id"),)

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    kind: Mapped[OperationKind] = mapped_column(text_enum(OperationKind))
    state: Mapped[OperationState] = mapped_column(
        text_enum(OperationState), server_default=OperationState.NOTED.value
    )
    amount_cents: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(unique=True)
    """Sent as the idempotency key: the provider does it once."""
    provider_ref: Mapped[str | None]
    error: Mapped[str | None]
    noted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    done_at: Mapped[datetime | None]


STANDING = case(
    (Payment.state.in_(("authorized", "card_kept", "processing", "captured")), 0),
    (Payment.state == "created", 1),
    else_=2,
)
"""Sorts the payments of an order: the one that secures it, one that is being made, the rest."""
