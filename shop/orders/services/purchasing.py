"""Ask producers for what was ordered, and keep what they answer."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, case, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles, markets
from shop.infra import outbox
from shop.infra.db import table_of
from shop.infra.transitions import advance, advance_all
from shop.orders.domain.lifecycles import PURCHASE_ORDER
from shop.orders.domain.shortage import SHARERS, Demand
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import AnswerRefused, AnswerTooLate, PurchaseOrderUnknown
from shop.orders.models import Order, OrderLine, PurchaseOrder, PurchaseOrderLine

SUPPLIED_STATES = ("firm", "fulfilled", "settled")
"""Orders that producers have to supply."""

MAIL_TOPIC = "mail.purchase_order"
MAIL_CHANGED = "mail.order_changed"

SECOND_THOUGHTS = timedelta(minutes=10)
"""A late answer may be mended for so long before customers hear of it."""

_LINES = table_of(OrderLine)
_ASKED = table_of(PurchaseOrderLine)


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
    outbox.post_all(
        session,
        MAIL_TOPIC,
        {f"{MAIL_TOPIC}:{key}": {"purchase_order_id": key} for key in issued},
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

    Less than ordered is shared out by the market's rule, and each order line says what it will
    get. Nothing at all is a refusal. A producer may answer again until the goods are collected.

    Raises:
        PurchaseOrderUnknown: there is none.
        AnswerRefused: a line lacks, or an amount is below zero or above what was ordered.
        AnswerTooLate: the goods were collected already.
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
    changed = _share_out(session, order, {line.offer_id: confirmed[line.id] for line in lines})
    order.answered_at = at
    order.note = note
    event = "accept" if any(confirmed.values()) else "refuse"
    if event == "accept" or order.state != "refused":
        advance(session, PURCHASE_ORDER, order, event, at=at, by=by, reason=note)
    _tell_customers(session, changed, max(order.answer_by, at + SECOND_THOUGHTS))


def resend(session: Session, purchase_order_id: int, *, at: datetime) -> None:
    """Send the mail to the producer once more.

    Raises:
        PurchaseOrderUnknown: there is none.
    """
    if session.get(PurchaseOrder, purchase_order_id) is None:
        raise PurchaseOrderUnknown(purchase_order_id=purchase_order_id)
    again = int(at.timestamp())
    outbox.post(
        session,
        MAIL_TOPIC,
        key=f"{MAIL_TOPIC}:{purchase_order_id}:{again}",
        purchase_order_id=purchase_order_id,
        again=again,
    )


def receive(
    session: Session,
    purchase_order_id: int,
    brought: Mapping[int, int],
    *,
    at: datetime,
    by: int | None = None,
) -> None:
    """Note what of each line was brought, and share it out; a later count replaces this one.

    What was not brought lacks, whatever was promised; what is there after all is given, up to
    what was ordered. Customers who get less than they were told hear of it. The purchase order
    is collected by that.

    Raises:
        PurchaseOrderUnknown: there is none.
        AnswerRefused: a line is not of this order, or an amount is below zero.
    """
    order = session.get(PurchaseOrder, purchase_order_id, with_for_update=True)
    if order is None:
        raise PurchaseOrderUnknown(purchase_order_id=purchase_order_id)
    lines = {
        line.id: line
        for line in session.execute(
            select(PurchaseOrderLine.id, PurchaseOrderLine.offer_id, PurchaseOrderLine.ordered)
            .where(PurchaseOrderLine.purchase_order_id == purchase_order_id)
            .order_by(PurchaseOrderLine.id)
        )
    }
    for line_id, amount in sorted(brought.items()):
        if line_id not in lines or amount < 0:
            raise AnswerRefused(field=f"line-{line_id}")
    if brought:
        session.connection().execute(
            update(_ASKED)
            .where(_ASKED.c.id == bindparam("line"))
            .values(received=bindparam("amount", type_=Integer)),
            [{"line": line_id, "amount": amount} for line_id, amount in sorted(brought.items())],
        )
    changed = _share_out(
        session,
        order,
        {
            lines[line_id].offer_id: min(amount, lines[line_id].ordered)
            for line_id, amount in brought.items()
        },
    )
    if PURCHASE_ORDER.allows(order.state, "collect"):
        advance(session, PURCHASE_ORDER, order, "collect", at=at, by=by)
    _tell_customers(session, changed, max(order.answer_by, at + SECOND_THOUGHTS))


def collect(
    session: Session, cycle_id: int, producer_id: int, *, at: datetime, by: int | None = None
) -> None:
    """Note that the goods of a producer were fetched; a second time changes nothing."""
    ids = session.scalars(
        select(PurchaseOrder.id).where(
            PurchaseOrder.cycle_id == cycle_id, PurchaseOrder.producer_id == producer_id
        )
    ).all()
    advance_all(session, PURCHASE_ORDER, PurchaseOrder, ids, "collect", at=at, by=by)


def _share_out(
    session: Session, purchase: PurchaseOrder, available: Mapping[int, int]
) -> list[int]:
    """Say on each order line what it will get of what producers bring; orders that get less now.

    What was handed over already is taken off first. Orders are locked in ascending id, as by
    whoever picks.
    """
    rows = session.execute(
        select(
            OrderLine.id,
            OrderLine.order_id,
            OrderLine.offer_id,
            OrderLine.ordered,
            OrderLine.confirmed,
            OrderLine.picked,
            Order.state,
            Order.placed_at,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.cycle_id == purchase.cycle_id, Order.state.in_(SUPPLIED_STATES))
        .where(OrderLine.offer_id.in_(available))
        .order_by(Order.id, OrderLine.id)
        .with_for_update(of=Order, key_share=True)
    ).all()
    share = SHARERS[markets.by_id(session, purchase.market_id).shortage_rule]
    by_offer: dict[int, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.placed_at, row.order_id, row.id)):
        by_offer[row.offer_id].append(row)
    given: dict[int, int] = {}
    for offer_id, amount in available.items():
        waiting = [row for row in by_offer[offer_id] if row.state == "firm"]
        gone = sum(row.picked or 0 for row in by_offer[offer_id] if row.state != "firm")
        demands = [Demand(row.id, row.ordered) for row in waiting]
        given |= share(max(0, amount - gone), demands)
    lines = {row.id: row for row in rows if row.id in given}
    _write_shares(session, [(lines[line_id], got) for line_id, got in sorted(given.items())])
    return sorted(
        {
            line.order_id
            for line_id, line in lines.items()
            if given[line_id] < (line.ordered if line.confirmed is None else line.confirmed)
        }
    )


def _write_shares(session: Session, shares: Sequence[tuple[Any, int]]) -> None:
    """Note what lines will get: those that get all in one statement, the short ones beside.

    Why a line is short stays as the preparer said, where one has spoken.
    """
    full = [line.id for line, got in shares if got == line.ordered and line.confirmed != got]
    if full:
        session.execute(
            update(OrderLine)
            .where(OrderLine.id.in_(full))
            .values(
                confirmed=OrderLine.ordered,
                shortage=case((OrderLine.picked.is_(None), None), else_=OrderLine.shortage),
            )
            .execution_options(synchronize_session=False)
        )
    short = [(line, got) for line, got in shares if got < line.ordered and line.confirmed != got]
    if not short:
        return
    why = literal(ShortageReason.NOT_SUPPLIED, _LINES.c.shortage.type)
    session.connection().execute(
        update(_LINES)
        .where(_LINES.c.id == bindparam("line"))
        .values(
            confirmed=bindparam("got", type_=Integer),
            shortage=case((_LINES.c.picked.is_(None), why), else_=_LINES.c.shortage),
        ),
        [{"line": line.id, "got": got} for line, got in short],
    )


def _tell_customers(session: Session, order_ids: Sequence[int], due_at: datetime) -> None:
    """Ask for one letter to each customer who gets less.

    It leaves once producers have answered, and tells all that is known by then: whoever
    buys from three producers who lack something reads one letter. An answer that comes later
    makes a letter of its own.
    """
    version = int(due_at.timestamp())
    outbox.post_all(
        session,
        MAIL_CHANGED,
        {
            f"order_changed:{order_id}:{version}": {"order_id": order_id, "version": version}
            for order_id in order_ids
        },
        due_at=due_at,
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
