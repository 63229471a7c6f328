"""Relay list: who comes for which crates, with room for a tick and a signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.kernel.sheet import Heading


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
