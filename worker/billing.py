"""Invoices: issued when the money is in, a cycle at once when the desk asks, credited on refund."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session
from structlog import get_logger

from shop.billing import paper
from shop.billing.services import crediting, invoice_files, invoice_runs, invoicing, purchases
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.queries import refunds as refund_queries
from shop.orders.services.refunds import REFUNDED
from shop.orders.services.settlement import SETTLED
from worker.handlers import handles, listens

log = get_logger()

AT_ONCE = 50
"""Orders or files in one transaction: enough to be quick, few enough to see it move."""

T = TypeVar("T")


@listens(SETTLED)
def invoice_order(order_id: int, nth: int = 1) -> None:
    """Invoice an order whose money is in; what lacks is shown to the desk, which tries again."""
    with unit_of_work() as session:
        outcome = invoicing.issue_for_orders(
            session, [order_id], at=clock.now(), translate=paper.translate
        )
        _credit(session, [order_id])
    if outcome.blockers:
        log.info("invoices_wait", order=order_id, lacks=[b.lack.value for b in outcome.blockers])


@listens(REFUNDED)
def credit_refund(order_id: int, refund_id: int) -> None:
    """Write credit notes for what was given back of an order that was invoiced."""
    with unit_of_work() as session:
        view = refund_queries.by_id(session, refund_id)
        crediting.credit_refund(session, view, at=clock.now(), words=paper.refund_reason)


@handles(invoice_runs.RUN_TOPIC, long=True)
def issue_cycle(run_id: int) -> None:
    """Issue, then print, the invoices of a cycle; a try that was cut goes on where it was."""
    with unit_of_work() as session:
        task = invoice_runs.start(session, run_id, at=clock.now())
    if task is None:
        return
    for some in _handfuls(task.order_ids):
        with unit_of_work() as session:
            outcome = invoicing.issue_for_orders(
                session, some, at=clock.now(), by=task.asked_by, translate=paper.translate
            )
            _credit(session, some)
            waiting = {blocker.order_number for blocker in outcome.blockers}
            invoice_runs.hear(session, run_id, orders_done=len(some), blocked=len(waiting))
    with unit_of_work() as session:
        purchases.issue_for_cycle(
            session,
            task.market_id,
            task.cycle_id,
            at=clock.now(),
            by=task.asked_by,
            translate=paper.translate,
        )
    with unit_of_work() as session:
        unprinted = invoice_files.unprinted_of_cycle(session, task.market_id, task.cycle_id)
        invoice_runs.hear(session, run_id, files=len(unprinted))
    for some in _handfuls(unprinted):
        with reading() as session:
            to_print = invoice_files.unprinted(session, some)
        files = {each.id: paper.print_invoice(each.invoice, each.xml) for each in to_print}
        with unit_of_work() as session:
            for invoice_id, pdf in files.items():
                invoice_files.keep(session, invoice_id, pdf)
            invoice_runs.hear(session, run_id, files_done=len(some))
    with unit_of_work() as session:
        invoice_runs.finish(session, run_id, at=clock.now())


def _credit(session: Session, order_ids: Sequence[int]) -> None:
    """What was given back before the invoice could be written."""
    crediting.credit_refunds(session, order_ids, at=clock.now(), words=paper.refund_reason)


def _handfuls(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
