"""Give money back: look, ask, note; and pass on what happened."""

from __future__ import annotations

from structlog import get_logger

from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayRefused
from shop.orders.ports import PaymentGateway, RefundView
from shop.orders.queries import refunds as queries
from shop.orders.services import payments, refunds
from shop.orders.services.settlement import SETTLED
from worker.handlers import announces, handles
from worker.receipts import send_about

log = get_logger()

announces(SETTLED)
announces(refunds.REFUNDED)
announces(refunds.REFUND_BOUNCED)


@handles(refunds.REFUND_TOPIC)
def give_back(refund_id: int) -> None:
    """Hand a refund over, once, however often this runs and wherever it was cut."""
    with unit_of_work() as session:
        call = refunds.prepare(session, refund_id, clock.now())
    if call is None:
        return
    try:
        seen = (_made_before(call) if call.resumed else None) or port(PaymentGateway).refund(
            call.request
        )
    except GatewayRefused as refusal:
        with unit_of_work() as session:
            refunds.record_refusal(session, refund_id, refusal, clock.now())
        return
    with unit_of_work() as session:
        refunds.record(session, refund_id, seen, clock.now())


def refresh_refunds(payment_id: int) -> None:
    """Look at the refunds of a payment at the provider and note what is there."""
    with reading() as session:
        where = payments.look(session, payment_id)
        if not where.intent_id or not refunds.on_the_way(session, payment_id):
            return
    for seen in port(PaymentGateway).refunds(where.intent_id):
        with unit_of_work() as session:
            refund_id = refunds.by_provider(session, seen)
            if refund_id is None:
                # Made at the provider by hand: reconciliation shows it, nothing is guessed here.
                log.warning("refund_not_ours", refund=seen.id, intent=where.intent_id)
                continue
            refunds.record(session, refund_id, seen, clock.now())


@handles(refunds.MAIL_REFUNDED)
def send_order_refunded(order_id: int, refund_id: int) -> None:
    """Tell the customer what is given back, why, and when it arrives."""
    with reading() as session:
        refund = queries.by_id(session, refund_id)
    send_about("order_refunded", order_id, suffix=f".{refund_id}", refund=refund)


def _made_before(call: refunds.RefundCall) -> RefundView | None:
    """The refund that an earlier try has made; the provider forgets keys after a day."""
    for seen in port(PaymentGateway).refunds(call.request.intent_id):
        if seen.metadata.get("refund") == str(call.refund_id):
            return seen
    return None
