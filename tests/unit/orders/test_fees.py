"""Fees: what is kept, from whom, with which tax, always to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.catalog.domain.terms import OptionKind, TemperatureClass
from shop.kernel.money import Money
from shop.orders.domain import fees
from shop.orders.domain.fees import Fee, FeeRuleTerms, Zone
from shop.orders.domain.ledger import Account, sale_postings
from shop.orders.domain.sale import SoldLine, sale_of
from shop.orders.domain.terms import AccountKind, Bearer, FeeKind

COLD, DRY = TemperatureClass.CHILLED, TemperatureClass.AMBIENT
RELAY = Zone(OptionKind.RELAY, "83023")

FEE = st.builds(
    Fee,
    st.sampled_from(FeeKind),
    st.integers(0, 4_000),
    st.integers(0, 900).map(Money),
    st.integers(0, 300).map(Money),
    st.sampled_from([0, 550, 1000, 2000]),
)
RULES = st.lists(
    st.builds(
        FeeRuleTerms,
        FEE,
        st.sampled_from(Bearer),
        st.sampled_from([None, OptionKind.RELAY, OptionKind.HOME]),
        st.sampled_from([None, "83023"]),
    ),
    max_size=8,
)
LINES = st.lists(
    st.builds(
        SoldLine,
        st.integers(1, 6),
        st.integers(1, 9_000).map(Money),
        st.sampled_from([0, 550, 2000]),
        st.sampled_from(TemperatureClass),
        st.integers(0, 1_500),
    ),
    max_size=8,
)


def test_a_cent_goes_to_the_share_with_the_largest_remainder() -> None:
    assert Money(100).apportion([1, 1, 1]) == [Money(34), Money(33), Money(33)]
    assert Money(10).apportion([1, 2, 4]) == [Money(1), Money(3), Money(6)]
    assert Money(-10).apportion([1, 2, 4]) == [Money(-1), Money(-3), Money(-6)]
    with pytest.raises(ValueError, match="above zero"):
        Money(1).apportion([0, 0])


@given(st.integers(-10_000, 10_000), st.lists(st.integers(0, 9_999), min_size=1, max_size=9))
def test_shares_add_up_and_none_is_a_cent_off_its_due(cents: int, weights: list[int]) -> None:
    if not sum(weights):
        weights[0] = 1
    shares = Money(cents).apportion(weights)
    assert Money.total(shares) == Money(cents)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.cents * sum(weights) - cents * weight) < sum(weights)


def test_the_narrowest_rule_of_a_kind_holds() -> None:
    everywhere = FeeRuleTerms(Fee(FeeKind.RELAY, per_order=Money(100)), Bearer.CUSTOMER)
    relays = FeeRuleTerms(
        Fee(FeeKind.RELAY, per_order=Money(200)), Bearer.CUSTOMER, OptionKind.RELAY
    )
    here = FeeRuleTerms(
        Fee(FeeKind.RELAY, per_order=Money(300)), Bearer.CUSTOMER, commune_insee="83023"
    )
    rules = [here, everywhere, relays]
    assert fees.chosen(rules, RELAY, Bearer.CUSTOMER) == [here.fee]
    assert fees.chosen(rules, Zone(OptionKind.RELAY, "83001"), Bearer.CUSTOMER) == [relays.fee]
    assert fees.chosen(rules, Zone(OptionKind.HOME, "83001"), Bearer.CUSTOMER) == [everywhere.fee]
    assert fees.chosen(rules, RELAY, Bearer.PRODUCER) == []


def test_a_fee_per_crate_is_shared_by_the_goods_and_its_tax_is_inside() -> None:
    shares = fees.shares_of(
        {7: Money(2000), 9: Money(1000)},
        [Fee(FeeKind.PREPARER, per_crate=Money(50), tax_rate_bp=2000)],
        crates=2,
    )
    assert [share.fees for share in shares] == [
        {FeeKind.PREPARER: Money(67)},
        {FeeKind.PREPARER: Money(33)},
    ]
    assert [share.taxes for share in shares] == [
        {FeeKind.PREPARER: Money(11)},
        {FeeKind.PREPARER: Money(5)},
    ]


def test_nobody_pays_for_selling() -> None:
    (share,) = fees.shares_of({7: Money(150)}, [Fee(FeeKind.MARKET, per_order=Money(400))])
    assert share.net == Money.zero()
    assert fees.shares_of({7: Money.zero()}, [Fee(FeeKind.MARKET, 1500)]) == ()


def test_goods_of_two_temperatures_never_share_a_crate() -> None:
    assert fees.crates_needed({COLD: 1, DRY: 1001}) == 3
    assert fees.crates_needed({COLD: 0}) == 0


def test_a_customer_never_pays_more_fee_than_was_announced() -> None:
    (part,) = fees.announce([Fee(FeeKind.PLATFORM, 250, Money(50))], Money(4000), crates=1)
    assert part.announced == Money(150)
    assert part.on(Money(4600)) == Money(150)
    assert part.on(Money(2000)) == Money(100)
    assert part.on(Money.zero()) == Money.zero()
    assert fees.from_json(fees.to_json([part])) == (part,)


def test_a_delivery_fee_carries_the_tax_of_the_goods() -> None:
    sale = sale_of(
        order_id=7,
        market_id=3,
        lines=[
            SoldLine(1, Money(4220), 550, COLD, 0),
            SoldLine(2, Money(1200), 2000, DRY, 0),
        ],
        borne=[Fee(FeeKind.PLATFORM, 200, tax_rate_bp=2000)],
        fee=Money(490),
        parts=(),
        final=Money(5910),
    )
    # 4.90 on 40.00 at 5.5 % and 10.00 at 20 % is 3.92 + 0.98: 0.20 and 0.16 of tax.
    assert sale.delivery_tax == Money(20 + 16)
    assert {posting.account: posting.amount.cents for posting in sale_postings(sale)} == {
        Account(AccountKind.CUSTOMER, 7): 5910,
        Account(AccountKind.PRODUCER, 1): -(4220 - 84),
        Account(AccountKind.PRODUCER, 2): -(1200 - 24),
        Account(AccountKind.MARKET, 3): -(490 - 36),
        Account(AccountKind.TAX, 3): -36,
        Account(AccountKind.PLATFORM): -(108 - 18),
        Account(AccountKind.TAX): -18,
    }


@given(LINES, RULES, st.integers(0, 2_000).map(Money), st.integers(0, 500).map(Money))
def test_shares_fees_and_taxes_make_the_total_whatever_the_rules(
    lines: list[SoldLine], rules: list[FeeRuleTerms], delivery: Money, deposits: Money
) -> None:
    goods = Money.total(line.billed for line in lines)
    if not goods:
        delivery = deposits = Money.zero()
    parts = fees.announce(fees.chosen(rules, RELAY, Bearer.CUSTOMER), goods, crates=2)
    fee = delivery + Money.total(part.announced for part in parts) if goods else Money.zero()
    final = goods + deposits + fees.final_fee(fee, parts if goods else (), goods)
    sale = sale_of(
        order_id=1,
        market_id=1,
        lines=lines,
        borne=fees.chosen(rules, RELAY, Bearer.PRODUCER),
        fee=fee,
        parts=parts if goods else (),
        final=final,
    )
    assert sale.total == final
    assert sale.deposits == deposits
    assert Money.total(posting.amount for posting in sale_postings(sale)) == Money.zero()
    for share in sale.shares:
        assert share.net >= Money.zero()
        assert share.net + Money.total(share.fees.values()) == share.goods
        for kind, tax in share.taxes.items():
            assert Money.zero() < tax < share.fees[kind] or share.fees[kind] == tax
    for paid in sale.paid_fees:
        assert Money.zero() <= paid.tax <= paid.amount
    assert Money.total(share.goods for share in sale.shares) == goods
