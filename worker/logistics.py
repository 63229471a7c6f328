"""What follows a closing night in the hub; safe to run twice."""

from __future__ import annotations

from structlog import get_logger

from shop.catalog.queries import cycles
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.queries import round_changes
from shop.logistics.services import crates, promises
from shop.logistics.services.publishing import CUSTOMER_TOPIC
from shop.orders.queries import order_page
from worker.cycle_close import CRATES_TOPIC
from worker.handlers import handles
from worker.receipts import send_about

log = get_logger()


@handles(CRATES_TOPIC)
def make_crates(cycle_id: int) -> None:
    """Number the crates of a cycle that closed; a second time adds none."""
    with unit_of_work() as session:
        made = crates.make_crates(session, cycle_id)
    log.info("crates_made", cycle=cycle_id, crates=made)


@handles(CUSTOMER_TOPIC)
def send_order_moved(order_id: int) -> None:
    """Tell a customer at home that the truck comes at another hour; nothing once it came."""
    with reading() as session:
        order = order_page.by_id(session, order_id)
        comes_at = round_changes.arrival_at_door(session, order_id)
    if order.state == "firm" and comes_at is not None:
        suffix = f".{int(comes_at.timestamp())}"
        send_about("order_moved", order_id, suffix=suffix, comes_at=comes_at)


def refresh_promises() -> None:
    """Fit the orders of sales that are open into the rounds kept for them."""
    with reading() as session:
        selling = cycles.open_ids(session)
    for cycle_id in selling:
        with unit_of_work() as session:
            changed = promises.refresh(session, cycle_id, at=clock.now())
        if changed:
            log.info("promises_refreshed", cycle=cycle_id)
