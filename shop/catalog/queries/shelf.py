"""What a customer sees: the shelf of a cycle, a product, and the words that filter them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Case,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from shop.catalog.domain.terms import TaxRegime, TemperatureClass
from shop.catalog.errors import ProductUnknown
from shop.catalog.models import Category, Offer, Producer, Product
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice, reference_price

PAGE_SIZE = 50
MOST_WORDS = 8
"""More words of a search are not looked at."""
ITEM_COLUMNS = 19
"""How many columns make an item."""


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """An offer as a card shows it."""

    offer_id: int
    product_id: int
    slug: str
    name: str
    picture: str
    producer_slug: str
    producer_name: str
    category_slug: str
    labels: list[str]
    temperature_class: TemperatureClass
    unit: Unit
    """What customers count in."""
    step: int
    price: UnitPrice
    content: Quantity | None
    """Net quantity of one piece."""
    nominal_g: int | None
    """Usual weight of a piece that is priced by the kilogram."""
    deposit: Money
    left: int
    """In ``unit``; zero when sold out or withdrawn."""

    @property
    def left_by_weight(self) -> Quantity | None:
        """What is left of goods that are not counted in pieces."""
        return None if self.unit is Unit.PIECE else Quantity(self.left, self.unit)

    @property
    def is_weighed(self) -> bool:
        """Whether what is paid follows the weight."""
        return self.price.unit is not Unit.PIECE

    @property
    def estimate(self) -> Money | None:
        """Price of a piece of usual weight, for pieces priced by the kilogram."""
        if self.unit is not Unit.PIECE or not self.is_weighed or self.nominal_g is None:
            return None
        return self.price.of(Quantity(self.nominal_g, self.price.unit))

    @property
    def reference(self) -> UnitPrice | None:
        """Price per kilogram or liter, where the price is for a piece with a net quantity."""
        if self.is_weighed or self.content is None or self.content.unit is Unit.PIECE:
            return None
        return reference_price(Money(self.price.cents), self.content)


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow the shelf, and how many offers it leaves."""

    slug: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Glance:
    """What may change of an offer from one minute to the next, asked anew for every page."""

    offer_id: int
    price_cents: int
    left: int
    """In the unit of the offer; zero when sold out or withdrawn."""
    written: str
    """Changes when anything else that a card shows was changed."""


@dataclass(frozen=True, slots=True)
class ProductGlance:
    """What may change of a product's page, asked anew each time."""

    cycle_id: int
    slug: str
    price_cents: int
    left: int
    written: str
    """Changes when anything else that the page shows was changed."""


@dataclass(frozen=True, slots=True)
class ShelfPage:
    """Some offers of a cycle, of how many."""

    items: list[Glance]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class ShelfIndex:
    """Every offer of a cycle in the order of the shelf, and the words that narrow it.

    True for one ``shelf_version`` of the cycle and one language; prices and stock are not in it.
    """

    entries: tuple[tuple[int, str, str], ...]
    """Offer, category and producer."""
    categories: tuple[Facet, ...]
    producers: tuple[Facet, ...]

    def narrowed(self, category: str | None, producer: str | None) -> list[int]:
        """The offers of a category, of a producer, of both, or all."""
        return [
            offer_id
            for offer_id, its_category, its_producer in self.entries
            if category in (None, its_category) and producer in (None, its_producer)
        ]


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product as its own page shows it."""

    item: ShelfItem
    description: str
    allergens: list[str]
    origin: str | None
    min_g: int | None
    max_g: int | None
    margin_bp: int
    producer_id: int
    producer_commune: str
    producer_picture: str
    producer_texts: dict[str, Any]
    producer_certificate: str | None
    producer_regime: TaxRegime
    category_name: str


def index(session: Session, cycle_id: int, language: str) -> ShelfIndex:
    """The whole shelf of a cycle without prices and stock, in one question."""
    rows = session.execute(_index(language), {"cycle_id": cycle_id}).all()
    shelves: dict[tuple[int, str, str], int] = {}
    makers: dict[tuple[str, str, str], int] = {}
    for _, position, category, category_name, producer, producer_name, sort_key in rows:
        shelf_key = (position, category, category_name)
        maker_key = (sort_key, producer, producer_name)
        shelves[shelf_key] = shelves.get(shelf_key, 0) + 1
        makers[maker_key] = makers.get(maker_key, 0) + 1
    return ShelfIndex(
        tuple((row[0], row[2], row[4]) for row in rows),
        tuple(Facet(slug, name, count) for (_, slug, name), count in sorted(shelves.items())),
        tuple(Facet(slug, name, count) for (_, slug, name), count in sorted(makers.items())),
    )


@cache
def _index(language: str) -> Select[*tuple[Any, ...]]:
    """Built once for each language."""
    return (
        _joined(
            select(
                Offer.id,
                Category.position,
                Category.slug.label("category"),
                _category_name(language).label("category_name"),
                Producer.slug.label("producer"),
                Producer.name.label("producer_name"),
                Producer.sort_key,
            )
        )
        .where(Offer.cycle_id == bindparam("cycle_id"), Offer.withdrawn_at.is_(None))
        .order_by(Category.position, Product.sort_key, Offer.id)
    )


def shelf(
    session: Session,
    cycle_id: int,
    index: ShelfIndex,
    *,
    category: str | None = None,
    producer: str | None = None,
    words: str = "",
    page: int = 1,
) -> ShelfPage:
    """One page of the shelf, narrowed by category, producer and words: one question, or two."""
    found = index.narrowed(category, producer)
    folded = fold(words).split()[:MOST_WORDS]
    if folded:
        said = _with_words(session, cycle_id, folded)
        found = [offer_id for offer_id in found if offer_id in said]
    page = max(1, page)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return ShelfPage(glances(session, shown), total=len(found), page=page)


def _with_words(session: Session, cycle_id: int, folded: list[str]) -> frozenset[int]:
    statement = (
        select(Offer.id)
        .join(Product, Product.id == Offer.product_id)
        .where(Offer.cycle_id == cycle_id)
    )
    for word in folded:
        statement = statement.where(Product.search_text.contains(word, autoescape=True))
    return frozenset(session.scalars(statement))


def glances(session: Session, offer_ids: Sequence[int]) -> list[Glance]:
    """Price and stock of some offers as they are now, in the order given, in one question."""
    if not offer_ids:
        return []
    rows = session.execute(_GLANCES, {"offer_ids": list(offer_ids)})
    found = {row[0]: Glance(*row) for row in rows}
    return [found[offer_id] for offer_id in offer_ids if offer_id in found]


def _left() -> Case[int]:
    left = func.greatest(Offer.allotted - Offer.held - Offer.committed, 0)
    return case((Offer.withdrawn_at.is_(None), left), else_=0)


_GLANCES = (
    select(
        Offer.id,
        Offer.price_cents,
        _left(),
        # Which transaction wrote a row last: PostgreSQL keeps it with every row.
        func.concat(literal_column("products.xmin"), "/", literal_column("producers.xmin")),
    )
    .select_from(Offer)
    .join(Product, Product.id == Offer.product_id)
    .join(Producer, Producer.id == Product.producer_id)
    .where(Offer.id == func.any(bindparam("offer_ids", type_=ARRAY(BigInteger))))
)


_PRODUCT_GLANCE = (
    select(
        Offer.cycle_id,
        Product.slug,
        Offer.price_cents,
        _left(),
        func.concat_ws(
            "/",
            literal_column("products.xmin"),
            literal_column("producers.xmin"),
            literal_column("categories.xmin"),
        ),
    )
    .select_from(Offer)
    .join(Product, Product.id == Offer.product_id)
    .join(Producer, Producer.id == Product.producer_id)
    .join(Category, Category.id == Product.category_id)
    .where(Offer.cycle_id == bindparam("cycle_id"), Offer.product_id == bindparam("product_id"))
)


def items(session: Session, offer_ids: Sequence[int], language: str) -> dict[int, ShelfItem]:
    """Everything that cards show of some offers, by offer, in one question."""
    rows = session.execute(_items(language), {"offer_ids": list(offer_ids)})
    return {row[0]: _item(tuple(row)) for row in rows}


@cache
def _items(language: str) -> Select[*tuple[Any, ...]]:
    """Built once for each language."""
    return _joined(select(*_item_columns(language))).where(
        Offer.id == func.any(bindparam("offer_ids", type_=ARRAY(BigInteger)))
    )


def featured(session: Session, cycle_id: int, limit: int = 8) -> list[Glance]:
    """Offers for the market's home: one per category in turn, those with most left first."""
    left = Offer.allotted - Offer.held - Offer.committed
    rank = (
        func.row_number()
        .over(partition_by=Category.id, order_by=(left.desc(), Offer.id))
        .label("place")
    )
    ranked = (
        _joined(select(Offer.id, rank, Category.position))
        .where(Offer.cycle_id == cycle_id, Offer.withdrawn_at.is_(None), left > 0)
        .subquery()
    )
    chosen = session.scalars(
        select(ranked.c.id).order_by(ranked.c.place, ranked.c.position, ranked.c.id).limit(limit)
    ).all()
    return glances(session, chosen)


def product_glance(session: Session, cycle_id: int, product_id: int) -> ProductGlance:
    """Price, stock and address of a product of a cycle as they are now, in one question.

    Raises:
        ProductUnknown: the cycle does not offer it.
    """
    row = session.execute(
        _PRODUCT_GLANCE, {"cycle_id": cycle_id, "product_id": product_id}
    ).one_or_none()
    if row is None:
        raise ProductUnknown(product_id=product_id)
    return ProductGlance(*row)


def product(session: Session, cycle_id: int, product_id: int, language: str) -> ProductPage:
    """A product of a cycle, with its producer, in one question.

    Raises:
        ProductUnknown: the cycle does not offer it.
    """
    row = session.execute(
        _product(language), {"cycle_id": cycle_id, "product_id": product_id}
    ).one_or_none()
    if row is None:
        raise ProductUnknown(product_id=product_id)
    values = tuple(row)
    return ProductPage(_item(values), *values[ITEM_COLUMNS:])


@cache
def _product(language: str) -> Select[*tuple[Any, ...]]:
    """Built once for each language."""
    return _joined(
        select(
            *_item_columns(language),
            Product.description,
            Product.allergens,
            Product.origin,
            Product.min_g,
            Product.max_g,
            Product.margin_bp,
            Producer.id,
            Producer.commune,
            Producer.picture,
            Producer.texts,
            Producer.certificate,
            Producer.tax_regime,
            _category_name(language),
        )
    ).where(Offer.cycle_id == bindparam("cycle_id"), Offer.product_id == bindparam("product_id"))


def _category_name(language: str) -> InstrumentedAttribute[str]:
    return Category.name_en if language == "en" else Category.name_fr


def _item_columns(language: str) -> tuple[Any, ...]:
    name = func.coalesce(Product.name_en, Product.name) if language == "en" else Product.name
    return (
        Offer.id,
        Product.id,
        Product.slug,
        name,
        Product.picture,
        Producer.slug,
        Producer.name,
        Category.slug,
        Product.labels,
        Product.temperature_class,
        Offer.unit,
        Product.order_step,
        Offer.price_cents,
        Product.price_unit,
        Product.content_amount,
        Product.content_unit,
        Product.nominal_g,
        Product.deposit_cents,
        _left(),
    )


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Offer)
        .join(Product, Product.id == Offer.product_id)
        .join(Producer, Producer.id == Product.producer_id)
        .join(Category, Category.id == Product.category_id)
    )


def _item(values: tuple[Any, ...]) -> ShelfItem:
    unit, step, cents, price_unit, content, content_unit, nominal_g, deposit, left = values[10:19]
    given = [
        *values[:10],
        unit,
        step,
        UnitPrice(cents, price_unit),
        None if content is None else Quantity(content, content_unit),
        nominal_g,
        Money(deposit),
        left,
    ]
    return ShelfItem(*given)
