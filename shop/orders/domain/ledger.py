"""What a sale does to the accounts: who owes whom, to the cent.

Accounts count from the installation's side: above zero somebody owes us (or the provider
holds money for us), below zero we owe somebody. Every entry adds up to zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shop.kernel.money import Money
from shop.orders.domain.fees import Fee, ProducerShare, shares_of
from shop.orders.domain.terms import AccountKind, FeeKind

__all__ = [
    "Account",
    "Fee",
    "FeePaid",
    "Posting",
    "ProducerShare",
    "Sale",
    "balanced",
    "capture_postings",
    "fee_account",
    "paid_on_top",
    "sale_facts",
    "sale_postings",
    "share_of",
    "tax_account",
]


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
class FeePaid:
    """A fee that the customer paid on top, with the tax inside it."""

    kind: FeeKind
    amount: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class Sale:
    """An order as it was delivered."""

    order_id: int
    market_id: int
    shares: tuple[ProducerShare, ...]
    deposits: Money
    delivery_fee: Money
    delivery_tax: Money = field(default_factory=Money.zero)
    """Inside the delivery fee, pro rata of the goods by rate."""
    paid_fees: tuple[FeePaid, ...] = ()
    """What the customer paid on top of goods and delivery."""

    @property
    def goods(self) -> Money:
        """What all producers sold."""
        return Money.total(share.goods for share in self.shares)

    @property
    def total(self) -> Money:
        """What the customer pays."""
        on_top = Money.total(fee.amount for fee in self.paid_fees)
        return self.goods + self.deposits + self.delivery_fee + on_top


def share_of(producer_id: int, goods: Money, fees: Iterable[Fee]) -> ProducerShare:
    """Goods of the only producer of an order, and the fees on them."""
    shares = shares_of({producer_id: goods}, fees)
    return shares[0] if shares else ProducerShare(producer_id, goods)


def sale_postings(sale: Sale) -> list[Posting]:
    """The customer owes the total; producers, market, platform and the tax office get theirs."""
    amounts: dict[Account, Money] = defaultdict(Money.zero)
    amounts[Account(AccountKind.CUSTOMER, sale.order_id)] += sale.total
    market = Account(AccountKind.MARKET, sale.market_id)
    market_tax = Account(AccountKind.TAX, sale.market_id)
    amounts[market] -= sale.delivery_fee - sale.delivery_tax
    amounts[market_tax] -= sale.delivery_tax
    amounts[Account(AccountKind.DEPOSITS, sale.market_id)] -= sale.deposits
    for share in sale.shares:
        amounts[Account(AccountKind.PRODUCER, share.producer_id)] -= share.net
    earned = [
        FeePaid(kind, amount, share.taxes.get(kind, Money.zero()))
        for share in sale.shares
        for kind, amount in share.fees.items()
    ]
    for fee in (*earned, *sale.paid_fees):
        amounts[fee_account(fee.kind, sale.market_id)] -= fee.amount - fee.tax
        amounts[tax_account(fee.kind, sale.market_id)] -= fee.tax
    return balanced(amounts)


def sale_facts(sale: Sale) -> dict[str, Any]:
    """What the entry of a sale remembers, so that it can be told line by line later."""
    return {
        "shares": [
            {
                "producer_id": share.producer_id,
                "goods_cents": share.goods.cents,
                "fees_cents": {kind.value: fee.cents for kind, fee in share.fees.items()},
                "taxes_cents": {kind.value: tax.cents for kind, tax in share.taxes.items()},
            }
            for share in sale.shares
        ],
        "delivery_cents": sale.delivery_fee.cents,
        "delivery_tax_cents": sale.delivery_tax.cents,
        "paid_fees": [
            {"kind": fee.kind.value, "cents": fee.amount.cents, "tax_cents": fee.tax.cents}
            for fee in sale.paid_fees
        ],
    }


def fee_account(kind: FeeKind, market_id: int) -> Account:
    """Whose a fee is."""
    if kind is FeeKind.PLATFORM:
        return Account(AccountKind.PLATFORM)
    return Account(AccountKind.MARKET, market_id)


def tax_account(kind: FeeKind, market_id: int) -> Account:
    """Who owes the tax inside a fee to the tax office: who earns the fee."""
    return Account(AccountKind.TAX, None if kind is FeeKind.PLATFORM else market_id)


def paid_on_top(facts: Mapping[str, Any], market_id: int) -> dict[Account, Money]:
    """Whose the delivery and the customer's fees of an entered sale are, taxes apart."""
    amounts: dict[Account, Money] = defaultdict(Money.zero)
    delivery_tax = Money(facts.get("delivery_tax_cents", 0))
    amounts[Account(AccountKind.MARKET, market_id)] += (
        Money(facts.get("delivery_cents", 0)) - delivery_tax
    )
    amounts[Account(AccountKind.TAX, market_id)] += delivery_tax
    for fee in facts.get("paid_fees", ()):
        kind, tax = FeeKind(fee["kind"]), Money(fee["tax_cents"])
        amounts[fee_account(kind, market_id)] += Money(fee["cents"]) - tax
        amounts[tax_account(kind, market_id)] += tax
    return {account: amount for account, amount in amounts.items() if amount}


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
