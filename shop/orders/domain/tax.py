"""Value added tax inside prices that include it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shop.catalog.domain.terms import TaxClass, TaxRegime
from shop.kernel.money import Money, divide_half_up

WHOLE_BP = 10_000


class RateMissing(LookupError):
    """No rate is in force for a kind of goods: the desk has to add a row, not the customer."""


@dataclass(frozen=True, slots=True)
class TaxSplit:
    """An amount with tax, taken apart; ``rounding`` is the cent that makes the sum exact."""

    base: Money
    tax: Money
    rounding: Money


def rate_for(tax_class: TaxClass, regime: TaxRegime, rates: Mapping[TaxClass, int]) -> int:
    """Rate of a line in hundredths of a percent; none for sellers who bill no tax.

    Raises:
        RateMissing: no rate is in force for that kind of goods.
    """
    if not regime.bills_tax:
        return 0
    try:
        return rates[tax_class]
    except KeyError:
        raise RateMissing(tax_class) from None


def net_of(gross: Money, rate_bp: int) -> Money:
    """What remains of an amount without its tax, rounded half up."""
    return Money(divide_half_up(gross.cents * WHOLE_BP, WHOLE_BP + rate_bp))


def split_tax(gross: Money, rate_bp: int) -> TaxSplit:
    """Base and tax, each rounded, and the cent that is left over: 15.06 is 14.27 + 0.78 + 0.01."""
    base = net_of(gross, rate_bp)
    tax = base.share_of(rate_bp)
    return TaxSplit(base=base, tax=tax, rounding=gross - base - tax)


def share_fee(fee: Money, net_by_rate: Mapping[int, Money]) -> dict[int, Money]:
    """A delivery fee over the rates of the goods, pro rata of their net value.

    Lowest rate first, the last share takes the remainder: 4.90 on 40.00 at 5.5 % and 10.00 at
    20 % is 3.92 + 0.98. Without goods there is nothing to share over: an empty answer.
    """
    weighing = {rate: net for rate, net in sorted(net_by_rate.items()) if net.cents > 0}
    if not weighing:
        return {}
    shares = fee.split([net.cents for net in weighing.values()])
    return dict(zip(weighing, shares, strict=True))
