"""What of a cycle is not invoiced yet, and what lacks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.billing.domain.invoice_terms import InvoiceKind
from shop.billing.domain.sellers import Blocker, Lack
from shop.billing.models import IssuedInvoice
from shop.billing.services import drafting, invoicing
from shop.billing.services.drafting import Translate
from shop.kernel.money import Money
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
    wanted = billed.amounts(session, market_id, cycle_id)
    done = _invoiced(session, market_id, cycle_id)
    # Only those of which something is left to invoice are looked at: of a large cycle, few.
    open_ids = [order_id for order_id, amount in wanted.items() if done.get(order_id) != amount]
    orders = list(billed.by_ids(session, open_ids).values())
    day = invoicing.local_day(session, market_id, at)
    on = drafting.ground(session, market_id, day, orders, translate)
    blockers: list[Blocker] = []
    for order in orders:
        blockers += drafting.drafts_of(order, on)[1]
    return Waiting(len(wanted), _together(blockers))


def _invoiced(session: Session, market_id: int, cycle_id: int) -> dict[int, Money]:
    """What was invoiced of each order, whatever was credited since."""
    rows = session.execute(
        select(IssuedInvoice.order_id, func.sum(IssuedInvoice.gross_cents))
        .where(IssuedInvoice.market_id == market_id, IssuedInvoice.cycle_id == cycle_id)
        .where(IssuedInvoice.kind == InvoiceKind.INVOICE, IssuedInvoice.order_id.is_not(None))
        .group_by(IssuedInvoice.order_id)
    )
    return {int(row[0] or 0): Money(int(row[1])) for row in rows}


def _together(blockers: list[Blocker]) -> tuple[Lacking, ...]:
    """The same lack once, with its orders; what most orders wait for first."""
    orders: dict[tuple[Lack, str], dict[str, None]] = {}
    for blocker in blockers:
        orders.setdefault((blocker.lack, blocker.who), {})[blocker.order_number] = None
    found = [Lacking(lack, who, tuple(numbers)) for (lack, who), numbers in orders.items()]
    return tuple(sorted(found, key=lambda each: -len(each.orders)))
