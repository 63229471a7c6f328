"""Small rules of baskets, orders and payments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.orders.domain.basket import LineChange, changes, difference, fits_step, what_is_left
from shop.orders.domain.order import number_for, surname_first
from shop.orders.domain.payment import Finding, kind_for, read_status
from shop.orders.domain.terms import PaymentKind

contents = st.dictionaries(st.integers(1, 30), st.integers(1, 50), max_size=12)


@given(contents, contents)
def test_what_is_held_and_released_leads_from_one_content_to_the_other(
    before: dict[int, int], after: dict[int, int]
) -> None:
    moves = difference(before, after)
    result = dict(before)
    for offer, amount in moves.to_hold.items():
        result[offer] = result.get(offer, 0) + amount
    for offer, amount in moves.to_release.items():
        result[offer] -= amount
    assert {offer: amount for offer, amount in result.items() if amount} == after
    assert not moves.to_hold.keys() & moves.to_release.keys()


@given(contents, st.dictionaries(st.integers(1, 30), st.integers(-5, 60)), st.integers(1, 7))
def test_what_comes_back_is_never_more_than_wanted_or_left(
    wanted: dict[int, int], left: dict[int, int], step: int
) -> None:
    kept = what_is_left(wanted, left, dict.fromkeys(wanted, step))
    for offer, amount in kept.items():
        assert 0 < amount <= wanted[offer]
        assert amount <= left[offer]
        assert amount % step == 0 or amount == wanted[offer]


def test_losses_are_told_by_line() -> None:
    assert changes({1: 3, 2: 2, 3: 1}, {1: 3, 2: 1}) == [LineChange(2, 2, 1), LineChange(3, 1, 0)]


@pytest.mark.parametrize(("amount", "fits"), [(100, True), (150, False), (0, False), (-100, False)])
def test_amounts_are_whole_steps(amount: int, fits: bool) -> None:
    assert fits_step(amount, 100) is fits


def test_numbers_are_short_and_do_not_look_alike() -> None:
    assert [number_for(basket_id) for basket_id in (1, 2, 3)] == ["N38-197", "E76-394", "U14-591"]


def test_numbers_grow_longer_after_two_million() -> None:
    assert number_for(2_000_001) == "1N38-197"


def test_no_two_baskets_share_a_number() -> None:
    numbers = {number_for(basket_id) for basket_id in range(1_990_000, 2_010_000)}
    assert len(numbers) == 20_000


@pytest.mark.parametrize(
    ("name", "sorted_as"),
    [
        ("Jeanne Martin", "martin jeanne"),
        ("Éloïse Lefèvre", "lefevre eloise"),
        ("Zidane", "zidane"),
        ("", ""),
    ],
)
def test_people_are_called_by_surname(name: str, sorted_as: str) -> None:
    assert surname_first(name) == sorted_as


def test_a_hold_covers_six_days() -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert kind_for(now, now + timedelta(days=6)) is PaymentKind.CARD_HOLD
    assert kind_for(now, now + timedelta(days=6, seconds=1)) is PaymentKind.CARD_KEPT


@pytest.mark.parametrize(
    ("kind", "status", "failed", "finding"),
    [
        (PaymentKind.CARD_HOLD, "requires_payment_method", False, Finding.WAITING),
        (PaymentKind.CARD_HOLD, "requires_payment_method", True, Finding.DECLINED),
        (PaymentKind.CARD_HOLD, "requires_action", False, Finding.WAITING),
        (PaymentKind.CARD_HOLD, "processing", False, Finding.WAITING),
        (PaymentKind.CARD_HOLD, "requires_capture", False, Finding.SECURED),
        (PaymentKind.CARD_HOLD, "succeeded", False, Finding.TAKEN),
        (PaymentKind.CARD_KEPT, "succeeded", False, Finding.SECURED),
        (PaymentKind.CARD_KEPT, "requires_payment_method", True, Finding.DECLINED),
        (PaymentKind.CARD_HOLD, "canceled", True, Finding.GIVEN_UP),
    ],
)
def test_what_a_status_means(
    kind: PaymentKind, status: str, failed: bool, finding: Finding
) -> None:
    assert read_status(kind, status, failed=failed) is finding
