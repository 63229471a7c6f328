"""Lists as farms really write them, from the bytes to the products."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop.adapters.spreadsheet_reader import read_table
from shop.adapters.spreadsheet_writer import write_csv, write_xlsx
from shop.catalog.domain.labels import Label
from shop.catalog.domain.sheet import (
    SheetProduct,
    SheetReading,
    WeightRange,
    compare,
    read_rows,
    template_headings,
    template_rows,
)
from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.ports import ColumnOut, SheetOut
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

LISTS = Path(__file__).resolve().parents[2] / "fixtures" / "catalogues"


def read(name: str) -> SheetReading:
    path = LISTS / name
    return read_rows(read_table(path.read_bytes(), path.name))


def test_an_old_excel_export_with_a_title_and_empty_rows() -> None:
    reading = read("cp1252_title_line.csv")
    assert reading.problems == ()
    assert reading.heading_rows == (3,)
    assert [(p.row, p.reference, p.name, p.price, p.vat_bp) for p in reading.products] == [
        (4, "LG-01", "Carottes des sables", Money(280), 550),
        (5, "LG-02", "Bouquet garni", Money(150), 550),
        (7, "FR-01", "Crème fraîche épaisse", Money(320), 550),
        (8, "FR-02", "Cœur de Brebis", Money(2490), 550),
        (9, "ŒU-6", "Œufs de plein air", Money(240), 550),
    ]
    carrots, herbs, cream, cheese, eggs = reading.products
    assert (carrots.ordered_in, carrots.storage) == (Unit.GRAM, TemperatureClass.AMBIENT)
    assert herbs.piece_word == "botte"
    assert (cream.content, cream.piece_word) == (Quantity.milliliters(250), "pot")
    assert cheese.weight == WeightRange(nominal_g=1200)
    assert cheese.labels == (Label.AOP, Label.FARM_MADE)
    assert cheese.storage is TemperatureClass.CHILLED
    assert (eggs.content, eggs.labels) == (Quantity.pieces(6), (Label.LABEL_ROUGE,))


def test_a_marked_utf8_list_with_narrow_spaces_in_its_numbers() -> None:
    reading = read("utf8_bom_thousands.csv")
    assert reading.problems == ()
    beef, lamb = reading.products
    assert (beef.price, beef.stock) == (Money(123_450), Quantity.pieces(3))
    assert (lamb.price, lamb.stock, lamb.available) == (
        Money(18_900),
        Quantity.pieces(1200),
        False,
    )
    assert lamb.weight == WeightRange(nominal_g=9000, min_g=8000, max_g=10_000)


def test_two_lines_of_headings_with_a_merged_title() -> None:
    reading = read("two_heading_lines.csv")
    assert reading.problems == ()
    assert reading.heading_rows == (1, 2)
    assert [(p.reference, p.price) for p in reading.products] == [
        ("P1", Money(1000)),
        ("P2", Money(1055)),
    ]
    assert reading.products[0].weight == WeightRange(min_g=1600, max_g=2000)


def test_titles_between_products_and_rows_of_variants() -> None:
    reading = read("titles_and_variants.csv")
    assert reading.problems == ()
    assert [(p.category, p.name, p.variant) for p in reading.products] == [
        ("LÉGUMES", "Pommes de terre", "Filet"),
        ("LÉGUMES", "Pommes de terre", "Sac"),
        ("LÉGUMES", "Radis", ""),
        ("FROMAGES", "Tomme", "Entière"),
        ("FROMAGES", "Tomme", "Demie"),
    ]


def test_a_dutch_list_without_tax() -> None:
    reading = read("dutch.csv")
    assert reading.problems == ()
    cheese, milk = reading.products
    assert (cheese.price, cheese.content, cheese.vat_bp) == (
        Money(447),
        Quantity.grams(200),
        900,
    )
    assert (milk.price, milk.deposit, milk.piece_word, milk.available) == (
        Money(202),
        Money(25),
        "fles",
        False,
    )


def test_a_text_file_with_tabs_in_two_bytes_per_character() -> None:
    reading = read("utf16_tabs.txt")
    assert [(p.name, p.unlimited) for p in reading.products] == [("Heather honey", True)]
    assert [(p.row, p.column, p.code.value) for p in reading.problems] == [
        (2, "Price", "price_unreadable")
    ]


def test_each_unusable_row_is_named_and_the_others_go_in() -> None:
    reading = read("unusable_rows.csv")
    assert [(p.row, p.column, p.code.value) for p in reading.problems] == [
        (3, "Nom", "name_missing"),
        (4, "Prix TTC", "price_missing"),
        (5, "Prix TTC", "price_negative"),
        (6, "Prix TTC", "price_unreadable"),
        (7, "Prix par", "price_unit_unknown"),
        (8, "TVA %", "vat_unreadable"),
        (9, "Contenance", "content_unit_unknown"),
        (10, "Contenance", "content_not_above_zero"),
        (11, "Prix TTC", "piece_weight_missing"),
        (12, "Prix TTC", "price_unit_conflict"),
        (13, "Vendu", "sold_by_unknown"),
        (14, "Pas de commande", "step_unreadable"),
        (15, "Stock", "stock_unreadable"),
        (16, "Référence", "duplicate_reference"),
        (17, "Référence", "duplicate_reference"),
        (18, "Prix TTC", "price_too_high"),
        (20, "Nom", "duplicate_product"),
        (21, "Nom", "duplicate_product"),
    ]
    assert [(p.row, p.name) for p in reading.products] == [(2, "Pommes"), (19, "Tisane")]


@pytest.mark.parametrize("name", sorted(path.name for path in LISTS.iterdir()))
def test_any_list_once_read_can_leave_and_come_back_unchanged(name: str) -> None:
    reading = read(name)
    columns = [ColumnOut(heading) for heading in template_headings()]
    sheet = SheetOut("Produits", columns, template_rows(reading.products))
    for content, filename in ((write_xlsx([sheet]), "p.xlsx"), (write_csv(sheet), "p.csv")):
        again = read_rows(read_table(content, filename))
        assert again.problems == ()
        assert compare(reading.products, again.products, again.said).is_nothing


def test_ten_thousand_rows_are_read_whole() -> None:
    products = [
        SheetProduct(f"Produit {n}", Money(n), reference=f"R{n}", content=Quantity.grams(n))
        for n in range(1, 10_001)
    ]
    columns = [ColumnOut(heading) for heading in template_headings()]
    sheet = SheetOut("Produits", columns, template_rows(products))
    reading = read_rows(read_table(write_csv(sheet), "produits.csv"))
    assert reading.problems == ()
    assert reading.row_count == 10_000
    assert list(reading.products) == products
