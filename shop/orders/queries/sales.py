"""What customers have ordered of one producer in sales that still run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles, markets, offers
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.offers import OfferCard
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity
from shop.orders.models import Order, OrderLine, SellerOrder


@dataclass(frozen=True, slots=True)
class ProductWanted:
    """One product of the producer, and how much of it is ordered so far."""

    offer: OfferCard
    orders: int
    ordered: Quantity
    value: Money


@dataclass(frozen=True, slots=True)
class RunningSale:
    """A cycle in which the producer sells at this moment."""

    cycle: CycleCard
    market_name: str
    products: tuple[ProductWanted, ...]

    @property
    def value(self) -> Money:
        """Of all that is ordered so far."""
        return Money.total(wanted.value for wanted in self.products)


def running(session: Session, producer_id: int, now: datetime) -> list[RunningSale]:
    """Every open cycle with what is ordered of the producer so far, paid orders only."""
    found = []
    for market in markets.all_markets(session):
        cycle = cycles.current(session, market.id, now)
        if cycle is None or not cycle.is_open_at(now):
            continue
        products = _wanted(session, producer_id, cycle.id)
        if products:
            found.append(RunningSale(cycle, market.name, products))
    return found


def _wanted(session: Session, producer_id: int, cycle_id: int) -> tuple[ProductWanted, ...]:
    rows = session.execute(
        select(
            OrderLine.offer_id,
            func.count().label("orders"),
            func.sum(OrderLine.ordered).label("ordered"),
            func.sum(OrderLine.estimate_cents).label("cents"),
        )
        .join(SellerOrder, SellerOrder.id == OrderLine.seller_order_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(SellerOrder.producer_id == producer_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(("placed", "firm")))
        .group_by(OrderLine.offer_id)
    ).all()
    sold = offers.by_ids(session, [row.offer_id for row in rows])
    products = (
        ProductWanted(
            offer=sold[row.offer_id],
            orders=row.orders,
            ordered=Quantity(int(row.ordered), sold[row.offer_id].unit),
            value=Money(int(row.cents)),
        )
        for row in rows
    )
    return tuple(sorted(products, key=lambda wanted: wanted.offer.name))
