"""Old workbooks (xls) are read like the others, and weighed before they are opened."""

from __future__ import annotations

import struct
from decimal import Decimal

import pytest

from shop.adapters.spreadsheet_biff import sheet_spans
from shop.adapters.spreadsheet_limits import Limits
from shop.adapters.spreadsheet_reader import read_table
from shop.catalog.domain.sheet import Row, SheetTooLarge, SheetUnreadable

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512

Places = dict[tuple[int, int], str | float]


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def cell_record(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 15)
    if isinstance(value, str):
        text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
        return record(0x0204, place + text)
    return record(0x0203, place + struct.pack("<d", value))


def old_workbook(places: Places) -> bytes:
    """A compound file with one sheet, as small as the format allows."""
    begin = struct.pack("<HHHHII", 0x0600, 0, 0, 1997, 0, 6)
    opening = record(0x0809, begin[:2] + b"\x05\x00" + begin[4:])
    name = struct.pack("<BB", 5, 0) + b"Liste"
    sheet_at = len(opening) + 4 + 6 + len(name) + 4
    opening += record(0x0085, struct.pack("<IH", sheet_at, 0) + name) + record(0x000A, b"")
    cells = b"".join(cell_record(*place, value) for place, value in places.items())
    body = opening + record(0x0809, begin[:2] + b"\x10\x00" + begin[4:]) + cells
    body = (body + record(0x000A, b"")).ljust(4096, b"\x00")
    body = body.ljust(-(-len(body) // SECTOR) * SECTOR, b"\x00")
    count = len(body) // SECTOR
    chain = [TABLE, END, *range(3, 2 + count), END]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(SECTOR, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0, END, 0
    )
    header += struct.pack("<109I", 0, *[FREE] * 108)
    directory = entry("Root Entry", 5, END, 0, child=1) + entry("Workbook", 2, 2, len(body))
    return header + table + directory.ljust(SECTOR, b"\x00") + body


def entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\x00\x00"
    links = struct.pack("<HBBIII", len(text), kind, 1, FREE, FREE, child)
    return text.ljust(64, b"\x00") + links + bytes(36) + struct.pack("<III", start, size, 0)


LIST: Places = {(2, 0): "Nom", (2, 1): "Prix", (3, 0): "Crème d’été", (3, 1): 3.2}


def test_an_old_workbook_is_read_with_the_rows_it_shows() -> None:
    assert read_table(old_workbook(LIST), "liste.xls").rows == (
        Row(3, ("Nom", "Prix")),
        Row(4, ("Crème d’été", Decimal("3.2"))),
    )
    assert list(sheet_spans(old_workbook(LIST))) == [(0, 0), (0, 0), (2, 2)]


@pytest.mark.parametrize(
    ("place", "limit"),
    [
        ((65_535, 1), {"limit_rows": 20_000}),
        ((3, 60_000), {"limit_columns": 200}),
        ((65_535, 65_535), {"limit_columns": 200}),
    ],
)
def test_two_cells_far_apart_are_refused_before_room_is_made_for_all_between(
    place: tuple[int, int], limit: dict[str, int]
) -> None:
    with pytest.raises(SheetTooLarge) as refused:
        read_table(old_workbook({**LIST, place: "loin"}), "liste.xls", Limits())
    assert refused.value.facts == limit


@pytest.mark.parametrize("length", [8, 30, 76, 511, 512, 700, 1024, 1100])
def test_a_torn_workbook_is_refused(length: int) -> None:
    with pytest.raises(SheetUnreadable):
        read_table(old_workbook(LIST)[:length], "liste.xls")
