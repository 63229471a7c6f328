"""A producer's statement: line by line what was sold, kept, given back, paid, and what is left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shop.kernel.money import Money
from shop.orders.domain.terms import FeeKind


@dataclass(frozen=True, slots=True)
class LineEntry:
    """One product in one order; amounts in the line's unit."""

    reference: str
    product: str
    price_cents: int
    price_unit: str
    unit: str
    ordered: int
    delivered: int
    weighed_g: int | None
    billed_cents: int
    shortage: str | None


@dataclass(frozen=True, slots=True)
class SaleEntry:
    """One order: its lines, the fees kept of it, and what is left of it."""

    order: str
    cycle: str
    goods_cents: int
    fees_cents: Mapping[str, int]
    taxes_cents: Mapping[str, int]
    net_cents: int
    lines: tuple[LineEntry, ...]
    is_earlier: bool
    """Whether it belongs to a cycle that was settled before."""


@dataclass(frozen=True, slots=True)
class OtherEntry:
    """A refund, a correction or a payout; above zero: more is owed to the producer."""

    kind: str
    order: str
    on: str
    """The day, as YYYY-MM-DD."""
    cents: int
    reason: str
    lines: tuple[tuple[str, int], ...]
    """Products and what customers got back for them."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a statement: ``closing`` = opening + goods − fees + others."""

    opening: Money
    goods: Money
    fees: Money
    fee_tax: Money
    others: Money

    @property
    def closing(self) -> Money:
        """What is owed at its end."""
        return self.opening + self.goods - self.fees + self.others


@dataclass(frozen=True, slots=True)
class StatementContent:
    """Everything a statement says, as it is frozen."""

    sales: tuple[SaleEntry, ...]
    others: tuple[OtherEntry, ...]

    def totals(self, opening: Money) -> Totals:
        """Its sums after ``opening`` was left from the statement before."""
        return Totals(
            opening=opening,
            goods=Money(sum(sale.goods_cents for sale in self.sales)),
            fees=Money(sum(sum(sale.fees_cents.values()) for sale in self.sales)),
            fee_tax=Money(sum(sum(sale.taxes_cents.values()) for sale in self.sales)),
            others=Money(sum(other.cents for other in self.others)),
        )

    def fees_by_kind(self) -> dict[FeeKind, tuple[Money, Money]]:
        """Each kind of fee with the tax inside it, over all orders."""
        found: dict[FeeKind, tuple[Money, Money]] = {}
        for kind in FeeKind:
            fee = sum(sale.fees_cents.get(kind.value, 0) for sale in self.sales)
            tax = sum(sale.taxes_cents.get(kind.value, 0) for sale in self.sales)
            if fee:
                found[kind] = (Money(fee), Money(tax))
        return found

    def products(self) -> list[ProductSum]:
        """Lines added up by product, by name."""
        sums: dict[tuple[str, str, str], ProductSum] = {}
        for sale in self.sales:
            for line in sale.lines:
                if not line.billed_cents and not line.shortage:
                    continue
                key = (line.product, line.reference, line.unit)
                known = sums.get(key) or ProductSum(line.product, line.reference, line.unit)
                sums[key] = known.with_line(line)
        return [sums[key] for key in sorted(sums)]


@dataclass(frozen=True, slots=True)
class ProductSum:
    """One product over all orders of a statement."""

    product: str
    reference: str
    unit: str
    orders: int = 0
    ordered: int = 0
    delivered: int = 0
    weighed_g: int | None = None
    billed_cents: int = 0
    short: int = 0
    """Orders in which it lacked."""

    def with_line(self, line: LineEntry) -> ProductSum:
        """The sum with one more line."""
        weighed = self.weighed_g
        if line.weighed_g is not None:
            weighed = (weighed or 0) + line.weighed_g
        return ProductSum(
            self.product,
            self.reference,
            self.unit,
            self.orders + 1,
            self.ordered + line.ordered,
            self.delivered + line.delivered,
            weighed,
            self.billed_cents + line.billed_cents,
            self.short + (line.shortage is not None),
        )


LINE = (
    "reference", "product", "price_cents", "price_unit", "unit", "ordered", "delivered",
    "weighed_g", "billed_cents", "shortage",
)  # fmt: skip
"""What each line keeps, in the order of ``LineEntry``."""


def to_json(content: StatementContent) -> dict[str, Any]:
    """A statement's content as it is kept; lines are short arrays, there are many of them."""
    return {
        "sales": [
            {
                "order": sale.order,
                "cycle": sale.cycle,
                "goods_cents": sale.goods_cents,
                "fees_cents": dict(sale.fees_cents),
                "taxes_cents": dict(sale.taxes_cents),
                "net_cents": sale.net_cents,
                "earlier": sale.is_earlier,
                "lines": [[getattr(line, name) for name in LINE] for line in sale.lines],
            }
            for sale in content.sales
        ],
        "others": [
            {
                "kind": other.kind,
                "order": other.order,
                "on": other.on,
                "cents": other.cents,
                "reason": other.reason,
                "lines": [list(line) for line in other.lines],
            }
            for other in content.others
        ],
    }


def from_json(kept: Mapping[str, Any]) -> StatementContent:
    """The same, read back."""
    return StatementContent(
        sales=tuple(
            SaleEntry(
                sale["order"],
                sale["cycle"],
                sale["goods_cents"],
                sale["fees_cents"],
                sale["taxes_cents"],
                sale["net_cents"],
                tuple(LineEntry(*line) for line in sale["lines"]),
                sale["earlier"],
            )
            for sale in kept["sales"]
        ),
        others=tuple(
            OtherEntry(
                other["kind"],
                other["order"],
                other["on"],
                other["cents"],
                other["reason"],
                tuple((name, cents) for name, cents in other["lines"]),
            )
            for other in kept["others"]
        ),
    )


def digest_of(number: str, kept: Mapping[str, Any], totals: Iterable[int]) -> str:
    """What tells a statement from any other: SHA-256 of number, content and sums."""
    text = json.dumps([number, kept, list(totals)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
