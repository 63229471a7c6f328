"""Relay list: who comes for which crates, with room for a tick and a signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.kernel.sheet import Formats, Heading, Translate, print_heading
from shop.logistics.domain.sheets.words import temperature_words


@dataclass(frozen=True, slots=True)
class RelayCrate:
    """A crate that waits at the relay."""

    crate_id: int
    number: str
    temperature: TemperatureClass


@dataclass(frozen=True, slots=True)
class RelayOrder:
    """An order to hand over; ``due`` is what is still to be paid there, None when nothing.

    ``handed_over_at`` (UTC) is None until somebody came.
    """

    order_id: int
    number: str
    surname: str
    first_name: str
    crates: tuple[RelayCrate, ...]
    phone: str = ""
    due: Money | None = None
    note: str = ""
    handed_over_at: datetime | None = None
    receiver: str = ""


@dataclass(frozen=True, slots=True)
class RelaySheet:
    """What a relay host needs on the day; instants are UTC."""

    relay_id: int
    relay: str
    heading: Heading
    orders: tuple[RelayOrder, ...]
    address: tuple[str, ...] = ()
    host: str = ""
    arrives_at: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    desk_phone: str = ""
    note: str = ""

    @property
    def by_surname(self) -> tuple[RelayOrder, ...]:
        """The orders as a host looks for them: surname, first name, number."""
        return tuple(
            sorted(self.orders, key=lambda o: (fold(o.surname), fold(o.first_name), o.number))
        )

    @property
    def crate_count(self) -> int:
        """Crates of all orders."""
        return sum(len(order.crates) for order in self.orders)

    def crates_of(self, temperature: TemperatureClass) -> int:
        """Crates of one temperature class."""
        return sum(c.temperature is temperature for order in self.orders for c in order.crates)


def to_print(sheet: RelaySheet, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « logistics/relay_sheet »."""
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(translate),
        "relay": sheet.relay,
        "address": list(sheet.address),
        "host": sheet.host,
        "arrives": _time(sheet.arrives_at, formats),
        "opens": _time(sheet.opens_at, formats),
        "closes": _time(sheet.closes_at, formats),
        "desk_phone": sheet.desk_phone,
        "note": sheet.note,
        "order_count": len(sheet.orders),
        "crate_counts": [
            {"temperature": temperature.value, "crates": crates}
            for temperature in TemperatureClass
            if (crates := sheet.crates_of(temperature))
        ],
        "orders": [
            {
                "number": order.number,
                "surname": order.surname,
                "first_name": order.first_name,
                "phone": order.phone,
                "crates": [
                    {"number": crate.number, "temperature": crate.temperature.value}
                    for crate in order.crates
                ],
                "due": "" if order.due is None else formats.money(order.due),
                "note": order.note,
                "handed_over": _time(order.handed_over_at, formats),
                "receiver": order.receiver,
            }
            for order in sheet.by_surname
        ],
    }


def _time(at: datetime | None, formats: Formats) -> str:
    return "" if at is None else formats.time(at)


def _labels(_: Translate) -> dict[str, Any]:
    return {
        "title": _("Relay list"),
        "host": _("Host"),
        "truck": _("Truck expected at"),
        "open": _("Opening hours"),
        "desk": _("A question? Call"),
        "orders": _("Orders"),
        "crates": _("Crates"),
        "name": _("Name"),
        "order": _("Order"),
        "due": _("To be paid"),
        "signature": _("Signature"),
        "unclaimed": _("Not collected"),
        "damaged": _("Damaged or missing"),
        "closing": _("At closing time"),
        "temperatures": temperature_words(_),
    }
