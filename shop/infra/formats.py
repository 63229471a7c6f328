"""Values as a language writes them, outside any web request: for paper, mails and tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice

_SYMBOLS = {Unit.GRAM: "kg", Unit.MILLILITER: "l"}
_NBSP = "\u00a0"

CURRENCY = "EUR"
"""The one currency of an installation."""

MINUS = "\u2212"
"""What stands before amounts below zero, on every page and sheet: a hyphen is no minus."""


@lru_cache(maxsize=8192)
def money_text(cents: int, language: str, currency: str = CURRENCY) -> str:
    """An amount in whole cents: « 12,50 € », « −3,20 € »."""
    text = format_currency(Decimal(cents).scaleb(-2), currency, locale=language)
    return str(text).replace("-", MINUS)


@lru_cache(maxsize=8192)
def measure_text(amount: int, unit: Unit, language: str) -> str:
    """A weight or a volume as people say it: « 500 g », « 1,234 kg », « 75 cl », « 1,5 l »."""
    large, small = ("kg", "g") if unit is Unit.GRAM else ("l", "ml")
    if abs(amount) >= 1000:
        value, name = Decimal(amount).scaleb(-3), large
    elif small == "ml" and amount % 10 == 0 and amount:
        value, name = Decimal(amount // 10), "cl"
    else:
        value, name = Decimal(amount), small
    return f"{number_text(value, language)}{_NBSP}{name}"


def number_text(value: Decimal | int, language: str, pattern: str = "#,##0.###") -> str:
    """A number with the separators of a language."""
    return str(format_decimal(value, format=pattern, locale=language)).replace("-", MINUS)


@dataclass(frozen=True, slots=True)
class LocaleFormats:
    """The values of one market for readers of one language (« fr », « en »)."""

    language: str
    zone: ZoneInfo
    currency: str = CURRENCY

    def money(self, amount: Money) -> str:
        """12,50 €."""
        return money_text(amount.cents, self.language, self.currency)

    def unit_price(self, price: UnitPrice) -> str:
        """18,90 €/kg; for pieces 2,00 €."""
        amount = self.money(Money(price.cents))
        symbol = _SYMBOLS.get(price.unit)
        return amount if symbol is None else f"{amount}/{symbol}"

    def quantity(self, quantity: Quantity) -> str:
        """500 g, 1,234 kg, 75 cl; for pieces the bare number."""
        if quantity.unit is Unit.PIECE:
            return self._number(Decimal(quantity.amount))
        return measure_text(quantity.amount, quantity.unit, self.language)

    def distance(self, meters: int) -> str:
        """84 km, rounded to the kilometer."""
        return f"{self._number(Decimal(meters).scaleb(-3).quantize(Decimal(1)))}{_NBSP}km"

    def temperature(self, tenths: int) -> str:
        """3,5 °C or −18 °C, from tenths of a degree."""
        return f"{self._number(Decimal(tenths).scaleb(-1))}{_NBSP}°C"

    def day(self, on: date) -> str:
        """jeudi 26 novembre 2026."""
        return self._day(on, "EEEE d MMMM y")

    def local_day(self, at: datetime) -> date:
        """The market's date at an instant."""
        return at.astimezone(self.zone).date()

    def short_day(self, on: date) -> str:
        """26/11/2026."""
        return f"{on:%d/%m/%Y}"

    def weekday_moment(self, at: datetime) -> str:
        """mardi 24 novembre 14:00."""
        return f"{self._day(self.local_day(at), 'EEEE d MMMM')} {self.time(at)}"

    def time(self, at: datetime) -> str:
        """14:00."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def moment(self, at: datetime) -> str:
        """24/11/2026 14:00."""
        return f"{self.short_day(self.local_day(at))} {self.time(at)}"

    def _day(self, on: date, pattern: str) -> str:
        if self.language == "fr" and on.day == 1:
            pattern = pattern.replace("d M", "d'er' M")
        return format_date(on, pattern, locale=self.language)

    def _number(self, value: Decimal) -> str:
        return number_text(value, self.language)
