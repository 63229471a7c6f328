"""Look into a zipped workbook before it is opened: locked, damaged, or far too large.

The program that opens workbooks makes room for every cell between the first and the last one;
two cells far apart in a file of a few kilobytes would fill the memory of the machine.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from shop.catalog.domain.sheet.problems import SheetEncrypted, SheetTooLarge, SheetUnreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """How much we read at once."""

    max_bytes: int = 10_000_000
    max_rows: int = 20_000
    max_columns: int = 200
    max_cells: int = 1_000_000
    """Cells of the rectangle between the first and the last filled one."""
    max_unpacked_bytes: int = 120_000_000
    """What a zipped workbook may hold once unpacked."""


_CHUNK = 1 << 20
_TAG = re.compile(rb"<(?:\w+:)?(c|row)(\s[^<>]*?)?(/?)>")
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")
_REPEAT = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"']\s*([0-9]+)")
_ODS_TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(\s[^<>]*?)?(/?)>"
)


def check_archive(content: bytes, limits: Limits) -> None:
    """Refuse archives that are no workbook, are locked, or grow beyond ``limits`` when opened.

    Raises:
        SheetEncrypted: it asks for a password.
        SheetTooLarge: more than ``limits``.
        SheetUnreadable: damaged, or another kind of archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_entries(archive, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError) as error:
        raise SheetUnreadable() from error
    except ValueError as error:
        raise SheetUnreadable() from error


def _check_entries(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > limits.max_unpacked_bytes:
        raise SheetTooLarge(limit_bytes=limits.max_unpacked_bytes)
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetEncrypted()
    names = {entry.filename for entry in entries}
    if "content.xml" in names:
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read(
            "META-INF/manifest.xml"
        ):
            raise SheetEncrypted()
        _check_ods(archive.read("content.xml"), limits)
    elif "xl/workbook.xml" in names:
        for entry in entries:
            if entry.filename.endswith(("/sharedStrings.xml", "/styles.xml")):
                continue
            _check_xlsx(_tags(archive, entry.filename), limits)
    else:
        raise SheetUnreadable()


def _tags(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[bytes, bytes, bool]]:
    """Cells and rows of one part, piece by piece: kind, attributes, whether it is empty."""
    rest = b""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b">") + 1
            if not cut and len(text) > 4 * _CHUNK:
                return
            for tag in _TAG.finditer(text, 0, cut):
                yield tag.group(1), tag.group(2) or b"", bool(tag.group(3))
            rest = text[cut:]


def _check_xlsx(tags: Iterator[tuple[bytes, bytes, bool]], limits: Limits) -> None:
    """Refuse a sheet whose filled cells lie too far apart."""
    first_row = first_column = 1 << 30
    last_row = last_column = 0
    row = column = 0
    for kind, attributes, is_empty in tags:
        place = _PLACE.search(attributes)
        if kind == b"row":
            row = int(place.group(2)) if place else row + 1
            column = 0
            continue
        if place is not None and place.group(1):
            column, row = _column_number(place.group(1)), int(place.group(2))
        else:
            column += 1
        if is_empty:
            continue
        first_row, last_row = min(first_row, row), max(last_row, row)
        first_column, last_column = min(first_column, column), max(last_column, column)
    if last_row:
        refuse_beyond(limits, last_row - first_row + 1, last_column - first_column + 1)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - ord("A") + 1
    return number


def _check_ods(body: bytes, limits: Limits) -> None:
    """Refuse a sheet whose repeated rows and cells make too large a rectangle."""
    rows = columns = cells = row_repeat = width = 0
    for tag in _ODS_TAG.finditer(body):
        closing, kind, attributes, alone = tag.groups()
        repeat = _REPEAT.search(attributes or b"")
        count = int(repeat.group(1)) if repeat else 1
        if kind == b"table":
            rows = columns = 0
        elif kind == b"table-row" and not closing:
            row_repeat, cells, width = count, 0, 0
            rows += count
        elif kind == b"table-row":
            columns = max(columns, width)
            if width:
                refuse_beyond(limits, rows, columns)
        elif not closing:
            cells += count
            if not alone or b"office:" in (attributes or b""):
                width = cells
                refuse_beyond(limits, row_repeat, width)


def refuse_beyond(limits: Limits, rows: int, columns: int) -> None:
    """Refuse a sheet of that many rows and columns when it is beyond ``limits``.

    Raises:
        SheetTooLarge: naming the limit.
    """
    if columns > limits.max_columns:
        raise SheetTooLarge(limit_columns=limits.max_columns)
    if rows > limits.max_rows:
        raise SheetTooLarge(limit_rows=limits.max_rows)
    if rows * columns > limits.max_cells:
        raise SheetTooLarge(limit_rows=limits.max_cells // columns)
