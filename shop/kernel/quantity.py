"""Quantities in whole pieces, grams or milliliters, and prices of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shop.kernel.money import Money, divide_half_up


class Unit(StrEnum):
    """Smallest unit a quantity is counted in."""

    PIECE = "piece"
    GRAM = "gram"
    MILLILITER = "milliliter"


UNITS_PER_PRICE = {Unit.PIECE: 1, Unit.GRAM: 1000, Unit.MILLILITER: 1000}
"""A price is for one piece, one kilogram or one liter: that many smallest units."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A whole number of pieces, grams or milliliters."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not isinstance(self.amount, int) or isinstance(self.amount, bool):
            raise TypeError(f"amount must be a whole number, not {self.amount!r}")

    @classmethod
    def pieces(cls, amount: int) -> Quantity:
        """``amount`` pieces."""
        return cls(amount, Unit.PIECE)

    @classmethod
    def grams(cls, amount: int) -> Quantity:
        """``amount`` grams."""
        return cls(amount, Unit.GRAM)

    @classmethod
    def milliliters(cls, amount: int) -> Quantity:
        """``amount`` milliliters."""
        return cls(amount, Unit.MILLILITER)

    def __add__(self, other: Quantity) -> Quantity:
        self._same_unit(other)
        return Quantity(self.amount + other.amount, self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        self._same_unit(other)
        return Quantity(self.amount - other.amount, self.unit)

    def __mul__(self, times: int) -> Quantity:
        return Quantity(self.amount * times, self.unit)

    def __lt__(self, other: Quantity) -> bool:
        self._same_unit(other)
        return self.amount < other.amount

    def __le__(self, other: Quantity) -> bool:
        self._same_unit(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def _same_unit(self, other: Quantity) -> None:
        if self.unit is not other.unit:
            raise ValueError(f"{self.unit} and {other.unit} do not mix")


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """Cents for one piece, one kilogram or one liter."""

    cents: int
    unit: Unit

    def __post_init__(self) -> None:
        if not isinstance(self.cents, int) or isinstance(self.cents, bool) or self.cents < 0:
            raise ValueError(f"price must be zero or more whole cents, not {self.cents!r}")

    def of(self, quantity: Quantity) -> Money:
        """Price of ``quantity``, rounded half up to the cent."""
        if quantity.unit is not self.unit:
            raise ValueError(f"price is per {self.unit}, quantity in {quantity.unit}")
        return Money(divide_half_up(self.cents * quantity.amount, UNITS_PER_PRICE[self.unit]))


def reference_price(price: Money, content: Quantity) -> UnitPrice:
    """Price per kilogram, liter or piece of something sold at ``price`` for ``content``.

    What the law asks to be shown beside the price: 3.20 € for 250 g is 12.80 €/kg.
    """
    if content.amount <= 0:
        raise ValueError("content must be above zero")
    scale = UNITS_PER_PRICE[content.unit]
    return UnitPrice(divide_half_up(price.cents * scale, content.amount), content.unit)
