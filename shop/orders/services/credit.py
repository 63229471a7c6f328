"""Credit of customers: given by the desk with a reason, by a refund, spent with an order."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import WayRefused
from shop.orders.services import purses

LARGEST = Money(50_000)
"""More at a time is a mistake of typing."""


def give(
    session: Session,
    market_id: int,
    person_id: int,
    amount: Money,
    *,
    reason: str,
    key: str,
    by: int,
) -> bool:
    """The desk gives goodwill credit, at the market's cost; False when ``key`` was given before.

    Raises:
        WayRefused: no reason, or an amount that makes no sense.
    """
    if not reason.strip():
        raise WayRefused(field="reason", reason="reason")
    if not Money.zero() < amount <= LARGEST:
        raise WayRefused(field="amount", reason="amount")
    return purses.put(
        session,
        purses.credit_of(person_id),
        amount,
        market_id=market_id,
        source=Account(AccountKind.MARKET, market_id),
        key=f"goodwill:{key}",
        kind="goodwill",
        facts={"reason": reason.strip(), "by": by},
    )
