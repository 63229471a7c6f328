"""What producers sold through a market in a year, by quarter, for the report to the tax office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    cast,
    extract,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import Session

from shop.catalog.domain.selling import SalesModel
from shop.kernel.money import Money
from shop.orders.domain.sold import SoldBy
from shop.orders.models import LedgerEntry, OrderLine, Refund, RefundLine, SellerOrder

RESOLD = [model for model in SalesModel if model.resells]


@dataclass(frozen=True, slots=True)
class QuarterSold:
    """A quarter of a producer."""

    producer_id: int
    quarter: int
    sales: int
    goods: Money
    """With tax, less what was given back."""
    fees: Money
    """Kept by market and platform, as the sales say."""


def by_quarter(session: Session, market_id: int, year: int, zone: ZoneInfo) -> list[QuarterSold]:
    """Sales that producers made themselves; what the market resold is not theirs."""
    since = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    until = datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    back = _given_back(session, market_id, since, until, zone)
    share = (
        func.jsonb_array_elements(LedgerEntry.facts["shares"]).table_valued("value").alias("share")
    )
    producer = cast(literal_column("share.value ->> 'producer_id'"), Integer)
    goods = cast(literal_column("share.value ->> 'goods_cents'"), Integer)
    fees: ColumnElement[int] = literal_column(
        "(SELECT coalesce(sum(fee.value::int), 0)"
        " FROM jsonb_each_text(share.value -> 'fees_cents') AS fee)"
    )
    quarter = extract("quarter", func.timezone(cast(zone.key, String), LedgerEntry.at))
    rows = session.execute(
        select(
            producer.label("sold_by"),
            quarter.label("in_quarter"),
            func.count(),
            func.sum(goods),
            func.sum(fees),
        )
        .select_from(LedgerEntry)
        .join(share, true())
        .join(
            SellerOrder,
            (SellerOrder.order_id == LedgerEntry.order_id) & (SellerOrder.producer_id == producer),
        )
        .where(LedgerEntry.market_id == market_id, LedgerEntry.kind == "sale")
        .where(LedgerEntry.at >= since, LedgerEntry.at < until)
        .where(SellerOrder.model.not_in(RESOLD))
        .group_by("sold_by", "in_quarter")
        .order_by("sold_by", "in_quarter")
    )
    return [
        QuarterSold(
            row[0],
            int(row[1]),
            row[2],
            Money(int(row[3]) - back.get((row[0], int(row[1])), 0)),
            Money(int(row[4])),
        )
        for row in rows
    ]


def _given_back(
    session: Session, market_id: int, since: datetime, until: datetime, zone: ZoneInfo
) -> dict[tuple[int, int], int]:
    """Cents of goods that were given back, by producer and quarter."""
    quarter = extract("quarter", func.timezone(cast(zone.key, String), Refund.done_at))
    rows = session.execute(
        select(
            OrderLine.producer_id,
            quarter.label("quarter"),
            func.sum(RefundLine.amount_cents),
        )
        .join(RefundLine, RefundLine.order_line_id == OrderLine.id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(
            LedgerEntry,
            (LedgerEntry.order_id == Refund.order_id) & (LedgerEntry.kind == "sale"),
        )
        .where(LedgerEntry.market_id == market_id, Refund.state == "done")
        .where(Refund.done_at >= since, Refund.done_at < until)
        .group_by(OrderLine.producer_id, "quarter")
    )
    return {(row[0], int(row[1])): int(row[2]) for row in rows}


def by_model(session: Session, market_id: int, year: int, zone: ZoneInfo) -> list[SoldBy]:
    """Every model under which a market sold in a year, off the ledger's sales."""
    since = datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)
    until = datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    share = (
        func.jsonb_array_elements(LedgerEntry.facts["shares"]).table_valued("value").alias("share")
    )
    producer = cast(literal_column("share.value ->> 'producer_id'"), Integer)
    sold = session.execute(
        select(
            SellerOrder.model,
            SellerOrder.producer_id,
            func.sum(cast(literal_column("share.value ->> 'goods_cents'"), Integer)),
        )
        .select_from(LedgerEntry)
        .join(share, true())
        .join(
            SellerOrder,
            (SellerOrder.order_id == LedgerEntry.order_id) & (SellerOrder.producer_id == producer),
        )
        .where(LedgerEntry.market_id == market_id, LedgerEntry.kind == "sale")
        .where(LedgerEntry.at >= since, LedgerEntry.at < until)
        .group_by(SellerOrder.model, SellerOrder.producer_id)
        .order_by(SellerOrder.model, SellerOrder.producer_id)
    ).all()
    given = session.execute(
        select(SellerOrder.model, SellerOrder.producer_id, func.sum(RefundLine.amount_cents))
        .join(OrderLine, OrderLine.seller_order_id == SellerOrder.id)
        .join(RefundLine, RefundLine.order_line_id == OrderLine.id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(
            LedgerEntry,
            (LedgerEntry.order_id == Refund.order_id) & (LedgerEntry.kind == "sale"),
        )
        .where(LedgerEntry.market_id == market_id, Refund.state == "done")
        .where(Refund.done_at >= since, Refund.done_at < until)
        .group_by(SellerOrder.model, SellerOrder.producer_id)
    )
    back = {(row[0], row[1]): int(row[2]) for row in given}
    return [
        SoldBy(model, producer_id, Money(int(cents) - back.get((model, producer_id), 0)))
        for model, producer_id, cents in sold
    ]
