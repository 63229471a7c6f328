"""Numbers, amounts, rates and answers are understood in three languages' habits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.sheet.table import Cell, column_letter
from shop.catalog.domain.sheet.values import (
    cell_text,
    read_amount,
    read_number,
    read_rate_bp,
    read_yes_no,
)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("3,50", "3.50"),
        ("3.50", "3.50"),
        ("1 234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1'234.50", "1234.50"),
        ("1,234", "1.234"),
        ("−2,5", "-2.5"),
        ("+4", "4"),
        (",5", "0.5"),
        ("12 34", None),
        ("1.2.3", None),
        ("1,2,3", None),
        ("12a", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_number_is_read_with_either_decimal_mark(written: str, number: str | None) -> None:
    assert read_number(written) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("3,50 €", ("3.50", "")),
        ("€ 3.50", ("3.50", "")),
        ("3€50", ("3.50", "")),
        ("3,50 €/kg", ("3.50", "/kg")),
        ("2 € / botte", ("2", "/ botte")),
        ("3,50 EUR", ("3.50", "")),
        ("5,50 € les 500 g", ("5.50", "les 500 g")),
        ("-3,50 €", ("-3.50", "")),
        ("gratuit", None),
        ("£ 3", None),
    ],
)
def test_an_amount_may_carry_its_currency_and_its_unit(
    written: str, amount: tuple[str, str] | None
) -> None:
    assert read_amount(written) == (amount and (Decimal(amount[0]), amount[1]))


@pytest.mark.parametrize(
    ("cell", "basis_points"),
    [
        ("5,5", 550),
        ("5.5 %", 550),
        ("TVA 20 %", 2000),
        (Decimal("5.5"), 550),
        (Decimal("0.055"), 550),
        (Decimal("0.2"), 2000),
        (Decimal(0), 0),
        ("0", 0),
        ("2,1", 210),
        ("cinq", None),
        ("-5", None),
        ("120", None),
    ],
)
def test_a_rate_is_read_as_percent_or_as_a_percent_cell(
    cell: Cell, basis_points: int | None
) -> None:
    assert read_rate_bp(cell) == basis_points


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("Oui", True),
        ("ja", True),
        ("x", True),
        ("✓", True),
        (Decimal(1), True),
        ("Non", False),
        ("nee", False),
        ("épuisé", False),
        (Decimal(0), False),
        ("peut-être", None),
    ],
)
def test_yes_and_no_are_known_in_three_languages(cell: Cell, answer: bool | None) -> None:
    assert read_yes_no(cell) is answer


def test_a_cell_becomes_text_without_needless_blanks_zeros_or_times() -> None:
    assert cell_text("  a\u00a0\u202f b \r\n c ") == "a b\nc"
    assert cell_text(Decimal("29932.0")) == "29932"
    assert cell_text(Decimal("1E+3")) == "1000"
    assert cell_text(date(2026, 11, 23)) == "23/11/2026"
    assert cell_text(None) == ""


def test_columns_are_named_like_in_a_spreadsheet() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
    ]


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_none_and_never_fails(text: str) -> None:
    assert read_number(text) is None or isinstance(read_number(text), Decimal)
    read_amount(text)
    read_rate_bp(text)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9
    )
)
def test_a_number_written_plainly_reads_back(number: Decimal) -> None:
    assert read_number(cell_text(number)) == number
    assert read_number(cell_text(number).replace(".", ",")) == number
