"""What a producer changes by hand: a product made, corrected, priced, retired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from shop.catalog.domain.listing import Shelf
from shop.catalog.domain.sheet import SheetProduct
from shop.catalog.errors import ProductUnknown, ReferenceTaken
from shop.catalog.models import Product
from shop.catalog.queries.catalogue import OwnCatalogue, own_catalogue
from shop.catalog.services import catalogue_rows
from shop.catalog.services.catalogue_rows import (
    Author,
    add_products,
    change_products,
    lock_catalogue,
    retire_products,
)
from shop.kernel.errors import InvalidInput
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Usual:
    """What a producer usually asks and gives: cents, and units of ordering per cycle or None."""

    price_cents: int
    allotment: int | None


def create(
    session: Session,
    producer_id: int,
    product: SheetProduct,
    category_id: int,
    *,
    at: datetime,
    by: int | None = None,
) -> int:
    """Add a product to the producer's catalogue; its key.

    Raises:
        ReferenceTaken: another product has that reference.
        InvalidInput: there is no such category.
    """
    name = lock_catalogue(session, producer_id)
    catalogue = own_catalogue(session, producer_id, at)
    _refuse_taken(catalogue, product.reference, None)
    shelf = _shelf(catalogue, category_id)
    named = replace(product, category=shelf.name_fr)
    return add_products(session, catalogue, name, [(named, shelf)], Author(at, by))[0]


def revise(
    session: Session,
    producer_id: int,
    product_id: int,
    product: SheetProduct,
    category_id: int,
    *,
    at: datetime,
    by: int | None = None,
) -> bool:
    """Let a product be as ``product`` says; False when it was so already.

    Raises:
        ProductUnknown: the producer has no such product.
        ReferenceTaken: another product has that reference.
        InvalidInput: there is no such category.
    """
    name = lock_catalogue(session, producer_id)
    catalogue = own_catalogue(session, producer_id, at)
    if product_id not in catalogue.rows:
        raise ProductUnknown(product_id=product_id)
    _refuse_taken(catalogue, product.reference, product_id)
    shelf = _shelf(catalogue, category_id)
    if catalogue.rows[product_id].stored.category_id != category_id:
        product = replace(product, category=shelf.name_fr)
    changed = [(product_id, product, shelf)]
    return change_products(session, catalogue, name, changed, Author(at, by)) > 0


def name_in_english(
    session: Session,
    producer_id: int,
    product_id: int,
    name_en: str,
    *,
    at: datetime,
    by: int | None = None,
) -> bool:
    """Say what English readers call a product; an empty name takes it away. False: it was so.

    Raises:
        ProductUnknown: the producer has no such product.
    """
    producer = lock_catalogue(session, producer_id)
    catalogue = own_catalogue(session, producer_id, at, only=[product_id])
    if product_id not in catalogue.rows:
        raise ProductUnknown(product_id=product_id)
    row = catalogue.rows[product_id]
    shelf = catalogue.shelves[row.stored.category_id]
    named = name_en.strip() or None
    return catalogue_rows.name_in_english(session, row, shelf, producer, named, Author(at, by))


def set_usual(
    session: Session,
    producer_id: int,
    changes: Mapping[int, Usual],
    *,
    at: datetime,
    by: int | None = None,
) -> int:
    """Set usual prices and allotments of many products at once; how many changed.

    Raises:
        ProductUnknown: one is not the producer's.
        InvalidInput: a price or an allotment is below zero.
    """
    if any(usual.price_cents < 0 or (usual.allotment or 0) < 0 for usual in changes.values()):
        raise InvalidInput(field="price", reason="below_zero")
    name = lock_catalogue(session, producer_id)
    catalogue = own_catalogue(session, producer_id, at, only=changes)
    if missing := set(changes) - set(catalogue.rows):
        raise ProductUnknown(product_id=min(missing))
    products = []
    for product_id, usual in sorted(changes.items()):
        row = catalogue.rows[product_id].stored
        known = catalogue.listed(product_id)
        stock = None if usual.allotment is None else Quantity(usual.allotment, row.order_unit)
        products.append(
            (
                product_id,
                replace(
                    known,
                    price=Money(usual.price_cents),
                    stock=stock,
                    unlimited=known.unlimited and stock is None,
                ),
                catalogue.shelves[row.category_id],
            )
        )
    return change_products(session, catalogue, name, products, Author(at, by))


def retire(
    session: Session, producer_id: int, product_id: int, *, at: datetime, by: int | None = None
) -> None:
    """Take a product off the catalogue; orders and sales that have it keep it.

    Raises:
        ProductUnknown: the producer has no such product.
    """
    _own(session, producer_id, product_id)
    retire_products(session, [product_id], Author(at, by))


def bring_back(
    session: Session, producer_id: int, product_id: int, *, at: datetime, by: int | None = None
) -> None:
    """Put a retired product back on the catalogue.

    Raises:
        ProductUnknown: the producer has no such product.
    """
    name = lock_catalogue(session, producer_id)
    catalogue = own_catalogue(session, producer_id, at, only=[product_id])
    if product_id not in catalogue.rows:
        raise ProductUnknown(product_id=product_id)
    product = replace(catalogue.listed(product_id), available=True)
    shelf = catalogue.shelves[catalogue.rows[product_id].stored.category_id]
    change_products(session, catalogue, name, [(product_id, product, shelf)], Author(at, by))


def _own(session: Session, producer_id: int, product_id: int) -> None:
    found = session.get(Product, product_id)
    if found is None or found.producer_id != producer_id:
        raise ProductUnknown(product_id=product_id)


def _shelf(catalogue: OwnCatalogue, category_id: int) -> Shelf:
    if category_id not in catalogue.shelves:
        raise InvalidInput(field="category", reason="unknown")
    return catalogue.shelves[category_id]


def _refuse_taken(catalogue: OwnCatalogue, reference: str | None, product_id: int | None) -> None:
    for row in catalogue.rows.values():
        if reference and row.reference == reference and row.id != product_id:
            raise ReferenceTaken(field="reference", reference=reference)
