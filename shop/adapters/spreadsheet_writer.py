"""Make the files people take away: workbooks and csv that no cell can turn into a program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from shop.catalog.ports import CellOut, SheetOut
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

_FORMULA_START = re.compile(r"^'*[=+\-@\t\r]")
_UNWRITABLE = re.compile(f"{ILLEGAL_CHARACTERS_RE.pattern}|[\ud800-\udfff\ufffe\uffff]")
_TAB_NAME = re.compile(r"[\[\]:*?/\\]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST_TEXT = 32_000
_NARROWEST, _WIDEST = 9, 48

_MONEY_FORMAT = '#,##0.00\\ "€"'
_DATE_FORMAT = "DD/MM/YYYY"
_DATE_TIME_FORMAT = "DD/MM/YYYY\\ HH:MM"
_QUANTITY_FORMATS = {
    Unit.PIECE: "#,##0",
    Unit.GRAM: '#,##0.000\\ "kg"',
    Unit.MILLILITER: '#,##0.000\\ "l"',
}
_QUANTITY_SUFFIXES = {Unit.PIECE: "", Unit.GRAM: " kg", Unit.MILLILITER: " l"}
_HEADING_FONT = Font(bold=True)
_HEADING_FILL = PatternFill("solid", fgColor="E8EDE3")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_TOP = Alignment(vertical="top")


class FileSpreadsheetWriter:
    """Writes spreadsheets; plugged where a ``SpreadsheetWriter`` is asked for."""

    def write_xlsx(self, sheets: Sequence[SheetOut]) -> bytes:
        """A workbook with one tab per sheet."""
        return write_xlsx(sheets)

    def write_csv(self, sheet: SheetOut) -> bytes:
        """One sheet as text."""
        return write_csv(sheet)


def write_xlsx(sheets: Sequence[SheetOut]) -> bytes:
    """A workbook with one tab per sheet: headings bold, frozen and filtered, amounts typed.

    Raises:
        ValueError: without any sheet, or when a row has not one cell per column.
    """
    if not sheets:
        raise ValueError("a workbook has at least one sheet")
    book = Workbook(write_only=True)
    taken: set[str] = set()
    for sheet in sheets:
        _check(sheet)
        name = _tab_name(sheet.name, taken)
        _write_tab(book.create_sheet(name), sheet)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def write_csv(sheet: SheetOut) -> bytes:
    """One sheet as text for a French spreadsheet program: UTF-8 with mark, « ; », decimal comma.

    Raises:
        ValueError: when a row has not one cell per column.
    """
    _check(sheet)
    body = io.StringIO(newline="")
    writer = csv.writer(body, delimiter=";", lineterminator="\r\n")
    for line in sheet.preamble:
        writer.writerow([_written(cell) for cell in line])
    writer.writerow([guarded(column.heading) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_written(cell) for cell in row])
    totals = _totals(sheet)
    if totals is not None:
        writer.writerow([_written(cell) for cell in totals])
    return body.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """``text`` that no spreadsheet program takes for a formula; our reader takes the mark off."""
    bare = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{bare}" if _FORMULA_START.match(bare) else bare


def _check(sheet: SheetOut) -> None:
    width = len(sheet.columns)
    if any(len(row) != width for row in sheet.rows):
        raise ValueError(f"each row of {sheet.name!r} needs {width} cells")


def _tab_name(wanted: str, taken: set[str]) -> str:
    """A name that spreadsheet programs accept: 31 characters, no brackets, not used twice."""
    base = _TAB_NAME.sub(" ", _UNWRITABLE.sub("", wanted)).strip(" '")[:31] or "1"
    name, count = base, 1
    while name.casefold() in taken:
        count += 1
        name = f"{base[: 30 - len(str(count))]} {count}"
    taken.add(name.casefold())
    return name


def _write_tab(tab: Any, sheet: SheetOut) -> None:
    heading_row = len(sheet.preamble) + 1
    for index, column in enumerate(sheet.columns):
        letter = get_column_letter(index + 1)
        tab.column_dimensions[letter].width = column.width or _width(sheet, index)
    tab.freeze_panes = f"A{heading_row + 1}"
    tab.page_setup.orientation = "landscape"
    tab.page_setup.fitToHeight = 0
    tab.sheet_properties.pageSetUpPr.fitToPage = True
    tab.print_title_rows = f"{heading_row}:{heading_row}"
    if sheet.columns and sheet.rows:
        last = f"{get_column_letter(len(sheet.columns))}{heading_row + len(sheet.rows)}"
        tab.auto_filter.ref = f"A{heading_row}:{last}"
    for line in sheet.preamble:
        tab.append([_typed(tab, cell) for cell in line])
    tab.append([_heading(tab, column.heading) for column in sheet.columns])
    for row in sheet.rows:
        tab.append([_typed(tab, cell) for cell in row])
    totals = _totals(sheet)
    if totals is not None:
        cells = [_typed(tab, cell) for cell in totals]
        for cell in cells:
            cell.font = _HEADING_FONT
        tab.append(cells)


def _heading(tab: Any, text: str) -> Cell:
    cell = _cell(tab, _escaped(guarded(text)))
    cell.font, cell.fill, cell.alignment = _HEADING_FONT, _HEADING_FILL, _WRAPPED
    return cell


def _typed(tab: Any, value: CellOut) -> Cell:
    """A cell that adds up: amounts, quantities and days are numbers with a format."""
    if isinstance(value, Money):
        cell = _cell(tab, value.as_decimal())
        cell.number_format = _MONEY_FORMAT
    elif isinstance(value, Quantity):
        cell = _cell(tab, _shown_amount(value))
        cell.number_format = _QUANTITY_FORMATS[value.unit]
    elif isinstance(value, datetime):
        cell = _cell(tab, value.replace(tzinfo=None))
        cell.number_format = _DATE_TIME_FORMAT
    elif isinstance(value, date):
        cell = _cell(tab, value)
        cell.number_format = _DATE_FORMAT
    elif isinstance(value, str):
        cell = _cell(tab, _escaped(guarded(value))[:_LONGEST_TEXT] or None)
        cell.alignment = _WRAPPED if len(value) > _WIDEST or "\n" in value else _TOP
    else:
        cell = _cell(tab, value)
    return cell


def _cell(tab: Any, value: Any) -> Cell:
    cell: Cell = WriteOnlyCell(tab, value=value)
    if cell.data_type == "e":
        cell.data_type = "s"
    return cell


def _escaped(text: str) -> str:
    """``text`` in which nothing looks like the workbook's own way of writing odd characters."""
    return _ESCAPE.sub("_x005F_", text)


def _shown_amount(quantity: Quantity) -> int | Decimal:
    """Pieces, kilograms or liters."""
    if quantity.unit is Unit.PIECE:
        return quantity.amount
    return Decimal(quantity.amount).scaleb(-3)


def _written(value: CellOut) -> str:
    """A cell as text; amounts and numbers bare, so that a program can add them up."""
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, Money):
        return str(value).replace(".", ",")
    if isinstance(value, Quantity):
        amount = str(_shown_amount(value)).replace(".", ",")
        return f"{amount}{_QUANTITY_SUFFIXES[value.unit]}"
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return format(value, "f").replace(".", ",") if isinstance(value, Decimal) else str(value)


def _totals(sheet: SheetOut) -> list[CellOut] | None:
    """The row of sums, None when no column is summed."""
    if not any(column.totaled for column in sheet.columns):
        return None
    return [
        _sum([row[index] for row in sheet.rows]) if column.totaled else None
        for index, column in enumerate(sheet.columns)
    ]


def _sum(cells: Sequence[CellOut]) -> CellOut:
    """Amounts, else quantities of one unit, else numbers; nothing where they do not mix."""
    filled = [cell for cell in cells if cell is not None]
    amounts = [cell for cell in filled if isinstance(cell, Money)]
    if amounts:
        return Money.total(amounts) if len(amounts) == len(filled) else None
    quantities = [cell for cell in filled if isinstance(cell, Quantity)]
    if quantities:
        if len(quantities) != len(filled) or len({cell.unit for cell in quantities}) > 1:
            return None
        return Quantity(sum(cell.amount for cell in quantities), quantities[0].unit)
    numbers = [cell for cell in filled if isinstance(cell, int | Decimal)]
    return sum(numbers, Decimal(0)) if numbers and len(numbers) == len(filled) else None


def _width(sheet: SheetOut, index: int) -> int:
    """Wide enough for most cells of a column, in characters."""
    longest = max(
        (len(line) for row in sheet.rows[:500] for line in _written(row[index]).split("\n")),
        default=0,
    )
    heading = len(sheet.columns[index].heading)
    return min(max(longest + 2, min(heading, 18) + 2, _NARROWEST), _WIDEST)
