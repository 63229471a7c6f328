"""What a market decides for itself, once and for all its sales."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.catalog.domain.terms import ShortageRule
from shop.catalog.errors import MarketUnknown
from shop.catalog.models import Market
from shop.kernel.errors import InvalidInput


def set_shortage_rule(session: Session, market_id: int, rule: str) -> None:
    """Say who goes short when less comes than was ordered; what was shared out stays.

    Raises:
        MarketUnknown: there is none.
        InvalidInput: no such rule.
    """
    if rule not in set(ShortageRule):
        raise InvalidInput(field="rule", reason="unknown")
    market = session.get(Market, market_id)
    if market is None:
        raise MarketUnknown(market_id=market_id)
    market.shortage_rule = ShortageRule(rule)
    session.flush()
