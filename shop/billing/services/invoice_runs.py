"""Issue and print the invoices of a whole cycle, a handful at a time, and say how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.billing.domain.lifecycles import INVOICE_RUN
from shop.billing.models import InvoiceRun, IssuedInvoice
from shop.infra import outbox
from shop.infra.transitions import advance
from shop.orders.queries import billed

RUN_TOPIC = "billing.issue_cycle"

OPEN = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class RunTask:
    """What a run has to do: orders to invoice, in their order."""

    market_id: int
    cycle_id: int
    order_ids: tuple[int, ...]
    asked_by: int | None


def ask(
    session: Session, market_id: int, cycle_id: int, *, at: datetime, by: int | None = None
) -> int:
    """Ask for the invoices of a cycle; a run that is under way is joined, not doubled."""
    open_run = session.scalar(
        select(InvoiceRun.id)
        .where(InvoiceRun.market_id == market_id, InvoiceRun.cycle_id == cycle_id)
        .where(InvoiceRun.state.in_(OPEN))
    )
    if open_run is not None:
        return open_run
    run = InvoiceRun(market_id=market_id, cycle_id=cycle_id, asked_at=at, asked_by=by)
    session.add(run)
    session.flush()
    outbox.post(session, RUN_TOPIC, key=f"invoice_run:{run.id}", run_id=run.id)
    return run.id


def start(session: Session, run_id: int, *, at: datetime) -> RunTask | None:
    """Begin, or go on where a try was cut; None when it is over already."""
    run = session.get_one(InvoiceRun, run_id, with_for_update=True)
    if run.state not in OPEN:
        return None
    advance(session, INVOICE_RUN, run, "start", at=at)
    order_ids = billed.to_bill(session, run.market_id, run.cycle_id)
    run.orders = len(order_ids)
    run.orders_done = run.blocked = 0
    return RunTask(run.market_id, run.cycle_id, tuple(order_ids), run.asked_by)


def hear(
    session: Session,
    run_id: int,
    *,
    orders_done: int = 0,
    blocked: int = 0,
    files: int | None = None,
    files_done: int = 0,
) -> None:
    """Note how far a run got."""
    values: dict[Any, Any] = {
        InvoiceRun.orders_done: InvoiceRun.orders_done + orders_done,
        InvoiceRun.blocked: InvoiceRun.blocked + blocked,
        InvoiceRun.files_done: InvoiceRun.files_done + files_done,
    }
    if files is not None:
        values[InvoiceRun.files] = files
        values[InvoiceRun.files_done] = 0
    session.execute(update(InvoiceRun).where(InvoiceRun.id == run_id).values(values))


def finish(session: Session, run_id: int, *, at: datetime) -> None:
    """Note that all is issued and printed."""
    run = session.get_one(InvoiceRun, run_id, with_for_update=True)
    if run.state != "running":
        return
    run.issued = (
        session.scalar(
            select(func.count())
            .select_from(IssuedInvoice)
            .where(IssuedInvoice.market_id == run.market_id)
            .where(IssuedInvoice.cycle_id == run.cycle_id)
        )
        or 0
    )
    run.finished_at = at
    advance(session, INVOICE_RUN, run, "finish", at=at)
