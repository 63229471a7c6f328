"""What the desk of a market sees of its catalogue: the cycle today, offers, history, communes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from shop.catalog.domain.cycle import SALES_CYCLE
from shop.catalog.models import Cycle, DeliveryCommune, MarketProducer, Offer, Producer, Product
from shop.catalog.queries.producers import COLUMNS as PRODUCER_COLUMNS
from shop.catalog.queries.producers import ProducerCard
from shop.infra.transitions import Transition
from shop.kernel.folding import fold
from shop.kernel.quantity import Quantity, Unit, UnitPrice

NEARLY_GONE = 10
"""When that part of the allotment is left, one in ten, somebody should know."""

GRID_SIZE = 60
"""Offers on one page of the grid."""


@dataclass(frozen=True, slots=True)
class CycleFigures:
    """A cycle in numbers."""

    offers: int
    producers: int
    withdrawn: int
    sold_out: int
    nearly: int
    """With a little left, sold-out ones not among them."""
    sold_any: int
    """Offers of which baskets or orders have some."""


@dataclass(frozen=True, slots=True)
class GridRow:
    """One offer of a cycle as the desk and its producer see it."""

    id: int
    product_id: int
    name: str
    reference: str
    producer_id: int
    producer_name: str
    picture: str
    price_cents: int
    price_unit: Unit
    unit: Unit
    allotted: int
    held: int
    committed: int
    usual_price_cents: int
    withdrawn_at: datetime | None

    @property
    def price(self) -> UnitPrice:
        """Per piece, kilogram or liter, tax included."""
        return UnitPrice(self.price_cents, self.price_unit)

    @property
    def promised(self) -> int:
        """What baskets and orders have."""
        return self.held + self.committed

    @property
    def left(self) -> Quantity:
        """What can still be sold."""
        return Quantity(self.allotted - self.promised, self.unit)

    def amount(self, name: str) -> Quantity:
        """``allotted``, ``held``, ``committed`` or ``promised`` with its unit."""
        return Quantity(getattr(self, name), self.unit)


@dataclass(frozen=True, slots=True)
class GridPage:
    """Some offers of a cycle, of how many."""

    rows: list[GridRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // GRID_SIZE))


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state of a cycle."""

    event: str
    to_state: str
    at: datetime
    by_person_id: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ProducerInCycle:
    """A producer of the market, and how much of theirs a cycle offers."""

    producer: ProducerCard
    offers: int
    usual: int
    """Products with a usual allotment, that could be offered at once."""


_LEFT: ColumnElement[int] = Offer.allotted - Offer.held - Offer.committed
_ON_SHELF = Offer.withdrawn_at.is_(None)
_NEARLY = and_(_ON_SHELF, _LEFT > 0, Offer.allotted // NEARLY_GONE >= _LEFT)


def figures(session: Session, cycle_id: int) -> CycleFigures:
    """A cycle in numbers, in one question."""
    row = session.execute(
        select(
            func.count().filter(_ON_SHELF),
            func.count(Product.producer_id.distinct()).filter(_ON_SHELF),
            func.count().filter(~_ON_SHELF),
            func.count().filter(_ON_SHELF, _LEFT <= 0),
            func.count().filter(_NEARLY),
            func.count().filter(Offer.held + Offer.committed > 0),
        )
        .select_from(Offer)
        .join(Product, Product.id == Offer.product_id)
        .where(Offer.cycle_id == cycle_id)
    ).one()
    return CycleFigures(*row)


def nearly_gone(session: Session, cycle_id: int, limit: int = 8) -> list[GridRow]:
    """Offers with little or nothing left, those with least first."""
    share = cast(_LEFT, Float) / func.nullif(Offer.allotted, 0)
    rows = session.execute(
        _grid(cycle_id)
        .where(or_(_NEARLY, and_(_ON_SHELF, _LEFT <= 0, Offer.allotted > 0)))
        .order_by(share, Product.sort_key, Offer.id)
        .limit(limit)
    )
    return [GridRow(*tuple(row)) for row in rows]


def grid(
    session: Session,
    cycle_id: int,
    *,
    producer_id: int | None = None,
    words: str = "",
    show: str = "",
    page: int = 1,
) -> GridPage:
    """One page of the offers of a cycle, by producer and name.

    ``show`` is ``nearly`` (little left), ``gone`` (nothing left), ``withdrawn`` or everything.
    """
    conditions = [Offer.cycle_id == cycle_id]
    if producer_id is not None:
        conditions.append(Product.producer_id == producer_id)
    conditions += [
        Product.search_text.contains(word, autoescape=True) for word in fold(words).split()
    ]
    if show == "nearly":
        conditions.append(_NEARLY)
    elif show == "gone":
        conditions.append(and_(_ON_SHELF, _LEFT <= 0))
    elif show == "withdrawn":
        conditions.append(~_ON_SHELF)
    total = session.scalar(
        select(func.count())
        .select_from(Offer)
        .join(Product, Product.id == Offer.product_id)
        .where(*conditions)
    )
    rows = session.execute(
        _grid(cycle_id)
        .where(*conditions)
        .order_by(Producer.sort_key, Producer.id, Product.sort_key, Offer.id)
        .limit(GRID_SIZE)
        .offset((max(1, page) - 1) * GRID_SIZE)
    )
    return GridPage([GridRow(*tuple(row)) for row in rows], total or 0, max(1, page))


def of_producer(session: Session, cycle_id: int, producer_id: int) -> list[GridRow]:
    """Every offer of one producer in a cycle, by name."""
    rows = session.execute(
        _grid(cycle_id)
        .where(Product.producer_id == producer_id)
        .order_by(Product.sort_key, Offer.id)
    )
    return [GridRow(*tuple(row)) for row in rows]


def producers_in(session: Session, market_id: int, cycle_id: int) -> list[ProducerInCycle]:
    """Every producer of a market with what they offer in a cycle; those without offers first."""
    offered = (
        select(Product.producer_id, func.count().label("offers"))
        .join(Offer, Offer.product_id == Product.id)
        .where(Offer.cycle_id == cycle_id, _ON_SHELF)
        .group_by(Product.producer_id)
        .subquery()
    )
    ready = (
        select(Product.producer_id, func.count().label("usual"))
        .where(Product.retired_at.is_(None), Product.usual_allotment > 0)
        .group_by(Product.producer_id)
        .subquery()
    )
    offers = func.coalesce(offered.c.offers, 0)
    rows = session.execute(
        select(*PRODUCER_COLUMNS, offers, func.coalesce(ready.c.usual, 0))
        .join(MarketProducer, MarketProducer.producer_id == Producer.id)
        .outerjoin(offered, offered.c.producer_id == Producer.id)
        .outerjoin(ready, ready.c.producer_id == Producer.id)
        .where(MarketProducer.market_id == market_id)
        .order_by(offers > 0, Producer.sort_key, Producer.id)
    )
    return [ProducerInCycle(ProducerCard(*tuple(row)[:-2]), *tuple(row)[-2:]) for row in rows]


def history(session: Session, cycle_id: int) -> list[Event]:
    """What happened to a cycle, the oldest first."""
    rows = session.execute(
        select(
            Transition.event,
            Transition.to_state,
            Transition.at,
            Transition.by_person_id,
            Transition.reason,
        )
        .where(Transition.subject == SALES_CYCLE.name, Transition.subject_id == cycle_id)
        .order_by(Transition.at, Transition.id)
    )
    return [Event(*row) for row in rows]


def offer_counts(session: Session, market_id: int) -> dict[int, int]:
    """How many offers each cycle of a market has on its shelf."""
    rows = session.execute(
        select(Offer.cycle_id, func.count())
        .join(Cycle, Cycle.id == Offer.cycle_id)
        .where(Cycle.market_id == market_id, _ON_SHELF)
        .group_by(Offer.cycle_id)
    )
    return {row[0]: row[1] for row in rows}


def communes_of(session: Session, option_id: int) -> list[str]:
    """INSEE codes that a home option serves, in order."""
    return list(
        session.scalars(
            select(DeliveryCommune.insee)
            .where(DeliveryCommune.option_id == option_id)
            .order_by(DeliveryCommune.insee)
        )
    )


def _grid(cycle_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Offer.id,
            Offer.product_id,
            Product.name,
            Product.reference,
            Product.producer_id,
            Producer.name.label("producer_name"),
            Product.picture,
            Offer.price_cents,
            Product.price_unit,
            Offer.unit,
            Offer.allotted,
            Offer.held,
            Offer.committed,
            Product.price_cents.label("usual"),
            Offer.withdrawn_at,
        )
        .join(Product, Product.id == Offer.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .where(Offer.cycle_id == cycle_id)
    )


@dataclass(frozen=True, slots=True)
class ProductToOffer:
    """A product that a cycle may offer, as its producer usually sells it."""

    id: int
    name: str
    reference: str
    producer_name: str
    price_cents: int
    price_unit: Unit
    order_unit: Unit
    usual_allotment: int | None


_TO_OFFER = (
    Product.id,
    Product.name,
    Product.reference,
    Producer.name,
    Product.price_cents,
    Product.price_unit,
    Product.order_unit,
    Product.usual_allotment,
)

FOUND = 40
"""Products shown at once; words narrow them."""


def not_offered(
    session: Session,
    market_id: int,
    cycle_id: int,
    *,
    words: str = "",
    producer_id: int | None = None,
) -> list[ProductToOffer]:
    """Products of the market's producers that a cycle does not offer, by producer and name."""
    offered = select(Offer.product_id).where(
        Offer.cycle_id == cycle_id, Offer.withdrawn_at.is_(None)
    )
    statement = _to_offer(market_id).where(Product.id.not_in(offered))
    if producer_id is not None:
        statement = statement.where(Product.producer_id == producer_id)
    for word in fold(words).split():
        statement = statement.where(Product.search_text.contains(word, autoescape=True))
    rows = session.execute(
        statement.order_by(Producer.sort_key, Product.sort_key, Product.id).limit(FOUND)
    )
    return [ProductToOffer(*tuple(row)) for row in rows]


def product_to_offer(session: Session, market_id: int, product_id: int) -> ProductToOffer | None:
    """A product of one of the market's producers; None when there is none such."""
    row = session.execute(_to_offer(market_id).where(Product.id == product_id)).one_or_none()
    return None if row is None else ProductToOffer(*tuple(row))


def _to_offer(market_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*_TO_OFFER)
        .join(Producer, Producer.id == Product.producer_id)
        .join(MarketProducer, MarketProducer.producer_id == Producer.id)
        .where(MarketProducer.market_id == market_id, Product.retired_at.is_(None))
    )
