"""Orders as the desk follows them: found by number, name or mail, counted by state."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind
from shop.catalog.queries import delivery
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.models import (
    STANDING,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    OrderLine,
    Payment,
)

UNPAID = "unpaid"
SHORT = "short"
FILTERS = ("awaiting_payment", "placed", "firm", "fulfilled", "settled", "canceled", UNPAID, SHORT)
"""States one can look for; ``unpaid``: delivered, and the payment failed; ``short``: something
lacks."""

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in the desk's list."""

    id: int
    number: str
    token: uuid.UUID
    state: str
    contact_name: str
    contact_email: str
    contact_phone: str
    option_kind: OptionKind
    place: str
    commune: str
    slot_starts_at: datetime
    created_at: datetime
    estimate: Money
    final: Money | None
    lines: int
    short_lines: int
    payment_state: str | None

    @property
    def price_now(self) -> Money:
        """What is charged, or expected."""
        return self.estimate if self.final is None else self.final

    @property
    def is_unpaid(self) -> bool:
        """Whether it was delivered and its payment failed."""
        return self.state == "fulfilled" and self.payment_state in (
            None,
            "failed",
            "created",
            "returned",
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """A cycle's orders in a few numbers."""

    by_state: dict[str, int]
    expected: Money
    """Of all that was not canceled, as estimated or weighed."""
    captured: Money
    unpaid: int
    short: int

    @property
    def orders(self) -> int:
        """Those that were paid or will be; without the canceled and the unpaid ones."""
        live = ("placed", "firm", "fulfilled", "settled")
        return sum(self.by_state.get(state, 0) for state in live)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search."""

    rows: tuple[OrderRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PER_PAGE))


def figures(session: Session, cycle_id: int) -> Figures:
    """What the cycle's orders come to."""
    amount = func.coalesce(Order.final_cents, Order.estimate_cents)
    rows = session.execute(
        select(Order.state, func.count(), func.sum(amount))
        .where(Order.cycle_id == cycle_id)
        .group_by(Order.state)
    ).all()
    counts = {state: count for state, count, _ in rows}
    expected = sum(
        int(cents) for state, _, cents in rows if state not in ("canceled", "awaiting_payment")
    )
    captured = session.scalar(
        select(func.coalesce(func.sum(LedgerPosting.amount_cents), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .join(Order, Order.id == LedgerEntry.order_id)
        .where(Order.cycle_id == cycle_id, LedgerEntry.kind == "capture")
        .where(LedgerAccount.kind == AccountKind.PROVIDER)
    )
    special = session.execute(
        select(
            func.count().filter(_matching(UNPAID)),
            func.count().filter(_matching(SHORT)),
        )
        .select_from(Order)
        .where(Order.cycle_id == cycle_id)
    ).one()
    return Figures(
        by_state=counts,
        expected=Money(expected),
        captured=Money(int(captured or 0)),
        unpaid=special[0],
        short=special[1],
    )


def find(
    session: Session,
    market_id: int,
    *,
    cycle_id: int | None,
    text: str = "",
    state: str = "",
    page: int | None = 1,
) -> Found:
    """Orders of a market, by surname; ``page`` None: all of them, for a file.

    ``cycle_id`` None looks in every cycle.
    """
    conditions = [Order.market_id == market_id]
    if cycle_id is not None:
        conditions.append(Order.cycle_id == cycle_id)
    if text.strip():
        conditions.append(_said(text))
    if state in FILTERS:
        conditions.append(_matching(state))
    total = session.scalar(select(func.count()).select_from(Order).where(*conditions)) or 0
    statement = (
        select(
            Order.id,
            Order.number,
            Order.token,
            Order.state,
            Order.contact_name,
            Order.contact_email,
            Order.contact_phone,
            Order.option_kind,
            Order.option_name,
            Order.pickup_point_id,
            Order.commune,
            Order.slot_starts_at,
            Order.created_at,
            Order.estimate_cents,
            Order.final_cents,
        )
        .where(*conditions)
        .order_by(Order.cycle_id.desc(), Order.sort_key, Order.id)
    )
    if page is not None:
        page = min(max(1, page), max(1, -(-total // PER_PAGE)))
        statement = statement.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    rows = session.execute(statement).all()
    ids = [row.id for row in rows]
    counts, payments = _lines_of(session, ids), _payments_of(session, ids)
    points = delivery.pickup_by_ids(
        session, {row.pickup_point_id for row in rows if row.pickup_point_id}
    )
    return Found(
        rows=tuple(
            OrderRow(
                id=row.id,
                number=row.number,
                token=row.token,
                state=row.state,
                contact_name=row.contact_name,
                contact_email=row.contact_email,
                contact_phone=row.contact_phone,
                option_kind=row.option_kind,
                place=points[row.pickup_point_id].name if row.pickup_point_id else row.option_name,
                commune=row.commune,
                slot_starts_at=row.slot_starts_at,
                created_at=row.created_at,
                estimate=Money(row.estimate_cents),
                final=None if row.final_cents is None else Money(row.final_cents),
                lines=counts.get(row.id, (0, 0))[0],
                short_lines=counts.get(row.id, (0, 0))[1],
                payment_state=payments.get(row.id),
            )
            for row in rows
        ),
        total=total,
        page=page or 1,
    )


def _said(text: str) -> ColumnElement[bool]:
    """What somebody says on the telephone: a number, a name in any order, an address of mail."""
    asked = text.strip()
    like = "%" + asked.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    words = [Order.sort_key.contains(word, autoescape=True) for word in fold(asked).split()]
    conditions: list[ColumnElement[bool]] = [
        Order.number.ilike(like),
        Order.contact_email.ilike(like),
        Order.contact_phone.ilike(like),
    ]
    if words:
        conditions.append(and_(*words))
    return or_(*conditions)


def _matching(state: str) -> ColumnElement[bool]:
    if state == UNPAID:
        live = exists().where(
            Payment.order_id == Order.id,
            Payment.state.in_(("authorized", "card_kept", "processing", "captured")),
        )
        return and_(Order.state == "fulfilled", Order.final_cents > 0, ~live)
    if state == SHORT:
        return and_(
            Order.state != "canceled",
            exists().where(OrderLine.order_id == Order.id, OrderLine.shortage.is_not(None)),
        )
    return Order.state == state


def _lines_of(session: Session, order_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = session.execute(
        select(
            OrderLine.order_id,
            func.count(),
            func.count().filter(OrderLine.shortage.is_not(None)),
        )
        .where(OrderLine.order_id.in_(order_ids))
        .group_by(OrderLine.order_id)
    )
    return {order_id: (lines, short) for order_id, lines, short in rows}


def _payments_of(session: Session, order_ids: Sequence[int]) -> dict[int, str]:
    """State of the latest payment of each order."""
    rows = session.execute(
        select(Payment.order_id, Payment.state)
        .where(Payment.order_id.in_(order_ids))
        .order_by(Payment.order_id, STANDING, Payment.id.desc())
        .ext(distinct_on(Payment.order_id))
    )
    return {row.order_id: row.state for row in rows}
