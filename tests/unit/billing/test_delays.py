"""By when the law wants producers paid (rules §3)."""

from datetime import date

import pytest

from shop.billing.domain.delays import Delay, Due, Sold, delay_for, in_force, strictest, unpaid
from shop.kernel.money import Money

LAW = [
    Delay("perishable", 30, "delivery", ()),
    Delay("fresh_meat", 20, "delivery", ("viandes",)),
    Delay("spirits", 30, "month_end", ("spiritueux",)),
    Delay("other", 60, "invoice", ()),
]
DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("category", "is_cold", "due"),
    [
        ("cremerie", True, date(2026, 12, 26)),
        ("viandes", True, date(2026, 12, 16)),
        ("spiritueux", False, date(2026, 12, 30)),
        ("epicerie", False, date(2027, 1, 25)),
    ],
)
def test_each_kind_of_goods_has_its_last_day(category: str, is_cold: bool, due: date) -> None:
    rule = delay_for(category, is_cold=is_cold, delays=LAW)
    assert rule is not None
    assert rule.due_on(DAY) == due


def test_of_several_kinds_the_strictest_counts() -> None:
    goods = [("epicerie", False), ("viandes", True)]
    assert strictest(goods, DAY, LAW) == (date(2026, 12, 16), "fresh_meat")
    assert strictest([], DAY, LAW) is None


def test_payments_cover_what_was_due_first() -> None:
    first = Sold(DAY, date(2026, 12, 16), "fresh_meat", Money(1000))
    second = Sold(DAY, date(2026, 12, 26), "perishable", Money(500))
    today = date(2026, 12, 20)
    assert unpaid(7, [second, first], Money(1500), today) == [
        Due(7, date(2026, 12, 16), "fresh_meat", Money(1000), is_late=True),
        Due(7, date(2026, 12, 26), "perishable", Money(500), is_late=False),
    ]
    assert unpaid(7, [second, first], Money(500), today) == [
        Due(7, date(2026, 12, 26), "perishable", Money(500), is_late=False)
    ]
    assert unpaid(7, [second, first], Money(-20), today) == []


def test_a_rule_of_the_market_replaces_the_law_for_its_goods_only() -> None:
    own = [Delay("perishable", 15, "delivery", ())]
    found = {rule.kind: rule for rule in in_force(LAW, own)}
    law = {rule.kind: rule for rule in LAW}
    assert found["perishable"].days == 15
    assert found["perishable"].categories == law["perishable"].categories
    assert {kind: rule for kind, rule in found.items() if kind != "perishable"} == {
        kind: rule for kind, rule in law.items() if kind != "perishable"
    }
