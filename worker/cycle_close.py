"""The flow of a closing night: freeze, purchase orders, crates; each step safe to run again."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from structlog import get_logger

from shop.catalog.services import cycles
from shop.infra import clock, outbox
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.lifecycle import IllegalTransition
from shop.orders.services import closing, purchasing
from worker.handlers import handles

log = get_logger()

PATIENCE = timedelta(seconds=30)
"""How long to wait before looking again whether the last customers have paid."""

CRATES_TOPIC = "logistics.make_crates"


def open_and_close_due_cycles() -> None:
    """Open what is due to open, close what is due to close; each in its own unit of work."""
    now = clock.now()
    with reading() as session:
        to_open = cycles.due_to_open(session, now)
        to_close = cycles.due_to_close(session, now)
    for cycle_id in to_open:
        with suppress(IllegalTransition), unit_of_work() as session:
            cycles.open_cycle(session, cycle_id, at=now)
    for cycle_id in to_close:
        with suppress(IllegalTransition), unit_of_work() as session:
            cycles.close_cycle(session, cycle_id, at=now, reason="the clock")


@handles(cycles.CLOSED_TOPIC)
def follow_closing(cycle_id: int) -> None:
    """Once nobody is at the payment page any more: orders are firm, producers are asked.

    Unpaid orders end by themselves after a few minutes, so the wait has an end.
    """
    now = clock.now()
    with unit_of_work() as session:
        if closing.awaiting_payment(session, cycle_id):
            outbox.post(session, cycles.CLOSED_TOPIC, due_at=now + PATIENCE, cycle_id=cycle_id)
            return
        firm = closing.confirm_orders(session, cycle_id, at=now)
        issued = purchasing.issue(session, cycle_id, at=now)
        outbox.post(session, CRATES_TOPIC, key=f"{CRATES_TOPIC}:{cycle_id}", cycle_id=cycle_id)
    log.info("cycle_closed", cycle=cycle_id, orders=len(firm), purchase_orders=len(issued))
