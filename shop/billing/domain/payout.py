"""How producers are paid, what may be paid, and what may be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shop.kernel.money import Money
from shop.orders.domain.ledger import Account, Posting, balanced
from shop.orders.domain.terms import AccountKind


class PayoutMethod(StrEnum):
    """The way to a producer's money."""

    TRANSFER = "transfer"
    """To the producer's account at the payment provider."""
    SEPA = "sepa"
    """A credit transfer that the market's bank executes from a file."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a producer stands in a market; above zero: owed to them."""

    producer_id: int
    balance: Money
    """All that the ledger has."""
    unsettled: Money
    """Of it sales that stand on no statement yet."""

    @property
    def payable(self) -> Money:
        """What may be paid: settled, not paid, not given back; never more than is owed at all."""
        return max(min(self.balance - self.unsettled, self.balance), Money.zero())

    @property
    def carried(self) -> Money:
        """What the producer owes us and the next statements take off; zero or above."""
        return max(-(self.balance - self.unsettled), Money.zero())


@dataclass(frozen=True, slots=True)
class Reversible:
    """A transfer of which something may be taken back."""

    payout_id: int
    left: Money


def reversals(owed_to_us: Money, transfers: Iterable[Reversible]) -> list[tuple[int, Money]]:
    """What to take back of which transfer, the latest first, until nothing is owed to us."""
    found = []
    for transfer in transfers:
        amount = min(owed_to_us, transfer.left)
        if amount.cents > 0:
            found.append((transfer.payout_id, amount))
            owed_to_us -= amount
    return found


def noted_postings(producer_id: int, market_id: int, amount: Money) -> list[Posting]:
    """A payout was decided: the producer is owed less, the money is on its way."""
    return balanced(
        {
            Account(AccountKind.PRODUCER, producer_id): amount,
            Account(AccountKind.TRANSIT, market_id): -amount,
        }
    )


def paid_postings(method: PayoutMethod, market_id: int, amount: Money) -> list[Posting]:
    """The money has arrived: it left the provider's balance, or the market's bank."""
    out_of = (
        Account(AccountKind.PROVIDER)
        if method is PayoutMethod.TRANSFER
        else Account(AccountKind.BANK, market_id)
    )
    return balanced({Account(AccountKind.TRANSIT, market_id): amount, out_of: -amount})


def refused_postings(producer_id: int, market_id: int, amount: Money) -> list[Posting]:
    """It will never arrive: the producer is owed it again."""
    return balanced(
        {
            Account(AccountKind.TRANSIT, market_id): amount,
            Account(AccountKind.PRODUCER, producer_id): -amount,
        }
    )


def reversed_postings(producer_id: int, amount: Money) -> list[Posting]:
    """A part of a transfer is back on our balance; the producer owes us less."""
    return balanced(
        {
            Account(AccountKind.PROVIDER): amount,
            Account(AccountKind.PRODUCER, producer_id): -amount,
        }
    )
