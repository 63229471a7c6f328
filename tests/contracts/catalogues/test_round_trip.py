"""A list that leaves as a file, is edited and comes back loses nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shop.adapters.spreadsheet_reader import read_table
from shop.adapters.spreadsheet_writer import write_csv, write_xlsx
from shop.catalog.domain.labels import Label, in_order
from shop.catalog.domain.sheet import (
    Allergen,
    AllergenStatement,
    SheetProduct,
    WeightRange,
    compare,
    read_rows,
    template_headings,
    template_rows,
)
from shop.catalog.domain.sheet.values import cell_text
from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.ports import ColumnOut, SheetOut
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit

WRITABLE = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Cf"))
TRICKY = st.sampled_from(
    ("=1+1", "-5 %", "+33 6", "@moi", "'=x", "''", "1,5", "007", "oui", "Nom", "#REF!", "_x0041_")
)
WORDS = st.one_of(st.text(WRITABLE, max_size=30).map(cell_text), TRICKY)
LINES = st.lists(WORDS, max_size=3).map("\n".join).map(cell_text)
NAMES = WORDS.filter(lambda text: bool(fold(text)))
GRAMS = st.integers(1, 50_000)


@st.composite
def quantities(draw: st.DrawFn, unit: Unit) -> Quantity:
    return Quantity(draw(st.integers(1, 2_000_000)), unit)


@st.composite
def weights(draw: st.DrawFn) -> WeightRange:
    low, middle, high = sorted((draw(GRAMS), draw(GRAMS), draw(GRAMS)))
    return WeightRange(
        nominal_g=draw(st.sampled_from((None, middle))),
        min_g=draw(st.sampled_from((None, low))),
        max_g=high,
        margin_bp=draw(st.one_of(st.none(), st.integers(0, 5_000))),
    )


@st.composite
def statements(draw: st.DrawFn) -> AllergenStatement:
    contains = draw(st.frozensets(st.sampled_from(Allergen), max_size=4))
    traces = draw(st.frozensets(st.sampled_from(Allergen), max_size=4))
    return AllergenStatement(contains, traces - contains)


@st.composite
def products(draw: st.DrawFn) -> SheetProduct:
    ordered_in = draw(st.sampled_from(Unit))
    loose = ordered_in is not Unit.PIECE
    pack_count = draw(st.integers(1, 12))
    part = draw(st.one_of(st.none(), st.sampled_from(Unit).flatmap(quantities)))
    unlimited = draw(st.booleans())
    try:
        return SheetProduct(
            name=draw(NAMES),
            price=Money(draw(st.integers(0, 10_000_000))),
            price_unit=ordered_in if loose else draw(st.sampled_from(Unit)),
            ordered_in=ordered_in,
            order_step=draw(quantities(ordered_in)),
            reference=draw(st.one_of(st.none(), NAMES)),
            variant=draw(WORDS),
            description=draw(LINES),
            category=draw(WORDS),
            producer=draw(WORDS),
            vat_bp=draw(st.one_of(st.none(), st.integers(0, 3_000))),
            content=None if part is None else part * pack_count,
            pack_count=1 if part is None else pack_count,
            piece_word=draw(WORDS),
            case_size=draw(st.one_of(st.none(), quantities(ordered_in))),
            minimum=draw(st.one_of(st.none(), quantities(ordered_in))),
            deposit=Money(draw(st.integers(0, 10_000))),
            weight=draw(st.one_of(st.none(), weights())),
            origin=draw(WORDS),
            manufacturer=draw(WORDS),
            note=draw(LINES),
            labels=in_order(draw(st.sets(st.sampled_from(Label)))),
            storage=draw(st.one_of(st.none(), st.sampled_from(TemperatureClass))),
            allergens=draw(st.one_of(st.none(), statements())),
            stock=None if unlimited else draw(st.one_of(st.none(), quantities(ordered_in))),
            unlimited=unlimited,
            available=draw(st.booleans()),
        )
    except ValueError:
        assume(False)
        raise


LISTS = st.lists(
    products(),
    min_size=1,
    max_size=3,
    unique_by=(
        lambda product: product.reference or fold(product.name),
        lambda product: fold(product.name),
    ),
)


def as_sheet(listed: Sequence[SheetProduct], language: str) -> SheetOut:
    columns = [ColumnOut(heading) for heading in template_headings(language)]
    return SheetOut("Produits", columns, template_rows(listed, language))


@pytest.mark.parametrize("filename", ["produits.xlsx", "produits.csv"])
@settings(max_examples=60)
@given(listed=LISTS, language=st.sampled_from(("fr", "en")))
def test_what_was_exported_comes_back_equal_in_every_field(
    filename: str, listed: list[SheetProduct], language: str
) -> None:
    sheet = as_sheet(listed, language)
    content = write_csv(sheet) if filename.endswith("csv") else write_xlsx([sheet])
    reading = read_rows(read_table(content, filename))
    assert reading.problems == ()
    assert reading.notices == ()
    assert list(reading.products) == listed
    assert compare(listed, reading.products, reading.said).is_nothing


def test_an_empty_export_is_a_template_that_says_it_has_no_rows_yet() -> None:
    reading = read_rows(read_table(write_xlsx([as_sheet([], "fr")]), "modele.xlsx"))
    assert [notice.code.value for notice in reading.notices] == ["no_rows"]
    assert reading.products == ()
    assert reading.problems == ()
    assert all(guess.column is not None for guess in reading.columns)
