"""Take the money of what was delivered: note, call, note."""

from __future__ import annotations

from datetime import timedelta

from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayRefused
from shop.orders.domain.terms import OperationKind
from shop.orders.ports import (
    AuthenticationRequired,
    CaptureRequest,
    CardDeclined,
    IntentStatus,
    KeptMethodCharge,
    MethodKind,
    PaymentGateway,
    PaymentIntentView,
    WrongStateAtGateway,
)
from shop.orders.services import owing, settlement
from shop.orders.services.fulfilment import CAPTURE_TOPIC
from worker import orders
from worker.handlers import handles

CLOCKS_DIFFER = timedelta(days=1)
"""How much earlier than ours the provider's clock may show a call."""

AUTHENTICATION = "authentication_required"


def refresh_owed_payments() -> None:
    """Look at what customers pay after the delivery: what the provider told may have been lost."""
    with reading() as session:
        waiting = owing.open_payments(session)
    orders.one_by_one(orders.refresh_payment, waiting)


@handles(CAPTURE_TOPIC)
def capture_payment(order_id: int) -> None:
    """Take what was delivered, once, however often this runs and wherever it was cut."""
    with unit_of_work() as session:
        call = settlement.prepare(session, order_id, at=clock.now())
    if call is None:
        return
    try:
        outcome = _ask(call)
    except GatewayRefused as refusal:
        with unit_of_work() as session:
            settlement.record_refusal(session, call, refusal, at=clock.now())
        return
    with unit_of_work() as session:
        settlement.record(session, call, outcome, at=clock.now())


def charged_before(call: settlement.MoneyCall) -> PaymentIntentView | None:
    """The charge that an earlier try made, found by our own mark on it.

    The provider forgets idempotency keys after a day; its list of a customer's payments it keeps.
    A charge that the bank refused is found too: nothing new is tried, its refusal is noted.

    Raises:
        AuthenticationRequired, CardDeclined: what was found had been refused.
    """
    if call.noted_at is None or not call.customer_id:
        return None
    since = call.noted_at - CLOCKS_DIFFER
    for seen in port(PaymentGateway).payments_of(call.customer_id, since):
        ours = seen.metadata.get("payment") == str(call.payment_id)
        if not ours or seen.id == call.intent_id:
            continue
        if seen.status in (IntentStatus.SUCCEEDED, IntentStatus.PROCESSING):
            return seen
        facts = {"intent_id": seen.id, "client_secret": seen.client_secret}
        if seen.last_decline_code == AUTHENTICATION or seen.last_error_code == AUTHENTICATION:
            raise AuthenticationRequired(**facts)
        if seen.last_error_code is not None:
            raise CardDeclined(decline_code=seen.last_decline_code, **facts)
    return None


def _ask(call: settlement.MoneyCall) -> PaymentIntentView | None:
    """Make the call; an answer « done already » is a success that was not noted in time."""
    gateway = port(PaymentGateway)
    metadata = {"order": call.order_number, "payment": str(call.payment_id)}
    if call.kind is OperationKind.CHARGE:
        if (made := charged_before(call)) is not None:
            return made
        return gateway.charge_kept(
            KeptMethodCharge(
                key=call.key,
                amount=call.amount,
                customer_id=call.customer_id or "",
                method_id=call.method_id or "",
                metadata=metadata,
                method_kind=MethodKind.SEPA_DEBIT if call.by_debit else MethodKind.CARD,
                description=call.order_number,
                transfer_group=call.order_number,
            )
        )
    intent_id = call.intent_id or ""
    try:
        if call.kind is OperationKind.CANCEL:
            if not intent_id.startswith("pi_"):
                return None
            return gateway.cancel(intent_id, call.key)
        return gateway.capture(CaptureRequest(call.key, intent_id, call.amount, metadata=metadata))
    except WrongStateAtGateway:
        seen = gateway.payment(intent_id)
        done = (
            seen.status == "canceled"
            if call.kind is OperationKind.CANCEL
            else seen.received == call.amount
        )
        if not done:
            raise
        return seen
