"""What of a cycle is not in its rounds at all, and why: before any search looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from shop.catalog.queries import producers
from shop.orders.queries import demand


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Farms and orders that no round is planned for."""

    farms: list[str]
    """They declared that they bring nothing."""
    orders: list[str]
    """Numbers of orders that are not paid for."""

    def __bool__(self) -> bool:
        return bool(self.farms or self.orders)


def left_behind(session: Session, cycle_id: int) -> LeftBehind:
    """What the problem of a cycle leaves out; three questions."""
    keys = demand.farms_without(session, cycle_id)
    makers = producers.by_ids(session, keys) if keys else {}
    return LeftBehind(
        sorted(maker.name for maker in makers.values()), demand.not_firm(session, cycle_id)
    )
