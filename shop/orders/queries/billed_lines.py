"""Lines of orders by key, for whoever counts what was bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders.models import OrderLine, SellerOrder


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """Which product of whom a line was."""

    id: int
    product_id: int
    product_name: str
    producer_name: str


def by_ids(session: Session, line_ids: Iterable[int]) -> dict[int, BoughtLine]:
    """Lines by key."""
    rows = session.execute(
        select(
            OrderLine.id, OrderLine.product_id, OrderLine.product_name, SellerOrder.producer_name
        )
        .join(SellerOrder, SellerOrder.id == OrderLine.seller_order_id)
        .where(OrderLine.id.in_(list(line_ids)))
    )
    return {row.id: BoughtLine(*row) for row in rows}
