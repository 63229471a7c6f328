"""What an order came to once it was delivered: goods, fees, taxes and deposits, to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money
from shop.orders.domain import fees
from shop.orders.domain.fees import CustomerFee, Fee
from shop.orders.domain.ledger import FeePaid, Sale
from shop.orders.domain.tax import net_of, share_fee


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line as it was delivered; ``fill`` in thousandths of a crate."""

    producer_id: int
    billed: Money
    tax_rate_bp: int
    temperature_class: TemperatureClass
    fill: int


def sale_of(
    *,
    order_id: int,
    market_id: int,
    lines: Iterable[SoldLine],
    borne: Iterable[Fee],
    fee: Money,
    parts: tuple[CustomerFee, ...],
    final: Money,
) -> Sale:
    """The sale of an order of which ``lines`` were delivered, ``final`` is what is charged.

    ``fee`` is what was announced for delivery and ``parts`` together; ``borne`` is taken from the
    producers. What is neither goods nor fee is deposits.
    """
    goods: dict[int, Money] = defaultdict(Money.zero)
    nets: dict[int, Money] = defaultdict(Money.zero)
    fill: dict[TemperatureClass, int] = defaultdict(int)
    for line in lines:
        goods[line.producer_id] += line.billed
        nets[line.tax_rate_bp] += net_of(line.billed, line.tax_rate_bp)
        fill[line.temperature_class] += line.fill
    shares = fees.shares_of(goods, borne, fees.crates_needed(fill))
    sold = Money.total(share.goods for share in shares)
    delivery = fee - Money.total(part.announced for part in parts) if final else Money.zero()
    paid = tuple(_paid(part, sold) for part in parts if part.on(sold)) if final else ()
    on_top = Money.total(each.amount for each in paid)
    return Sale(
        order_id=order_id,
        market_id=market_id,
        shares=shares,
        deposits=final - delivery - on_top - sold,
        delivery_fee=delivery,
        delivery_tax=delivery_tax(delivery, nets),
        paid_fees=paid,
    )


def delivery_tax(fee: Money, net_by_rate: dict[int, Money]) -> Money:
    """The tax inside a delivery fee, which follows the goods (rules §1)."""
    parts = share_fee(fee, net_by_rate)
    return Money.total(part - net_of(part, rate) for rate, part in parts.items())


def _paid(part: CustomerFee, sold: Money) -> FeePaid:
    amount = part.on(sold)
    return FeePaid(part.fee.kind, amount, part.fee.tax_in(amount))
