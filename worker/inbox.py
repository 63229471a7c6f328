"""Handle what arrived from outside, after it was kept and answered."""

from __future__ import annotations

from shop.infra import inbox
from shop.infra.unit_of_work import reading
from shop.orders.services.payments import PROVIDER
from worker.disputes import refresh_disputes
from worker.handlers import handles
from worker.orders import provider_says
from worker.refunds import refresh_refunds


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
