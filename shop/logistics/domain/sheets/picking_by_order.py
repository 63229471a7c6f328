"""Picking sheet by order: one block per order, its crates, its lines by zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.folding import fold
from shop.kernel.quantity import Quantity
from shop.kernel.sheet import Formats, Heading, Translate, print_heading
from shop.logistics.domain.sheets.words import temperature_words

WORK_ORDER = (TemperatureClass.AMBIENT, TemperatureClass.CHILLED, TemperatureClass.FROZEN)
"""Preparers go from the warm shelves to the cold ones, so that nothing waits out of the cold."""


@dataclass(frozen=True, slots=True)
class PickCrate:
    """A crate to fill, ``rank`` of the ``count`` crates of its order."""

    crate_id: int
    number: str
    rank: int
    count: int
    temperature: TemperatureClass


@dataclass(frozen=True, slots=True)
class PickLine:
    """One product to put into a crate.

    ``zone`` is the place in the site where the goods wait. ``by_weight`` asks for the scale;
    ``lightest`` and ``heaviest`` are then what needs no confirmation. ``crate`` is the number
    of the crate, empty when the preparer chooses.
    """

    order_line_id: int
    product: str
    packaging: str
    producer: str
    zone: str
    temperature: TemperatureClass
    quantity: Quantity
    reference: str = ""
    by_weight: bool = False
    lightest: Quantity | None = None
    heaviest: Quantity | None = None
    crate: str = ""
    note: str = ""
    picked: Quantity | None = None
    """What was put in the crate; None until somebody has been there."""


@dataclass(frozen=True, slots=True)
class PickOrder:
    """One order to prepare; ``place`` is the relay point, the drive or the home's commune.

    ``round_name`` is empty and ``stop_rank`` None while no round is planned.
    """

    order_id: int
    number: str
    customer: str
    place: str
    crates: tuple[PickCrate, ...]
    lines: tuple[PickLine, ...]
    round_name: str = ""
    stop_rank: int | None = None
    leaves_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PickZone:
    """Lines that wait in one place at one temperature."""

    zone: str
    temperature: TemperatureClass
    lines: tuple[PickLine, ...]


@dataclass(frozen=True, slots=True)
class PickingByOrder:
    """The orders of a cycle, or of one round or batch of it (``part``), in the order of work."""

    heading: Heading
    orders: tuple[PickOrder, ...]
    part: str = ""


def by_zone(lines: Iterable[PickLine]) -> tuple[PickZone, ...]:
    """``lines`` grouped by temperature and zone: ambient first, frozen last.

    Lines of one zone keep the order they came in.
    """
    zones: dict[tuple[int, str], list[PickLine]] = {}
    for line in lines:
        zones.setdefault((WORK_ORDER.index(line.temperature), line.zone), []).append(line)
    return tuple(
        PickZone(zone, found[0].temperature, tuple(found))
        for (_, zone), found in sorted(zones.items(), key=_walk)
    )


def _walk(item: tuple[tuple[int, str], list[PickLine]]) -> tuple[int, str, str]:
    """Where a zone stands in the walk: its temperature, then its name as people sort it."""
    (rank, zone), _ = item
    return rank, fold(zone), zone


def in_parts(sheet: PickingByOrder, orders: int = 200) -> Iterator[PickingByOrder]:
    """``sheet`` cut into sheets of so many ``orders`` at most, in the same sequence.

    A printer holds a whole document in memory: thousands of orders are printed in parts. Each
    says which it is of how many.
    """
    if len(sheet.orders) <= orders:
        yield sheet
        return
    count = -(-len(sheet.orders) // orders)
    for number, first in enumerate(range(0, len(sheet.orders), orders), 1):
        part = f"{sheet.part} {number}/{count}".strip()
        yield replace(sheet, orders=sheet.orders[first : first + orders], part=part)


def to_print(sheet: PickingByOrder, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « logistics/picking_by_order »."""
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(translate),
        "part": sheet.part,
        "orders": [_order(order, formats) for order in sheet.orders],
    }


def _order(order: PickOrder, formats: Formats) -> dict[str, Any]:
    return {
        "number": order.number,
        "customer": order.customer,
        "place": order.place,
        "round": order.round_name,
        "stop": "" if order.stop_rank is None else str(order.stop_rank),
        "leaves": "" if order.leaves_at is None else formats.time(order.leaves_at),
        "note": order.note,
        "crates": [
            {
                "number": crate.number,
                "of": f"{crate.rank}/{crate.count}",
                "temperature": crate.temperature.value,
            }
            for crate in order.crates
        ],
        "zones": [
            {
                "zone": zone.zone,
                "temperature": zone.temperature.value,
                "lines": [_line(line, formats) for line in zone.lines],
            }
            for zone in by_zone(order.lines)
        ],
        "line_count": len(order.lines),
    }


def _line(line: PickLine, formats: Formats) -> dict[str, Any]:
    span = ""
    if line.lightest is not None and line.heaviest is not None:
        span = f"{formats.quantity(line.lightest)} – {formats.quantity(line.heaviest)}"
    return {
        "reference": line.reference,
        "product": line.product,
        "packaging": line.packaging,
        # Where goods wait by farm, the zone has said it already.
        "producer": "" if line.producer == line.zone else line.producer,
        "quantity": formats.quantity(line.quantity),
        "by_weight": line.by_weight,
        "span": span,
        "crate": line.crate,
        "note": line.note,
        "picked": "" if line.picked is None else formats.quantity(line.picked),
    }


def _labels(_: Translate) -> dict[str, Any]:
    return {
        "title": _("Picking by order"),
        "crate": _("Crate"),
        "round": _("Round"),
        "stop": _("Stop"),
        "leaves": _("Leaves at"),
        "quantity": _("Quantity"),
        "product": _("Product"),
        "weight": _("Weight"),
        "shortage": _("Missing"),
        "prepared": _("Prepared by"),
        "checked": _("Checked"),
        "temperatures": temperature_words(_),
    }
