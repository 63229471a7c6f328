"""Codes that take something off an order, paid from the solidarity fund of the market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.domain.lifecycles import DISCOUNT_CODE
from shop.orders.domain.tenders import normalized
from shop.orders.errors import VoucherRefused
from shop.orders.models import DiscountCode, Order

SHORTEST = 4
"""Letters of a code: what is shorter is guessed, or typed by mistake."""

MOST_USES = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a code gives, to how many, until when."""

    code: str
    reason: str
    amount: Money | None
    """Off each order; None: ``percent_bp`` of its goods."""
    percent_bp: int | None
    uses: int
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class DiscountCard:
    """A code as the desk looks at it."""

    id: int
    code: str
    reason: str
    state: str
    amount: Money | None
    percent_bp: int | None
    uses: int
    used: int
    """Orders that it paid for, or is going to."""
    valid_until: date


@dataclass(frozen=True, slots=True)
class Granted:
    """So much of an order is paid by the fund."""

    code_id: int
    amount: Money


def make(session: Session, market_id: int, terms: Terms, *, by: int) -> bool:
    """A new code; False when the very same was made before.

    Raises:
        VoucherRefused: it makes no sense, or another one is called so.
    """
    code = normalized(terms.code)
    if len(code) < SHORTEST:
        raise VoucherRefused(field="code", reason="short")
    if not terms.reason.strip():
        raise VoucherRefused(field="reason", reason="reason")
    _check(terms)
    values = {
        "reason": terms.reason.strip(),
        "amount_cents": None if terms.amount is None else terms.amount.cents,
        "percent_bp": terms.percent_bp,
        "uses": terms.uses,
        "valid_from": terms.valid_from,
        "valid_until": terms.valid_until,
        "created_by": by,
    }
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtext(f"discount:{market_id}:{code}")))
    )
    known = _by_code(session, market_id, code)
    if known is not None:
        if all(getattr(known, name) == value for name, value in values.items()):
            return False
        raise VoucherRefused(field="code", reason="taken")
    made = DiscountCode(market_id=market_id, code=code, state=DISCOUNT_CODE.initial, **values)
    session.add(made)
    session.flush()
    return True


def end(session: Session, market_id: int, code_id: int, *, at: datetime, by: int) -> None:
    """The code pays no further order; what it paid stays paid.

    Raises:
        VoucherRefused: this market has no such code.
    """
    row = session.get(DiscountCode, code_id, with_for_update=True)
    if row is None or row.market_id != market_id:
        raise VoucherRefused(reason="unknown")
    if row.state == "active":
        advance(session, DISCOUNT_CODE, row, "end", at=at, by=by)


def grant(session: Session, order: Order, code: str, day: date) -> Granted | None:
    """What a code takes off a new order; None when no code is called so.

    The row of the code stays locked: its last use is given once. Each person, known by account or
    by mail, uses a code once.

    Raises:
        VoucherRefused: not on this day, used up, or used by this person.
    """
    row = _by_code(session, order.market_id, normalized(code))
    if row is None:
        return None
    session.refresh(row, with_for_update=True)
    if row.state != "active" or not row.valid_from <= day <= row.valid_until:
        raise VoucherRefused(field="code", reason="expired", code=row.code)
    uses = (
        select(func.count())
        .select_from(Order)
        .where(
            Order.discount_code_id == row.id,
            Order.state != "canceled",
            Order.id != order.id,
        )
    )
    if (session.scalar(uses) or 0) >= row.uses:
        raise VoucherRefused(field="code", reason="used_up", code=row.code)
    mine = func.lower(Order.contact_email) == order.contact_email.strip().lower()
    own = mine if order.person_id is None else or_(Order.person_id == order.person_id, mine)
    if session.scalar(uses.where(own)):
        raise VoucherRefused(field="code", reason="once", code=row.code)
    goods = Money(order.goods_cents)
    amount = goods.share_of(row.percent_bp) if row.percent_bp else Money(row.amount_cents or 0)
    return Granted(row.id, min(amount, goods))


def of_market(session: Session, market_id: int, limit: int = 100) -> list[DiscountCard]:
    """Codes of a market, the newest first, with how often they were used."""
    used = (
        select(Order.discount_code_id, func.count().label("count"))
        .where(Order.market_id == market_id, Order.state != "canceled")
        .where(Order.discount_code_id.is_not(None))
        .group_by(Order.discount_code_id)
        .subquery()
    )
    rows = session.execute(
        select(DiscountCode, func.coalesce(used.c.count, 0))
        .outerjoin(used, used.c.discount_code_id == DiscountCode.id)
        .where(DiscountCode.market_id == market_id)
        .order_by(DiscountCode.id.desc())
        .limit(limit)
    )
    return [
        DiscountCard(
            row.id,
            row.code,
            row.reason,
            row.state,
            None if row.amount_cents is None else Money(row.amount_cents),
            row.percent_bp,
            row.uses,
            int(count),
            row.valid_until,
        )
        for row, count in rows
    ]


def _check(terms: Terms) -> None:
    if (terms.amount is None) == (terms.percent_bp is None):
        raise VoucherRefused(field="amount", reason="amount")
    if terms.amount is not None and not Money.zero() < terms.amount <= Money(20_000):
        raise VoucherRefused(field="amount", reason="amount")
    if terms.percent_bp is not None and not 0 < terms.percent_bp <= 10_000:
        raise VoucherRefused(field="amount", reason="amount")
    if not 0 < terms.uses <= MOST_USES:
        raise VoucherRefused(field="uses", reason="uses")
    if terms.valid_until < terms.valid_from:
        raise VoucherRefused(field="valid_until", reason="dates")


def _by_code(session: Session, market_id: int, code: str) -> DiscountCode | None:
    return session.scalar(
        select(DiscountCode).where(DiscountCode.code == code, DiscountCode.market_id == market_id)
    )
