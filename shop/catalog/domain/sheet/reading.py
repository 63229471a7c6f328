"""What was understood of a list: columns, products, problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shop.catalog.domain.sheet.columns import Column
from shop.catalog.domain.sheet.problems import Notice, NoticeCode, RowProblem
from shop.catalog.domain.sheet.product import SheetProduct


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column of the file is taken for; ``column`` is None when nobody knows.

    ``key`` is the heading in folded form (or the letter of the column when it has none):
    a correction that was remembered under it still fits when columns are moved.
    """

    index: int
    heading: str
    key: str
    column: Column | None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said about the columns of their list; plain values, kept per producer.

    ``columns`` goes from ``ColumnGuess.key`` to a column, or to None: do not use it.
    ``heading_row`` is the (last) row of headings; None: guess.
    """

    columns: Mapping[str, Column | None] = field(default_factory=dict)
    heading_row: int | None = None


@dataclass(frozen=True, slots=True)
class SheetReading:
    """A list, read: what can go in, what cannot and why, what was decided on the way."""

    products: tuple[SheetProduct, ...]
    problems: tuple[RowProblem, ...]
    """By row; a row may have several, and its product is not among ``products``."""
    warnings: tuple[RowProblem, ...]
    notices: tuple[Notice, ...]
    columns: tuple[ColumnGuess, ...]
    heading_rows: tuple[int, ...]
    """Rows of headings, one or two; none when no heading was found."""
    said: frozenset[str]
    """Attributes of ``SheetProduct`` that the list speaks of; others keep what they were."""
    row_count: int
    """Rows below the headings that hold something."""

    def has_notice(self, code: NoticeCode) -> bool:
        """Whether ``code`` was said about the whole file."""
        return any(notice.code is code for notice in self.notices)
