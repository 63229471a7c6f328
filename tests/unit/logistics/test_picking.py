"""What is typed at the scale, and which weights are worth a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.logistics.domain.picking import WeightRange, read_grams, usual_range
from shop.logistics.domain.searching import matches


@pytest.mark.parametrize(
    ("typed", "grams"),
    [
        ("1234", 1234),
        (" 1234 ", 1234),
        ("1234 g", 1234),
        ("1,234", 1234),
        ("1.234", 1234),
        ("1,2", 1200),
        ("0,05", 50),
        ("1,2 kg", 1200),
        ("2kg", 2000),
        ("1,234\u00a0kg", 1234),
        ("250 G", 250),
        ("0", 0),
    ],
)
def test_whole_numbers_are_grams_and_a_comma_means_kilograms(typed: str, grams: int) -> None:
    assert read_grams(typed) == grams


@pytest.mark.parametrize(
    "typed", ["", "abc", "-5", "1,2345", "1,5 g", "1 234", "1234567", "1,2,3", "12e3", "٣"]
)
def test_what_is_no_weight_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_grams(typed)


@given(st.integers(0, 999_999))
def test_a_weight_written_in_kilograms_is_the_same_weight(grams: int) -> None:
    whole, part = divmod(grams, 1000)
    assert read_grams(f"{whole},{part:03d}") == grams
    assert read_grams(f"{whole}.{part:03d} kg") == grams


def test_the_range_is_the_producers_for_each_piece() -> None:
    usual = usual_range(amount=2, by_piece=True, nominal_g=1200, min_g=900, max_g=1500)
    assert (usual.least_g, usual.most_g) == (1800, 3000)
    assert 1800 in usual
    assert 3001 not in usual


def test_without_a_range_half_more_or_less_is_usual() -> None:
    usual = usual_range(amount=1, by_piece=True, nominal_g=1200, min_g=None, max_g=None)
    assert (usual.least_g, usual.most_g) == (600, 1800)


def test_a_bound_that_is_the_usual_weight_itself_was_not_announced() -> None:
    usual = usual_range(amount=2, by_piece=True, nominal_g=1500, min_g=1500, max_g=1500)
    assert usual == WeightRange(1500, 4500)


def test_goods_sold_loose_are_compared_with_what_was_ordered() -> None:
    usual = usual_range(amount=500, by_piece=False, nominal_g=None, min_g=5, max_g=9)
    assert (usual.least_g, usual.most_g) == (250, 750)


@pytest.mark.parametrize("words", ["goff", "LE GOFF", "lea", "k47298", "K47-298", "47 29", ""])
def test_a_search_finds_parts_of_names_and_numbers_without_accents(words: str) -> None:
    assert matches(words, ["Léa Le Goff", "K47-298"])


def test_a_search_does_not_find_somebody_else() -> None:
    assert not matches("martin", ["Léa Le Goff", "K47-298"])
