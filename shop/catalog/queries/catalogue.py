"""A producer's catalogue as the rules of lists see it: shelves, products as kept and as listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.listing import Shelf, Stored, listed
from shop.catalog.domain.sheet import SheetProduct
from shop.catalog.domain.terms import TaxClass
from shop.catalog.models import Category, Product
from shop.catalog.queries import taxes


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A product of the catalogue with its keys."""

    id: int
    reference: str
    picture: str
    name_en: str | None
    stored: Stored


@dataclass(frozen=True, slots=True)
class OwnCatalogue:
    """Everything one producer has, and what it takes to compare it with a list."""

    producer_id: int
    shelves: Mapping[int, Shelf]
    rates: Mapping[TaxClass, int]
    """Of the day, in hundredths of a percent."""
    rows: Mapping[int, CatalogueRow]
    """By product, retired ones too."""

    def listed(self, product_id: int) -> SheetProduct:
        """One product as a list would say it; its ``row`` is the product's key."""
        row = self.rows[product_id]
        shelf = self.shelves[row.stored.category_id]
        return listed(row.stored, shelf, self.rates, reference=row.reference, key=row.id)

    def all_listed(self) -> list[SheetProduct]:
        """Every product as a list would say it."""
        return [self.listed(product_id) for product_id in self.rows]


_STORED = (
    Product.category_id,
    Product.name,
    Product.description,
    Product.order_unit,
    Product.order_step,
    Product.price_unit,
    Product.price_cents,
    Product.content_amount,
    Product.content_unit,
    Product.nominal_g,
    Product.min_g,
    Product.max_g,
    Product.margin_bp,
    Product.deposit_cents,
    Product.tax_class,
    Product.temperature_class,
    Product.labels,
    Product.allergens,
    Product.origin,
    Product.usual_allotment,
    Product.retired_at.is_not(None).label("retired"),
    Product.listed,
)
"""In the order of ``Stored``."""


def shelves(session: Session) -> list[Shelf]:
    """The categories of the shop, in their order."""
    rows = session.execute(
        select(
            Category.id,
            Category.slug,
            Category.name_fr,
            Category.name_en,
            Category.tax_class,
            Category.temperature_class,
            Category.picture,
        ).order_by(Category.position, Category.id)
    )
    return [Shelf(*row) for row in rows]


def own_catalogue(
    session: Session, producer_id: int, on: date | datetime, only: Iterable[int] | None = None
) -> OwnCatalogue:
    """The catalogue of one producer, with the tax rates of the day; ``only`` these products."""
    day = on.date() if isinstance(on, datetime) else on
    statement = (
        select(Product.id, Product.reference, Product.picture, Product.name_en, *_STORED)
        .where(Product.producer_id == producer_id)
        .order_by(Product.sort_key, Product.id)
    )
    if only is not None:
        statement = statement.where(Product.id.in_(list(only)))
    rows = {}
    for row in session.execute(statement):
        product_id, reference, picture, name_en, *columns = tuple(row)
        rows[product_id] = CatalogueRow(product_id, reference, picture, name_en, Stored(*columns))
    return OwnCatalogue(
        producer_id=producer_id,
        shelves={shelf.id: shelf for shelf in shelves(session)},
        rates=taxes.rates_on(session, day),
        rows=rows,
    )
