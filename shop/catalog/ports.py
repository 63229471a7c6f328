"""What this room needs from outside: somebody who reads and writes spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeAlias

from shop.catalog.domain.sheet.table import Cell, Row, Table, column_letter
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity

__all__ = [
    "Cell",
    "CellOut",
    "ColumnOut",
    "Row",
    "SheetOut",
    "SpreadsheetReader",
    "SpreadsheetWriter",
    "Table",
    "column_letter",
]

CellOut: TypeAlias = str | int | Decimal | Money | Quantity | date | None
"""What a written cell may hold: text, whole or decimal number, amount, quantity, day, nothing.

A quantity is shown in pieces, kilograms or liters.
"""


@dataclass(frozen=True, slots=True)
class ColumnOut:
    """A column of a written list; ``width`` in characters, None: as wide as the content."""

    heading: str
    width: int | None = None
    totaled: bool = False
    """Whether the sum stands under the column (amounts and numbers only)."""


@dataclass(frozen=True, slots=True)
class SheetOut:
    """A list that leaves as a file; each row has one cell per column.

    ``preamble`` lines stand above the headings (who, when), ``name`` is the tab's.
    """

    name: str
    columns: Sequence[ColumnOut]
    rows: Sequence[Sequence[CellOut]]
    preamble: Sequence[Sequence[CellOut]] = ()


class SpreadsheetReader(Protocol):
    """Whoever opens the files that people bring."""

    def read_table(self, content: bytes, filename: str) -> Table:
        """The first sheet with something that looks like headings.

        Raises:
            SheetEmpty: nothing in it.
            SheetTooLarge: more than the limits.
            SheetEncrypted: it asks for a password.
            SheetFormatUnknown: not csv, xlsx, xls or ods.
            SheetUnreadable: damaged, or no table.
        """


class SpreadsheetWriter(Protocol):
    """Whoever makes the files that people take away; a cell never starts a formula."""

    def write_xlsx(self, sheets: Sequence[SheetOut]) -> bytes:
        """A workbook with one tab per sheet, headings frozen."""

    def write_csv(self, sheet: SheetOut) -> bytes:
        """One sheet as text that a French spreadsheet program opens at once."""
