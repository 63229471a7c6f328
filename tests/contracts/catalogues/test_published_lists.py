"""Lists that other projects publish are understood without being touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shop.adapters.spreadsheet_reader import read_table
from shop.catalog.domain.labels import Label
from shop.catalog.domain.sheet import NoticeCode, SheetReading, compare, read_rows
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

BESIDE = Path(__file__).resolve().parents[4] / "shared"
LISTS = Path(os.environ.get("CARRIOLE_SHARED") or BESIDE) / "catalogues"

pytestmark = pytest.mark.skipif(
    not LISTS.is_dir(), reason="the published lists are not here (set CARRIOLE_SHARED)"
)

FORMATS = ("csv", "xlsx", "xls", "ods")


def read(name: str) -> SheetReading:
    path = LISTS / name
    return read_rows(read_table(path.read_bytes(), path.name))


@pytest.mark.parametrize("extension", FORMATS)
def test_the_foodsoft_list_is_understood_in_each_format(extension: str) -> None:
    reading = read(f"foodsoft_file_01.{extension}")
    assert reading.problems == ()
    assert reading.notices == ()
    walnuts, kernels, juice, tomatoes = reading.products
    assert [p.reference for p in reading.products] == ["29932", "28391", "1829", "177813"]
    assert [p.price for p in reading.products] == [Money(248), Money(589), Money(340), Money(127)]
    assert {p.vat_bp for p in reading.products} == {600}
    assert (walnuts.price_unit, walnuts.ordered_in) == (Unit.GRAM, Unit.GRAM)
    assert walnuts.order_step == Quantity.grams(1000)
    assert walnuts.labels == tomatoes.labels == (Label.ORGANIC,)
    assert (kernels.content, kernels.labels) == (Quantity.grams(100), (Label.DEMETER,))
    assert (juice.content, juice.pack_count) == (Quantity.milliliters(1000), 4)
    assert (juice.deposit, juice.case_size) == (Money(40), Quantity.pieces(10))
    assert tomatoes.content == Quantity.grams(500)
    assert [p.row for p in reading.products] == [2, 3, 4, 5]


def test_the_same_list_in_four_formats_is_the_same_catalogue() -> None:
    first, *others = [read(f"foodsoft_file_01.{extension}") for extension in FORMATS]
    for other in others:
        assert other.products == first.products
        assert other.said == first.said
        assert compare(first.products, other.products, other.said).is_nothing


def test_the_120_rows_of_the_open_food_network_go_in_and_again_change_nothing() -> None:
    reading = read("ofn_120_products.csv")
    assert reading.problems == ()
    assert reading.warnings == ()
    assert len(reading.products) == 120
    last = reading.products[-1]
    assert (last.reference, last.name, last.variant) == (
        "120",
        "Imported Product 120",
        "Orange Tree",
    )
    assert (last.price, last.content) == (Money(12100), Quantity.grams(120))
    assert (last.stock, last.row) == (Quantity.pieces(219), 121)
    again = compare(reading.products, read("ofn_120_products.csv").products, reading.said)
    assert again.is_nothing
    assert len(again.unchanged) == 120


def test_the_unfilled_template_is_recognized_as_one() -> None:
    reading = read("ofn_product_list_template.csv")
    assert [notice.code for notice in reading.notices] == [NoticeCode.NO_ROWS]
    assert reading.products == ()
    assert all(guess.column is not None for guess in reading.columns)
