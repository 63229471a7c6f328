"""What was kept of a producer's sales, as the ledger's sales say."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Integer, cast, func, literal_column, select, true
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.models import LedgerEntry, Order


def fees_of_cycle(session: Session, market_id: int, cycle_id: int) -> dict[int, Money]:
    """Fees that producers bore in a cycle, by producer."""
    share = (
        func.jsonb_array_elements(LedgerEntry.facts["shares"]).table_valued("value").alias("share")
    )
    producer = cast(literal_column("share.value ->> 'producer_id'"), Integer)
    fees: ColumnElement[int] = literal_column(
        "(SELECT coalesce(sum(fee.value::int), 0)"
        " FROM jsonb_each_text(share.value -> 'fees_cents') AS fee)"
    )
    rows = session.execute(
        select(producer.label("sold_by"), func.sum(fees))
        .select_from(LedgerEntry)
        .join(share, true())
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerEntry.kind == "sale", Order.market_id == market_id)
        .where(Order.cycle_id == cycle_id)
        .group_by("sold_by")
    )
    return {row[0]: Money(int(row[1])) for row in rows}
