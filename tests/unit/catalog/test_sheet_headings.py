"""Columns are recognized by what people write over them, and corrected by what they say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shop.catalog.domain.sheet import (
    TEMPLATE_COLUMNS,
    Cell,
    Column,
    Correction,
    NoticeCode,
    Row,
    Table,
    read_rows,
)
from shop.catalog.domain.sheet.headings import column_for, find_headings
from shop.catalog.domain.sheet.problems import Notice


def table(*rows: tuple[Cell, ...]) -> Table:
    numbered = (Row(number, cells) for number, cells in enumerate(rows, 1))
    return Table(tuple(row for row in numbered if not row.is_empty))


def meanings(*rows: tuple[Cell, ...], correction: Correction | None = None) -> list[Column | None]:
    return [guess.column for guess in read_rows(table(*rows), correction).columns]


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Référence", Column.REFERENCE),
        ("N° d’article", Column.REFERENCE),
        ("Réf.", Column.REFERENCE),
        ("Order number", Column.REFERENCE),
        ("Bestelnummer", Column.REFERENCE),
        ("DÉSIGNATION *", Column.NAME),
        ("Naam", Column.NAME),
        ("display_name", Column.VARIANT),
        ("avail.", Column.AVAILABLE),
        ("on_hand", Column.STOCK),
        ("Prix TTC (€)", Column.PRICE),
        ("Prix TTC (TVA 5,5 %)", Column.PRICE),
        ("PU HT", Column.PRICE_NET),
        ("Price (net)", Column.PRICE_NET),
        ("Prijs (netto)", Column.PRICE_NET),
        ("Prix TTC au kg", Column.PRICE_PER_KG),
        ("Prix/kg HT", Column.PRICE_NET_PER_KG),
        ("Prix au litre", Column.PRICE_PER_L),
        ("Tarif public TTC", Column.PRICE),
        ("Price unit", Column.PRICE_UNIT),
        ("Poids (g)", Column.CONTENT),
        ("Poids mini", Column.MIN_WEIGHT),
        ("Statiegeld", Column.DEPOSIT),
        ("kg", None),
        ("Prix de la liberté", None),
        ("Bonjour", None),
        ("", None),
    ],
)
def test_a_heading_is_known_in_three_languages(heading: str, column: Column | None) -> None:
    assert column_for(heading) is column


@pytest.mark.parametrize("column", TEMPLATE_COLUMNS, ids=lambda column: column.french)
def test_every_heading_of_our_own_list_is_recognized(column: object) -> None:
    assert column in TEMPLATE_COLUMNS
    chosen = next(known for known in TEMPLATE_COLUMNS if known is column)
    assert column_for(chosen.french) is chosen.column
    assert column_for(chosen.english) is chosen.column


def test_titles_and_blank_lines_above_the_headings_are_passed_over() -> None:
    found = find_headings(
        table(
            ("Ferme du Lac",), ("Tarifs", None, "novembre"), (None,), ("Nom", "Prix"), ("Ail", "2")
        )
    )
    assert found is not None
    assert found.rows == (4,)
    assert found.texts == ("Nom", "Prix")


def test_two_lines_of_headings_are_read_together() -> None:
    rows = (
        ("Produit", None, "Prix", None),
        ("Réf", "Nom", "HT", "TVA"),
        ("P1", "Poulet", "9,48", "5,5"),
    )
    assert meanings(*rows) == [Column.REFERENCE, Column.NAME, Column.PRICE_NET, Column.VAT]
    reading = read_rows(table(*rows))
    assert reading.heading_rows == (1, 2)
    assert [product.price.cents for product in reading.products] == [1000]


def test_headings_in_two_languages_one_under_the_other_are_both_headings() -> None:
    reading = read_rows(table(("Nom", "Prix"), ("Name", "Price"), ("Ail", "2")))
    assert reading.heading_rows == (1, 2)
    assert [product.name for product in reading.products] == ["Ail"]


def test_a_unit_beside_a_content_is_the_unit_of_the_price() -> None:
    assert meanings(("Nom", "Prix", "Unité", "Contenance"), ("Ail", "2", "pièce", "250 g")) == [
        Column.NAME,
        Column.PRICE,
        Column.PRICE_UNIT,
        Column.CONTENT,
    ]


def test_a_unit_beside_bare_numbers_is_their_unit() -> None:
    rows = (("Nom", "Prix", "Quantité", "Unité"), ("Ail", "2", Decimal(250), "g"))
    assert meanings(*rows)[2:] == [Column.CONTENT, Column.CONTENT_UNIT]
    assert str(read_rows(table(*rows)).products[0].content) == (
        "Quantity(amount=250, unit=<Unit.GRAM: 'gram'>)"
    )


def test_of_two_columns_with_one_meaning_the_first_is_used_and_the_other_named() -> None:
    reading = read_rows(table(("Nom", "Désignation", "Prix"), ("Ail", "Ail rose", "2")))
    assert reading.products[0].name == "Ail"
    assert reading.notices == (Notice(NoticeCode.COLUMNS_UNUSED, {"headings": ("Désignation",)}),)


def test_what_a_person_says_about_a_column_goes_before_the_guess() -> None:
    rows = (("Nom", "Machin", "Prix", "Truc"), ("Ail", "Ail rose", "2", "3,40"))
    correction = Correction({"nom": None, "machin": Column.NAME, "truc": Column.PRICE})
    reading = read_rows(table(*rows), correction)
    assert [(p.name, p.price.cents) for p in reading.products] == [("Ail rose", 340)]


def test_a_remembered_correction_still_fits_when_columns_have_moved() -> None:
    correction = Correction({"machin": Column.NAME})
    moved = read_rows(table(("Prix", "MACHIN"), ("2", "Ail")), correction)
    assert [product.name for product in moved.products] == ["Ail"]


def test_columns_without_headings_go_by_their_letters() -> None:
    correction = Correction({"column A": Column.NAME, "column C": Column.PRICE}, heading_row=0)
    reading = read_rows(table(("Ail", "rose", "2,40"), ("Oignon", None, "1,10")), correction)
    assert [(p.name, p.price.cents, p.row) for p in reading.products] == [
        ("Ail", 240, 1),
        ("Oignon", 110, 2),
    ]


def test_a_person_may_point_at_the_row_of_the_headings() -> None:
    rows = (("Nom", "Prix"), ("Ail", "2"), ("Nom", "Prix"), ("Oignon", "3"))
    reading = read_rows(table(*rows), Correction(heading_row=3))
    assert [product.name for product in reading.products] == ["Oignon"]


def test_a_list_without_headings_asks_which_columns_are_which() -> None:
    reading = read_rows(table(("Ail rose", "vrac", "2,40"), ("Oignon", "vrac", "1,10")))
    assert reading.products == ()
    assert reading.problems == ()
    assert [notice.code for notice in reading.notices] == [
        NoticeCode.NO_HEADINGS,
        NoticeCode.COLUMNS_MISSING,
    ]
    assert reading.columns[0].examples == ("Ail rose", "Oignon")
    assert reading.columns[0].key == "column A"


def test_a_list_without_prices_says_which_column_is_missing() -> None:
    reading = read_rows(table(("Référence", "Nom", "Stock"), ("1", "Ail", "4")))
    assert reading.notices == (Notice(NoticeCode.COLUMNS_MISSING, {"fields": ("price",)}),)


def test_headings_without_rows_are_a_template_to_fill() -> None:
    reading = read_rows(table(("Référence", "Nom", "Prix TTC")))
    assert reading.notices == (Notice(NoticeCode.NO_ROWS),)
    assert reading.row_count == 0
