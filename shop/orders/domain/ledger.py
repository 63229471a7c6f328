"""What a sale does to the accounts: who owes whom, to the cent.

Accounts count from the installation's side: above zero somebody owes us (or the provider
holds money for us), below zero we owe somebody. Every entry adds up to zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, FeeKind


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One account of the tree; ``owner_id`` None is the installation."""

    kind: AccountKind
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: debit above zero, credit below."""

    account: Account
    amount: Money


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee that is taken out of what a producer gets."""

    kind: FeeKind
    percent_bp: int


@dataclass(frozen=True, slots=True)
class ProducerShare:
    """What a producer sold in one order, and what is kept of it."""

    producer_id: int
    goods: Money
    fees: Mapping[FeeKind, Money] = field(default_factory=dict)

    @property
    def net(self) -> Money:
        """What the producer is owed."""
        return self.goods - Money.total(self.fees.values())


@dataclass(frozen=True, slots=True)
class Sale:
    """An order as it was delivered."""

    order_id: int
    market_id: int
    shares: tuple[ProducerShare, ...]
    deposits: Money
    delivery_fee: Money

    @property
    def total(self) -> Money:
        """What the customer pays."""
        goods = Money.total(share.goods for share in self.shares)
        return goods + self.deposits + self.delivery_fee


def share_of(producer_id: int, goods: Money, fees: Iterable[Fee]) -> ProducerShare:
    """Goods of a producer and the fees on them, each rounded half up to the cent."""
    taken = {fee.kind: goods.share_of(fee.percent_bp) for fee in fees}
    return ProducerShare(producer_id, goods, {kind: fee for kind, fee in taken.items() if fee})


def sale_postings(sale: Sale) -> list[Posting]:
    """The customer owes the total; producers, market and platform are owed their parts."""
    amounts: dict[Account, Money] = defaultdict(Money.zero)
    amounts[Account(AccountKind.CUSTOMER, sale.order_id)] += sale.total
    market = Account(AccountKind.MARKET, sale.market_id)
    amounts[market] -= sale.delivery_fee
    amounts[Account(AccountKind.DEPOSITS, sale.market_id)] -= sale.deposits
    for share in sale.shares:
        amounts[Account(AccountKind.PRODUCER, share.producer_id)] -= share.net
        for kind, fee in share.fees.items():
            amounts[fee_account(kind, sale.market_id)] -= fee
    return balanced(amounts)


def fee_account(kind: FeeKind, market_id: int) -> Account:
    """Whose a fee is."""
    if kind is FeeKind.PLATFORM:
        return Account(AccountKind.PLATFORM)
    return Account(AccountKind.MARKET, market_id)


def capture_postings(order_id: int, captured: Money) -> list[Posting]:
    """The provider holds what the customer has paid."""
    return balanced(
        {
            Account(AccountKind.PROVIDER): captured,
            Account(AccountKind.CUSTOMER, order_id): -captured,
        }
    )


def balanced(amounts: Mapping[Account, Money]) -> list[Posting]:
    """Postings for ``amounts``, without empty ones.

    Raises:
        ValueError: when they do not add up to zero.
    """
    if Money.total(amounts.values()):
        raise ValueError("an entry has to add up to zero")
    return [Posting(account, amount) for account, amount in amounts.items() if amount]
