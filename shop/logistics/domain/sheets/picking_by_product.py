"""Picking sheet by product: each product, the orders that want it, and the total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.quantity import Quantity
from shop.kernel.sheet import Formats, Heading, Translate, print_heading
from shop.logistics.domain.sheets.words import temperature_words


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


def in_parts(sheet: PickingByProduct, shares: int = 2_000) -> Iterator[PickingByProduct]:
    """``sheet`` cut into sheets of so many ``shares`` or little more, no product cut in two.

    Each says which it is of how many.
    """
    piles: list[list[ProductToPick]] = [[]]
    filled = 0
    for product in sheet.products:
        if filled >= shares:
            piles.append([])
            filled = 0
        piles[-1].append(product)
        filled += len(product.shares)
    for number, products in enumerate(piles, 1):
        part = sheet.part if len(piles) == 1 else f"{sheet.part} {number}/{len(piles)}".strip()
        yield replace(sheet, products=tuple(products), part=part)


def to_print(sheet: PickingByProduct, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « logistics/picking_by_product »."""
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(translate),
        "part": sheet.part,
        "products": [_product(product, formats) for product in sheet.products],
    }


def _product(product: ProductToPick, formats: Formats) -> dict[str, Any]:
    return {
        "reference": product.reference,
        "product": product.product,
        "packaging": product.packaging,
        "producer": product.producer,
        "zone": product.zone,
        "temperature": product.temperature.value,
        "by_weight": product.by_weight,
        "total": formats.quantity(product.total),
        "shares": [
            {
                "order": share.order_number,
                "customer": share.customer,
                "place": share.place,
                "quantity": formats.quantity(share.quantity),
                "crate": share.crate,
                "note": share.note,
                "picked": "" if share.picked is None else formats.quantity(share.picked),
            }
            for share in product.shares
        ],
    }


def _labels(_: Translate) -> dict[str, Any]:
    return {
        "title": _("Picking by product"),
        "orders": _("Orders"),
        "order": _("Order"),
        "total": _("Total"),
        "quantity": _("Quantity"),
        "weight": _("Weight"),
        "shortage": _("Missing"),
        "temperatures": temperature_words(_),
    }
