"""What a line costs: expected, at most, and after weighing. Rounded per line, then summed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shop.kernel.money import Money, divide_half_up
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain.fees import CustomerFee

WHOLE_BP = 10_000
"""One hundred percent, in hundredths of a percent."""

SHORTAGE_BP = 2_000
"""A weight more than that below the expected one is a partial shortage, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class LineTerms:
    """How one offer is sold: what an order line copies to be priced later.

    ``unit`` is what customers count in. ``nominal_g`` is the usual weight of a piece priced by
    the kilogram; ``content`` the net quantity of a piece whose content does not vary.
    """

    price: UnitPrice
    unit: Unit
    content: Quantity | None = None
    nominal_g: int | None = None
    margin_bp: int = 0
    deposit_cents: int = 0

    @property
    def is_weighed(self) -> bool:
        """Whether the price follows the weight at picking."""
        return self.price.unit is Unit.GRAM and (
            self.unit is Unit.GRAM or self.nominal_g is not None
        )

    def priced(self, amount: int) -> Quantity:
        """What ``amount`` is expected to be in the unit of the price.

        Raises:
            ValueError: when neither weight nor content says how much a piece is.
        """
        if self.unit is self.price.unit:
            return Quantity(amount, self.unit)
        if self.unit is Unit.PIECE and self.price.unit is Unit.GRAM and self.nominal_g:
            return Quantity.grams(self.nominal_g * amount)
        if (
            self.unit is Unit.PIECE
            and self.content is not None
            and self.content.unit is self.price.unit
        ):
            return self.content * amount
        raise ValueError(f"sold by {self.unit}, priced by {self.price.unit}, content unknown")


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What a line is expected to cost, at most, and the deposit on its containers."""

    estimate: Money
    ceiling: Money
    deposit: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of an order: goods alone, then all together, expected and at most."""

    goods: Money
    deposits: Money
    fee: Money
    """Delivery, and ``service`` on top."""
    estimate: Money
    ceiling: Money
    service: tuple[CustomerFee, ...] = ()
    """Fees that the customer bears, in ``fee`` already."""

    @property
    def delivery(self) -> Money:
        """The fee of the delivery alone."""
        return self.fee - Money.total(each.announced for each in self.service)


def estimate(terms: LineTerms, amount: int) -> Money:
    """Expected price of ``amount``, without deposit: 1.200 kg at 18.90 €/kg is 22.68 €."""
    return terms.price.of(terms.priced(amount))


def ceiling(terms: LineTerms, amount: int) -> Money:
    """What is never exceeded, without deposit: the estimate and, when weighed, the margin."""
    expected = estimate(terms, amount)
    if not terms.is_weighed:
        return expected
    return Money(divide_half_up(expected.cents * (WHOLE_BP + terms.margin_bp), WHOLE_BP))


def price_line(terms: LineTerms, amount: int) -> LinePrice:
    """Every figure of a line of ``amount``."""
    return LinePrice(
        estimate=estimate(terms, amount),
        ceiling=ceiling(terms, amount),
        deposit=deposit(terms, amount),
    )


def deposit(terms: LineTerms, amount: int) -> Money:
    """Deposit on ``amount`` pieces; nothing on goods sold loose."""
    return Money(terms.deposit_cents * amount if terms.unit is Unit.PIECE else 0)


def price_of_picked(
    terms: LineTerms, *, ordered: int, picked: int, weight_g: int | None = None
) -> Money:
    """Price of what is in the crate, never above the ceiling of what was ordered.

    Weighed goods cost their weight; for those sold loose the picked amount is the weight when
    none is given. A piece that should have been weighed and was not counts its usual weight.
    """
    if picked <= 0:
        return Money.zero()
    if terms.is_weighed and weight_g is not None:
        actual = terms.price.of(Quantity.grams(weight_g))
    else:
        actual = estimate(terms, picked)
    return min(actual, ceiling(terms, ordered))


def is_short(expected_g: int, weighed_g: int, *, shortage_bp: int = SHORTAGE_BP) -> bool:
    """Whether a weight is so far below the expected one that it is a partial shortage."""
    return weighed_g * WHOLE_BP < expected_g * (WHOLE_BP - shortage_bp)


def wants_second_look(weighed_g: int, pieces: int, min_g: int | None, max_g: int | None) -> bool:
    """Whether the weight of ``pieces`` is outside what the producer announced."""
    if min_g is not None and weighed_g < min_g * pieces:
        return True
    return max_g is not None and weighed_g > max_g * pieces


def delivery_fee(goods: Money, fee: Money, free_from: Money | None) -> Money:
    """The fee of a delivery, nothing from ``free_from`` of goods on."""
    if free_from is not None and goods >= free_from:
        return Money.zero()
    return fee


def missing_for(goods: Money, minimum: Money) -> Money:
    """How much more of goods it takes to reach ``minimum``; zero when reached."""
    return max(minimum - goods, Money.zero())


def totals(lines: Iterable[LinePrice], fee: Money, service: tuple[CustomerFee, ...] = ()) -> Totals:
    """Sums of rounded lines; deposits stand beside the goods, never inside them."""
    kept = list(lines)
    goods = Money.total(line.estimate for line in kept)
    deposits = Money.total(line.deposit for line in kept)
    highest = Money.total(line.ceiling for line in kept)
    whole_fee = fee + Money.total(each.announced for each in service)
    return Totals(
        goods=goods,
        deposits=deposits,
        fee=whole_fee,
        estimate=goods + deposits + whole_fee,
        ceiling=highest + deposits + whole_fee,
        service=service,
    )
