"""Ask producers for what was ordered, and keep what they answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.infra import outbox
from shop.infra.transitions import advance, advance_all
from shop.orders.domain.lifecycles import PURCHASE_ORDER
from shop.orders.domain.shortage import Demand, share_first_ordered
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import AnswerRefused, AnswerTooLate, PurchaseOrderUnknown
from shop.orders.models import Order, OrderLine, PurchaseOrder, PurchaseOrderLine

SUPPLIED_STATES = ("firm", "fulfilled", "settled")
"""Orders that producers have to supply."""

_LINES = cast(Table, OrderLine.__table__)
_ASKED = cast(Table, PurchaseOrderLine.__table__)


def issue(session: Session, cycle_id: int, *, at: datetime) -> list[int]:
    """Write one purchase order per producer with something to bring, and post the mails.

    In bulk: a handful of statements whatever the number of orders. A second time finds them
    written and issues none.
    """
    cycle = cycles.by_id(session, cycle_id)
    session.execute(select(func.pg_advisory_xact_lock(_LOCK, cycle_id)))
    asked = _demand(session, cycle_id)
    producers = sorted({row["producer_id"] for row in asked})
    written = _write_headers(session, cycle, producers)
    if not written:
        return []
    session.execute(
        insert(PurchaseOrderLine),
        [
            {
                "purchase_order_id": written[row["producer_id"]],
                **{name: row[name] for name in _LINE_NAMES},
            }
            for row in asked
            if row["producer_id"] in written
        ],
    )
    ids = sorted(written.values())
    issued = advance_all(session, PURCHASE_ORDER, PurchaseOrder, ids, "issue", at=at)
    session.execute(update(PurchaseOrder).where(PurchaseOrder.id.in_(issued)).values(issued_at=at))
    for purchase_order_id in issued:
        outbox.post(
            session,
            "mail.purchase_order",
            key=f"mail.purchase_order:{purchase_order_id}",
            purchase_order_id=purchase_order_id,
        )
    return issued


def answer(
    session: Session,
    purchase_order_id: int,
    confirmed: Mapping[int, int],
    *,
    note: str | None,
    at: datetime,
    by: int | None = None,
) -> None:
    """Keep what a producer can bring: ``confirmed`` has an amount for each line of the order.

    Less than ordered is shared out, first ordered first served, and each order line says what
    it will get. A producer may answer again until the goods are collected.

    Raises:
        PurchaseOrderUnknown: there is none.
        AnswerRefused: a line lacks, or an amount is below zero or above what was ordered.
        AnswerTooLate: the goods were collected already, or the order was refused.
    """
    order = session.get(PurchaseOrder, purchase_order_id, with_for_update=True)
    if order is None:
        raise PurchaseOrderUnknown(purchase_order_id=purchase_order_id)
    if not PURCHASE_ORDER.allows(order.state, "accept"):
        raise AnswerTooLate(state=order.state)
    lines = session.execute(
        select(PurchaseOrderLine.id, PurchaseOrderLine.offer_id, PurchaseOrderLine.ordered)
        .where(PurchaseOrderLine.purchase_order_id == purchase_order_id)
        .order_by(PurchaseOrderLine.id)
    ).all()
    for line in lines:
        amount = confirmed.get(line.id)
        if amount is None or not 0 <= amount <= line.ordered:
            raise AnswerRefused(field=f"line-{line.id}", ordered=line.ordered)
    session.connection().execute(
        update(_ASKED)
        .where(_ASKED.c.id == bindparam("line"))
        .values(confirmed=bindparam("amount", type_=Integer)),
        [{"line": line.id, "amount": confirmed[line.id]} for line in lines],
    )
    _share_out(session, order.cycle_id, {line.offer_id: confirmed[line.id] for line in lines})
    order.answered_at = at
    order.note = note
    advance(session, PURCHASE_ORDER, order, "accept", at=at, by=by)


def _share_out(session: Session, cycle_id: int, available: Mapping[int, int]) -> None:
    """Say on each order line what it will get of what producers bring."""
    rows = session.execute(
        select(OrderLine.id, OrderLine.offer_id, OrderLine.ordered)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state == "firm")
        .where(OrderLine.offer_id.in_(available))
        .order_by(Order.placed_at, Order.id, OrderLine.id)
    ).all()
    given: dict[int, tuple[int, int]] = {}
    for offer_id, amount in available.items():
        demands = [Demand(row.id, row.ordered) for row in rows if row.offer_id == offer_id]
        ordered = {demand.line_id: demand.ordered for demand in demands}
        for line_id, got in share_first_ordered(amount, demands).items():
            given[line_id] = (got, ordered[line_id])
    if not given:
        return
    session.connection().execute(
        update(_LINES)
        .where(_LINES.c.id == bindparam("line"))
        .values(
            confirmed=bindparam("got", type_=Integer),
            shortage=bindparam("why", type_=_LINES.c.shortage.type),
        ),
        [
            {
                "line": line_id,
                "got": got,
                "why": ShortageReason.NOT_SUPPLIED if got < ordered else None,
            }
            for line_id, (got, ordered) in sorted(given.items())
        ],
    )


_LOCK = 4_701
"""Names the advisory lock under which one cycle's purchase orders are written."""

_LINE_NAMES = (
    "offer_id",
    "reference",
    "product_name",
    "unit",
    "orders",
    "ordered",
    "value_cents",
)


def _demand(session: Session, cycle_id: int) -> Sequence[Mapping[str, Any]]:
    """What is to be brought, per offer, with how many orders have it and what it is worth."""
    rows = session.execute(
        select(
            OrderLine.producer_id,
            OrderLine.offer_id,
            func.max(OrderLine.reference).label("reference"),
            func.max(OrderLine.product_name).label("product_name"),
            OrderLine.unit,
            func.count().label("orders"),
            func.sum(OrderLine.ordered).label("ordered"),
            func.sum(OrderLine.estimate_cents).label("value_cents"),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == cycle_id, Order.state.in_(SUPPLIED_STATES))
        .group_by(OrderLine.producer_id, OrderLine.offer_id, OrderLine.unit)
        .order_by(OrderLine.producer_id, func.max(OrderLine.product_name))
    )
    return [dict(row) for row in rows.mappings()]


def _write_headers(
    session: Session, cycle: cycles.CycleCard, producers: Sequence[int]
) -> dict[int, int]:
    """Purchase orders by producer, of those that had none yet."""
    if not producers:
        return {}
    rows = session.execute(
        upsert(PurchaseOrder)
        .values(
            [
                {
                    "number": f"{cycle.market_id}-{cycle.code}-{producer_id:03d}",
                    "token": uuid.uuid4(),
                    "market_id": cycle.market_id,
                    "cycle_id": cycle.id,
                    "producer_id": producer_id,
                    "answer_by": cycle.answers_by,
                }
                for producer_id in producers
            ]
        )
        .on_conflict_do_nothing(index_elements=["cycle_id", "producer_id"])
        .returning(PurchaseOrder.producer_id, PurchaseOrder.id)
    )
    return {row.producer_id: row.id for row in rows}
