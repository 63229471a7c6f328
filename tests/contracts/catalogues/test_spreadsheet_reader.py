"""Files are opened whatever program made them, or refused with a reason."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from shop.adapters.spreadsheet_limits import Limits
from shop.adapters.spreadsheet_reader import FileSpreadsheetReader, read_table
from shop.catalog.domain.sheet import (
    Row,
    SheetEmpty,
    SheetEncrypted,
    SheetFormatUnknown,
    SheetTooLarge,
    SheetUnreadable,
    Table,
)
from shop.catalog.ports import SpreadsheetReader
from shop.kernel.errors import InvalidInput

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
LIST = "Nom;Prix\r\nCrème d’été à 3 €;2,50\r\n"
READ = (Row(1, ("Nom", "Prix")), Row(2, ("Crème d’été à 3 €", "2,50")))


def workbook(fill: Callable[[Workbook], object]) -> bytes:
    book = Workbook()
    fill(book)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def cell(text: str, attributes: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string"{attributes}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def row(*cells: str, repeated: int = 1) -> str:
    inside = "".join(cells)
    return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'


def open_document(*rows: str, manifest: str = "<manifest/>") -> bytes:
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="Liste">{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return body.getvalue()


def test_the_adapter_is_a_spreadsheet_reader() -> None:
    reader: SpreadsheetReader = FileSpreadsheetReader()
    assert reader.read_table(LIST.encode(), "liste.csv").rows == READ


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "mac_roman"]
)
def test_accents_survive_every_usual_encoding(encoding: str) -> None:
    assert read_table(LIST.encode(encoding), "liste.csv").rows == READ


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_the_mark_between_cells_is_found_by_itself(mark: str) -> None:
    text = f'Nom{mark}Prix{mark}Origine\n"Ail; rose, | frais"{mark}"2,50"{mark}Var\n'
    assert read_table(text.encode(), "liste.csv").rows[1].cells == (
        "Ail; rose, | frais",
        "2,50",
        "Var",
    )


def test_decimal_commas_do_not_pass_for_marks() -> None:
    text = "Nom;Prix\nAil;2,50\nNavet;1,10\nPoireau;3,00\n"
    assert [r.cells for r in read_table(text.encode(), "liste.csv").rows[1:]] == [
        ("Ail", "2,50"),
        ("Navet", "1,10"),
        ("Poireau", "3,00"),
    ]


def test_a_line_that_names_the_mark_is_obeyed_and_not_counted() -> None:
    table = read_table(b"sep=|\r\nNom|Prix\r\nAil|2\r\n", "liste.csv")
    assert table.rows == (Row(1, ("Nom", "Prix")), Row(2, ("Ail", "2")))


def test_rows_keep_the_number_a_spreadsheet_shows() -> None:
    text = 'Nom;Prix\n\n;;\n"Ail\nrose";2\nNavet;1\n'
    table = read_table(text.encode(), "liste.csv")
    assert [(r.number, r.cells[0]) for r in table.rows] == [
        (1, "Nom"),
        (4, "Ail\nrose"),
        (5, "Navet"),
    ]


def test_a_workbook_is_read_from_the_first_sheet_with_headings() -> None:
    def fill(book: Workbook) -> None:
        book.active["A1"] = "Bonjour"  # type: ignore[index]
        sheet = book.create_sheet("Liste")
        for place, value in {
            "C4": "Nom",
            "D4": "Prix",
            "C6": "Ail",
            "D6": 3.2,
            "E6": date(2026, 11, 23),
            "F6": True,
            "G6": datetime(2026, 11, 23, 8, 30),  # noqa: DTZ001
            "H6": 29932,
        }.items():
            sheet[place] = value

    assert read_table(workbook(fill), "liste.xlsx") == Table(
        (
            Row(4, (None, None, "Nom", "Prix")),
            Row(
                6,
                (
                    None,
                    None,
                    "Ail",
                    Decimal("3.2"),
                    date(2026, 11, 23),
                    "oui",
                    "2026-11-23 08:30:00",
                    Decimal(29932),
                ),
            ),
        ),
        "Liste",
    )


def test_a_number_is_what_was_typed_not_what_the_machine_made_of_it() -> None:
    def fill(book: Workbook) -> None:
        book.active.append(["Nom", "Prix"])  # type: ignore[union-attr]
        book.active.append(["Ail", 1.1 + 2.2])  # type: ignore[union-attr]

    assert read_table(workbook(fill), "liste.xlsx").rows[1].cells == ("Ail", Decimal("3.3"))


def test_what_is_inside_counts_more_than_the_name_of_the_file() -> None:
    assert read_table(LIST.encode(), "liste.xls").rows == READ
    assert read_table(
        workbook(lambda book: book.active.append(["Nom", "Prix"])), "liste.csv"
    ).rows == (  # type: ignore[union-attr]
        Row(1, ("Nom", "Prix")),
    )


def test_repeated_rows_of_an_open_document_are_counted_as_shown() -> None:
    table = read_table(
        open_document(
            row(cell("Nom"), cell("Prix")),
            row(cell("Ail"), cell("2"), repeated=3),
            row('<table:table-cell table:number-columns-repeated="1024"/>', repeated=1_048_570),
        ),
        "liste.ods",
    )
    assert [r.number for r in table.rows] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("content", "filename", "refusal"),
    [
        (b"", "liste.csv", SheetEmpty),
        (b" \r\n;;\r\n", "liste.csv", SheetEmpty),
        (workbook(lambda book: None), "liste.xlsx", SheetEmpty),
        (b"Nom;Prix", "liste.pdf", SheetFormatUnknown),
        (b"%PDF-1.7 ...", "liste.csv", SheetUnreadable),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "liste.csv", SheetUnreadable),
        (b"<html><table><tr><td>Nom</td></tr></table></html>", "liste.xls", SheetUnreadable),
        (b"PK\x03\x04 torn", "liste.xlsx", SheetUnreadable),
        (OLE + b"torn" * 200, "liste.xls", SheetUnreadable),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "liste.xlsx", SheetEncrypted),
        (open_document(manifest="<manifest:encryption-data/>"), "liste.ods", SheetEncrypted),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_file_that_is_no_list_is_refused_with_its_reason(
    content: bytes, filename: str, refusal: type[InvalidInput]
) -> None:
    with pytest.raises(refusal):
        read_table(content, filename)


def test_a_wrong_extension_is_named() -> None:
    with pytest.raises(SheetFormatUnknown) as refused:
        read_table(b"x", "photo.JPG")
    assert refused.value.facts == {"extension": "jpg"}


def test_another_archive_is_no_workbook() -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(SheetUnreadable):
        read_table(body.getvalue(), "liste.xlsx")


def one_cell_far_away(place: str) -> bytes:
    def fill(book: Workbook) -> None:
        for corner in ("A1", place):
            book.active[corner] = "Nom"  # type: ignore[index]

    return workbook(fill)


@pytest.mark.parametrize(
    ("content", "filename", "limit"),
    [
        (b"x" * 2001, "liste.csv", {"limit_bytes": 2000}),
        (b"Nom;Prix\n" + b"Ail;2\n" * 20, "liste.csv", {"limit_rows": 20}),
        (b"Nom" + b";Nom" * 10, "liste.csv", {"limit_columns": 10}),
        (one_cell_far_away("A1048576"), "liste.xlsx", {"limit_rows": 20}),
        (one_cell_far_away("XFD1048576"), "liste.xlsx", {"limit_columns": 10}),
        (one_cell_far_away("J20"), "liste.xlsx", {"limit_rows": 10}),
        (open_document(row(cell("Nom"), repeated=1_000_000)), "liste.ods", {"limit_rows": 20}),
        (
            open_document(row(cell("Nom", ' table:number-columns-repeated="16000"'))),
            "liste.ods",
            {"limit_columns": 10},
        ),
        (
            open_document(
                row(cell("Nom")), row("<table:table-cell/>", repeated=90), row(cell("x"))
            ),
            "liste.ods",
            {"limit_rows": 20},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_file_beyond_the_limits_is_refused_before_it_fills_the_memory(
    content: bytes, filename: str, limit: dict[str, int]
) -> None:
    limits = Limits(max_bytes=2000 if filename.endswith("csv") else 99_999, max_rows=20,
                    max_columns=10, max_cells=100)  # fmt: skip
    with pytest.raises(SheetTooLarge) as refused:
        read_table(content, filename, limits)
    assert refused.value.facts == limit


def test_an_archive_that_unpacks_to_far_more_is_refused() -> None:
    content = workbook(lambda book: book.active.append(["x" * 30_000]))  # type: ignore[union-attr]
    with pytest.raises(SheetTooLarge):
        read_table(content, "liste.xlsx", Limits(max_unpacked_bytes=20_000))
