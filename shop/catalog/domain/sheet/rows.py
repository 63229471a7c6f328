"""Read a producer's list: headings, rows, sections, variants; products or named problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import fields

from shop.catalog.domain.sheet.cells import Layout, RowCells
from shop.catalog.domain.sheet.columns import PRICE_COLUMNS, SPEAKS_OF, Column
from shop.catalog.domain.sheet.details import read_optional, read_text
from shop.catalog.domain.sheet.difference import name_key
from shop.catalog.domain.sheet.headings import Headings, column_for, read_columns
from shop.catalog.domain.sheet.problems import (
    Fact,
    Notice,
    NoticeCode,
    ProblemCode,
    RowProblem,
    WarningCode,
)
from shop.catalog.domain.sheet.product import SheetProduct
from shop.catalog.domain.sheet.reading import ColumnGuess, Correction, SheetReading
from shop.catalog.domain.sheet.selling import read_selling
from shop.catalog.domain.sheet.table import Row, Table
from shop.catalog.domain.sheet.values import cell_text, read_number
from shop.kernel.folding import fold

_ALWAYS_SAID = frozenset({"name", "price"})
_SAID_WHEN_SEEN = ("price_unit", "ordered_in", "content", "piece_word", "labels")
"""Attributes that other columns may reveal (« 3 €/kg », « bio » in a note)."""


def read_rows(
    table: Table, correction: Correction | None = None, default_vat_bp: int | None = None
) -> SheetReading:
    """What ``table`` says, row by row; it never raises for what a person wrote.

    ``correction`` is what somebody said about the columns; ``default_vat_bp`` turns prices
    without tax into consumer prices where the list says no rate.
    """
    headings, columns, data = read_columns(table, correction)
    places = {g.column: g for g in columns if g.column not in {None, Column.IGNORED}}
    layout = Layout({column: guess for column, guess in places.items() if column is not None})
    missing = _missing(layout)
    notices = _notices(headings, columns, missing, len(data))
    products: list[SheetProduct] = []
    problems: list[RowProblem] = []
    warnings: list[RowProblem] = []
    if not missing:
        for cells in _product_rows(layout, data, headings, warnings):
            product = read_product(cells, default_vat_bp)
            if product is not None:
                products.append(product)
                warnings += cells.warnings
            problems += cells.problems
        products, doubles = _without_doubles(products, layout, warnings)
        problems += doubles
    return SheetReading(
        products=tuple(products),
        problems=tuple(sorted(problems, key=lambda problem: problem.row)),
        warnings=tuple(sorted(warnings, key=lambda warning: warning.row)),
        notices=tuple(notices),
        columns=columns,
        heading_rows=headings.rows if headings else (),
        said=_said(layout, products),
        row_count=len(data),
    )


def read_product(cells: RowCells, default_vat_bp: int | None) -> SheetProduct | None:
    """The product of one row; None when problems were noted."""
    name = read_text(cells, Column.NAME)
    if not fold(name):
        cells.problem(Column.NAME, ProblemCode.NAME_MISSING)
    selling = read_selling(cells, default_vat_bp)
    if selling is None:
        return None
    optional = read_optional(cells, selling.ordered_in)
    if cells.problems:
        return None
    return SheetProduct(
        name=name,
        price=selling.price,
        price_unit=selling.price_unit,
        ordered_in=selling.ordered_in,
        vat_bp=selling.vat_bp,
        content=selling.content.quantity,
        pack_count=selling.content.pack_count,
        piece_word=selling.content.piece_word,
        weight=selling.weight,
        price_was_net=selling.price_was_net,
        row=cells.row.number,
        **optional,
    )


def _missing(layout: Layout) -> list[Column]:
    missing = [] if layout.has(Column.NAME) else [Column.NAME]
    if not any(layout.has(column) for column in PRICE_COLUMNS):
        missing.append(Column.PRICE)
    return missing


def _notices(
    headings: Headings | None,
    columns: Sequence[ColumnGuess],
    missing: Sequence[Column],
    row_count: int,
) -> list[Notice]:
    notices: list[Notice] = []
    if headings is None:
        notices.append(Notice(NoticeCode.NO_HEADINGS))
    elif not row_count:
        notices.append(Notice(NoticeCode.NO_ROWS))
    if missing:
        facts = {"fields": tuple(column.value for column in missing)}
        notices.append(Notice(NoticeCode.COLUMNS_MISSING, facts))
    unused = tuple(guess.heading for guess in columns if guess.column is None and guess.heading)
    if unused:
        notices.append(Notice(NoticeCode.COLUMNS_UNUSED, {"headings": unused}))
    return notices


def _product_rows(
    layout: Layout, data: Sequence[Row], headings: Headings | None, warnings: list[RowProblem]
) -> list[RowCells]:
    """Rows that stand for a product, with the title and the row of the name above them."""
    found: list[RowCells] = []
    category = ""
    parent: Row | None = None
    for index, row in enumerate(data):
        following = data[index + 1] if index + 1 < len(data) else None
        if headings is not None and _repeats(row, headings):
            continue
        named = layout.own_cell(row, Column.NAME) is not None
        if _is_title(layout, row, following):
            category, parent = _only_text(row), None
            warnings.append(
                RowProblem(
                    row.number, "", WarningCode.ROW_TAKEN_AS_CATEGORY, {"category": category}
                )
            )
            continue
        if named and not _has_price(layout, row) and _is_variant(layout, following):
            parent = row
            continue
        if named:
            parent = row
        cells = RowCells(layout, row, category=category)
        if not named and parent is not None and _is_variant(layout, row):
            cells.above = parent
            cells.warn(
                Column.NAME,
                WarningCode.NAME_TAKEN_FROM_ROW_ABOVE,
                name=cell_text(layout.own_cell(parent, Column.NAME)),
                from_row=parent.number,
            )
        found.append(cells)
    return found


def _repeats(row: Row, headings: Headings) -> bool:
    """Whether the headings stand again in the middle of the list (a new printed page)."""
    texts = [cell_text(cell) for cell in row.cells]
    said = [text for text in headings.texts if text]
    return bool(said) and [text for text in texts if text] == said


def _has_price(layout: Layout, row: Row) -> bool:
    return any(layout.own_cell(row, column) is not None for column in PRICE_COLUMNS)


def _is_variant(layout: Layout, row: Row | None) -> bool:
    """Whether ``row`` has a price and its own variant or content, and no name."""
    return (
        row is not None
        and layout.own_cell(row, Column.NAME) is None
        and _has_price(layout, row)
        and any(layout.own_cell(row, column) for column in (Column.VARIANT, Column.CONTENT))
    )


def _only_text(row: Row) -> str:
    """The text of a row in which one cell is filled, with words; empty for any other row."""
    filled = [cell for cell in row.cells if cell_text(cell)]
    text = cell_text(filled[0]) if len(filled) == 1 else ""
    return text if text and read_number(text) is None else ""


def _is_title(layout: Layout, row: Row, following: Row | None) -> bool:
    """Whether ``row`` is a title (« LÉGUMES ») over products, where no column says categories."""
    if layout.has(Column.CATEGORY) or following is None or not _only_text(row):
        return False
    if column_for(_only_text(row)) is not None and len(row.cells) == 1:
        return False
    return layout.own_cell(following, Column.NAME) is not None


def _without_doubles(
    products: Sequence[SheetProduct], layout: Layout, warnings: list[RowProblem]
) -> tuple[list[SheetProduct], list[RowProblem]]:
    """Products told once; of contradicting rows none is used and each is a problem."""
    groups: dict[Hashable, list[SheetProduct]] = defaultdict(list)
    for product in products:
        own = ("reference", product.reference) if product.reference else name_key(product)
        groups[fold(product.producer), own].append(product)
    kept: list[SheetProduct] = []
    problems: list[RowProblem] = []
    for group in groups.values():
        first, rows = group[0], tuple(product.row for product in group)
        if all(product == first for product in group):
            kept.append(first)
            for row in rows[1:]:
                facts = {"first_row": first.row}
                warnings.append(RowProblem(row, "", WarningCode.DUPLICATE_ROW_IGNORED, facts))
        elif first.reference:
            heading = layout.heading(Column.REFERENCE)
            problems += [
                RowProblem(
                    row,
                    heading,
                    ProblemCode.DUPLICATE_REFERENCE,
                    {"reference": first.reference, "rows": rows},
                )
                for row in rows
            ]
        else:
            heading = layout.heading(Column.NAME)
            facts_of_name: dict[str, Fact] = {"name": first.name, "rows": rows}
            problems += [
                RowProblem(row, heading, ProblemCode.DUPLICATE_PRODUCT, facts_of_name)
                for row in rows
            ]
    return kept, problems


def _said(layout: Layout, products: Sequence[SheetProduct]) -> frozenset[str]:
    said = set(_ALWAYS_SAID)
    for column in layout.places:
        said |= SPEAKS_OF.get(column, frozenset())
    defaults = {field.name: field.default for field in fields(SheetProduct)}
    for name in _SAID_WHEN_SEEN:
        if any(getattr(product, name) != defaults[name] for product in products):
            said.add(name)
    for name in ("nominal_g", "min_g", "max_g"):
        if any(getattr(product.weight, name, None) is not None for product in products):
            said.add(f"weight.{name}")
    return frozenset(said)
