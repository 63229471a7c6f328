"""Parts of a payment always make what is due, and never more."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.terms import TaxClass
from shop.kernel.dated import Dated
from shop.kernel.money import Money
from shop.orders.domain.tenders import (
    PaidBy,
    PaidPart,
    RuleName,
    cash_left,
    deal,
    looks_like_siret,
    meal_eligible,
    meal_left,
    plan,
    rules_on,
    to_collect,
)

cents = st.integers(0, 200_000).map(Money)

RULES = {
    RuleName.MEAL_DAY_LIMIT: 2500,
    RuleName.MEAL_ANY_FOOD: 1,
    RuleName.CASH_LIMIT: 100_000,
}


@given(due=cents, purses=st.lists(cents, max_size=4), spot=st.none() | cents)
def test_parts_make_what_is_due_to_the_cent(
    due: Money, purses: list[Money], spot: Money | None
) -> None:
    parts = plan(due, purses, spot)
    assert parts.total == due
    assert min(*parts.purses, parts.spot, parts.card) >= Money.zero()
    assert all(part <= purse for part, purse in zip(parts.purses, purses, strict=True))
    assert spot is None or parts.spot <= spot
    assert spot is not None or not parts.card


@given(outstanding=cents, spot=cents, taken=cents)
def test_nobody_is_asked_for_more_on_the_spot_than_is_owed(
    outstanding: Money, spot: Money, taken: Money
) -> None:
    asked = to_collect(outstanding, spot, taken)
    assert Money.zero() <= asked <= max(outstanding, Money.zero())
    assert taken + asked <= max(spot, taken)


@given(meals=st.lists(st.tuples(cents, cents), max_size=12))
def test_meal_vouchers_never_pass_the_day_s_limit_over_all_orders(
    meals: list[tuple[Money, Money]],
) -> None:
    paid = Money.zero()
    for eligible, offered in meals:
        left = meal_left(eligible, Money.zero(), paid, RULES)
        assert left <= eligible
        paid += min(offered, left)
    assert paid <= Money(2500)


def test_alcohol_sweets_and_plants_are_not_for_meal_vouchers() -> None:
    goods = {
        TaxClass.FOOD: Money(1200),
        TaxClass.PREPARED: Money(300),
        TaxClass.FULL: Money(950),
        TaxClass.PLANTS: Money(400),
    }
    assert meal_eligible(goods, RULES) == Money(1500)


def test_after_the_derogation_meal_vouchers_pay_only_what_is_eaten_at_once() -> None:
    goods = {TaxClass.FOOD: Money(1200), TaxClass.PREPARED: Money(300)}
    rows = [
        ("meal_any_food", Dated(1, date(2022, 8, 18), date(2027, 1, 1))),
        ("meal_day_limit_cents", Dated(2500, date(2022, 10, 1))),
    ]
    assert meal_eligible(goods, rules_on(date(2026, 12, 31), rows)) == Money(1500)
    assert meal_eligible(goods, rules_on(date(2027, 1, 1), rows)) == Money(300)


@pytest.mark.parametrize(("paid", "left"), [(0, 100_000), (99_999, 1), (100_000, 0), (120_000, 0)])
def test_cash_is_taken_up_to_the_limit_of_the_law(paid: int, left: int) -> None:
    assert cash_left(Money(paid), RULES) == Money(left)


def test_a_siret_is_known_by_its_check_digit() -> None:
    valid = ("73282932000074", "35600000000048", "35600000000001")
    assert all(looks_like_siret(siret) for siret in valid)
    assert not looks_like_siret("73282932000075")
    assert not looks_like_siret("7328293200007")


@given(amounts=st.lists(cents, max_size=5), weights=st.lists(cents, min_size=1, max_size=5))
def test_parts_are_dealt_to_invoices_exactly_on_both_sides(
    amounts: list[Money], weights: list[Money]
) -> None:
    parts = [PaidPart(by, amount) for by, amount in zip(PaidBy, amounts, strict=False)]
    dealt = deal(parts, weights)
    paid = [Money.total(part.amount for part in each) for each in dealt]
    total = Money.total(amounts)
    assert all(got <= bill for got, bill in zip(paid, weights, strict=True))
    assert Money.total(paid) == min(total, Money.total(weights))
    for part in parts:
        shares = [each.amount for of_bill in dealt for each in of_bill if each.by is part.by]
        assert Money.total(shares) <= part.amount
        assert all(share > Money.zero() for share in shares)
