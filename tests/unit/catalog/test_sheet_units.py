"""What one piece holds is understood the way people write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.sheet.units import (
    Content,
    ContentFault,
    content_text,
    quantity_text,
    read_content,
    read_quantity,
)
from shop.kernel.quantity import Quantity, Unit

g, ml, pieces = Quantity.grams, Quantity.milliliters, Quantity.pieces


@pytest.mark.parametrize(
    ("written", "content"),
    [
        ("500 g", Content(g(500))),
        ("500\u202fg", Content(g(500))),
        ("100g", Content(g(100))),
        ("1,5 kg", Content(g(1500))),
        ("1 500 g", Content(g(1500))),
        ("75 cl", Content(ml(750))),
        ("½ l", Content(ml(500))),
        ("1/2 litre", Content(ml(500))),
        ("4x250ml", Content(ml(1000), pack_count=4)),
        ("6 x 33 cl", Content(ml(1980), pack_count=6)),
        ("33cl (x6)", Content(ml(1980), pack_count=6)),
        ("6 pièces", Content(pieces(6))),
        ("6 œufs", Content(pieces(6))),
        ("douzaine", Content(pieces(12))),
        ("10 Piece", Content(pieces(10))),
        ("pièce", Content()),
        ("la pièce", Content()),
        ("botte", Content(piece_word="botte")),
        ("1 botte", Content(piece_word="botte")),
        ("barquette de 500 g", Content(g(500), piece_word="barquette")),
        ("Bocal 370 ml", Content(ml(370), piece_word="bocal")),
        ("boîte de 6", Content(pieces(6), piece_word="boîte")),
        ("lot de 6 x 33 cl", Content(ml(1980), pack_count=6, piece_word="lot")),
        ("kg", Content(loose=Unit.GRAM)),
        ("au kilo", Content(loose=Unit.GRAM)),
        ("vrac", Content(loose=Unit.GRAM)),
        ("litre", Content(loose=Unit.MILLILITER)),
        ("env. 1,2 kg", Content(g(1200), about=True)),
        ("1 kg environ", Content(g(1000), about=True)),
        ("1,2-1,5 kg", Content(g(1350), about=True, min_g=1200, max_g=1500)),
        ("800 g à 1,2 kg", Content(g(1000), about=True, min_g=800, max_g=1200)),
    ],
)
def test_a_content_is_read_as_meant(written: str, content: Content) -> None:
    assert read_content(written) == content


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("500", ContentFault.UNIT_UNKNOWN),
        ("3 zorgs", ContentFault.UNIT_UNKNOWN),
        ("0 g", ContentFault.NOT_ABOVE_ZERO),
        ("0 x 250 g", ContentFault.NOT_ABOVE_ZERO),
        ("-5 g", ContentFault.UNREADABLE),
        ("1,5 pièce", ContentFault.UNREADABLE),
        ("selon arrivage", ContentFault.UNREADABLE),
        ("g", ContentFault.UNREADABLE),
        ("1/0 l", ContentFault.UNREADABLE),
        ("2 à 1 kg", ContentFault.UNREADABLE),
        ("99999999 kg", ContentFault.UNREADABLE),
        ("…", ContentFault.UNREADABLE),
    ],
)
def test_a_content_nobody_can_tell_has_a_reason(written: str, fault: ContentFault) -> None:
    assert read_content(written) is fault


@pytest.mark.parametrize(
    ("written", "unit", "quantity"),
    [
        ("2", Unit.PIECE, pieces(2)),
        ("2 bottes", Unit.PIECE, pieces(2)),
        ("0,5", Unit.GRAM, g(500)),
        ("500 g", Unit.GRAM, g(500)),
        ("1", Unit.MILLILITER, ml(1000)),
        ("75 cl", Unit.MILLILITER, ml(750)),
        ("0,5", Unit.PIECE, None),
        ("500 g", Unit.PIECE, None),
        ("75 cl", Unit.GRAM, None),
        ("-1", Unit.PIECE, None),
        ("beaucoup", Unit.PIECE, None),
    ],
)
def test_a_bare_number_counts_pieces_kilograms_or_liters(
    written: str, unit: Unit, quantity: Quantity | None
) -> None:
    assert read_quantity(written, unit) == quantity


@pytest.mark.parametrize(
    ("quantity", "french"),
    [
        (g(500), "500 g"),
        (g(1500), "1,5 kg"),
        (g(1005), "1005 g"),
        (ml(750), "75 cl"),
        (ml(1000), "1 l"),
        (ml(5), "5 ml"),
        (pieces(1), "1 pièce"),
        (pieces(6), "6 pièces"),
    ],
)
def test_a_quantity_is_written_as_on_a_price_list(quantity: Quantity, french: str) -> None:
    assert quantity_text(quantity) == french


@given(
    amount=st.integers(1, 5_000_000),
    count=st.integers(1, 40),
    unit=st.sampled_from(Unit),
    language=st.sampled_from(("fr", "en")),
)
def test_a_written_content_reads_back_the_same(
    amount: int, count: int, unit: Unit, language: str
) -> None:
    content = Quantity(amount, unit) * count
    read = read_content(content_text(content, count, language))
    assert read == Content(content, pack_count=count)


@given(st.text(max_size=30))
def test_any_text_is_a_content_or_has_a_reason(text: str) -> None:
    assert isinstance(read_content(text), Content | ContentFault)
