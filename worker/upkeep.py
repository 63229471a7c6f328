"""What is looked after by the clock: the books have to add up, door codes are forgotten."""

from __future__ import annotations

from structlog import get_logger

from shop.billing.queries import proofs as billing_proofs
from shop.catalog.services import allotment
from shop.infra import clock
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.queries import accounts
from shop.orders.services import forgetting

log = get_logger()


def prove_books() -> None:
    """Prove the ledger and the allotments; what does not add up is an error in the log."""
    with reading() as session:
        proofs = [*accounts.prove(session), *billing_proofs.prove(session)]
        broken = [proof for proof in proofs if not proof.holds]
        adrift = allotment.check(session)
    for proof in broken:
        log.error("ledger_does_not_prove", proof=proof.name, wrong=proof.wrong[:20])
    for found in adrift:
        log.error("allotment_does_not_add_up", offer=found.offer_id)
    if not broken and not adrift:
        log.info("books_add_up")


def forget_door_codes() -> None:
    """Delete door codes that have served."""
    with unit_of_work() as session:
        count = forgetting.forget_door_codes(session, clock.now())
    if count:
        log.info("door_codes_forgotten", count=count)
