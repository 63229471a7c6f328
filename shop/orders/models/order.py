"""An order: what was promised to a customer, and what became of each line."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import OptionKind, TaxClass, TemperatureClass
from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.infra.places.geocoding import PinBy
from shop.kernel.quantity import Unit
from shop.orders.domain.terms import ShortageReason


class Order(Row):
    """One basket that was ordered; keeps its own copy of all that was agreed."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(
            "state IN ('awaiting_payment', 'placed', 'firm', 'fulfilled', 'settled', 'canceled')",
            name="state",
        ),
        CheckConstraint("estimate_cents <= ceiling_cents", name="ceiling"),
        CheckConstraint("final_cents IS NULL OR final_cents <= ceiling_cents", name="final"),
        Index(None, "cycle_id", "state"),
        Index(None, "person_id"),
        Index(None, "slot_id"),
        CheckConstraint("donation_cents >= 0 AND spot_cents >= 0", name="parts"),
        Index(
            "ix_orders_organisation_id",
            "organisation_id",
            postgresql_where=text("organisation_id IS NOT NULL"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    token: Mapped[uuid.UUID] = mapped_column(unique=True)
    """Opens the order's page without an account."""
    basket_id: Mapped[int] = mapped_column(ForeignKey("baskets.id"), unique=True)
    """A basket becomes one order, however often the button is pressed."""
    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"))
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycles.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(server_default="awaiting_payment")
    locale: Mapped[str]
    contact_name: Mapped[str]
    sort_key: Mapped[str]
    """Surname first, folded: the relay host calls people by surname."""
    contact_email: Mapped[str]
    contact_phone: Mapped[str]
    slot_id: Mapped[int] = mapped_column(ForeignKey("delivery_slots.id"))
    option_kind: Mapped[OptionKind] = mapped_column(text_enum(OptionKind))
    option_name: Mapped[str]
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_points.id"), index=True)
    slot_starts_at: Mapped[datetime]
    slot_ends_at: Mapped[datetime]
    address: Mapped[str]
    """Of the customer, or of the pick-up point."""
    postcode: Mapped[str]
    commune: Mapped[str]
    commune_insee: Mapped[str]
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    pin_by: Mapped[PinBy | None] = mapped_column(text_enum(PinBy))
    """Who said where the door is; None: a pick-up point."""
    door_code: Mapped[str | None]
    """Deleted after the round."""
    note: Mapped[str | None]
    pinned_at: Mapped[datetime | None]
    """When the desk said where the door is; None: the point is the commune's middle."""
    goods_cents: Mapped[int] = mapped_column(Integer)
    """Estimate of the goods, without deposits and fees."""
    deposit_cents: Mapped[int] = mapped_column(Integer)
    fee_cents: Mapped[int] = mapped_column(Integer)
    """Delivery and the fees that the customer bears."""
    fee_parts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """Those fees as they were announced (``domain.fees.to_json``); the rest is delivery."""
    estimate_cents: Mapped[int] = mapped_column(Integer)
    """Goods, deposits and fees as expected."""
    ceiling_cents: Mapped[int] = mapped_column(Integer)
    """Never charged above."""
    final_cents: Mapped[int | None] = mapped_column(Integer)
    """What is charged: for what was delivered, at most the ceiling."""
    donation_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    """Given to the solidarity fund on top, when anything is delivered."""
    spot_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    """At most so much of it is to be paid where the goods are handed over."""
    discount_code_id: Mapped[int | None] = mapped_column(
        ForeignKey("discount_codes.id"), index=True
    )
    """The code by which the solidarity fund pays a part of it."""
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    """Who pays it on account; None: the customer does."""
    not_delivered_why: Mapped[str | None]
    """What the desk told the customer when it gave up to bring the order."""
    terms_version: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    pay_by: Mapped[datetime]
    """An unpaid order gives its goods back from then on."""
    placed_at: Mapped[datetime | None]


class SellerOrder(Row):
    """The part of an order that one seller sells."""

    __tablename__ = "seller_orders"
    __table_args__ = (UniqueConstraint("order_id", "producer_id"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"), index=True)
    producer_name: Mapped[str]
    model: Mapped[SalesModel] = mapped_column(text_enum(SalesModel))


class OrderLine(Row):
    """One offer in an order: what was promised that day, and five amounts of it.

    The sixth, what was received from the producer, is known per offer: see
    ``PurchaseOrderLine``.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "offer_id"),
        CheckConstraint("ordered > 0", name="ordered"),
        CheckConstraint("confirmed IS NULL OR confirmed BETWEEN 0 AND ordered", name="confirmed"),
        CheckConstraint("picked IS NULL OR picked >= 0", name="picked"),
        CheckConstraint("delivered IS NULL OR delivered <= picked", name="delivered"),
        CheckConstraint("billed_cents IS NULL OR billed_cents <= ceiling_cents", name="billed"),
        Index(None, "offer_id"),
        Index(None, "seller_order_id"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seller_order_id: Mapped[int] = mapped_column(ForeignKey("seller_orders.id"))
    offer_id: Mapped[int] = mapped_column(ForeignKey("offers.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"))
    product_name: Mapped[str]
    reference: Mapped[str]
    unit: Mapped[Unit] = mapped_column(text_enum(Unit))
    """Of the amounts below."""
    price_cents: Mapped[int] = mapped_column(Integer)
    price_unit: Mapped[Unit] = mapped_column(text_enum(Unit, "price_unit"))
    content_amount: Mapped[int | None] = mapped_column(Integer)
    content_unit: Mapped[Unit | None] = mapped_column(text_enum(Unit, "content_unit"))
    nominal_g: Mapped[int | None] = mapped_column(Integer)
    min_g: Mapped[int | None] = mapped_column(Integer)
    max_g: Mapped[int | None] = mapped_column(Integer)
    margin_bp: Mapped[int] = mapped_column(Integer)
    deposit_cents: Mapped[int] = mapped_column(Integer)
    """Of one piece."""
    tax_class: Mapped[TaxClass] = mapped_column(text_enum(TaxClass))
    tax_rate_bp: Mapped[int] = mapped_column(Integer)
    temperature_class: Mapped[TemperatureClass] = mapped_column(text_enum(TemperatureClass))
    crate_share: Mapped[int] = mapped_column(Integer)
    ordered: Mapped[int] = mapped_column(Integer)
    confirmed: Mapped[int | None] = mapped_column(Integer)
    """What the producer can supply of it; None: not answered yet."""
    picked: Mapped[int | None] = mapped_column(Integer)
    """What the preparer put in the crate; None: not picked yet."""
    picked_g: Mapped[int | None] = mapped_column(Integer)
    """Its weight, for goods priced by the kilogram."""
    delivered: Mapped[int | None] = mapped_column(Integer)
    estimate_cents: Mapped[int] = mapped_column(Integer)
    ceiling_cents: Mapped[int] = mapped_column(Integer)
    billed_cents: Mapped[int | None] = mapped_column(Integer)
    """Price of what was picked, then of what was delivered; never above the ceiling."""
    shortage: Mapped[ShortageReason | None] = mapped_column(text_enum(ShortageReason))
