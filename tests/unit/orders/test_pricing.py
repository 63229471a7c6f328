"""What a line costs, before and after weighing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain.pricing import (
    LineTerms,
    ceiling,
    delivery_fee,
    deposit,
    estimate,
    is_short,
    missing_for,
    price_line,
    price_of_picked,
    totals,
    wants_second_look,
)

CHICKEN = LineTerms(UnitPrice(1890, Unit.GRAM), Unit.PIECE, nominal_g=1200, margin_bp=1500)
LOOSE = LineTerms(UnitPrice(280, Unit.GRAM), Unit.GRAM, margin_bp=1500)
HONEY = LineTerms(
    UnitPrice(950, Unit.PIECE), Unit.PIECE, content=Quantity.grams(500), deposit_cents=20
)
OIL = LineTerms(
    UnitPrice(1400, Unit.MILLILITER), Unit.PIECE, content=Quantity.milliliters(750), margin_bp=1500
)

weighed_terms = st.builds(
    LineTerms,
    price=st.builds(UnitPrice, st.integers(0, 20_000), st.just(Unit.GRAM)),
    unit=st.just(Unit.PIECE),
    nominal_g=st.integers(1, 20_000),
    margin_bp=st.integers(0, 10_000),
)
fixed_terms = st.builds(
    LineTerms,
    price=st.builds(UnitPrice, st.integers(0, 20_000), st.just(Unit.PIECE)),
    unit=st.just(Unit.PIECE),
    margin_bp=st.integers(0, 10_000),
    deposit_cents=st.integers(0, 500),
)


def test_the_chicken_of_the_rules() -> None:
    assert estimate(CHICKEN, 1) == Money(2268)
    assert ceiling(CHICKEN, 1) == Money(2608)
    assert price_of_picked(CHICKEN, ordered=1, picked=1, weight_g=1234) == Money(2332)


def test_above_the_ceiling_nothing_is_charged() -> None:
    assert price_of_picked(CHICKEN, ordered=1, picked=1, weight_g=1500) == Money(2608)


@pytest.mark.parametrize(
    ("terms", "amount", "expected", "at_most"),
    [
        (CHICKEN, 2, 4536, 5216),
        (LOOSE, 1500, 420, 483),
        (HONEY, 3, 2850, 2850),
        (OIL, 2, 2100, 2100),
        (HONEY, 0, 0, 0),
    ],
)
def test_estimate_and_ceiling(terms: LineTerms, amount: int, expected: int, at_most: int) -> None:
    assert (estimate(terms, amount), ceiling(terms, amount)) == (Money(expected), Money(at_most))


def test_loose_goods_cost_what_was_picked() -> None:
    assert price_of_picked(LOOSE, ordered=1000, picked=950) == Money(266)
    assert price_of_picked(LOOSE, ordered=1000, picked=1400) == Money(322)


def test_what_was_not_picked_costs_nothing() -> None:
    assert price_of_picked(CHICKEN, ordered=1, picked=0, weight_g=900) == Money.zero()


def test_a_piece_that_nobody_weighed_costs_its_usual_weight() -> None:
    assert price_of_picked(CHICKEN, ordered=3, picked=2) == Money(4536)


def test_a_price_without_a_content_is_a_bug_of_the_catalogue() -> None:
    with pytest.raises(ValueError, match="content unknown"):
        estimate(LineTerms(UnitPrice(100, Unit.GRAM), Unit.PIECE), 1)


@pytest.mark.parametrize(("weighed", "short"), [(960, False), (959, True), (1200, False)])
def test_a_fifth_too_light_is_a_shortage(weighed: int, short: bool) -> None:
    assert is_short(1200, weighed) is short


@pytest.mark.parametrize(
    ("weighed", "pieces", "asked"), [(900, 1, False), (899, 1, True), (3001, 2, True)]
)
def test_outside_what_was_announced_the_scale_asks_again(
    weighed: int, pieces: int, asked: bool
) -> None:
    assert wants_second_look(weighed, pieces, 900, 1500) is asked


def test_deposits_stand_beside_the_goods() -> None:
    sums = totals([price_line(HONEY, 2), price_line(CHICKEN, 1)], Money(490))
    assert sums.goods == Money(1900 + 2268)
    assert sums.deposits == Money(40)
    assert sums.estimate == Money(1900 + 2268 + 40 + 490)
    assert sums.ceiling == Money(1900 + 2608 + 40 + 490)
    assert deposit(LOOSE, 1500) == Money.zero()


def test_the_fee_falls_away_from_its_threshold_on() -> None:
    assert delivery_fee(Money(5999), Money(490), Money(6000)) == Money(490)
    assert delivery_fee(Money(6000), Money(490), Money(6000)) == Money.zero()
    assert delivery_fee(Money(99_999), Money(490), None) == Money(490)


def test_what_is_missing_for_the_minimum() -> None:
    assert missing_for(Money(1270), Money(1500)) == Money(230)
    assert missing_for(Money(1500), Money(1500)) == Money.zero()


@given(weighed_terms, st.integers(1, 40), st.integers(0, 40), st.integers(0, 1_000_000))
def test_weighing_never_exceeds_the_ceiling(
    terms: LineTerms, ordered: int, picked: int, weight_g: int
) -> None:
    price = price_of_picked(terms, ordered=ordered, picked=picked, weight_g=weight_g)
    assert Money.zero() <= price <= ceiling(terms, ordered)


@given(weighed_terms, st.integers(1, 40))
def test_the_ceiling_is_never_below_the_estimate(terms: LineTerms, amount: int) -> None:
    assert estimate(terms, amount) <= ceiling(terms, amount)


@given(fixed_terms, st.integers(1, 40), st.integers(0, 80))
def test_pieces_at_a_fixed_price_never_cost_more_than_announced(
    terms: LineTerms, ordered: int, picked: int
) -> None:
    assert ceiling(terms, ordered) == estimate(terms, ordered)
    assert price_of_picked(terms, ordered=ordered, picked=picked) <= estimate(terms, ordered)


@given(weighed_terms, st.integers(1, 40), st.integers(1, 30_000), st.integers(0, 30_000))
def test_more_weight_never_costs_less(
    terms: LineTerms, ordered: int, weight_g: int, more_g: int
) -> None:
    light = price_of_picked(terms, ordered=ordered, picked=1, weight_g=weight_g)
    heavy = price_of_picked(terms, ordered=ordered, picked=1, weight_g=weight_g + more_g)
    assert light <= heavy


@given(
    st.lists(st.tuples(st.one_of(weighed_terms, fixed_terms), st.integers(1, 20)), max_size=12),
    st.integers(0, 2_000),
)
def test_totals_are_sums_of_rounded_lines(
    lines: list[tuple[LineTerms, int]], fee_cents: int
) -> None:
    prices = [price_line(terms, amount) for terms, amount in lines]
    sums = totals(prices, Money(fee_cents))
    assert sums.goods.cents == sum(price.estimate.cents for price in prices)
    assert sums.estimate == sums.goods + sums.deposits + sums.fee
    assert sums.estimate <= sums.ceiling
