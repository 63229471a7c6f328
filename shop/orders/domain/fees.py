"""Fees: dated rules that say what the sale pays for, who bears it, and the tax inside it.

Every amount of a rule includes its tax. A fee is a percentage of the goods, an amount per order,
an amount per crate, or all three; a rule may hold in one zone only (a kind of delivery, a
commune), and then wins over the rules of the same kind that hold everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shop.catalog.domain.terms import OptionKind, TemperatureClass
from shop.kernel.money import Money
from shop.orders.domain.tax import net_of
from shop.orders.domain.terms import Bearer, FeeKind

FULL_CRATE = 1_000
"""A crate is full at a thousand thousandths."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What a fee comes to; every amount includes the tax at ``tax_rate_bp``."""

    kind: FeeKind
    percent_bp: int = 0
    """Of the goods, in hundredths of a percent."""
    per_order: Money = field(default_factory=Money.zero)
    per_crate: Money = field(default_factory=Money.zero)
    tax_rate_bp: int = 0

    def fixed(self, crates: int) -> Money:
        """The part that does not follow the goods."""
        return self.per_order + self.per_crate * crates

    def tax_in(self, amount: Money) -> Money:
        """The tax inside ``amount`` of this fee."""
        return amount - net_of(amount, self.tax_rate_bp)


@dataclass(frozen=True, slots=True)
class Zone:
    """How and where an order is delivered: what rules of a zone look at."""

    option_kind: OptionKind
    commune_insee: str | None = None


@dataclass(frozen=True, slots=True)
class FeeRuleTerms:
    """A rule in force: the fee, who bears it, and where it holds (None: everywhere)."""

    fee: Fee
    bearer: Bearer
    option_kind: OptionKind | None = None
    commune_insee: str | None = None

    def covers(self, zone: Zone) -> bool:
        """Whether it holds for that delivery."""
        return self.option_kind in (None, zone.option_kind) and self.commune_insee in (
            None,
            zone.commune_insee,
        )

    @property
    def narrowness(self) -> int:
        """A rule for a commune wins over one for a kind of delivery, and that over one for all."""
        return 2 * (self.commune_insee is not None) + (self.option_kind is not None)


@dataclass(frozen=True, slots=True)
class ProducerShare:
    """What a producer sold in one order, and what is kept of it, tax included."""

    producer_id: int
    goods: Money
    fees: Mapping[FeeKind, Money] = field(default_factory=dict)
    taxes: Mapping[FeeKind, Money] = field(default_factory=dict)
    """The tax inside each of those fees; kinds without tax are left out."""

    @property
    def net(self) -> Money:
        """What the producer is owed."""
        return self.goods - Money.total(self.fees.values())


@dataclass(frozen=True, slots=True)
class CustomerFee:
    """A fee on top of the goods, as it was announced to the customer with the order."""

    fee: Fee
    crates: int
    announced: Money
    """Never exceeded, whatever is weighed."""

    def on(self, goods: Money) -> Money:
        """What it comes to for the goods that were delivered; nothing when there are none."""
        if not goods:
            return Money.zero()
        due = goods.share_of(self.fee.percent_bp) + self.fee.fixed(self.crates)
        return min(due, self.announced)


def chosen(rules: Iterable[FeeRuleTerms], zone: Zone, bearer: Bearer) -> list[Fee]:
    """The fees that ``bearer`` bears in a zone: for each kind the narrowest rules that hold."""
    best: dict[FeeKind, FeeRuleTerms] = {}
    for rule in rules:
        if rule.bearer is not bearer or not rule.covers(zone):
            continue
        known = best.get(rule.fee.kind)
        if known is None or rule.narrowness > known.narrowness:
            best[rule.fee.kind] = rule
    return [best[kind].fee for kind in FeeKind if kind in best]


def announce(fees: Iterable[Fee], goods: Money, crates: int) -> tuple[CustomerFee, ...]:
    """The fees that a customer pays on top, for goods as they are expected."""
    found = []
    for fee in fees:
        amount = goods.share_of(fee.percent_bp) + fee.fixed(crates)
        if amount:
            found.append(CustomerFee(fee, crates, amount))
    return tuple(found)


def shares_of(
    goods: Mapping[int, Money], fees: Iterable[Fee], crates: int = 0
) -> tuple[ProducerShare, ...]:
    """Goods by producer and the fees on them.

    A percentage is taken from each producer's own goods, rounded half up; what is due per order
    and per crate is shared in proportion to the goods, by largest remainder. No producer ever
    pays for selling: fees stop at the goods, in the order of the kinds.
    """
    selling = {producer: amount for producer, amount in sorted(goods.items()) if amount.cents > 0}
    if not selling:
        return ()
    taken: dict[int, dict[FeeKind, Money]] = {producer: {} for producer in selling}
    taxes: dict[int, dict[FeeKind, Money]] = {producer: {} for producer in selling}
    weights = [amount.cents for amount in selling.values()]
    for fee in fees:
        fixed = fee.fixed(crates).apportion(weights)
        for (producer, amount), part in zip(selling.items(), fixed, strict=True):
            left = amount - Money.total(taken[producer].values())
            due = min(amount.share_of(fee.percent_bp) + part, left)
            if not due:
                continue
            taken[producer][fee.kind] = due
            if tax := fee.tax_in(due):
                taxes[producer][fee.kind] = tax
    return tuple(
        ProducerShare(producer, amount, taken[producer], taxes[producer])
        for producer, amount in selling.items()
    )


def crates_needed(fill: Mapping[TemperatureClass, int]) -> int:
    """Crates for goods that fill so many thousandths of one, by temperature: classes never mix."""
    return sum(-(-part // FULL_CRATE) for part in fill.values() if part > 0)


def to_json(fees: Iterable[CustomerFee]) -> dict[str, Any]:
    """Announced fees as an order keeps them."""
    return {
        "parts": [
            {
                "kind": each.fee.kind.value,
                "percent_bp": each.fee.percent_bp,
                "per_order_cents": each.fee.per_order.cents,
                "per_crate_cents": each.fee.per_crate.cents,
                "tax_rate_bp": each.fee.tax_rate_bp,
                "crates": each.crates,
                "cents": each.announced.cents,
            }
            for each in fees
        ]
    }


def from_json(kept: Mapping[str, Any]) -> tuple[CustomerFee, ...]:
    """The same, read back."""
    return tuple(
        CustomerFee(
            Fee(
                FeeKind(part["kind"]),
                part["percent_bp"],
                Money(part["per_order_cents"]),
                Money(part["per_crate_cents"]),
                part["tax_rate_bp"],
            ),
            part["crates"],
            Money(part["cents"]),
        )
        for part in kept.get("parts", [])
    )


def final_fee(fee: Money, parts: Iterable[CustomerFee], goods: Money) -> Money:
    """Delivery and customers' fees for what was delivered, never above ``fee`` as announced."""
    kept = list(parts)
    delivery = fee - Money.total(part.announced for part in kept)
    return delivery + Money.total(part.on(goods) for part in kept)
