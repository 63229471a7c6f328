"""The parts in which an order is paid: purses, on the spot, on account, and the card for the rest.

Purses (solidarity and gift vouchers, then credit) go first and are taken when the order is placed.
What is to be paid on the spot comes next, and the card holds the remainder. When less is delivered
than was agreed, the card pays less first, then the spot, and what is left over of purses goes back
to them: nobody ever pays more than is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shop.catalog.domain.terms import SpotWay, TaxClass
from shop.kernel.dated import Dated, value_on
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account, Posting, balanced
from shop.orders.domain.terms import AccountKind


class RuleName(StrEnum):
    """Dated thresholds about paying (``money_rules``)."""

    CASH_LIMIT = "cash_limit_cents"
    """Most that one may pay in cash for one order (article D. 112-3 of the monetary code)."""
    MEAL_DAY_LIMIT = "meal_day_limit_cents"
    """Most that one may pay with meal vouchers on one day (article R. 3262-10, labour code)."""
    MEAL_ANY_FOOD = "meal_any_food"
    """While it holds, meal vouchers pay for any food; else only for what is eaten at once."""
    JOURNAL_YEARS = "journal_years"
    """How long the till's journal is kept (article L. 102 B of the book of tax procedures)."""
    VOUCHER_DAYS = "voucher_days"
    """How long a gift voucher pays."""
    REMINDER_DAYS = "reminder_days"
    """Days between two letters about what is overdue."""


Rules = Mapping[RuleName, int]
"""What holds on one day; a rule that does not hold is left out."""


def rules_on(day: date, rows: Iterable[tuple[str, Dated[int]]]) -> dict[RuleName, int]:
    """The rules in force on a day."""
    by_name: dict[str, list[Dated[int]]] = {}
    for name, dated in rows:
        by_name.setdefault(name, []).append(dated)
    found = {name: value_on(day, by_name.get(name.value, ())) for name in RuleName}
    return {name: value for name, value in found.items() if value is not None}


class PaidBy(StrEnum):
    """With what a part of an order was paid, as its customer and its invoices say it."""

    VOUCHER = "voucher"
    CREDIT = "credit"
    SOLIDARITY = "solidarity"
    """From the solidarity fund."""
    CASH = "cash"
    CHEQUE = "cheque"
    MEAL = "meal"
    CARD = "card"
    DEBIT = "debit"
    ACCOUNT = "account"
    """Owed by an organisation."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PaidPart:
    """So much of an order was paid in one way."""

    by: PaidBy
    amount: Money


def deal(parts: Sequence[PaidPart], bills: Sequence[Money]) -> list[tuple[PaidPart, ...]]:
    """Which part pays which of several bills: the first part fills the first bill, and so on.

    Exact on both sides: a bill is paid by what falls on it, a part pays no more than it is. What
    is left of the last parts (a gift to the solidarity fund) pays no bill.
    """
    left = [(part.by, part.amount) for part in parts if part.amount > Money.zero()]
    dealt = []
    for bill in bills:
        wanted, of_bill = bill, []
        while left and wanted > Money.zero():
            by, amount = left[0]
            taken = min(amount, wanted)
            of_bill.append(PaidPart(by, taken))
            wanted -= taken
            left[:1] = [(by, amount - taken)] if amount > taken else []
        dealt.append(tuple(of_bill))
    return dealt


@dataclass(frozen=True, slots=True)
class Parts:
    """How an amount is paid; together they are what is due."""

    purses: tuple[Money, ...]
    """In the order in which they were given."""
    spot: Money
    card: Money

    @property
    def total(self) -> Money:
        """All parts together."""
        return Money.total((*self.purses, self.spot, self.card))


def plan(due: Money, purses: Sequence[Money], spot: Money | None) -> Parts:
    """Share what is due: purses as far as they go, then the spot, the card the rest.

    ``purses``: the most that may be taken from each, in their order. ``spot``: the most that is
    to be paid where the goods are handed over; None: all that the purses leave.
    """
    left = max(due, Money.zero())
    taken = []
    for purse in purses:
        part = max(Money.zero(), min(purse, left))
        taken.append(part)
        left -= part
    on_spot = left if spot is None else max(Money.zero(), min(spot, left))
    return Parts(tuple(taken), on_spot, left - on_spot)


def round_up(total: Money) -> Money:
    """What is missing to the next whole euro; nothing when it is one already."""
    return Money(-total.cents % 100)


def to_collect(outstanding: Money, spot: Money, taken: Money) -> Money:
    """What is still to be taken on the spot: as planned, never more than is owed."""
    return max(Money.zero(), min(spot - taken, outstanding))


def meal_eligible(goods: Mapping[TaxClass, Money], rules: Rules) -> Money:
    """What meal vouchers may pay of an order: food, without alcohol, sweets and non-food.

    Deposits and the delivery are left out. Once the derogation for any food is over, only what is
    prepared for immediate eating counts.
    """
    classes = {TaxClass.PREPARED}
    if rules.get(RuleName.MEAL_ANY_FOOD):
        classes.add(TaxClass.FOOD)
    return Money.total(amount for kind, amount in goods.items() if kind in classes)


def meal_left(eligible: Money, paid_of_order: Money, paid_today: Money, rules: Rules) -> Money:
    """How much more somebody may pay with meal vouchers today for this order."""
    limit = Money(rules.get(RuleName.MEAL_DAY_LIMIT, 0))
    return max(Money.zero(), min(eligible - paid_of_order, limit - paid_today))


def cash_left(paid_of_order: Money, rules: Rules) -> Money:
    """How much more of this order may be paid in cash; no rule: as much as is due."""
    limit = rules.get(RuleName.CASH_LIMIT)
    return Money(2**31 - 1) if limit is None else max(Money.zero(), Money(limit) - paid_of_order)


BY_SPOT: Mapping[SpotWay, PaidBy] = {
    SpotWay.CASH: PaidBy.CASH,
    SpotWay.CHEQUE: PaidBy.CHEQUE,
    SpotWay.MEAL_PAPER: PaidBy.MEAL,
    SpotWay.MEAL_CARD: PaidBy.MEAL,
}
"""How a payment on the spot is named once it is done."""

BY_PURSE: Mapping[AccountKind, PaidBy] = {
    AccountKind.VOUCHERS: PaidBy.VOUCHER,
    AccountKind.CREDIT: PaidBy.CREDIT,
    AccountKind.SOLIDARITY: PaidBy.SOLIDARITY,
}
"""How a payment from a purse is named."""

HOLDER: Mapping[SpotWay, AccountKind] = {
    SpotWay.CASH: AccountKind.CASH,
    SpotWay.CHEQUE: AccountKind.CHEQUES,
    SpotWay.MEAL_PAPER: AccountKind.MEAL_VOUCHERS,
    SpotWay.MEAL_CARD: AccountKind.MEAL_VOUCHERS,
}
"""Where each way of paying on the spot is in hand."""

PURSES = (AccountKind.CREDIT, AccountKind.VOUCHERS, AccountKind.SOLIDARITY)
"""Accounts of money put aside, that pay up to what is left; never overdrawn."""


def move_postings(debit: Account, credit: Account, amount: Money) -> list[Posting]:
    """``amount`` leaves one account for another."""
    return balanced({debit: amount, credit: -amount})


def normalized(code: str) -> str:
    """A voucher's code as it is kept: capitals and digits only."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def looks_like_siret(siret: str) -> bool:
    """Fourteen digits whose check digit fits (Luhn); La Poste adds its digits up instead."""
    if len(siret) != 14 or not (siret.isascii() and siret.isdecimal()):
        return False
    digits = [int(digit) for digit in siret]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[0::2])
    if (doubled + sum(digits[1::2])) % 10 == 0:
        return True
    return siret.startswith("356000000") and sum(digits) % 5 == 0
