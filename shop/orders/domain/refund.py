"""What a refund takes back from whom: in proportion to the sale, and exact at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from shop.kernel.money import Money, divide_half_up
from shop.orders.domain.ledger import (
    Account,
    Posting,
    ProducerShare,
    balanced,
    fee_account,
    tax_account,
)
from shop.orders.domain.terms import AccountKind


@dataclass(frozen=True, slots=True)
class Given:
    """What is given back: goods by producer, deposits, delivery."""

    goods: Mapping[int, Money] = field(default_factory=dict)
    deposits: Money = field(default_factory=Money.zero)
    delivery: Money = field(default_factory=Money.zero)

    @property
    def total(self) -> Money:
        """All of it together."""
        return Money.total(self.goods.values()) + self.deposits + self.delivery


@dataclass(frozen=True, slots=True)
class OnTop:
    """Delivery and fees that a customer paid: whose they were, and what of it went back before."""

    whose: Mapping[Account, Money]
    before: Money = field(default_factory=Money.zero)

    def back(self, now: Money) -> dict[Account, Money]:
        """Who gives back what of ``now``; in any steps, all of it in the end to the cent."""
        if not now:
            return {}
        weights = [amount.cents for amount in self.whose.values()]
        so_far = self.before.apportion(weights)
        then = (self.before + now).apportion(weights)
        return {
            account: after - earlier
            for account, earlier, after in zip(self.whose, so_far, then, strict=True)
        }


def part_of_fee(fee: Money, goods: Money, before: Money, now: Money) -> Money:
    """The part of ``fee`` (on ``goods``) that goes back with ``now``, after ``before`` went back.

    Counted from the start each time, so that refunds in any steps give back the fee to the cent.
    """
    if not goods:
        return Money.zero()
    so_far = divide_half_up(fee.cents * before.cents, goods.cents)
    then = divide_half_up(fee.cents * (before + now).cents, goods.cents)
    return Money(then - so_far)


def refund_postings(
    given: Given,
    shares: Mapping[int, ProducerShare],
    before: Mapping[int, Money],
    market_id: int,
    out_of: Account,
    on_top: OnTop | None = None,
) -> list[Posting]:
    """Producers, fee earners, tax office and market give their parts; ``out_of`` pays.

    ``shares`` is the sale as it was entered, ``before`` the goods given back earlier, by producer;
    ``on_top`` says whose the delivery and the fees of the customer were (None: the market's).
    """
    amounts: dict[Account, Money] = defaultdict(Money.zero)
    amounts[out_of] -= given.total
    whole = on_top or OnTop({Account(AccountKind.MARKET, market_id): given.delivery})
    for account, amount in whole.back(given.delivery).items():
        amounts[account] += amount
    amounts[Account(AccountKind.DEPOSITS, market_id)] += given.deposits
    for producer_id, goods in given.goods.items():
        share = shares[producer_id]
        kept = goods
        for kind, fee in share.fees.items():
            earlier = before.get(producer_id, Money.zero())
            back = part_of_fee(fee, share.goods, earlier, goods)
            tax = share.taxes.get(kind, Money.zero())
            tax_back = part_of_fee(tax, share.goods, earlier, goods)
            amounts[fee_account(kind, market_id)] += back - tax_back
            amounts[tax_account(kind, market_id)] += tax_back
            kept -= back
        amounts[Account(AccountKind.PRODUCER, producer_id)] += kept
    return balanced(amounts)
