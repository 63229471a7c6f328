"""What a product was before and after each change: who, when, and by which file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.models import Product, ProductChange, SheetImport

LATEST = 30
"""Changes that are shown."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change; ``before`` None: the product was new."""

    at: datetime
    by_person_id: int | None
    file_name: str | None
    """Of the list that brought it."""
    before: dict[str, Any] | None
    after: dict[str, Any]


def of_product(session: Session, producer_id: int, product_id: int) -> list[Change]:
    """The latest changes of a product of this producer, the newest first."""
    rows = session.execute(
        select(
            ProductChange.at,
            ProductChange.by_person_id,
            SheetImport.filename,
            ProductChange.before,
            ProductChange.after,
        )
        .join(Product, Product.id == ProductChange.product_id)
        .outerjoin(SheetImport, SheetImport.id == ProductChange.import_id)
        .where(Product.producer_id == producer_id, ProductChange.product_id == product_id)
        .order_by(ProductChange.id.desc())
        .limit(LATEST)
    )
    return [Change(*row) for row in rows]
