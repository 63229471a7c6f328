import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.kernel.money import Money
from shop.orders.domain.ledger import (
    Account,
    Fee,
    Sale,
    balanced,
    capture_postings,
    sale_postings,
    share_of,
)
from shop.orders.domain.terms import AccountKind, FeeKind

CENTS = st.integers(0, 50_000).map(Money)
FEES = st.lists(
    st.builds(Fee, st.sampled_from(FeeKind), st.integers(0, 2_500)),
    max_size=4,
    unique_by=lambda fee: fee.kind,
)


def test_a_sale_shares_the_goods_to_the_cent() -> None:
    fees = [Fee(FeeKind.PLATFORM, 200), Fee(FeeKind.MARKET, 1500)]
    share = share_of(12, Money(5085), fees)
    assert share.fees == {FeeKind.PLATFORM: Money(102), FeeKind.MARKET: Money(763)}
    sale = Sale(7, 3, (share,), deposits=Money(40), delivery_fee=Money(490))
    assert sale.total == Money(5615)
    assert {posting.account: posting.amount.cents for posting in sale_postings(sale)} == {
        Account(AccountKind.CUSTOMER, 7): 5615,
        Account(AccountKind.PRODUCER, 12): -4220,
        Account(AccountKind.PLATFORM): -102,
        Account(AccountKind.MARKET, 3): -(763 + 490),
        Account(AccountKind.DEPOSITS, 3): -40,
    }


def test_nothing_delivered_leaves_no_posting() -> None:
    assert sale_postings(Sale(7, 3, (), Money.zero(), Money.zero())) == []


def test_a_capture_moves_the_debt_of_the_customer_to_the_provider() -> None:
    assert {
        posting.account: posting.amount.cents for posting in capture_postings(7, Money(5615))
    } == {
        Account(AccountKind.PROVIDER): 5615,
        Account(AccountKind.CUSTOMER, 7): -5615,
    }


def test_an_entry_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="add up to zero"):
        balanced({Account(AccountKind.PROVIDER): Money(1)})


@given(st.lists(st.tuples(st.integers(1, 9), CENTS), max_size=6), FEES, CENTS, CENTS)
def test_every_sale_adds_up_to_zero_and_no_producer_pays_for_selling(
    goods: list[tuple[int, Money]], fees: list[Fee], deposits: Money, delivery_fee: Money
) -> None:
    shares = tuple(share_of(producer, amount, fees) for producer, amount in goods)
    sale = Sale(1, 1, shares, deposits, delivery_fee)
    postings = sale_postings(sale)
    assert Money.total(posting.amount for posting in postings) == Money.zero()
    assert all(posting.amount for posting in postings)
    for share in shares:
        assert share.net + Money.total(share.fees.values()) == share.goods
        assert share.net >= Money(0) - Money(len(fees))
