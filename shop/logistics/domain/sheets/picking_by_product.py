"""Picking sheet by product: each product, the orders that want it, and the total."""

from __future__ import annotations

from dataclasses import dataclass

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.quantity import Quantity
from shop.kernel.sheet import Heading


@dataclass(frozen=True, slots=True)
class ProductShare:
    """What one order wants of a product, and the crate it goes into (empty: free choice)."""

    order_line_id: int
    order_number: str
    customer: str
    place: str
    quantity: Quantity
    crate: str = ""
    note: str = ""
    picked: Quantity | None = None


@dataclass(frozen=True, slots=True)
class ProductToPick:
    """One product to spread over orders; every share is in the product's unit."""

    product: str
    packaging: str
    producer: str
    zone: str
    temperature: TemperatureClass
    shares: tuple[ProductShare, ...]
    reference: str = ""
    by_weight: bool = False

    @property
    def total(self) -> Quantity:
        """Sum of the shares.

        Raises:
            ValueError: when there is no share, or two of them are not in the same unit.
        """
        if not self.shares:
            raise ValueError(f"nobody wants {self.product}")
        first, *others = self.shares
        total = first.quantity
        for share in others:
            total += share.quantity
        return total


@dataclass(frozen=True, slots=True)
class PickingByProduct:
    """The products of a cycle, or of one round or batch of it (``part``), in walking order."""

    heading: Heading
    products: tuple[ProductToPick, ...]
    part: str = ""
