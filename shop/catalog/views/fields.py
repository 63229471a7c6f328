"""Fields of forms for money, numbers and times, as people type them in either language."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from wtforms import DateTimeLocalField, StringField

from shop.catalog.domain.sheet.values import cents_of, read_number
from shop.kernel.quantity import UNITS_PER_PRICE, Quantity, Unit
from shop.web.formats import number, quantity
from shop.web.locale import chosen_language


class NumberField(StringField):  # type: ignore[misc]
    """A whole or decimal number, with a comma or a point; data is a Decimal or None."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else typed(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand what was typed.

        Raises:
            ValueError: it is no number.
        """
        self.data = None
        text = valuelist[0].strip().replace("€", "").strip() if valuelist else ""
        if not text:
            return
        self.data = read_number(text)
        if self.data is None:
            raise ValueError(_("This is not a number."))


class MoneyField(NumberField):
    """An amount of money; data is whole cents or None."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else typed_money(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand what was typed.

        Raises:
            ValueError: it is no amount, below zero, or beyond reason.
        """
        super().process_formdata(valuelist)
        if self.data is None:
            return
        if self.data < 0:
            raise ValueError(_("This must be zero or more."))
        if self.data > 10_000:
            raise ValueError(_("This is too much: is the decimal mark missing?"))
        self.data = cents_of(self.data)


class MarketMoment(DateTimeLocalField):  # type: ignore[misc]
    """A day and a time of day in the market's zone; data is an aware instant or None."""

    data: Any
    zone = ZoneInfo("Europe/Paris")

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **more)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return f"{self.data.astimezone(self.zone):%Y-%m-%dT%H:%M}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand what was chosen, in the market's zone.

        Raises:
            ValueError: it is no day and time.
        """
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            given = datetime.fromisoformat(valuelist[0].strip())
        except ValueError:
            raise ValueError(_("This is not a day and a time.")) from None
        self.data = given.replace(tzinfo=self.zone)


def typed(value: Decimal | int) -> str:
    """A number as one types it: a decimal comma in French, no separators of thousands."""
    text = f"{Decimal(value):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if chosen_language() == "fr" else text


def typed_money(cents: int) -> str:
    """Cents as one types an amount: « 4,20 »."""
    text = f"{Decimal(cents).scaleb(-2):.2f}"
    return text.replace(".", ",") if chosen_language() == "fr" else text


def typed_amount(amount: int | None, unit: Unit) -> str:
    """Smallest units as one types them: pieces, kilograms or liters."""
    return "" if amount is None else typed(Decimal(amount) / UNITS_PER_PRICE[unit])


def amount_typed(text: str, unit: Unit) -> int | None:
    """Smallest units of pieces, kilograms or liters that were typed; None for nothing.

    Raises:
        ValueError: it is no amount, or below zero, or finer than one unit.
    """
    text = text.strip()
    if not text:
        return None
    found = read_number(text)
    if found is None or found < 0 or found > 20_000_000 // UNITS_PER_PRICE[unit]:
        raise ValueError(_("This is not a quantity."))
    amount = found * UNITS_PER_PRICE[unit]
    if amount != amount.to_integral_value():
        raise ValueError(_("Give a whole number."))
    return int(amount)


def cents_typed(text: str) -> int:
    """Cents of a price that was typed.

    Raises:
        ValueError: it is no price, or below zero, or beyond reason.
    """
    found = read_number(text.replace("€", "").strip())
    if found is None:
        raise ValueError(_("This is not a price."))
    if not 0 <= found <= 10_000:
        raise ValueError(_("A price lies between 0 and 10,000 €."))
    return cents_of(found)


def unit_typed(unit: Unit) -> str:
    """The unit in which amounts are typed, for the end of a box."""
    return {Unit.GRAM: "kg", Unit.MILLILITER: "l"}.get(unit, "")


def short_amount(amount: Quantity) -> str:
    """A quantity in little room: pieces as a bare number."""
    return number(amount.amount) if amount.unit is Unit.PIECE else quantity(amount)
