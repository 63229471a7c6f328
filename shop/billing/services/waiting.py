"""What of a cycle is not invoiced yet, and what lacks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shop.billing.domain.sellers import Blocker, Lack
from shop.billing.services import drafting, invoicing
from shop.billing.services.drafting import Translate
from shop.orders.queries import billed


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing that lacks, and how many orders wait for it."""

    lack: Lack
    who: str
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Orders that came to something, and what keeps invoices back."""

    orders: int
    lacking: tuple[Lacking, ...]


def of_cycle(
    session: Session, market_id: int, cycle_id: int, *, at: datetime, translate: Translate
) -> Waiting:
    """What would keep invoices of a cycle back if they were issued now."""
    order_ids = billed.to_bill(session, market_id, cycle_id)
    orders = list(billed.by_ids(session, order_ids).values())
    day = invoicing.local_day(session, market_id, at)
    on = drafting.ground(session, market_id, day, orders, translate)
    blockers: list[Blocker] = []
    for order in orders:
        blockers += drafting.drafts_of(order, on)[1]
    return Waiting(len(orders), _together(blockers))


def _together(blockers: list[Blocker]) -> tuple[Lacking, ...]:
    """The same lack once, with its orders; what most orders wait for first."""
    orders: dict[tuple[Lack, str], dict[str, None]] = {}
    for blocker in blockers:
        orders.setdefault((blocker.lack, blocker.who), {})[blocker.order_number] = None
    found = [Lacking(lack, who, tuple(numbers)) for (lack, who), numbers in orders.items()]
    return tuple(sorted(found, key=lambda each: -len(each.orders)))
