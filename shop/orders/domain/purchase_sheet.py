"""A purchase order as its producer reads it: what to bring, where, when, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, UnitPrice
from shop.kernel.sheet import Heading


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
