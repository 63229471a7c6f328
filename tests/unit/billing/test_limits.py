"""What a farm may resell and what a producers' shop must sell of its members, to the cent."""

from __future__ import annotations

import pytest

from shop.billing.domain.limits import Level, Limit, LimitKind, Standing, standings
from shop.catalog.domain.selling import SalesModel
from shop.kernel.money import Money
from shop.orders.domain.sold import SoldBy

SHARE = Limit(LimitKind.RESALE_SHARE, 5000, 8000, "CGI")
YEAR = Limit(LimitKind.RESALE_YEAR, 10_000_000, 8000, "CGI")
MEMBERS = Limit(LimitKind.MEMBER_SHARE, 7000, 8000, "Code rural")
LEAD, OTHER = 1, 2


@pytest.mark.parametrize(
    ("limit", "part", "whole", "used_bp", "level"),
    [
        (SHARE, 39_999, 100_000, 8000, Level.NEAR),
        (SHARE, 39_990, 100_000, 7998, Level.GOOD),
        (SHARE, 50_000, 100_000, 10_000, Level.NEAR),
        (SHARE, 50_001, 100_000, 10_001, Level.PAST),
        (SHARE, 1, 0, 20_000, Level.PAST),
        (SHARE, 0, 0, 0, Level.GOOD),
        (YEAR, 8_000_000, 0, 8000, Level.NEAR),
        (YEAR, 10_000_001, 0, 10_001, Level.PAST),
        (MEMBERS, 70_000, 100_000, 10_000, Level.NEAR),
        (MEMBERS, 69_999, 100_000, 10_001, Level.PAST),
        (MEMBERS, 76_000, 100_000, 8000, Level.NEAR),
        (MEMBERS, 77_000, 100_000, 7667, Level.GOOD),
    ],
)
def test_a_limit_is_near_from_eighty_percent_on_and_passed_by_a_cent(
    limit: Limit, part: int, whole: int, used_bp: int, level: Level
) -> None:
    standing = Standing(limit, Money(part), Money(whole))
    assert (standing.used_bp, standing.level) == (used_bp, level)


def test_only_limits_of_models_that_were_used_are_shown() -> None:
    sold = [
        SoldBy(SalesModel.FARM_RESALE, LEAD, Money(1000)),
        SoldBy(SalesModel.FARM_RESALE, OTHER, Money(300)),
        SoldBy(SalesModel.MARKETPLACE, OTHER, Money(9999)),
    ]
    found = standings(sold, [SHARE, YEAR, MEMBERS], lead=LEAD, members={OTHER})
    assert [(each.limit.kind, each.part, each.whole) for each in found] == [
        (LimitKind.RESALE_SHARE, Money(300), Money(1000)),
        (LimitKind.RESALE_YEAR, Money(300), Money(1000)),
    ]
    shop = [
        SoldBy(SalesModel.PRODUCERS_SHOP, LEAD, Money(600)),
        SoldBy(SalesModel.PRODUCERS_SHOP, OTHER, Money(400)),
    ]
    (only,) = standings(shop, [SHARE, YEAR, MEMBERS], lead=None, members={LEAD})
    assert (only.part, only.whole, only.level) == (Money(600), Money(1000), Level.PAST)
