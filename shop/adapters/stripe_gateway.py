"""The payment provider behind its own SDK; in simulation, the same SDK on another address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import requests
import stripe

from shop.adapters import stripe_reading as reading
from shop.adapters.stripe_errors import translated
from shop.kernel.errors import GatewayRefused
from shop.kernel.money import Money
from shop.orders.ports import (
    Balance,
    BalanceEntry,
    CaptureMode,
    CaptureRequest,
    CustomerRequest,
    EventRefused,
    GatewayEvent,
    KeepMethodRequest,
    KeptMethodCharge,
    MethodKind,
    MethodView,
    PayeeRequest,
    PaymentIntentView,
    PaymentRequest,
    RefundRequest,
    RefundView,
    ReversalRequest,
    ReversalView,
    SetupIntentView,
    TransferRequest,
    TransferView,
)

API_VERSION = "2026-10-28.endive"
TIMEOUT_S = 20
RETRIES = 2
EVENT_AGE_S = 300
PAGE = 100
UNREADABLE = (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError)
INTENT_PARTS = ["latest_charge.balance_transaction", "payment_method"]


class StripeGateway:
    """Payments through Stripe; every call has a time limit, every deed an idempotency key.

    ``api_base`` is the simulator's address, ``None`` for Stripe itself; ``page_base`` where
    browsers find the simulator's pages when that differs.

    Raises:
        ValueError: a simulator's key or address outside of a simulation.
    """

    def __init__(
        self,
        *,
        api_key: str,
        webhook_secret: str,
        public_key: str = "",
        currency: str = "eur",
        api_base: str | None = None,
        page_base: str | None = None,
        simulation: bool = False,
        http_client: stripe.HTTPClient | None = None,
        now: Callable[[], datetime] | None = None,
        retries: int = RETRIES,
    ) -> None:
        names_simulator = "sim" in api_key.split("_")
        if not simulation and (api_base is not None or names_simulator):
            raise ValueError("a simulator's key or address is not for production")
        if simulation and not names_simulator:
            raise ValueError("a simulation wants the simulator's key, never a real one")
        if simulation and api_base is None and http_client is None:
            raise ValueError("a simulation wants the simulator's address")
        self._public_key = public_key
        self._simulation = simulation
        self._webhook_secret = webhook_secret
        self._currency = currency
        self._page_base = api_base if page_base is None else page_base
        self._now = now or (lambda: datetime.now(UTC))
        bases: Any = {"api": api_base} if api_base else None
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses=bases,
            max_network_retries=retries,
            http_client=http_client or web_client(near=api_base is not None),
        )

    @property
    def public_key(self) -> str:
        """The key that the payment page in the browser may know."""
        return self._public_key

    @property
    def simulated(self) -> bool:
        """Whether no real money can move."""
        return self._simulation

    def hosted_page_url(self, client_secret: str, return_url: str) -> str | None:
        """The simulator's card page; ``None`` when Stripe's own form is to be shown."""
        if not self._simulation or self._page_base is None:
            return None
        query = urlencode({"return_url": return_url})
        return f"{self._page_base}/pay/{client_secret}?{query}"

    # people and their means of payment

    def create_customer(self, request: CustomerRequest) -> str:
        """Make the person known to Stripe; answers Stripe's id."""
        with translated():
            customer = self._client.v1.customers.create(
                {
                    "email": request.email,
                    "name": request.name,
                    "preferred_locales": [request.language],
                    "metadata": {"reference": request.reference},
                },
                {"idempotency_key": request.key},
            )
        return customer.id

    def method(self, method_id: str) -> MethodView:
        """A means of payment as shown to people."""
        with translated():
            return reading.method(self._client.v1.payment_methods.retrieve(method_id))

    def kept_methods(self, customer_id: str) -> tuple[MethodView, ...]:
        """What this customer agreed to keep, newest first."""
        with translated():
            page = self._client.v1.customers.payment_methods.list(customer_id, {"limit": PAGE})
            return tuple(reading.method(one) for one in page.auto_paging_iter())

    def forget_method(self, method_id: str, key: str) -> None:
        """Throw a kept means of payment away."""
        with translated():
            self._client.v1.payment_methods.detach(method_id, {}, {"idempotency_key": key})

    # payments

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

    # keeping a card

    def open_keeping(self, request: KeepMethodRequest) -> SetupIntentView:
        """Prepare the keeping of a card that the customer confirms on a page."""
        params: dict[str, Any] = {
            "customer": request.customer_id,
            "allowed_payment_method_types": [kind.value for kind in request.methods],
            "usage": "off_session",
            "metadata": dict(request.metadata),
            "expand": ["payment_method"],
        }
        params |= present(description=request.description)
        with translated():
            setup = self._client.v1.setup_intents.create(
                params,  # type: ignore[arg-type]
                {"idempotency_key": request.key},
            )
            return reading.setup(setup)

    def keeping(self, setup_id: str) -> SetupIntentView:
        """The keeping of a card as it stands now."""
        with translated():
            return reading.setup(
                self._client.v1.setup_intents.retrieve(setup_id, {"expand": ["payment_method"]})
            )

    def cancel_keeping(self, setup_id: str, key: str) -> SetupIntentView:
        """Give up the keeping of a card."""
        with translated():
            return reading.setup(
                self._client.v1.setup_intents.cancel(
                    setup_id, {"expand": ["payment_method"]}, {"idempotency_key": key}
                )
            )

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

    # our balance, and the producers' shares

    def balance(self) -> Balance:
        """What Stripe holds for us now."""
        with translated():
            return reading.balance(self._client.v1.balance.retrieve(), self._currency)

    def balance_entries(self, since: datetime, until: datetime) -> tuple[BalanceEntry, ...]:
        """Movements created in ``since`` ≤ t < ``until``, oldest first."""
        span: Any = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        with translated():
            page = self._client.v1.balance_transactions.list({"created": span, "limit": PAGE})
            found = [reading.entry(one, self._currency) for one in page.auto_paging_iter()]
        return tuple(reversed(found))

    def open_payee(self, request: PayeeRequest) -> str:
        """Open a producer's account at Stripe; answers its id."""
        with translated():
            account = self._client.v1.accounts.create(
                {
                    "country": request.country,
                    "email": request.email,
                    "controller": {
                        "fees": {"payer": "application"},
                        "losses": {"payments": "application"},
                        "stripe_dashboard": {"type": "express"},
                    },
                    "capabilities": {"transfers": {"requested": True}},
                    "metadata": dict(request.metadata),
                },
                {"idempotency_key": request.key},
            )
        return account.id

    def transfer(self, request: TransferRequest) -> TransferView:
        """Send a producer's share to their account."""
        params: dict[str, Any] = {
            "amount": request.amount.cents,
            "currency": self._currency,
            "destination": request.account_id,
            "metadata": dict(request.metadata),
        }
        params |= present(
            source_transaction=request.source_charge_id,
            transfer_group=request.transfer_group,
            description=request.description,
        )
        with translated():
            made = self._client.v1.transfers.create(
                params,  # type: ignore[arg-type]
                {"idempotency_key": request.key},
            )
            return reading.transfer(made, self._currency)

    def reverse_transfer(self, request: ReversalRequest) -> ReversalView:
        """Take back at most what was transferred and not taken back yet."""
        with translated():
            made = self._client.v1.transfers.reversals.create(
                request.transfer_id,
                {"amount": request.amount.cents, "metadata": dict(request.metadata)},
                {"idempotency_key": request.key},
            )
            return reading.reversal(made, self._currency)


def web_client(*, near: bool) -> stripe.HTTPClient:
    """A client with a time limit; a simulator nearby is reached past any proxy."""
    if not near:
        return stripe.RequestsClient(timeout=TIMEOUT_S)
    session = requests.Session()
    session.trust_env = False
    return stripe.RequestsClient(timeout=TIMEOUT_S, session=session)


def present(**values: Any) -> dict[str, Any]:
    """Those values that say something."""
    return {name: value for name, value in values.items() if value}


def capture_word(mode: CaptureMode, kinds: tuple[MethodKind, ...]) -> str:
    """How Stripe is to take the money; a bank debit cannot be reserved, only taken."""
    if mode is CaptureMode.MANUAL and MethodKind.SEPA_DEBIT in kinds:
        raise GatewayRefused(message="a bank debit cannot be authorized first")
    return mode.value


def signed_at(signature: str) -> int:
    """The moment of sending in a signature header, in seconds since 1970."""
    parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
    return int(parts["t"])
