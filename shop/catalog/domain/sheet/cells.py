"""The cells of one row by what they say, and the problems found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shop.catalog.domain.sheet.columns import Column
from shop.catalog.domain.sheet.problems import Fact, ProblemCode, RowProblem, WarningCode
from shop.catalog.domain.sheet.reading import ColumnGuess
from shop.catalog.domain.sheet.table import Cell, Row
from shop.catalog.domain.sheet.values import cell_text

INHERITED = (
    Column.NAME,
    Column.CATEGORY,
    Column.PRODUCER,
    Column.DESCRIPTION,
    Column.VAT,
    Column.ORIGIN,
    Column.MANUFACTURER,
    Column.LABELS,
    Column.STORAGE,
    Column.ALLERGENS,
    Column.TRACES,
)
"""What the rows of variants take from the row above them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column stands where in the file."""

    places: Mapping[Column, ColumnGuess]

    def has(self, column: Column) -> bool:
        """Whether the file has that column."""
        return column in self.places

    def heading(self, column: Column) -> str:
        """The heading as it stands in the file; empty when there is none."""
        return self.places[column].heading if column in self.places else ""

    def own_cell(self, row: Row, column: Column) -> Cell:
        """The cell of ``row`` in ``column``; None when it is empty or there is none."""
        place = self.places.get(column)
        if place is None or place.index >= len(row.cells):
            return None
        cell = row.cells[place.index]
        return cell if cell_text(cell) else None


@dataclass(slots=True)
class RowCells:
    """One row being read: its cells, and what is found wrong or doubtful on the way."""

    layout: Layout
    row: Row
    above: Row | None = None
    """The row it is a variant of."""
    category: str = ""
    """The title it stands under, where the file has no column for categories."""
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)

    def cell(self, column: Column) -> Cell:
        """The cell, or that of the row above for what variants share."""
        own = self.layout.own_cell(self.row, column)
        if own is None and self.above is not None and column in INHERITED:
            return self.layout.own_cell(self.above, column)
        return own

    def text(self, column: Column) -> str:
        """The cell as text; empty when nothing stands there."""
        return cell_text(self.cell(column))

    def problem(self, column: Column | None, code: ProblemCode, **facts: Fact) -> None:
        """Note why the row cannot be used."""
        self.problems.append(RowProblem(self.row.number, self._heading(column), code, facts))

    def warn(self, column: Column | None, code: WarningCode, **facts: Fact) -> None:
        """Note what was decided about the row."""
        self.warnings.append(RowProblem(self.row.number, self._heading(column), code, facts))

    def _heading(self, column: Column | None) -> str:
        return "" if column is None else self.layout.heading(column)
