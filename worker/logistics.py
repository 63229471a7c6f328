"""What follows a closing night in the hub; safe to run twice."""

from __future__ import annotations

from structlog import get_logger

from shop.infra.unit_of_work import unit_of_work
from shop.logistics.services import crates
from worker.cycle_close import CRATES_TOPIC
from worker.handlers import handles

log = get_logger()


@handles(CRATES_TOPIC)
def make_crates(cycle_id: int) -> None:
    """Number the crates of a cycle that closed; a second time adds none."""
    with unit_of_work() as session:
        made = crates.make_crates(session, cycle_id)
    log.info("crates_made", cycle=cycle_id, crates=made)
