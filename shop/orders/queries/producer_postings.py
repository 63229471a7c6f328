"""Every posting on producers' accounts in a market, with what it is about, for statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, Unit, UnitPrice
from shop.orders.domain.terms import AccountKind, ShortageReason
from shop.orders.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    OrderLine,
    RefundLine,
)

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class ProducerPosting:
    """One side of an entry on a producer's account; ``owed`` above zero: owed to them."""

    id: int
    producer_id: int
    owed: Money
    entry_key: str
    entry_kind: str
    at: datetime
    facts: dict[str, Any]
    order_id: int | None
    order_number: str | None
    cycle_id: int | None


@dataclass(frozen=True, slots=True)
class DeliveredLine:
    """One line of an order as a producer reads it."""

    reference: str
    product_name: str
    price: UnitPrice
    ordered: Quantity
    delivered: Quantity
    weighed_g: int | None
    billed: Money
    shortage: ShortageReason | None


@dataclass(frozen=True, slots=True)
class SoldGroup:
    """What one producer is owed for the sales of a day, and of which goods they were."""

    producer_id: int
    delivered_on: date
    product_ids: tuple[int, ...]
    owed: Money


def postings(
    session: Session,
    market_id: int,
    *,
    without: Select[Any] | None = None,
    producer_id: int | None = None,
) -> list[ProducerPosting]:
    """Postings of a market, oldest first; ``without`` chooses keys of those to leave out.

    The facts of a sale are the producer's own share of it.
    """
    share = func.jsonb_path_query_first(
        LedgerEntry.facts,
        literal_column("'$.shares[*] ? (@.producer_id == $who)'::jsonpath"),
        func.jsonb_build_object("who", LedgerAccount.owner_id),
        type_=LedgerEntry.facts.type,
    )
    statement = (
        select(
            LedgerPosting.id,
            LedgerAccount.owner_id,
            LedgerPosting.amount_cents,
            LedgerEntry.key,
            LedgerEntry.kind,
            LedgerEntry.at,
            case((LedgerEntry.kind == "sale", share), else_=LedgerEntry.facts).label("facts"),
            Order.id.label("order_id"),
            Order.number,
            Order.cycle_id,
        )
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerAccount.kind == AccountKind.PRODUCER, LedgerEntry.market_id == market_id)
        .order_by(LedgerPosting.id)
    )
    if without is not None:
        statement = statement.where(LedgerPosting.id.not_in(without))
    if producer_id is not None:
        statement = statement.where(LedgerAccount.owner_id == producer_id)
    return [
        ProducerPosting(row[0], row[1], Money(-row[2]), *tuple(row)[3:])
        for row in session.execute(statement)
    ]


def balances(session: Session, market_id: int) -> dict[int, Money]:
    """What a market owes each producer."""
    rows = session.execute(
        select(LedgerAccount.owner_id, func.sum(LedgerPosting.amount_cents))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerAccount.kind == AccountKind.PRODUCER, LedgerEntry.market_id == market_id)
        .group_by(LedgerAccount.owner_id)
    )
    return {owner: Money(-int(cents)) for owner, cents in rows if owner is not None}


def unsettled_sales(session: Session, market_id: int, without: Select[Any]) -> dict[int, Money]:
    """Sales of each producer whose postings are not among ``without``."""
    rows = session.execute(
        select(LedgerAccount.owner_id, func.sum(LedgerPosting.amount_cents))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerAccount.kind == AccountKind.PRODUCER, LedgerEntry.market_id == market_id)
        .where(LedgerEntry.kind == "sale", LedgerPosting.id.not_in(without))
        .group_by(LedgerAccount.owner_id)
    )
    return {owner: Money(-int(cents)) for owner, cents in rows if owner is not None}


def delivered_lines(
    session: Session, order_ids: Collection[int], producer_ids: Collection[int]
) -> dict[tuple[int, int], list[DeliveredLine]]:
    """Lines of producers in orders, by order and producer, in a few questions however many."""
    found: dict[tuple[int, int], list[DeliveredLine]] = defaultdict(list)
    wanted = sorted(set(order_ids))
    for start in range(0, len(wanted), BATCH):
        rows = session.execute(
            select(
                OrderLine.order_id,
                OrderLine.producer_id,
                OrderLine.reference,
                OrderLine.product_name,
                OrderLine.price_cents,
                OrderLine.price_unit,
                OrderLine.unit,
                OrderLine.ordered,
                OrderLine.delivered,
                OrderLine.picked_g,
                OrderLine.billed_cents,
                OrderLine.shortage,
            )
            .where(OrderLine.order_id.in_(wanted[start : start + BATCH]))
            .where(OrderLine.producer_id.in_(sorted(producer_ids)))
            .order_by(OrderLine.order_id, OrderLine.product_name, OrderLine.id)
        )
        for (
            order, producer, reference, name, cents, price_unit, unit, ordered, delivered,
            weighed_g, billed, shortage,
        ) in rows:  # fmt: skip
            found[order, producer].append(
                DeliveredLine(
                    reference,
                    name,
                    UnitPrice(cents, price_unit),
                    Quantity(ordered, unit),
                    Quantity(delivered or 0, unit),
                    weighed_g if price_unit is Unit.GRAM and unit is not Unit.GRAM else None,
                    Money(billed or 0),
                    shortage,
                )
            )
    return found


def refunded_lines(
    session: Session, refund_ids: Collection[int]
) -> dict[tuple[int, int], list[tuple[str, Money]]]:
    """Products that refunds are about, by refund and producer, with what customers got back."""
    rows = session.execute(
        select(
            RefundLine.refund_id,
            OrderLine.producer_id,
            OrderLine.product_name,
            RefundLine.amount_cents,
        )
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .where(RefundLine.refund_id.in_(sorted(refund_ids)))
        .order_by(RefundLine.id)
    )
    found: dict[tuple[int, int], list[tuple[str, Money]]] = defaultdict(list)
    for refund, producer, name, cents in rows:
        found[refund, producer].append((name, Money(cents)))
    return found


def sold_groups(session: Session, market_id: int, zone: str) -> list[SoldGroup]:
    """What each producer is owed by day of delivery, with the products sold that day."""
    day = func.date(func.timezone(zone, Order.slot_starts_at))
    owed = session.execute(
        select(LedgerAccount.owner_id, day, func.sum(-LedgerPosting.amount_cents))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerAccount.kind == AccountKind.PRODUCER, LedgerEntry.kind == "sale")
        .where(LedgerEntry.market_id == market_id)
        .group_by(LedgerAccount.owner_id, day)
        .order_by(LedgerAccount.owner_id, day)
    ).all()
    products = session.execute(
        select(OrderLine.producer_id, day, func.array_agg(OrderLine.product_id.distinct()))
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.market_id == market_id, OrderLine.billed_cents > 0)
        .where(Order.state.in_(("fulfilled", "settled")))
        .group_by(OrderLine.producer_id, day)
    )
    sold = {(producer, on): tuple(ids) for producer, on, ids in products}
    return [
        SoldGroup(producer, on, sold.get((producer, on), ()), Money(int(cents)))
        for producer, on, cents in owed
    ]


def unfinished(session: Session, cycle_id: int) -> int:
    """Orders of a cycle that are neither delivered nor canceled."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Order)
            .where(Order.cycle_id == cycle_id)
            .where(Order.state.in_(("awaiting_payment", "placed", "firm")))
        )
        or 0
    )
