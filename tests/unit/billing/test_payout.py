"""What may be paid and taken back: never more than is settled and owed."""

from hypothesis import given
from hypothesis import strategies as st

from shop.billing.domain.payout import Reversible, Standing, reversals
from shop.kernel.money import Money

CENTS = st.integers(0, 50_000)


@given(
    st.lists(st.tuples(st.sampled_from(["sell", "settle", "pay", "refund"]), CENTS), max_size=30)
)
def test_no_producer_is_ever_paid_what_was_not_settled_or_was_given_back(
    events: list[tuple[str, int]],
) -> None:
    sold = settled = paid = refunded = 0
    for event, cents in events:
        if event == "sell":
            sold += cents
        elif event == "settle":
            settled = sold
        elif event == "refund":
            refunded += min(cents, sold - refunded)
        else:
            balance = Money(sold - refunded - paid)
            standing = Standing(1, balance, Money(sold - settled))
            paid += standing.payable.cents
            assert standing.payable.cents >= 0
            assert not (standing.payable and standing.carried)
            again = Standing(1, Money(sold - refunded - paid), Money(sold - settled))
            assert again.payable == Money.zero()
        assert paid <= settled


def test_what_is_owed_to_us_is_taken_off_the_latest_transfers_first() -> None:
    transfers = [Reversible(9, Money(500)), Reversible(8, Money(0)), Reversible(7, Money(800))]
    assert reversals(Money(900), transfers) == [(9, Money(500)), (7, Money(400))]
    assert reversals(Money(0), transfers) == []
    assert reversals(Money(5000), transfers) == [(9, Money(500)), (7, Money(800))]
