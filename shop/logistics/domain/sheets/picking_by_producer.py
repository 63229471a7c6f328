"""Picking sheet by producer: what each farm should have brought, and what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.quantity import Quantity
from shop.kernel.sheet import Formats, Heading, Translate, print_heading
from shop.logistics.domain.sheets.words import temperature_words


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


def to_print(sheet: PickingByProducer, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « logistics/picking_by_producer »."""
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(translate),
        "part": sheet.part,
        "producers": [_producer(goods, formats) for goods in sheet.producers],
    }


def _producer(goods: ProducerGoods, formats: Formats) -> dict[str, Any]:
    return {
        "producer": goods.producer,
        "phone": goods.phone,
        "arrival": goods.arrival,
        "purchase_order": goods.purchase_order,
        "products": [
            {
                "reference": product.reference,
                "product": product.product,
                "packaging": product.packaging,
                "zone": product.zone,
                "temperature": product.temperature.value,
                "ordered": formats.quantity(product.ordered),
                "expected": formats.quantity(product.expected),
                "changed": product.expected != product.ordered,
                "received": "" if product.received is None else formats.quantity(product.received),
                "lot": product.lot,
            }
            for product in goods.products
        ],
    }


def _labels(_: Translate) -> dict[str, Any]:
    return {
        "title": _("Receipt by producer"),
        "product": _("Product"),
        "ordered": _("ordered"),
        "expected": _("Expected"),
        "received": _("Received"),
        "lot": _("Lot, use-by date"),
        "purchase_order": _("Purchase order"),
        "arrived": _("Arrived at"),
        "measured": _("Temperature measured"),
        "receiver": _("Received by"),
        "quarantine": _("Put aside"),
        "temperatures": temperature_words(_),
    }
