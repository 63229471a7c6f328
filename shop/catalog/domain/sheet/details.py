"""What a row says beside name and price: amounts, stock, cold, labels, allergens, words."""

from __future__ import annotations

import re
from typing import Any

from shop.catalog.domain.labels import Label, label_named, read_labels
from shop.catalog.domain.sheet.allergens import AllergenStatement, read_allergens
from shop.catalog.domain.sheet.cells import RowCells
from shop.catalog.domain.sheet.columns import Column
from shop.catalog.domain.sheet.problems import ProblemCode, WarningCode
from shop.catalog.domain.sheet.product import DEFAULT_STEPS
from shop.catalog.domain.sheet.selling import unit_in_heading
from shop.catalog.domain.sheet.units import measure_named, read_quantity
from shop.catalog.domain.sheet.values import (
    UNLIMITED,
    cents_of,
    number_in,
    read_amount,
    read_number,
    read_yes_no,
)
from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

TEXT_LIMITS: dict[Column, int] = {
    Column.REFERENCE: 64,
    Column.NAME: 200,
    Column.VARIANT: 120,
    Column.DESCRIPTION: 4000,
    Column.CATEGORY: 120,
    Column.PRODUCER: 200,
    Column.PIECE_WORD: 60,
    Column.ORIGIN: 200,
    Column.MANUFACTURER: 200,
    Column.NOTE: 1000,
}
"""Longest texts, in characters."""

_STORAGE_WORDS = {
    TemperatureClass.FROZEN: "surgel congel negatif frozen diepvries",
    TemperatureClass.CHILLED: "frais fraic refrig froid positif chilled fresh cool koel gekoeld",
    TemperatureClass.AMBIENT: "ambian sec epicerie ambient dry kamertemp droog",
}
_TEMPERATURE = re.compile(r"[-+\u2212]?\s?\d+(?:[.,]\d+)?")
_FROZEN_BELOW = -5
_CHILLED_UP_TO = 10


def read_text(cells: RowCells, column: Column) -> str:
    """The text of ``column``; a too long one is a problem."""
    text = cells.text(column)
    limit = TEXT_LIMITS[column]
    if len(text) > limit:
        cells.problem(column, ProblemCode.TEXT_TOO_LONG, length=len(text), limit=limit)
    return text


def read_step(cells: RowCells, ordered_in: Unit) -> Quantity:
    """What the ordered quantity grows by; the usual step of the unit when nothing is said."""
    default = Quantity(DEFAULT_STEPS[ordered_in], ordered_in)
    text = cells.text(Column.STEP)
    if not text:
        return default
    unit = cells.text(Column.STEP_UNIT)
    if unit and read_number(text) is not None and measure_named(unit) is not None:
        text = f"{text} {unit}"
    step = read_quantity(text, ordered_in)
    if step is None or not step:
        cells.problem(Column.STEP, ProblemCode.STEP_UNREADABLE, value=text)
        return default
    return step


def read_counted(
    cells: RowCells, column: Column, ordered_in: Unit, code: ProblemCode
) -> Quantity | None:
    """A minimum, a case or a stock in the unit of ordering; None when nothing is said."""
    text = cells.text(column)
    if not text:
        return None
    hint = unit_in_heading(cells.layout.heading(column))
    if hint and ordered_in is not Unit.PIECE and read_number(text) is not None:
        text = f"{text} {hint}"
    quantity = read_quantity(text, ordered_in)
    if quantity is None:
        cells.problem(column, code, value=text)
    return quantity


def read_stock(cells: RowCells, ordered_in: Unit) -> tuple[Quantity | None, bool]:
    """What is left and whether it is without limit; (None, False) when nothing is said."""
    if fold(cells.text(Column.STOCK)) in UNLIMITED or cells.text(Column.STOCK) == "∞":
        return None, True
    if cells.cell(Column.ON_DEMAND) is not None:
        endless = read_yes_no(cells.cell(Column.ON_DEMAND))
        if endless is None:
            value = cells.text(Column.ON_DEMAND)
            cells.problem(Column.ON_DEMAND, ProblemCode.STOCK_UNREADABLE, value=value)
        if endless:
            return None, True
    return read_counted(cells, Column.STOCK, ordered_in, ProblemCode.STOCK_UNREADABLE), False


def read_deposit(cells: RowCells) -> Money:
    """What is paid for the container; zero when nothing is said."""
    text = cells.text(Column.DEPOSIT)
    if not text or read_yes_no(text) is False:
        return Money.zero()
    read = read_amount(text)
    if read is None or read[0] < 0:
        cells.problem(Column.DEPOSIT, ProblemCode.DEPOSIT_UNREADABLE, value=text)
        return Money.zero()
    return Money(cents_of(read[0]))


def read_available(cells: RowCells) -> bool:
    """Whether it may be sold; yes when nothing is said."""
    cell = cells.cell(Column.AVAILABLE)
    if cell is None:
        return True
    answer = read_yes_no(cell)
    if answer is not None:
        return answer
    number = number_in(cell)
    if number is None:
        value = cells.text(Column.AVAILABLE)
        cells.problem(Column.AVAILABLE, ProblemCode.AVAILABILITY_UNREADABLE, value=value)
        return False
    return number > 0


def storage_named(text: str) -> TemperatureClass | None:
    """How cold it travels by words or degrees (« Frais », « 0-4 °C », « -18° »), or None."""
    folded = fold(text)
    for storage, words in _STORAGE_WORDS.items():
        if any(word.startswith(start) for word in folded.split() for start in words.split()):
            return storage
    degrees = [
        number
        for found in _TEMPERATURE.findall(text.replace("\u2212", "-"))
        if (number := read_number(found.replace(" ", ""))) is not None
    ]
    if not degrees:
        return None
    if min(degrees) <= _FROZEN_BELOW:
        return TemperatureClass.FROZEN
    is_cold = max(degrees) <= _CHILLED_UP_TO
    return TemperatureClass.CHILLED if is_cold else TemperatureClass.AMBIENT


def read_storage(cells: RowCells) -> TemperatureClass | None:
    """How cold it travels; None when nothing or nothing clear is said."""
    text = cells.text(Column.STORAGE)
    if not text:
        return storage_named(cells.text(Column.SHIPPING_CATEGORY))
    storage = storage_named(text)
    if storage is None:
        cells.warn(Column.STORAGE, WarningCode.STORAGE_UNKNOWN, value=text)
    return storage


def read_claims(cells: RowCells, note: str) -> tuple[tuple[Label, ...], str]:
    """The signs of quality, and what is left of the note.

    Where the list has no column for them they are looked for in the note: in its pieces
    between commas, never inside a sentence.
    """
    if cells.layout.has(Column.LABELS):
        return _labels_cell(cells), note
    labels, others = read_labels(note)
    return labels, note if others else ""


def _labels_cell(cells: RowCells) -> tuple[Label, ...]:
    text = cells.text(Column.LABELS)
    answer = read_yes_no(text)
    if answer is not None:
        column_is = label_named(cells.layout.heading(Column.LABELS))
        return (column_is,) if answer and column_is is not None else ()
    labels, unknown = read_labels(text)
    if unknown:
        cells.warn(Column.LABELS, WarningCode.LABELS_UNKNOWN, values=unknown)
    return labels


def read_statement(cells: RowCells) -> AllergenStatement | None:
    """The declared allergens; None when nothing is declared or a word is not understood."""
    contained, traces = cells.text(Column.ALLERGENS), cells.text(Column.TRACES)
    if not contained and not traces:
        return None
    contains, odd = read_allergens(contained)
    may_contain, odd_too = read_allergens(traces)
    if odd or odd_too:
        column = Column.ALLERGENS if odd else Column.TRACES
        cells.warn(column, WarningCode.ALLERGENS_UNKNOWN, values=odd + odd_too)
        return None
    return AllergenStatement(contains, may_contain - contains)


def read_optional(cells: RowCells, ordered_in: Unit) -> dict[str, Any]:
    """All attributes of a product beside name, price and unit, under their names."""
    stock, unlimited = read_stock(cells, ordered_in)
    labels, note = read_claims(cells, read_text(cells, Column.NOTE))
    minimum = read_counted(cells, Column.MINIMUM, ordered_in, ProblemCode.MINIMUM_UNREADABLE)
    case = read_counted(cells, Column.CASE_SIZE, ordered_in, ProblemCode.CASE_UNREADABLE)
    return {
        "reference": read_text(cells, Column.REFERENCE) or None,
        "variant": read_text(cells, Column.VARIANT),
        "description": read_text(cells, Column.DESCRIPTION),
        "category": read_text(cells, Column.CATEGORY) or cells.category,
        "producer": read_text(cells, Column.PRODUCER),
        "order_step": read_step(cells, ordered_in),
        "minimum": minimum if minimum else None,
        "case_size": case if case else None,
        "deposit": read_deposit(cells),
        "origin": read_text(cells, Column.ORIGIN),
        "manufacturer": read_text(cells, Column.MANUFACTURER),
        "note": note,
        "labels": labels,
        "storage": read_storage(cells),
        "allergens": read_statement(cells),
        "stock": stock,
        "unlimited": unlimited,
        "available": read_available(cells),
    }
