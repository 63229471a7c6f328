"""What a producer sees of their own: products, markets and the sales that wait for offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shop.catalog.models import Category, Cycle, Market, MarketProducer, Offer, Product
from shop.catalog.queries import cycles, markets
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.markets import MarketCard
from shop.kernel.folding import fold
from shop.kernel.quantity import Quantity, Unit, UnitPrice

PAGE_SIZE = 60
"""Products on one page of a catalogue."""


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """A product as its producer's list shows it."""

    id: int
    reference: str
    name: str
    picture: str
    category_fr: str
    category_en: str
    price_cents: int
    price_unit: Unit
    order_unit: Unit
    content_amount: int | None
    content_unit: Unit | None
    usual_allotment: int | None
    labels: list[str]
    retired_at: datetime | None

    @property
    def price(self) -> UnitPrice:
        """Usual price, tax included."""
        return UnitPrice(self.price_cents, self.price_unit)

    @property
    def content(self) -> Quantity | None:
        """Net quantity of one piece."""
        if self.content_amount is None or self.content_unit is None:
            return None
        return Quantity(self.content_amount, self.content_unit)

    def category(self, language: str) -> str:
        """Name of the shelf."""
        return self.category_en if language == "en" else self.category_fr


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Some products of a producer, of how many."""

    items: list[OwnProduct]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class CatalogueFigures:
    """A catalogue in numbers; retired products count in ``retired`` only."""

    products: int
    without_allotment: int
    without_content: int
    """Priced by the piece, without saying what a piece holds: no price per kilogram is shown."""
    retired: int


@dataclass(frozen=True, slots=True)
class OwnSale:
    """A cycle of a market where the producer sells, and how many offers they have in it."""

    market: MarketCard
    cycle: CycleCard
    offers: int


def own_products(
    session: Session, producer_id: int, *, words: str = "", show: str = "", page: int = 1
) -> OwnPage:
    """One page of a catalogue by shelf and name.

    ``show`` is ``retired``, ``no_allotment`` or everything that is not retired.
    """
    conditions = [Product.producer_id == producer_id]
    conditions.append(
        Product.retired_at.is_not(None) if show == "retired" else Product.retired_at.is_(None)
    )
    if show == "no_allotment":
        conditions.append(func.coalesce(Product.usual_allotment, 0) == 0)
    conditions += [
        Product.search_text.contains(word, autoescape=True) for word in fold(words).split()
    ]
    total = session.scalar(select(func.count()).select_from(Product).where(*conditions))
    rows = session.execute(
        select(
            Product.id,
            Product.reference,
            Product.name,
            Product.picture,
            Category.name_fr,
            Category.name_en,
            Product.price_cents,
            Product.price_unit,
            Product.order_unit,
            Product.content_amount,
            Product.content_unit,
            Product.usual_allotment,
            Product.labels,
            Product.retired_at,
        )
        .join(Category, Category.id == Product.category_id)
        .where(*conditions)
        .order_by(Category.position, Product.sort_key, Product.id)
        .limit(PAGE_SIZE)
        .offset((max(1, page) - 1) * PAGE_SIZE)
    )
    return OwnPage([OwnProduct(*tuple(row)) for row in rows], total or 0, max(1, page))


def figures(session: Session, producer_id: int) -> CatalogueFigures:
    """A catalogue in numbers, in one question."""
    there = Product.retired_at.is_(None)
    row = session.execute(
        select(
            func.count().filter(there),
            func.count().filter(there, func.coalesce(Product.usual_allotment, 0) == 0),
            func.count().filter(
                there, Product.price_unit == Unit.PIECE, Product.content_amount.is_(None)
            ),
            func.count().filter(~there),
        ).where(Product.producer_id == producer_id)
    ).one()
    return CatalogueFigures(*row)


def own_sales(session: Session, producer_id: int, now: datetime) -> list[OwnSale]:
    """For each market of a producer the cycles open or to come, the soonest first."""
    offers = func.count(Product.id).filter(Offer.withdrawn_at.is_(None))
    rows = session.execute(
        select(Cycle.id, Market.id.label("market_id"), offers.label("offers"))
        .join(Market, Market.id == Cycle.market_id)
        .join(MarketProducer, MarketProducer.market_id == Market.id)
        .outerjoin(Offer, Offer.cycle_id == Cycle.id)
        .outerjoin(Product, (Product.id == Offer.product_id) & (Product.producer_id == producer_id))
        .where(MarketProducer.producer_id == producer_id)
        .where(Cycle.state.in_(("draft", "open")), Cycle.closes_at > now)
        .group_by(Cycle.id, Market.id)
        .order_by(case((Cycle.state == "open", 0), else_=1), Cycle.opens_at, Cycle.id)
    ).all()
    return [
        OwnSale(markets.by_id(session, row.market_id), cycles.by_id(session, row.id), row.offers)
        for row in rows
    ]
