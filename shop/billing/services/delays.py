"""Dated rules of a market about by when it pays; what was in force is never changed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.delays import BASES, KINDS, Delay
from shop.billing.errors import DelayRefused
from shop.billing.models import MarketDelay

DAYS_MAX = 120


def add(
    session: Session,
    market_id: int,
    rule: Delay,
    *,
    source: str,
    valid_from: date,
    today: date,
    by: int | None,
) -> int:
    """Let a market keep to a rule from a day on; the one before it ends that day. Its key.

    Raises:
        DelayRefused: it would change the past, makes no sense, or has no source.
    """
    if rule.kind not in KINDS or rule.basis not in BASES:
        raise DelayRefused(field="kind", reason="unknown")
    if not 0 <= rule.days <= DAYS_MAX:
        raise DelayRefused(field="days", reason="days")
    if not source.strip():
        raise DelayRefused(field="source", reason="source")
    if valid_from <= today:
        raise DelayRefused(field="valid_from", reason="past")
    same = session.scalars(
        select(MarketDelay)
        .where(MarketDelay.market_id == market_id, MarketDelay.kind == rule.kind)
        .with_for_update()
    ).all()
    if any(row.valid_from >= valid_from for row in same):
        raise DelayRefused(field="valid_from", reason="later_rule")
    for row in same:
        if row.valid_to is None or row.valid_to > valid_from:
            row.valid_to = valid_from
    made = MarketDelay(
        market_id=market_id,
        kind=rule.kind,
        days=rule.days,
        basis=rule.basis,
        source=source.strip(),
        valid_from=valid_from,
        by_person_id=by,
    )
    session.add(made)
    session.flush()
    return made.id


def withdraw(session: Session, market_id: int, rule_id: int, *, today: date) -> None:
    """End a rule of a market: one that has not begun vanishes, another one ends today.

    Raises:
        DelayRefused: this market has no such rule that holds.
    """
    row = session.get(MarketDelay, rule_id, with_for_update=True)
    if row is None or row.market_id != market_id or (row.valid_to and row.valid_to <= today):
        raise DelayRefused(field="rule", reason="unknown")
    if row.valid_from > today:
        session.delete(row)
    else:
        row.valid_to = today
    session.flush()
