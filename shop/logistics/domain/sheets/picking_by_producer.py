"""Picking sheet by producer: what each farm should have brought, and what came."""

from __future__ import annotations

from dataclasses import dataclass

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.quantity import Quantity
from shop.kernel.sheet import Heading


@dataclass(frozen=True, slots=True)
class ExpectedProduct:
    """One product of a farm: promised to customers, confirmed by the farm, received at the site.

    ``confirmed`` and ``received`` are None while nobody has said.
    """

    product: str
    packaging: str
    zone: str
    temperature: TemperatureClass
    ordered: Quantity
    orders: int
    """Number of orders that share it."""
    reference: str = ""
    confirmed: Quantity | None = None
    received: Quantity | None = None
    lot: str = ""

    @property
    def expected(self) -> Quantity:
        """What should come: the farm's promise, or the order while it has not answered."""
        return self.ordered if self.confirmed is None else self.confirmed


@dataclass(frozen=True, slots=True)
class ProducerGoods:
    """A farm and its goods; ``arrival`` says in words how and when they come."""

    producer_id: int
    producer: str
    purchase_order: str
    products: tuple[ExpectedProduct, ...]
    phone: str = ""
    arrival: str = ""


@dataclass(frozen=True, slots=True)
class PickingByProducer:
    """The farms of a cycle, in the order in which their goods arrive."""

    heading: Heading
    producers: tuple[ProducerGoods, ...]
    part: str = ""
