"""What a producer makes: the product, its category, the tax on it, and every change to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

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

from shop.catalog.domain.terms import TaxClass, TemperatureClass
from shop.infra.append_only import APPEND_ONLY
from shop.infra.column_types import text_enum
from shop.infra.db import Row
from shop.kernel.quantity import Unit


class Category(Row):
    """A shelf of the shop."""

    __tablename__ = "categories"

    slug: Mapped[str] = mapped_column(unique=True)
    name_fr: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    tax_class: Mapped[TaxClass] = mapped_column(text_enum(TaxClass))
    """Of products that say nothing else."""
    temperature_class: Mapped[TemperatureClass] = mapped_column(text_enum(TemperatureClass))
    """Of products that say nothing else."""
    picture: Mapped[str]


class TaxRate(Row):
    """The rate of a kind of goods in a territory, from a day on."""

    __tablename__ = "tax_rates"
    __table_args__ = (UniqueConstraint("tax_class", "territory", "valid_from"),)

    tax_class: Mapped[TaxClass] = mapped_column(text_enum(TaxClass))
    territory: Mapped[str] = mapped_column(server_default="FR")
    rate_bp: Mapped[int] = mapped_column(Integer)
    """Hundredths of a percent: 550 is 5.5 %."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Product(Row):
    """One thing in one packing, as its producer describes it."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("producer_id", "reference"),
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("order_step > 0", name="step"),
        CheckConstraint("content_amount > 0", name="content"),
        CheckConstraint(
            "(nominal_g IS NULL AND min_g IS NULL AND max_g IS NULL)"
            " OR (0 < min_g AND min_g <= nominal_g AND nominal_g <= max_g)",
            name="variable_weight",
        ),
    )

    producer_id: Mapped[int] = mapped_column(ForeignKey("producers.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    reference: Mapped[str]
    """The producer's own; identifies the product in their spreadsheet."""
    slug: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str | None]
    description: Mapped[str] = mapped_column(server_default="")
    sort_key: Mapped[str]
    search_text: Mapped[str]
    """Name, category and producer folded."""
    order_unit: Mapped[Unit] = mapped_column(text_enum(Unit, "order_unit"))
    """What customers count in: pieces, or grams for goods sold loose."""
    order_step: Mapped[int] = mapped_column(Integer, server_default="1")
    """Smallest amount, and steps above it, in the order unit."""
    price_unit: Mapped[Unit] = mapped_column(text_enum(Unit, "price_unit"))
    """The price is for one piece, one kilogram or one liter."""
    price_cents: Mapped[int] = mapped_column(Integer)
    """Usual price, tax included."""
    content_amount: Mapped[int | None] = mapped_column(Integer)
    """Net quantity of one piece; None for goods sold loose."""
    content_unit: Mapped[Unit | None] = mapped_column(text_enum(Unit, "content_unit"))
    nominal_g: Mapped[int | None] = mapped_column(Integer)
    """Usual weight of a piece priced by the kilogram."""
    min_g: Mapped[int | None] = mapped_column(Integer)
    max_g: Mapped[int | None] = mapped_column(Integer)
    margin_bp: Mapped[int] = mapped_column(Integer, server_default="1500")
    """How far above the estimate the weighed amount may be charged."""
    deposit_cents: Mapped[int] = mapped_column(Integer, server_default="0")
    tax_class: Mapped[TaxClass] = mapped_column(text_enum(TaxClass))
    temperature_class: Mapped[TemperatureClass] = mapped_column(text_enum(TemperatureClass))
    labels: Mapped[list[str]]
    allergens: Mapped[list[str]]
    origin: Mapped[str | None]
    crate_share: Mapped[int] = mapped_column(Integer, server_default="50")
    """Thousandths of a crate that one piece, or one kilogram sold loose, fills."""
    usual_allotment: Mapped[int | None] = mapped_column(Integer)
    """Per cycle, in the order unit; None: said each time."""
    picture: Mapped[str]
    """Name of an illustration, or key of a photograph."""
    listed: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """What the producer's list says beyond these columns (``domain.listing``)."""
    retired_at: Mapped[datetime | None]
    """When the producer took it off the catalogue; past orders still name it."""


class ProductChange(Row):
    """What a product was before and after somebody changed it."""

    __tablename__ = "product_changes"
    __table_args__ = (Index(None, "product_id"), {"info": APPEND_ONLY})

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("sheet_imports.id"))
    before: Mapped[dict[str, Any] | None]
    """None: the product was new."""
    after: Mapped[dict[str, Any]]
