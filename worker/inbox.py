"""Handle what arrived from outside, after it was kept and answered."""

from __future__ import annotations

from datetime import timedelta

from structlog import get_logger

from shop.infra import clock, inbox
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayUnavailable
from shop.orders.ports import PaymentGateway
from shop.orders.services import payments
from shop.orders.services.payments import PROVIDER
from worker.disputes import refresh_disputes
from worker.handlers import handles
from worker.orders import provider_says
from worker.refunds import refresh_refunds

log = get_logger()

LOOK_BACK = timedelta(hours=26)
"""The provider's letters are a day old at most before we ask for them ourselves."""


@handles(inbox.TOPIC)
def handle_arrival(inbox_id: int) -> None:
    """Give an event to the room it is about; what nobody knows stays in the inbox, unread."""
    with reading() as session:
        arrived = inbox.get(session, inbox_id)
        source, kind, payload = arrived.source, arrived.kind, arrived.payload
    if source == PROVIDER and (intent_id := payload.get("intent_id") or payload.get("setup_id")):
        payment_id = provider_says(intent_id)
        if payment_id is not None:
            refresh_refunds(payment_id)
            if kind.startswith("charge.dispute"):
                refresh_disputes(payment_id)


def hear_lost_messages() -> None:
    """Fetch what the provider has told in the last day; what had arrived is known by its key.

    A message may be lost for good: an open dispute would never be seen.
    """
    try:
        events = port(PaymentGateway).events_since(clock.now() - LOOK_BACK)
    except GatewayUnavailable as error:
        log.warning("provider_away", error=str(error))
        return
    with reading() as session:
        lost = payments.unheard(session, events)
    found = 0
    for event in lost:
        with unit_of_work() as session:
            found += payments.keep_event(session, event)
    if found:
        log.info("messages_found_again", messages=found)
