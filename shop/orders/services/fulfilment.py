"""What was picked and delivered comes back here, and prices follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.infra import outbox
from shop.infra.db import table_of
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.kernel.quantity import Quantity, UnitPrice
from shop.orders.domain import fees
from shop.orders.domain.lifecycles import ORDER
from shop.orders.domain.pricing import LineTerms, deposit, price_of_picked
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import LineUnknown, OrderNotInPreparation, OrderUnknown
from shop.orders.models import Order, OrderLine

CAPTURE_TOPIC = "orders.capture_payment"

_ORDERS = table_of(Order)
_LINES = table_of(OrderLine)


@dataclass(frozen=True, slots=True)
class Picked:
    """What is in the crate of one line: amount in the line's unit, weight where it is weighed."""

    amount: int
    weight_g: int | None = None
    reason: ShortageReason | None = None


_LINE = (
    OrderLine.id,
    OrderLine.order_id,
    OrderLine.unit,
    OrderLine.price_cents,
    OrderLine.price_unit,
    OrderLine.content_amount,
    OrderLine.content_unit,
    OrderLine.nominal_g,
    OrderLine.margin_bp,
    OrderLine.deposit_cents,
    OrderLine.ordered,
    OrderLine.confirmed,
    OrderLine.picked,
    OrderLine.picked_g,
    OrderLine.ceiling_cents,
    OrderLine.temperature_class,
)


def set_picked(session: Session, entries: Mapping[int, Picked | None]) -> None:
    """Note what is in the crates, line by line, and reprice; None takes an entry back.

    Nothing is charged above the ceiling that was announced. Orders are locked in ascending id.

    Raises:
        LineUnknown: there is no such line.
        OrderNotInPreparation: the order was not confirmed, or has left already.
    """
    if not entries:
        return
    lines = _lock_lines(session, list(entries))
    unknown = entries.keys() - lines.keys()
    if unknown:
        raise LineUnknown(line_id=min(unknown))
    changes = []
    for line_id, picked in sorted(entries.items()):
        billed = None if picked is None else _price(lines[line_id], picked)
        changes.append(
            {
                "line": line_id,
                "new_picked": picked.amount if picked else None,
                "new_picked_g": picked.weight_g if picked else None,
                "new_billed": billed.cents if billed is not None else None,
                "new_shortage": _shortage(lines[line_id], picked),
            }
        )
    session.connection().execute(
        update(_LINES)
        .where(_LINES.c.id == bindparam("line"))
        .values(
            picked=bindparam("new_picked", type_=Integer),
            picked_g=bindparam("new_picked_g", type_=Integer),
            billed_cents=bindparam("new_billed", type_=Integer),
            shortage=bindparam("new_shortage", type_=_LINES.c.shortage.type),
        ),
        changes,
    )
    _retotal(session, {line.order_id for line in lines.values()})


def mark_delivered(
    session: Session,
    order_id: int,
    *,
    at: datetime,
    by: int | None = None,
    refused: bool = False,
    reason: str | None = None,
    came: Mapping[TemperatureClass, Fraction] | None = None,
) -> None:
    """Note that an order was handed over, fix its final price and ask for the capture, once.

    A line nobody weighed or counted counts as confirmed by the producer, else as ordered.
    ``refused``: the customer took nothing, and pays nothing; ``reason`` says why. ``came`` names
    temperature classes of which only a part was handed over: each line counts by that share.

    Raises:
        OrderUnknown: there is no such order.
        OrderNotInPreparation, IllegalTransition: never confirmed, or handed over before.
    """
    order = session.get(Order, order_id, with_for_update=True)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    lines = session.execute(select(*_LINE).where(OrderLine.order_id == order_id)).all()
    unsaid = {
        line.id: Picked(line.ordered if line.confirmed is None else line.confirmed)
        for line in lines
        if line.picked is None
    }
    if unsaid:
        set_picked(session, unsaid)
    session.execute(
        update(OrderLine)
        .where(OrderLine.order_id == order_id)
        .values({"delivered": 0, "billed_cents": 0} if refused else {"delivered": OrderLine.picked})
        .execution_options(synchronize_session=False)
    )
    if came and not refused:
        _leave_out(session, order_id, came)
    _retotal(session, {order_id})
    advance(
        session,
        ORDER,
        order,
        "fulfill",
        at=at,
        by=by,
        reason=(reason or "refused by the customer") if refused else reason,
    )
    outbox.post(session, CAPTURE_TOPIC, key=f"capture:{order_id}", order_id=order_id)


def _leave_out(session: Session, order_id: int, came: Mapping[TemperatureClass, Fraction]) -> None:
    """What did not come is not billed. Nobody knows what was in which crate of one cold, so each
    line counts by the share of its crates that came, rounded down."""
    lines = session.execute(
        select(*_LINE)
        .where(OrderLine.order_id == order_id, OrderLine.temperature_class.in_(came))
        .order_by(OrderLine.id)
    ).all()
    for line in lines:
        share = came[line.temperature_class]
        part = Picked(
            int(line.picked * share), None if line.picked_g is None else int(line.picked_g * share)
        )
        session.execute(
            update(OrderLine)
            .where(OrderLine.id == line.id)
            .values(delivered=part.amount, billed_cents=_price(line, part).cents)
            .execution_options(synchronize_session=False)
        )


def _lock_lines(session: Session, line_ids: list[int]) -> dict[int, Any]:
    order_ids = select(OrderLine.order_id).where(OrderLine.id.in_(line_ids))
    states = session.execute(
        select(Order.id, Order.state)
        .where(Order.id.in_(order_ids))
        .order_by(Order.id)
        .with_for_update()
    ).all()
    for order_id, state in states:
        if state != "firm":
            raise OrderNotInPreparation(order_id=order_id, state=state)
    rows = session.execute(select(*_LINE).where(OrderLine.id.in_(line_ids))).all()
    return {row.id: row for row in rows}


def _shortage(line: Any, picked: Picked | None) -> ShortageReason | None:
    """Why a line is short: as the preparer says, else because the producer brings less."""
    if picked is not None and (picked.reason is not None or picked.amount >= line.ordered):
        return picked.reason
    supplied_less = line.confirmed is not None and line.confirmed < line.ordered
    return ShortageReason.NOT_SUPPLIED if supplied_less else None


def _terms(line: Any) -> LineTerms:
    return LineTerms(
        price=UnitPrice(line.price_cents, line.price_unit),
        unit=line.unit,
        content=(
            None
            if line.content_amount is None
            else Quantity(line.content_amount, line.content_unit)
        ),
        nominal_g=line.nominal_g,
        margin_bp=line.margin_bp,
        deposit_cents=line.deposit_cents,
    )


def _price(line: Any, picked: Picked) -> Money:
    price = price_of_picked(
        _terms(line), ordered=line.ordered, picked=picked.amount, weight_g=picked.weight_g
    )
    return min(price, Money(line.ceiling_cents))


def _retotal(session: Session, order_ids: set[int]) -> None:
    """Final amount of each order whose every line was said; None for the others."""
    rows = session.execute(
        select(*_LINE, OrderLine.billed_cents, OrderLine.delivered).where(
            OrderLine.order_id.in_(order_ids)
        )
    ).all()
    by_order: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_order[row.order_id].append(row)
    terms = session.execute(
        select(Order.id, Order.fee_cents, Order.fee_parts, Order.ceiling_cents)
        .where(Order.id.in_(order_ids))
        .order_by(Order.id)
    ).all()
    session.connection().execute(
        update(_ORDERS)
        .where(_ORDERS.c.id == bindparam("order"))
        .values(final_cents=bindparam("final", type_=Integer)),
        [
            {
                "order": order_id,
                "final": _final_cents(by_order[order_id], Money(fee), parts, highest),
            }
            for order_id, fee, parts, highest in terms
        ],
    )


def _final_cents(
    lines: list[Any], announced: Money, parts: dict[str, Any], ceiling_cents: int
) -> int | None:
    """Goods, deposits on what was kept, and the fees where anything was; None: not all said."""
    if any(line.billed_cents is None for line in lines):
        return None
    if all(_kept(line) == 0 for line in lines):
        return 0
    goods = Money.total(Money(line.billed_cents) for line in lines)
    deposits = Money.total(deposit(_terms(line), min(line.ordered, _kept(line))) for line in lines)
    fee = fees.final_fee(announced, fees.from_json(parts), goods)
    return min((goods + deposits + fee).cents, ceiling_cents)


def _kept(line: Any) -> int:
    amount: int = line.picked if line.delivered is None else line.delivered
    return amount
