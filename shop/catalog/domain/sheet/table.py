"""A table as it stands in a file: rows numbered as the person sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

Cell: TypeAlias = str | Decimal | date | None
"""What stands in a cell; an empty cell is None, never an empty text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``number`` is counted from 1, as spreadsheets do."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in the row."""
        return all(cell is None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in file order, without the empty ones; the name of the sheet when there is one."""

    rows: tuple[Row, ...]
    sheet_name: str | None = None


def column_letter(index: int) -> str:
    """How a spreadsheet names the column ``index`` (0 is A, 26 is AA)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
