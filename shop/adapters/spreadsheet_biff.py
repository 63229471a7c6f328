"""Look into an old workbook (xls) before it is opened: how far apart its cells lie."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from shop.catalog.domain.sheet.problems import SheetUnreadable

OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_LAST_SECTOR = 0xFFFFFFFA
"""Sector numbers from here on are marks: free, end of chain, part of the tables."""
_BOF = {0x0009, 0x0209, 0x0409, 0x0809}
_CELLS = {0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205}
_CELLS |= {0x0206, 0x0406, 0x027E, 0x007E}
_MANY_CELLS = {0x00BD}
_DIRECTORY_ENTRY = 128


def sheet_spans(content: bytes) -> Iterator[tuple[int, int]]:
    """Rows and columns of the rectangle of filled cells of each sheet.

    Raises:
        SheetUnreadable: when it is no such workbook.
    """
    try:
        body = _workbook_stream(content)
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise SheetUnreadable() from error
    places: list[tuple[int, int]] = []
    for kind, record in _records(body):
        if kind in _BOF:
            yield _span(places)
            places = []
        elif kind in _CELLS and len(record) >= 4:
            places = _corners([*places, struct.unpack_from("<HH", record)])
        elif kind in _MANY_CELLS and len(record) >= 6:
            row, first = struct.unpack_from("<HH", record)
            (last,) = struct.unpack_from("<H", record, len(record) - 2)
            places = _corners([*places, (row, first), (row, last)])
    yield _span(places)


def _corners(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The two corners of the rectangle around ``places``."""
    rows, columns = zip(*places, strict=True)
    return [(min(rows), min(columns)), (max(rows), max(columns))]


def _span(corners: list[tuple[int, int]]) -> tuple[int, int]:
    if not corners:
        return 0, 0
    (first_row, first_column), (last_row, last_column) = corners
    return last_row - first_row + 1, last_column - first_column + 1


def _records(body: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(body):
        kind, length = struct.unpack_from("<HH", body, position)
        yield kind, body[position + 4 : position + 4 + length]
        position += 4 + length


def _workbook_stream(content: bytes) -> bytes:
    """The bytes of the workbook inside the compound file."""
    sector_shift, mini_shift = struct.unpack_from("<HH", content, 30)
    directory_start, _, mini_limit, mini_start = struct.unpack_from("<IIII", content, 48)
    if not 7 <= sector_shift <= 16 or not 4 <= mini_shift <= 12:
        raise ValueError("no compound file")
    size = 1 << sector_shift
    table = _sector_table(content, size)
    directory = _chain(content, table, directory_start, size, size)
    entries = [
        directory[at : at + _DIRECTORY_ENTRY]
        for at in range(0, len(directory) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY)
    ]
    named = {_name(entry): struct.unpack_from("<II", entry, 116) for entry in reversed(entries)}
    start, length = named.get("workbook") or named["book"]
    if length >= mini_limit:
        return _chain(content, table, start, size, size)[:length]
    mini_body = _chain(content, table, struct.unpack_from("<I", entries[0], 116)[0], size, size)
    mini_table = _numbers(_chain(content, table, mini_start, size, size))
    return _chain(mini_body, mini_table, start, 1 << mini_shift, 0)[:length]


def _name(entry: bytes) -> str:
    (length,) = struct.unpack_from("<H", entry, 64)
    return entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace").lower()


def _sector_table(content: bytes, size: int) -> list[int]:
    """Which sector follows which."""
    parts = [n for n in struct.unpack_from("<109I", content, 76) if n < _LAST_SECTOR]
    (more,) = struct.unpack_from("<I", content, 68)
    seen: set[int] = set()
    while more < _LAST_SECTOR and more not in seen:
        seen.add(more)
        *numbers, more = _numbers(content[(more + 1) * size : (more + 2) * size])
        parts += [n for n in numbers if n < _LAST_SECTOR]
    table: list[int] = []
    for part in parts:
        table += _numbers(content[(part + 1) * size : (part + 2) * size])
    return table


def _numbers(body: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(body) // 4}I", body[: len(body) // 4 * 4]))


def _chain(content: bytes, table: list[int], start: int, size: int, offset: int) -> bytes:
    """The sectors from ``start`` on, each once; ``offset`` is the header before the first."""
    pieces: list[bytes] = []
    seen: set[int] = set()
    while start < min(_LAST_SECTOR, len(table)) and start not in seen:
        seen.add(start)
        pieces.append(content[offset + start * size : offset + (start + 1) * size])
        start = table[start]
    return b"".join(pieces)
