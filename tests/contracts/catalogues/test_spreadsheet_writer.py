"""Lists that people take away open at once, add up, and never run anything."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from shop.adapters.spreadsheet_reader import read_table
from shop.adapters.spreadsheet_writer import FileSpreadsheetWriter, write_csv, write_xlsx
from shop.catalog.ports import CellOut, ColumnOut, SheetOut, SpreadsheetWriter
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity

ORDER = SheetOut(
    name="Bon de commande",
    columns=[
        ColumnOut("Produit", width=30),
        ColumnOut("Quantité", totaled=True),
        ColumnOut("Montant", totaled=True),
        ColumnOut("Le"),
    ],
    rows=[
        ["Carottes", Quantity.grams(1500), Money(420), date(2026, 11, 26)],
        ["Navets", Quantity.grams(750), Money(123456), None],
    ],
    preamble=[["Ferme du Lac"], []],
)


def test_the_adapter_is_a_spreadsheet_writer() -> None:
    writer: SpreadsheetWriter = FileSpreadsheetWriter()
    assert writer.write_csv(ORDER) == write_csv(ORDER)
    assert writer.write_xlsx([ORDER]).startswith(b"PK")


def test_a_workbook_has_typed_cells_frozen_headings_and_sums() -> None:
    book = load_workbook(io.BytesIO(write_xlsx([ORDER])))
    sheet = book["Bon de commande"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)] == [
        ["Produit", "Quantité", "Montant", "Le"],
        ["Carottes", 1.5, 4.2, sheet["D4"].value],
        ["Navets", 0.75, 1234.56, None],
        [None, 2.25, 1238.76, None],
    ]
    assert sheet["D4"].value.date() == date(2026, 11, 26)
    assert sheet["B4"].number_format == '#,##0.000\\ "kg"'
    assert sheet["C5"].number_format == '#,##0.00\\ "€"'
    assert sheet["D4"].number_format == "DD/MM/YYYY"
    assert sheet.freeze_panes == "A4"
    assert sheet["A3"].font.bold
    assert sheet.column_dimensions["A"].width == 30
    assert sheet.auto_filter.ref == "A3:D5"


def test_a_csv_opens_in_a_french_spreadsheet_program() -> None:
    assert (
        write_csv(ORDER)
        == (
            "\ufeffFerme du Lac\r\n"
            "\r\n"
            "Produit;Quantité;Montant;Le\r\n"
            "Carottes;1,500 kg;4,20;26/11/2026\r\n"
            "Navets;0,750 kg;1234,56;\r\n"
            ";2,250 kg;1238,76;\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+33 6 12", "-5 %", "@SUM(A1)", "\t=1", "'=1", "''-x", '=HYPERLINK("http://x")'],
)
@pytest.mark.parametrize("filename", ["liste.csv", "liste.xlsx"])
def test_a_text_never_starts_a_formula_and_comes_back_as_it_was(text: str, filename: str) -> None:
    sheet = SheetOut("Liste", [ColumnOut("Nom"), ColumnOut("Prix")], [[text, Money(100)]])
    content = write_csv(sheet) if filename.endswith("csv") else write_xlsx([sheet])
    if filename.endswith("csv"):
        written = content.decode("utf-8-sig").splitlines()[1].strip('"')
    else:
        cell = load_workbook(io.BytesIO(content))["Liste"]["A2"]
        assert cell.data_type == "s"
        written = str(cell.value)
    assert written.startswith("'")
    assert read_table(content, filename).rows[1].cells[0] == text


def test_a_heading_or_a_title_is_guarded_as_well() -> None:
    sheet = SheetOut("Liste", [ColumnOut("=1+1")], [], preamble=[["=2+2"]])
    assert write_csv(sheet).decode("utf-8-sig").split("\r\n")[:2] == ["'=2+2", "'=1+1"]


def test_tabs_get_names_that_spreadsheet_programs_accept() -> None:
    names = ["Ferme [du] Lac: légumes/fruits et œufs frais", "Ferme", "FERME", "", "'"]
    sheets = [SheetOut(name, [ColumnOut("Nom")], []) for name in names]
    assert load_workbook(io.BytesIO(write_xlsx(sheets))).sheetnames == [
        "Ferme  du  Lac  légumes fruits ",
        "Ferme",
        "FERME 2",
        "1",
        "1 2",
    ]


def test_characters_that_no_file_can_hold_are_left_out() -> None:
    sheet = SheetOut("L", [ColumnOut("Nom"), ColumnOut("Prix")], [["a\x00b\x0b\ufffec", 1]])
    assert read_table(write_xlsx([sheet]), "l.xlsx").rows[1].cells == ("abc", Decimal(1))


def test_sums_that_do_not_mix_are_left_empty() -> None:
    mixed: list[list[CellOut]] = [[Quantity.grams(1), 2], [Quantity.pieces(1), Decimal("0.5")]]
    sheet = SheetOut("L", [ColumnOut("Q", totaled=True), ColumnOut("N", totaled=True)], mixed)
    assert write_csv(sheet).decode("utf-8-sig").splitlines()[-1] == ";2,5"


def test_a_row_of_another_length_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="needs 1 cells"):
        write_csv(SheetOut("L", [ColumnOut("Nom")], [["a", "b"]]))
    with pytest.raises(ValueError, match="at least one"):
        write_xlsx([])
