"""Open the spreadsheets people bring: csv of any kind, xlsx, xls, ods."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import python_calamine

from shop.adapters.spreadsheet_biff import OLE_MARK, sheet_spans
from shop.adapters.spreadsheet_limits import Limits, check_archive, refuse_beyond
from shop.catalog.domain.sheet.headings import find_headings
from shop.catalog.domain.sheet.problems import (
    SheetEmpty,
    SheetEncrypted,
    SheetFormatUnknown,
    SheetTooLarge,
    SheetUnreadable,
)
from shop.catalog.domain.sheet.table import Cell, Row, Table

EXTENSIONS = ("csv", "txt", "tsv", "xlsx", "xlsm", "xls", "ods")
"""Files we try; what is inside decides how it is read."""

_ZIP = b"PK\x03\x04"
_DELIMITERS = ";,\t|"
_SAMPLE, _SAMPLE_RECORDS = 200_000, 100
_SEPARATOR_LINE = re.compile(r"^\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_GUARDED = re.compile(r"^'+[=+\-@\t\r]")
_LETTERS = re.compile(r"[éèàçêâîôûùëïœÉÈÀÇÊ€°ñöü’–]")
_ODD = re.compile(r"[\x80-\x9f\u2500-\u25ff¬¶¤ŽŠ‡†ƒÃ]")


class FileSpreadsheetReader:
    """Reads spreadsheets from their bytes; plugged where a ``SpreadsheetReader`` is asked for."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def read_table(self, content: bytes, filename: str) -> Table:
        """The first sheet with headings, within the limits given at start."""
        return read_table(content, filename, self._limits)


def read_table(content: bytes, filename: str, limits: Limits | None = None) -> Table:
    """The first sheet with something that looks like headings, else the first that holds any row.

    Empty rows are left out; the others keep the number a spreadsheet program shows.

    Raises:
        SheetEmpty: nothing in it.
        SheetTooLarge: more than ``limits``.
        SheetEncrypted: it asks for a password.
        SheetFormatUnknown: not one of ``EXTENSIONS``.
        SheetUnreadable: damaged, or no table.
    """
    limits = limits or Limits()
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if extension and extension not in EXTENSIONS:
        raise SheetFormatUnknown(extension=extension)
    if len(content) > limits.max_bytes:
        raise SheetTooLarge(limit_bytes=limits.max_bytes)
    if not content.strip():
        raise SheetEmpty()
    if content.startswith((_ZIP, OLE_MARK)):
        tables = _workbook_tables(content, limits)
    else:
        tables = iter((_text_table(content, limits),))
    first: Table | None = None
    for table in tables:
        if not table.rows:
            continue
        if find_headings(table) is not None:
            return table
        first = first or table
    if first is None:
        raise SheetEmpty()
    return first


def _workbook_tables(content: bytes, limits: Limits) -> Iterator[Table]:
    if content.startswith(_ZIP):
        check_archive(content, limits)
    elif "EncryptedPackage".encode("utf-16-le") in content:
        raise SheetEncrypted()
    else:
        for height, width in sheet_spans(content):
            refuse_beyond(limits, height, width)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
    except python_calamine.PasswordError as error:
        raise SheetEncrypted() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise SheetUnreadable() from error
    for name in names:
        yield _sheet_table(book, name, limits)


def _sheet_table(book: python_calamine.CalamineWorkbook, name: str, limits: Limits) -> Table:
    try:
        sheet = book.get_sheet_by_name(name)
    except python_calamine.PasswordError as error:
        raise SheetEncrypted() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise SheetUnreadable() from error
    if sheet.start is None:
        return Table((), name)
    refuse_beyond(limits, sheet.height, sheet.width)
    first_row, first_column = sheet.start
    left = (None,) * min(first_column, limits.max_columns)
    rows = (
        Row(number, _trimmed((*left, *(_typed_cell(value) for value in values))))
        for number, values in enumerate(sheet.to_python(skip_empty_area=True), first_row + 1)
    )
    return Table(tuple(row for row in rows if row.cells), name)


def _typed_cell(value: object) -> Cell:
    """A cell of a workbook in our four types."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return _decimal(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return _text_cell(str(value))


def _decimal(value: float) -> Cell:
    """The number a person typed: 3.1999999999999997 was 3.2."""
    if not math.isfinite(value):
        return None
    number = Decimal(f"{value:.12g}")
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _text_cell(text: str) -> Cell:
    """A text without blanks around it; the mark that keeps it from being a formula is taken off."""
    bare = text.strip("\x00 \n\r\t\v\f\u00a0\u202f\u2007\ufeff")
    if _GUARDED.match(bare):
        bare = bare[1:]
    return bare or None


def _trimmed(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    last = len(cells)
    while last and cells[last - 1] is None:
        last -= 1
    return cells[:last]


def _text_table(content: bytes, limits: Limits) -> Table:
    text = _decode(content)
    separator = _SEPARATOR_LINE.match(text)
    if separator:
        text = text[separator.end() :]
    delimiter = separator.group(1) if separator else _delimiter_of(text)
    rows: list[Row] = []
    try:
        for number, record in enumerate(_records(text, delimiter), 1):
            cells = _trimmed(tuple(_text_cell(value) for value in record))
            if not cells:
                continue
            if len(rows) >= limits.max_rows:
                raise SheetTooLarge(limit_rows=limits.max_rows)
            if len(cells) > limits.max_columns:
                raise SheetTooLarge(limit_columns=limits.max_columns)
            rows.append(Row(number, cells))
    except csv.Error as error:
        raise SheetUnreadable() from error
    return Table(tuple(rows))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _decode(content: bytes) -> str:
    """The text of a csv file, by its mark, else by what reads like words.

    Raises:
        SheetUnreadable: when it is no text.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if content.startswith(mark):
            return _decoded(content, (encoding,), lambda text: 0)
    if b"\x00" in content:
        start = content[:2000]
        is_wide = len(content) % 2 == 0 and max(start[::2].count(0), start[1::2].count(0)) > (
            len(start) // 4
        )
        if not is_wide:
            raise SheetUnreadable()
        big_end = start[::2].count(0) > start[1::2].count(0)
        return _decoded(content, ("utf-16-be" if big_end else "utf-16-le",), lambda text: 0)
    try:
        return _checked(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _decoded(content, ("cp1252", "mac_roman", "cp850"), _likeness)


def _decoded(content: bytes, encodings: Iterable[str], likeness: Callable[[str], int]) -> str:
    """The most likely of the readings that are possible at all; the first of equals."""
    readings: list[str] = []
    for encoding in encodings:
        try:
            readings.append(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    if not readings:
        raise SheetUnreadable()
    return _checked(max(readings, key=likeness))


def _likeness(text: str) -> int:
    return len(_LETTERS.findall(text)) - 3 * len(_ODD.findall(text))


def _checked(text: str) -> str:
    """``text``, unless it is full of control characters: a picture, a PDF, a program."""
    sample = text[:5000]
    odd = sum(1 for c in sample if ord(c) < 32 and c not in "\t\n\r\f\v")
    if odd > len(sample) // 100 or sample.lstrip("\ufeff").startswith(("%PDF", "{\\rtf", "<")):
        raise SheetUnreadable()
    return text


def _delimiter_of(text: str) -> str:
    """The mark that makes the most headings appear, else that cuts most rows alike."""
    best, best_score = ";", (0, 0)
    for delimiter in _DELIMITERS:
        widths: Counter[int] = Counter()
        rows: list[Row] = []
        try:
            sample = itertools.islice(_records(text[:_SAMPLE], delimiter), _SAMPLE_RECORDS)
            for number, record in enumerate(sample, 1):
                widths[len(record)] += len(record) > 1
                rows.append(Row(number, tuple(_text_cell(value) for value in record)))
        except csv.Error:
            continue
        headings = find_headings(Table(tuple(row for row in rows if not row.is_empty)))
        even = max(((width - 1) * count for width, count in widths.items()), default=0)
        score = (headings.known if headings else 0, even)
        if score > best_score:
            best, best_score = delimiter, score
    return best
