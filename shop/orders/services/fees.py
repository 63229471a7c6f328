"""The desk's fees: add a dated rule; what was in force is never changed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders.domain.fees import FeeRuleTerms
from shop.orders.errors import FeeRuleRefused
from shop.orders.models import FeeRule


def add(
    session: Session,
    market_id: int,
    terms: FeeRuleTerms,
    *,
    valid_from: date,
    today: date,
    note: str | None = None,
    by: int | None = None,
) -> int:
    """Let a rule hold from a day on; the one it replaces ends that day. The key of the new one.

    A rule without amounts ends the fee.

    Raises:
        FeeRuleRefused: it would change the past, or one like it begins that day or later.
    """
    if valid_from <= today:
        raise FeeRuleRefused(field="valid_from", reason="past")
    same = session.scalars(
        select(FeeRule)
        .where(
            FeeRule.market_id == market_id,
            FeeRule.kind == terms.fee.kind,
            FeeRule.bearer == terms.bearer,
            FeeRule.option_kind.is_not_distinct_from(terms.option_kind),
            FeeRule.commune_insee.is_not_distinct_from(terms.commune_insee),
        )
        .order_by(FeeRule.valid_from)
        .with_for_update()
    ).all()
    if any(rule.valid_from >= valid_from for rule in same):
        raise FeeRuleRefused(field="valid_from", reason="later_rule")
    for rule in same:
        if rule.valid_to is None or rule.valid_to > valid_from:
            rule.valid_to = valid_from
    made = FeeRule(
        market_id=market_id,
        kind=terms.fee.kind,
        bearer=terms.bearer,
        percent_bp=terms.fee.percent_bp,
        per_order_cents=terms.fee.per_order.cents,
        per_crate_cents=terms.fee.per_crate.cents,
        tax_rate_bp=terms.fee.tax_rate_bp,
        option_kind=terms.option_kind,
        commune_insee=terms.commune_insee,
        valid_from=valid_from,
        note=note or None,
        by_person_id=by,
    )
    session.add(made)
    session.flush()
    return made.id


def withdraw(session: Session, market_id: int, rule_id: int, *, today: date) -> None:
    """Take back a rule that has not begun; the one before it goes on.

    Raises:
        FeeRuleRefused: it has begun, or there is none.
    """
    rule = session.scalars(
        select(FeeRule)
        .where(FeeRule.id == rule_id, FeeRule.market_id == market_id)
        .with_for_update()
    ).one_or_none()
    if rule is None or rule.valid_from <= today:
        raise FeeRuleRefused(field="rule", reason="past")
    before = session.scalars(
        select(FeeRule)
        .where(
            FeeRule.market_id == market_id,
            FeeRule.kind == rule.kind,
            FeeRule.bearer == rule.bearer,
            FeeRule.option_kind.is_not_distinct_from(rule.option_kind),
            FeeRule.commune_insee.is_not_distinct_from(rule.commune_insee),
            FeeRule.valid_to == rule.valid_from,
        )
        .with_for_update()
    ).one_or_none()
    ends = rule.valid_to
    session.delete(rule)
    session.flush()
    if before is not None:
        before.valid_to = ends
