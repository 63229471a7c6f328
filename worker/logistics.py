"""What follows a closing night in the hub; safe to run twice."""

from __future__ import annotations

from structlog import get_logger

from shop.catalog.queries import cycles
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.queries import arrivals as known
from shop.logistics.queries import round_changes
from shop.logistics.services import arrivals, crates, promises
from shop.logistics.services.arrivals import LETTER_TOPIC
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
    now = clock.now()
    with reading() as session:
        order = order_page.by_id(session, order_id)
        comes_at = round_changes.arrival_at_door(session, order_id)
        coming = known.of_order(session, order_id, now)
    if order.state != "firm" or comes_at is None:
        return
    expected = (coming and coming.expected) or known.about(comes_at, now)
    send_about(
        "order_moved",
        order_id,
        suffix=f".{int(comes_at.timestamp())}",
        from_at=expected.from_at,
        until_at=expected.until_at,
    )


@handles(LETTER_TOPIC)
def send_arrival(order_id: int, count: int) -> None:
    """Tell a customer when the truck comes; nothing when that has changed again, or it came."""
    with reading() as session:
        order = order_page.by_id(session, order_id)
        news = known.announced(session, order_id)
    if order.state != "firm" or news is None or news.count != count:
        return
    send_about(
        "arrival_today" if count == 1 else "arrival_changed",
        order_id,
        suffix=f".{count}",
        from_at=news.from_at,
        until_at=news.until_at,
    )


def refresh_arrivals() -> None:
    """Estimate again where nothing was heard: time passes on the road, and people wait."""
    now = clock.now()
    with reading() as session:
        rounds = known.on_the_road(session, now)
    for round_id in rounds:
        with unit_of_work() as session:
            arrivals.refresh(session, [round_id], at=now)


def refresh_promises() -> None:
    """Fit the orders of sales that are open into the rounds kept for them."""
    with reading() as session:
        selling = cycles.open_ids(session)
    for cycle_id in selling:
        with unit_of_work() as session:
            changed = promises.refresh(session, cycle_id, at=clock.now())
        if changed:
            log.info("promises_refreshed", cycle=cycle_id)
