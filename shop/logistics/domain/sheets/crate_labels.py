"""Crate labels: eight on a page, each with what a hand in the cold needs to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.sheet import Formats, Heading, Translate, print_heading
from shop.logistics.domain.sheets.words import temperature_words

LABELS_PER_PAGE = 8
"""Two columns of four on a sheet of A4."""


@dataclass(frozen=True, slots=True)
class CrateLabel:
    """The label of one crate, ``rank`` of the ``count`` crates of its order.

    ``url`` is what the QR code opens. ``place`` is the relay point, the drive or the home's
    commune. ``round_name`` is empty and ``stop_rank`` None while no round is planned.
    """

    crate_id: int
    number: str
    url: str
    order_number: str
    customer: str
    place: str
    rank: int
    count: int
    temperature: TemperatureClass
    round_name: str = ""
    stop_rank: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CrateLabels:
    """Labels in the order in which they are stuck.

    ``skip`` is the number of labels already used on the first page.
    """

    heading: Heading
    labels: tuple[CrateLabel, ...]
    skip: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.skip < LABELS_PER_PAGE:
            raise ValueError(f"skip must be 0 to {LABELS_PER_PAGE - 1}, not {self.skip}")


def in_parts(sheet: CrateLabels, pages: int = 50) -> Iterator[CrateLabels]:
    """``sheet`` cut into sheets of so many ``pages`` at most, so that no page is half used."""
    first, room = 0, pages * LABELS_PER_PAGE - sheet.skip
    while first == 0 or first < len(sheet.labels):
        yield replace(
            sheet, labels=sheet.labels[first : first + room], skip=0 if first else sheet.skip
        )
        first, room = first + room, pages * LABELS_PER_PAGE


def to_print(sheet: CrateLabels, translate: Translate, formats: Formats) -> dict[str, Any]:
    """``sheet`` in words, for the document « logistics/crate_labels »."""
    return {
        "heading": print_heading(sheet.heading, translate, formats),
        "labels": _labels(translate),
        "skip": sheet.skip,
        "crates": [
            {
                "number": label.number,
                "qr": label.url,
                "order": label.order_number,
                "customer": label.customer,
                "place": label.place,
                "round": label.round_name,
                "stop": "" if label.stop_rank is None else str(label.stop_rank),
                "rank": str(label.rank),
                "count": str(label.count),
                "temperature": label.temperature.value,
                "note": label.note,
            }
            for label in sheet.labels
        ],
    }


def _labels(_: Translate) -> dict[str, Any]:
    return {
        "title": _("Crate labels"),
        "crate": _("Crate"),
        "round": _("Round"),
        "stop": _("Stop"),
        "temperatures": temperature_words(_),
    }
