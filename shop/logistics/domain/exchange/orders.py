"""Orders of another platform as they reach us: places, what goes from where to where, how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.kernel.quantity import Quantity, Unit
from shop.logistics.domain.planning.goods import TemperatureClass


class Fault(StrEnum):
    """Why a part of a file cannot be used."""

    NO_LINES = "no_lines"
    """An order without any line."""
    NO_DESTINATION = "no_destination"
    """An order that does not say where it is handed over."""
    NO_STOCK = "no_stock"
    """A line that does not say where its goods wait."""
    NO_QUANTITY = "no_quantity"
    NOT_A_NUMBER = "not_a_number"
    NOT_POSITIVE = "not_positive"
    NO_UNIT = "no_unit"
    UNKNOWN_UNIT = "unknown_unit"
    NO_COORDINATES = "no_coordinates"
    OUT_OF_RANGE = "out_of_range"
    """Coordinates that are nowhere on Earth."""
    BAD_TIME = "bad_time"
    """Opening hours that are no instants."""
    UPSIDE_DOWN = "upside_down"
    """Opening hours that end before they begin."""
    FAR_APART = "far_apart"
    """Opening hours of different weeks: no day of driving reaches both."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing that is wrong, and where: the number of the order, the name of line or place."""

    fault: Fault
    order: str = ""
    line: str = ""
    place: str = ""
    value: str = ""
    """What stands there instead."""

    def plain(self) -> dict[str, str]:
        """For whoever reads JSON."""
        told = {name: str(getattr(self, name)) for name in self.__slots__}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class OutsidePlace:
    """Where goods wait or are handed over; hours are instants (UTC), ``None`` is any time."""

    id: str
    lon: float
    lat: float
    street: str = ""
    postcode: str = ""
    city: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def label(self) -> str:
        """The address on one line."""
        town = " ".join(part for part in (self.postcode, self.city) if part)
        return ", ".join(part for part in (self.street, town) if part) or self.id


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """Goods of one order line, to be taken at one place and handed over at another."""

    id: str
    order_id: str
    order_number: str
    stock_id: str
    """What the other platform calls the goods that wait."""
    from_place: str
    to_place: str
    quantity: Quantity
    piece_g: int | None = None
    """What a piece weighs; ``None`` where the file does not tell."""
    temperature: TemperatureClass = TemperatureClass.AMBIENT
    product: str = ""

    @property
    def weight_g(self) -> int:
        """Grams to carry; a milliliter counts as a gram, a piece of unknown weight as nothing."""
        if self.quantity.unit is Unit.PIECE:
            return self.quantity.amount * (self.piece_g or 0)
        return self.quantity.amount


@dataclass(frozen=True, slots=True)
class OutsideOrders:
    """A whole file that can be planned."""

    places: tuple[OutsidePlace, ...]
    lines: tuple[OutsideLine, ...]
    vocabulary: str
    """The namespace its terms come from; what is answered uses the same."""
    fingerprint: str = ""
    """A short text that changes when the file does."""
    unweighed: tuple[str, ...] = ()
    """Lines counted by pieces of which nobody said what they weigh."""

    @property
    def order_numbers(self) -> tuple[str, ...]:
        """Each order once, in the order of the file."""
        return tuple(dict.fromkeys(line.order_number for line in self.lines))
