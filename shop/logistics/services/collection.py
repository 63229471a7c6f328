"""Goods are received: counted against what was promised, at the farm or at the hub."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.terms import ReceiptPlace
from shop.logistics.errors import ReasonMissing, UseByPassed
from shop.logistics.models import GoodsReceipt
from shop.orders.domain.terms import ShortageReason
from shop.orders.queries import purchase_orders
from shop.orders.services import purchasing

LARGEST_FACTOR = 3
"""More than so many times what was ordered cannot be meant."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What was counted of one line, in its unit, and what was noted of it."""

    line_id: int
    amount: int
    reason: ShortageReason | None = None
    weight_g: int | None = None
    lot: str | None = None
    use_by_on: date | None = None
    temperature_dc: int | None = None


def receive(
    session: Session,
    purchase_order_id: int,
    brought: Sequence[Brought],
    *,
    key: uuid.UUID,
    place: ReceiptPlace,
    device_at: datetime,
    at: datetime,
    by: int | None,
) -> bool:
    """Keep a count and let it have its effect; False when this form was kept before.

    What lacks is shared out by the market's rule, and the purchase order is collected. A later
    count, at the hub after the farm, replaces an earlier one.

    Raises:
        PurchaseOrderUnknown: there is none.
        ReasonMissing: a line has less than was promised, and nobody said why.
        UseByPassed: goods would be past their date on the day of delivery.
        InvalidInput: an amount that cannot be meant.
        AnswerRefused: a line is not of this order.
    """
    if _is_kept(session, purchase_order_id, key, brought):
        return False
    page = purchase_orders.by_id(session, purchase_order_id)
    delivers_on = cycles.by_id(session, page.card.cycle_id).delivers_on
    lines = {line.line_id: line for line in page.lines}
    for each in brought:
        if (line := lines.get(each.line_id)) is not None:
            _refuse_nonsense(each, line.expected, line.ordered.amount, delivers_on)
    purchasing.receive(
        session, purchase_order_id, {each.line_id: each.amount for each in brought}, at=at, by=by
    )
    if brought:
        session.execute(
            insert(GoodsReceipt)
            .values(
                [
                    {
                        "key": _key(key, each),
                        "purchase_order_line_id": each.line_id,
                        "place": place,
                        "expected": lines[each.line_id].expected,
                        "amount": each.amount,
                        "weight_g": each.weight_g,
                        "reason": each.reason,
                        "lot": each.lot,
                        "use_by_on": each.use_by_on,
                        "temperature_dc": each.temperature_dc,
                        "by_person_id": by,
                        "device_at": device_at,
                    }
                    for each in brought
                ]
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )
    return True


def _key(key: uuid.UUID, each: Brought) -> uuid.UUID:
    """One form says each line once: a page that comes back and says something else is another."""
    return uuid.uuid5(
        key,
        f"{each.line_id}|{each.amount}|{each.reason}|{each.weight_g}"
        f"|{each.lot}|{each.use_by_on}|{each.temperature_dc}",
    )


def _is_kept(
    session: Session, purchase_order_id: int, key: uuid.UUID, brought: Sequence[Brought]
) -> bool:
    purchase_orders.hold(session, purchase_order_id)
    keys = [_key(key, each) for each in brought]
    kept = session.scalars(select(GoodsReceipt.key).where(GoodsReceipt.key.in_(keys))).all()
    return bool(keys) and len(kept) == len(keys)


def _refuse_nonsense(each: Brought, expected: int, ordered: int, delivers_on: date) -> None:
    if not 0 <= each.amount <= ordered * LARGEST_FACTOR:
        raise InvalidInput(field=f"brought-{each.line_id}", reason="too_much")
    if each.amount < expected and each.reason is None:
        raise ReasonMissing(field=f"reason-{each.line_id}", expected=expected, amount=each.amount)
    if each.amount and each.use_by_on is not None and each.use_by_on < delivers_on:
        raise UseByPassed(field=f"use_by-{each.line_id}", use_by_on=each.use_by_on)
