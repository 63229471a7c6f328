"""What a producer is owed, and why: from the ledger, cycle by cycle, product by product."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Integer, ScalarSelect, cast, func, literal_column, select, true
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity
from shop.orders.domain.terms import AccountKind, FeeKind
from shop.orders.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    OrderLine,
    SellerOrder,
)
from shop.orders.queries import accounts


@dataclass(frozen=True, slots=True)
class ProductSold:
    """One product in one cycle: how much was delivered, and what customers paid for it."""

    product_name: str
    reference: str
    orders: int
    delivered: Quantity
    weighed_g: int | None
    billed: Money


@dataclass(frozen=True, slots=True)
class CycleSold:
    """A cycle: goods, fees on them by kind, and what is left."""

    cycle_id: int
    market_id: int
    name: str
    code: str
    orders: int
    products: tuple[ProductSold, ...]
    goods: Money
    fees: dict[FeeKind, Money]
    net: Money
    """As the ledger has it."""

    @property
    def adds_up(self) -> bool:
        """Whether goods without fees are what the ledger says."""
        return self.goods - Money.total(self.fees.values()) == self.net


@dataclass(frozen=True, slots=True)
class OtherEntry:
    """Anything else on the account: a payout, a refund, a mended mistake."""

    kind: str
    amount: Money
    """Above zero: owed to the producer."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The account of one producer."""

    producer_id: int
    cycles: tuple[CycleSold, ...]
    others: tuple[OtherEntry, ...]
    owed: Money
    """What the ledger owes the producer now."""

    @property
    def adds_up(self) -> bool:
        """Whether every line that is shown together makes the balance."""
        shown = Money.total(sold.net for sold in self.cycles)
        shown += Money.total(entry.amount for entry in self.others)
        return shown == self.owed and all(sold.adds_up for sold in self.cycles)

    @property
    def goods(self) -> Money:
        """Goods of every cycle."""
        return Money.total(sold.goods for sold in self.cycles)

    @property
    def fees(self) -> Money:
        """Fees of every cycle."""
        return Money.total(Money.total(sold.fees.values()) for sold in self.cycles)


def read(session: Session, producer_id: int) -> Statement:
    """The account of a producer, the newest cycle first; a few questions, however long."""
    nets = _nets(session, producer_id)
    products = _products(session, producer_id)
    fees = _fees(session, producer_id)
    counts = _orders(session, producer_id)
    found = []
    for cycle_id, net in sorted(nets.items(), reverse=True):
        card = cycles.by_id(session, cycle_id)
        sold = products.get(cycle_id, [])
        found.append(
            CycleSold(
                cycle_id=cycle_id,
                market_id=card.market_id,
                name=card.name,
                code=card.code,
                orders=counts.get(cycle_id, 0),
                products=tuple(sold),
                goods=Money.total(line.billed for line in sold),
                fees=fees.get(cycle_id, {}),
                net=net,
            )
        )
    return Statement(
        producer_id=producer_id,
        cycles=tuple(found),
        others=_others(session, producer_id),
        owed=-accounts.balance(session, AccountKind.PRODUCER, producer_id),
    )


def _account(producer_id: int) -> ScalarSelect[int]:
    return (
        select(LedgerAccount.id)
        .where(LedgerAccount.kind == AccountKind.PRODUCER, LedgerAccount.owner_id == producer_id)
        .scalar_subquery()
    )


def _nets(session: Session, producer_id: int) -> dict[int, Money]:
    rows = session.execute(
        select(Order.cycle_id, func.sum(LedgerPosting.amount_cents))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerPosting.account_id == _account(producer_id), LedgerEntry.kind == "sale")
        .group_by(Order.cycle_id)
    )
    return {cycle_id: Money(-int(cents)) for cycle_id, cents in rows}


def _others(session: Session, producer_id: int) -> tuple[OtherEntry, ...]:
    rows = session.execute(
        select(LedgerEntry.kind, func.sum(LedgerPosting.amount_cents))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerPosting.account_id == _account(producer_id), LedgerEntry.kind != "sale")
        .group_by(LedgerEntry.kind)
        .order_by(LedgerEntry.kind)
    )
    return tuple(OtherEntry(kind, Money(-int(cents))) for kind, cents in rows)


def _products(session: Session, producer_id: int) -> dict[int, list[ProductSold]]:
    """Lines of orders whose sale is in the ledger."""
    rows = session.execute(
        select(
            Order.cycle_id,
            OrderLine.product_id,
            func.max(OrderLine.product_name).label("product_name"),
            func.max(OrderLine.reference).label("reference"),
            OrderLine.unit,
            func.count().label("orders"),
            func.sum(func.coalesce(OrderLine.delivered, 0)).label("delivered"),
            func.sum(OrderLine.picked_g).label("weighed_g"),
            func.sum(OrderLine.billed_cents).label("billed_cents"),
        )
        .join(SellerOrder, SellerOrder.id == OrderLine.seller_order_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(LedgerEntry, (LedgerEntry.order_id == Order.id) & (LedgerEntry.kind == "sale"))
        .where(SellerOrder.producer_id == producer_id, OrderLine.billed_cents > 0)
        .group_by(Order.cycle_id, OrderLine.product_id, OrderLine.unit)
        .order_by(func.max(OrderLine.product_name))
    )
    found: dict[int, list[ProductSold]] = defaultdict(list)
    for row in rows:
        found[row.cycle_id].append(
            ProductSold(
                product_name=row.product_name,
                reference=row.reference,
                orders=row.orders,
                delivered=Quantity(int(row.delivered), row.unit),
                weighed_g=None if row.weighed_g is None else int(row.weighed_g),
                billed=Money(int(row.billed_cents)),
            )
        )
    return found


def _fees(session: Session, producer_id: int) -> dict[int, dict[FeeKind, Money]]:
    """Fees by cycle and kind, as each sale kept them."""
    share = (
        func.jsonb_array_elements(LedgerEntry.facts["shares"]).table_valued("value").alias("share")
    )
    fee = (
        func.jsonb_each_text(literal_column("share.value -> 'fees_cents'"))
        .table_valued("key", "value")
        .alias("fee")
    )
    rows = session.execute(
        select(Order.cycle_id, fee.c.key, func.sum(cast(fee.c.value, Integer)))
        .select_from(LedgerPosting)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(Order, Order.id == LedgerEntry.order_id)
        .join(share, true())
        .join(fee, true())
        .where(LedgerPosting.account_id == _account(producer_id), LedgerEntry.kind == "sale")
        .where(literal_column("(share.value ->> 'producer_id')::bigint") == producer_id)
        .group_by(Order.cycle_id, fee.c.key)
        .order_by(fee.c.key)
    )
    found: dict[int, dict[FeeKind, Money]] = defaultdict(dict)
    for cycle_id, kind, cents in rows:
        found[cycle_id][FeeKind(kind)] = Money(int(cents))
    return found


def _orders(session: Session, producer_id: int) -> dict[int, int]:
    rows = session.execute(
        select(Order.cycle_id, func.count(LedgerEntry.id.distinct()).label("orders"))
        .join(LedgerEntry, LedgerEntry.order_id == Order.id)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .where(LedgerPosting.account_id == _account(producer_id), LedgerEntry.kind == "sale")
        .group_by(Order.cycle_id)
    )
    return {row.cycle_id: row.orders for row in rows}
