"""The history of the demo market, told in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from shop.catalog.models import Offer
from shop.demo.seed import History, tell
from shop.demo.weeks import weeks
from shop.orders.models import LedgerEntry, LedgerPosting, Order, OrderLine

TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> History:
    return tell(TODAY, NOW)


def test_the_same_day_tells_the_same_history(history: History) -> None:
    again = tell(TODAY, NOW)
    for table in (Offer, Order, OrderLine, LedgerEntry, LedgerPosting):
        assert history.shop.rows.of(table) == again.shop.rows.of(table)


def test_there_are_several_hundred_orders_and_the_people_who_gave_them(history: History) -> None:
    orders = history.shop.rows.of(Order)
    assert len(orders) >= 600
    assert len({order["number"] for order in orders}) == len(orders)
    assert len({order["token"] for order in orders}) == len(orders)


def test_no_order_is_given_after_now_nor_outside_its_sale(history: History) -> None:
    for phase, placed in history.placed.items():
        week = history.sales[phase].week
        for each in placed:
            assert week.opens_at <= each.order["created_at"] <= min(NOW, week.closes_at)


def test_every_order_is_worth_its_delivery(history: History) -> None:
    assert min(order["goods_cents"] for order in history.shop.rows.of(Order)) >= 1500


def test_no_offer_is_promised_beyond_its_allotment(history: History) -> None:
    for offer in history.shop.rows.of(Offer):
        assert 0 <= offer["committed"] <= offer["allotted"]


def test_the_open_shelf_has_things_that_are_sold_out_and_things_that_nearly_are(
    history: History,
) -> None:
    left = [each.left // each.entry["order_step"] for each in history.sales["open"].offers]
    assert left.count(0) >= 5
    assert sum(1 <= amount <= 3 for amount in left) >= 5
    assert sum(amount > 10 for amount in left) >= 200


def test_orders_that_wait_for_their_delivery_are_held_on_a_card(history: History) -> None:
    kinds = {
        each.payment["kind"].value
        for phase in ("delivering", "open")
        for each in history.placed[phase]
    }
    assert kinds == {"card_hold"}


def test_the_code_of_a_cycle_is_its_own_whatever_the_day() -> None:
    for day in (TODAY, date(2027, 1, 1), date(2027, 2, 28), date(2028, 2, 29)):
        codes = [week.code for week in weeks(day)]
        assert len(set(codes)) == len(codes) == 8


def test_one_cycle_is_open_one_is_delivered_today_and_one_is_to_come() -> None:
    for day in (TODAY, date(2027, 3, 28)):
        found = weeks(day)
        assert [week.phase for week in found][-3:] == ["delivering", "open", "coming"]
        assert found[-3].delivers_on == day
        for earlier, later in pairwise(found):
            assert earlier.closes_at <= later.opens_at
