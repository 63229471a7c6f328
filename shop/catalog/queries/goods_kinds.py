"""On which shelf products stand, and whether they travel cold: what the law looks at."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.models import Category, Product


def of_products(session: Session, product_ids: Collection[int]) -> dict[int, tuple[str, bool]]:
    """Slug of the shelf, and whether it is chilled or frozen, by product."""
    rows = session.execute(
        select(Product.id, Category.slug, Product.temperature_class)
        .join(Category, Category.id == Product.category_id)
        .where(Product.id.in_(sorted(product_ids)))
    )
    return {key: (slug, kind is not TemperatureClass.AMBIENT) for key, slug, kind in rows}
