"""Value added tax inside prices that include it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.terms import TaxClass, TaxRegime
from shop.kernel.money import Money
from shop.orders.domain.tax import RateMissing, net_of, rate_for, share_fee, split_tax

RATES = {TaxClass.FOOD: 550, TaxClass.FULL: 2000}


def test_the_fee_of_the_rules_is_shared_pro_rata() -> None:
    shares = share_fee(Money(490), {550: Money(4000), 2000: Money(1000)})
    assert shares == {550: Money(392), 2000: Money(98)}


def test_without_goods_there_is_nothing_to_share_over() -> None:
    assert share_fee(Money(490), {}) == {}
    assert share_fee(Money(490), {550: Money.zero()}) == {}


@pytest.mark.parametrize(
    ("gross", "rate_bp", "base", "tax", "rounding"),
    [
        (1506, 550, 1427, 78, 1),
        (1544, 550, 1464, 81, -1),
        (1503, 2000, 1253, 251, -1),
        (1055, 550, 1000, 55, 0),
        (990, 0, 990, 0, 0),
    ],
)
def test_base_tax_and_the_cent_that_is_left_over(
    gross: int, rate_bp: int, base: int, tax: int, rounding: int
) -> None:
    split = split_tax(Money(gross), rate_bp)
    assert (split.base, split.tax, split.rounding) == (Money(base), Money(tax), Money(rounding))


@pytest.mark.parametrize(
    ("regime", "rate_bp"),
    [
        (TaxRegime.RSA, 550),
        (TaxRegime.NORMAL, 550),
        (TaxRegime.RFA, 0),
        (TaxRegime.FRANCHISE, 0),
        (TaxRegime.EXEMPT, 0),
    ],
)
def test_the_same_cheese_from_two_sellers(regime: TaxRegime, rate_bp: int) -> None:
    assert rate_for(TaxClass.FOOD, regime, RATES) == rate_bp


def test_a_rate_that_nobody_entered_is_no_rate_of_zero() -> None:
    with pytest.raises(RateMissing):
        rate_for(TaxClass.PLANTS, TaxRegime.RSA, RATES)


@given(
    st.integers(0, 100_000),
    st.dictionaries(st.sampled_from([0, 210, 550, 1000, 2000]), st.integers(0, 10**6), min_size=1),
)
def test_the_shares_of_a_fee_add_up(fee: int, nets: dict[int, int]) -> None:
    shares = share_fee(Money(fee), {rate: Money(cents) for rate, cents in nets.items()})
    if any(nets.values()):
        assert Money.total(shares.values()) == Money(fee)
    else:
        assert shares == {}


@given(st.integers(0, 10**8), st.sampled_from([0, 210, 550, 1000, 2000]))
def test_the_parts_of_an_amount_add_up(gross: int, rate_bp: int) -> None:
    split = split_tax(Money(gross), rate_bp)
    assert split.base + split.tax + split.rounding == Money(gross)
    assert abs(split.rounding.cents) <= 1
    assert net_of(Money(gross), rate_bp) == split.base
