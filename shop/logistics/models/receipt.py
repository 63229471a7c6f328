"""What producers brought, as it was counted: at the farm, or at the hub."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.logistics.domain.terms import ReceiptPlace
from shop.orders.domain.terms import ShortageReason


class GoodsReceipt(Row):
    """One count of one line of a purchase order; the last one counts."""

    __tablename__ = "goods_receipts"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("weight_g >= 0", name="weight"),
        Index(None, "purchase_order_line_id"),
        {"info": APPEND_ONLY},
    )

    key: Mapped[uuid.UUID] = mapped_column(unique=True)
    """Made of the form's: a form that is sent again is the same count."""
    purchase_order_line_id: Mapped[int] = mapped_column(ForeignKey("purchase_order_lines.id"))
    place: Mapped[ReceiptPlace] = mapped_column(text_enum(ReceiptPlace))
    expected: Mapped[int] = mapped_column(Integer)
    """Promised by the producer at that moment, in the line's unit."""
    amount: Mapped[int] = mapped_column(Integer)
    """Brought, in the line's unit."""
    weight_g: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[ShortageReason | None] = mapped_column(text_enum(ShortageReason))
    """Why less was brought than promised."""
    lot: Mapped[str | None]
    """As the producer calls it."""
    use_by_on: Mapped[date | None]
    temperature_dc: Mapped[int | None] = mapped_column(Integer)
    """Measured in the goods, in tenths of a degree."""
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    device_at: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
