"""What every printed sheet says of itself, and how its values become words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, UnitPrice

Translate = Callable[[str], str]
"""From an English message to the reader's language."""


class Formats(Protocol):
    """Values as the reader's language writes them, in the market's time zone."""

    @property
    def language(self) -> str:
        """Two letters: fr, en."""

    def money(self, amount: Money) -> str:
        """12,50 €."""

    def unit_price(self, price: UnitPrice) -> str:
        """18,90 €/kg; for pieces 2,00 €."""

    def quantity(self, quantity: Quantity) -> str:
        """1,234 kg, 0,75 l; for pieces the bare number."""

    def distance(self, meters: int) -> str:
        """84 km."""

    def temperature(self, tenths: int) -> str:
        """3,5 °C from tenths of a degree."""

    def day(self, on: date) -> str:
        """jeudi 26 novembre 2026."""

    def local_day(self, at: datetime) -> date:
        """The market's date at an instant."""

    def short_day(self, on: date) -> str:
        """26/11/2026."""

    def weekday_moment(self, at: datetime) -> str:
        """mardi 24 novembre 14:00."""

    def time(self, at: datetime) -> str:
        """14:00."""

    def moment(self, at: datetime) -> str:
        """24/11/2026 14:00."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Market, cycle, day of delivery, and the instant at which the sheet was made (UTC)."""

    market: str
    cycle: str
    delivery_on: date
    printed_at: datetime


def print_heading(heading: Heading, _: Translate, formats: Formats) -> dict[str, Any]:
    """``heading`` in words, as every template expects it."""
    return {
        "language": formats.language,
        "market": heading.market,
        "cycle": heading.cycle,
        "delivery_on": formats.day(heading.delivery_on),
        "short_delivery_on": formats.short_day(heading.delivery_on),
        "printed_at": formats.moment(heading.printed_at),
        "labels": {
            "delivery": _("Delivery"),
            "printed": _("Printed"),
            "page": _("Page"),
        },
    }
