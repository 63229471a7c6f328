"""Offers as an order copies them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, bindparam, func, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TaxClass, TaxRegime, TemperatureClass
from shop.catalog.models import Offer, Producer, Product
from shop.kernel.quantity import Quantity, Unit, UnitPrice


@dataclass(frozen=True, slots=True)
class OfferCard:
    """A product in a cycle: what is promised of it, at which price, and how much is left."""

    id: int
    cycle_id: int
    product_id: int
    producer_id: int
    producer_name: str
    tax_regime: TaxRegime
    reference: str
    name: str
    slug: str
    picture: str
    price_cents: int
    price_unit: Unit
    unit: Unit
    step: int
    content_amount: int | None
    content_unit: Unit | None
    nominal_g: int | None
    min_g: int | None
    max_g: int | None
    margin_bp: int
    deposit_cents: int
    tax_class: TaxClass
    temperature_class: TemperatureClass
    crate_share: int
    allotted: int
    left: int
    withdrawn: bool

    @property
    def price(self) -> UnitPrice:
        """Per piece, kilogram or liter, tax included."""
        return UnitPrice(self.price_cents, self.price_unit)

    @property
    def content(self) -> Quantity | None:
        """Net quantity of one piece."""
        if self.content_amount is None or self.content_unit is None:
            return None
        return Quantity(self.content_amount, self.content_unit)

    @property
    def is_weighed(self) -> bool:
        """Whether the price follows the weight at picking."""
        return self.price_unit is not Unit.PIECE


COLUMNS = (
    Offer.id,
    Offer.cycle_id,
    Offer.product_id,
    Product.producer_id,
    Producer.name.label("producer_name"),
    Producer.tax_regime,
    Product.reference,
    Product.name,
    Product.slug,
    Product.picture,
    Offer.price_cents,
    Product.price_unit,
    Offer.unit,
    Product.order_step,
    Product.content_amount,
    Product.content_unit,
    Product.nominal_g,
    Product.min_g,
    Product.max_g,
    Product.margin_bp,
    Product.deposit_cents,
    Product.tax_class,
    Product.temperature_class,
    Product.crate_share,
    Offer.allotted,
    (Offer.allotted - Offer.held - Offer.committed).label("left"),
    Offer.withdrawn_at.is_not(None).label("withdrawn"),
)
"""In the order of ``OfferCard``."""


_BY_IDS = (
    select(*COLUMNS)
    .join(Product, Product.id == Offer.product_id)
    .join(Producer, Producer.id == Product.producer_id)
    .where(Offer.id == func.any(bindparam("offer_ids", type_=ARRAY(BigInteger))))
)
"""Built once, and the same for any number of offers: every step of a purchase asks it."""


def by_ids(session: Session, offer_ids: Iterable[int]) -> dict[int, OfferCard]:
    """Offers by key; unknown keys are left out."""
    rows = session.execute(_BY_IDS, {"offer_ids": list(offer_ids)})
    return {row.id: OfferCard(*tuple(row)) for row in rows}
