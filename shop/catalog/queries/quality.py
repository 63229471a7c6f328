"""What products are to somebody who counts quality: shelf, signs, origin, where they are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.labels import Label
from shop.catalog.models import Category, Producer, Product


@dataclass(frozen=True, slots=True)
class ProductQuality:
    """One product as a canteen counts it."""

    id: int
    category: str
    labels: tuple[str, ...]
    origin: str
    certificate: str
    """Without it an organic claim is not shown."""
    postcode: str
    """Of the producer."""


def of_products(session: Session, product_ids: Iterable[int]) -> dict[int, ProductQuality]:
    """Products by key, retired ones too."""
    rows = session.execute(
        select(
            Product.id,
            Category.slug,
            Product.labels,
            Product.origin,
            Producer.certificate,
            Producer.postcode,
        )
        .join(Category, Category.id == Product.category_id)
        .join(Producer, Producer.id == Product.producer_id)
        .where(Product.id.in_(list(product_ids)))
    )
    return {
        row.id: ProductQuality(
            row.id,
            row.slug,
            tuple(row.labels),
            row.origin or "",
            row.certificate or "",
            row.postcode,
        )
        for row in rows
    }


def organic_codes(session: Session, product_ids: Iterable[int]) -> dict[int, str]:
    """Code of the certifying body by product; those without a standing claim are left out."""
    return {
        found.id: found.certificate
        for found in of_products(session, product_ids).values()
        if found.certificate and Label.ORGANIC.value in found.labels
    }
