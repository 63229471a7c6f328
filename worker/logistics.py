"""What follows a closing night in the hub; safe to run twice."""

from __future__ import annotations

from structlog import get_logger

from shop.catalog.queries import cycles
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.services import crates, promises
from worker.cycle_close import CRATES_TOPIC
from worker.handlers import handles

log = get_logger()


@handles(CRATES_TOPIC)
def make_crates(cycle_id: int) -> None:
    """Number the crates of a cycle that closed; a second time adds none."""
    with unit_of_work() as session:
        made = crates.make_crates(session, cycle_id)
    log.info("crates_made", cycle=cycle_id, crates=made)


def refresh_promises() -> None:
    """Fit the orders of sales that are open into the rounds kept for them."""
    with reading() as session:
        selling = cycles.open_ids(session)
    for cycle_id in selling:
        with unit_of_work() as session:
            changed = promises.refresh(session, cycle_id, at=clock.now())
        if changed:
            log.info("promises_refreshed", cycle=cycle_id)
