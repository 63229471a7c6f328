"""The payment provider behind its own SDK; in simulation, the same SDK on another address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from shop.adapters import stripe_reading as reading
from shop.adapters.stripe_core import (
    API_VERSION,
    EVENT_AGE_S,
    INTENT_PARTS,
    PAGE,
    UNREADABLE,
    capture_word,
    present,
    signed_at,
)
from shop.adapters.stripe_errors import translated
from shop.adapters.stripe_people import StripePeople
from shop.adapters.stripe_shares import StripeShares
from shop.kernel.money import Money
from shop.orders.ports import (
    CaptureRequest,
    DisputeView,
    EventRefused,
    EvidenceRequest,
    GatewayEvent,
    KeptMethodCharge,
    PaymentIntentView,
    PaymentRequest,
    RefundRequest,
    RefundView,
)

__all__ = ["API_VERSION", "StripeGateway"]


class StripeGateway(StripePeople, StripeShares):
    """Payments through Stripe; every call has a time limit, every deed an idempotency key."""

    def open_payment(self, request: PaymentRequest) -> PaymentIntentView:
        """Prepare a payment that the customer confirms on a page."""
        params: dict[str, Any] = {
            "amount": request.amount.cents,
            "currency": self._currency,
            "capture_method": capture_word(request.capture, request.methods),
            "allowed_payment_method_types": [kind.value for kind in request.methods],
            "metadata": dict(request.metadata),
            "expand": INTENT_PARTS,
        }
        if request.may_grow:
            growth = {"request_incremental_authorization": "if_available"}
            params["payment_method_options"] = {"card": growth}
        params |= present(
            customer=request.customer_id,
            description=request.description,
            transfer_group=request.transfer_group,
            setup_future_usage="off_session" if request.keep_method else None,
        )
        with translated():
            intent = self._client.v1.payment_intents.create(
                params,  # type: ignore[arg-type]
                {"idempotency_key": request.key},
            )
            return reading.intent(intent, self._currency)

    def change_amount(self, intent_id: str, amount: Money, key: str) -> PaymentIntentView:
        """Correct the amount of a payment that the customer has not confirmed yet."""
        with translated():
            intent = self._client.v1.payment_intents.update(
                intent_id,
                {"amount": amount.cents, "expand": INTENT_PARTS},
                {"idempotency_key": key},
            )
            return reading.intent(intent, self._currency)

    def charge_kept(self, request: KeptMethodCharge) -> PaymentIntentView:
        """Charge (or authorize on) a kept card while the customer is away."""
        params: dict[str, Any] = {
            "amount": request.amount.cents,
            "currency": self._currency,
            "capture_method": capture_word(request.capture, (request.method_kind,)),
            "allowed_payment_method_types": [request.method_kind.value],
            "customer": request.customer_id,
            "payment_method": request.method_id,
            "off_session": True,
            "confirm": True,
            "metadata": dict(request.metadata),
            "expand": INTENT_PARTS,
        }
        params |= present(description=request.description, transfer_group=request.transfer_group)
        with translated():
            intent = self._client.v1.payment_intents.create(
                params,  # type: ignore[arg-type]
                {"idempotency_key": request.key},
            )
            return reading.intent(intent, self._currency)

    def payment(self, intent_id: str) -> PaymentIntentView:
        """The payment as it stands now."""
        with translated():
            intent = self._client.v1.payment_intents.retrieve(intent_id, {"expand": INTENT_PARTS})
            return reading.intent(intent, self._currency)

    def capture(self, request: CaptureRequest) -> PaymentIntentView:
        """Take at most what was authorized and free the rest."""
        params: dict[str, Any] = {
            "amount_to_capture": request.amount.cents,
            "expand": INTENT_PARTS,
        }
        params |= present(metadata=dict(request.metadata))
        with translated():
            intent = self._client.v1.payment_intents.capture(
                request.intent_id,
                params,  # type: ignore[arg-type]
                {"idempotency_key": request.key},
            )
            return reading.intent(intent, self._currency)

    def cancel(self, intent_id: str, key: str, reason: str | None = None) -> PaymentIntentView:
        """Free what was authorized; ``reason`` is one of Stripe's four words or ``None``."""
        params: dict[str, Any] = {"expand": INTENT_PARTS} | present(cancellation_reason=reason)
        with translated():
            intent = self._client.v1.payment_intents.cancel(
                intent_id,
                params,  # type: ignore[arg-type]
                {"idempotency_key": key},
            )
            return reading.intent(intent, self._currency)

    def refund(self, request: RefundRequest) -> RefundView:
        """Give back at most what was captured and not given back yet."""
        with translated():
            refund = self._client.v1.refunds.create(
                {
                    "payment_intent": request.intent_id,
                    "amount": request.amount.cents,
                    "metadata": dict(request.metadata),
                },
                {"idempotency_key": request.key},
            )
            return reading.refund(refund, self._currency)

    def refunds(self, intent_id: str) -> tuple[RefundView, ...]:
        """Every refund of captured money, oldest first."""
        with translated():
            page = self._client.v1.refunds.list({"payment_intent": intent_id, "limit": PAGE})
            found = list(page.auto_paging_iter())
            return tuple(reading.refund(one, self._currency) for one in reversed(found))

    def increase(self, intent_id: str, amount: Money, key: str) -> PaymentIntentView:
        """Make a reservation larger, up to ``amount`` in all."""
        with translated():
            intent = self._client.v1.payment_intents.increment_authorization(
                intent_id,
                {"amount": amount.cents, "expand": INTENT_PARTS},
                {"idempotency_key": key},
            )
            return reading.intent(intent, self._currency)

    def payments_of(self, customer_id: str, since: datetime) -> tuple[PaymentIntentView, ...]:
        """Every payment of a customer from ``since`` on, oldest first.

        A list, not a search: Stripe's search may lag behind by a minute.
        """
        with translated():
            page = self._client.v1.payment_intents.list(
                {
                    "customer": customer_id,
                    "created": {"gte": int(since.timestamp())},
                    "limit": PAGE,
                    "expand": [f"data.{part}" for part in INTENT_PARTS],
                }
            )
            found = [reading.intent(one, self._currency) for one in page.auto_paging_iter()]
            return tuple(reversed(found))

    def disputes(self, intent_id: str) -> tuple[DisputeView, ...]:
        """Every dispute of a payment, oldest first."""
        with translated():
            page = self._client.v1.disputes.list({"payment_intent": intent_id, "limit": PAGE})
            found = [reading.dispute(one, self._currency) for one in page.auto_paging_iter()]
            return tuple(reversed(found))

    def answer_dispute(self, request: EvidenceRequest) -> DisputeView:
        """Hand in what is said about a dispute; the bank reads it once."""
        params: Any = {"evidence": dict(request.fields), "submit": True}
        with translated():
            made = self._client.v1.disputes.update(
                request.dispute_id, params, {"idempotency_key": request.key}
            )
            return reading.dispute(made, self._currency)

    # what Stripe tells us

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """The message, when its signature is right and no older than five minutes.

        Raises:
            EventRefused: otherwise; nothing of the message may be believed.
        """
        try:
            stripe.WebhookSignature.verify_header(payload, signature, self._webhook_secret)
            moment = datetime.fromtimestamp(signed_at(signature), UTC)
            event = reading.event(self._client.construct_event_without_verification(payload))
        except UNREADABLE as error:
            raise EventRefused(reason=str(error)[:200]) from error
        if abs(self._now() - moment) > timedelta(seconds=EVENT_AGE_S):
            raise EventRefused(reason="sent too long ago, or in the future")
        return event

    def events_since(self, since: datetime) -> tuple[GatewayEvent, ...]:
        """Every event from ``since`` on, oldest first (Stripe keeps them for thirty days)."""
        with translated():
            page = self._client.v1.events.list(
                {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
            )
            found = [reading.event(one) for one in page.auto_paging_iter()]
        return tuple(reversed(found))
