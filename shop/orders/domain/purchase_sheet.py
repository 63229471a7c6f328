"""A purchase order as its producer reads it: what to bring, where, when, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, UnitPrice
from shop.kernel.sheet import Formats, Heading, Translate, print_heading


@dataclass(frozen=True, slots=True)
class Party:
    """A farm or a market, with what is needed to reach it."""

    name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the goods change hands, between two instants (UTC).

    ``collected`` says that a truck comes to the farm; otherwise the producer brings the goods.
    """

    place: str
    from_at: datetime
    until_at: datetime
    address: tuple[str, ...] = ()
    collected: bool = False
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """One product to bring; ``packaging`` says what one piece is, or « kg » for loose goods."""

    line_id: int
    reference: str
    product: str
    packaging: str
    ordered: Quantity
    price: UnitPrice
    total: Money
    note: str = ""
    confirmed: Quantity | None = None
    """What the producer promised to bring; None while there is no answer."""


@dataclass(frozen=True, slots=True)
class PurchaseSheet:
    """One purchase order, for page, print and file."""

    purchase_order_id: int
    number: str
    heading: Heading
    producer: Party
    buyer: Party
    delivery: Delivery
    answer_by: datetime
    answer_url: str
    lines: tuple[PurchaseLine, ...]
    prices_include_tax: bool = True
    note: str = ""

    @property
    def total(self) -> Money:
        """Sum of the lines."""
        return Money.total(line.total for line in self.lines)


def to_print(sheet: PurchaseSheet, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « orders/purchase_order »."""
    delivery = sheet.delivery
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(sheet, translate),
        "number": sheet.number,
        "producer": _party(sheet.producer),
        "buyer": _party(sheet.buyer),
        "delivery": {
            "place": delivery.place,
            "address": list(delivery.address),
            "day": formats.day(formats.local_day(delivery.from_at)),
            "from": formats.time(delivery.from_at),
            "until": formats.time(delivery.until_at),
            "instructions": delivery.instructions,
        },
        "answer_by": formats.weekday_moment(sheet.answer_by),
        "answer_url": sheet.answer_url,
        "qr": sheet.answer_url,
        "lines": [
            {
                "reference": line.reference,
                "product": line.product,
                "packaging": line.packaging,
                "ordered": formats.quantity(line.ordered),
                "confirmed": "" if line.confirmed is None else formats.quantity(line.confirmed),
                "price": formats.unit_price(line.price),
                "total": formats.money(line.total),
                "note": line.note,
            }
            for line in sheet.lines
        ],
        "line_count": len(sheet.lines),
        "total": formats.money(sheet.total),
        "note": sheet.note,
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "address": list(party.address),
        "phone": party.phone,
        "email": party.email,
    }


def _labels(sheet: PurchaseSheet, _: Translate) -> dict[str, str]:
    return {
        "title": _("Purchase order"),
        "producer": _("Producer"),
        "buyer": _("Ordered by"),
        "deliver": _("We collect at your farm")
        if sheet.delivery.collected
        else _("Please deliver"),
        "between": _("between"),
        "and": _("and"),
        "answer": _("Please answer before"),
        "answer_how": _("Scan this code or open this address to confirm, or to declare less:"),
        "reference": _("Ref."),
        "product": _("Product"),
        "packaging": _("Packaging"),
        "ordered": _("Ordered"),
        "confirmed": _("Confirmed"),
        "price": _("Price"),
        "total": _("Total"),
        "lines": _("Lines"),
        "prices": _("Prices include VAT.")
        if sheet.prices_include_tax
        else _("Prices are before VAT."),
        "signature": _("Name, date and signature"),
    }
