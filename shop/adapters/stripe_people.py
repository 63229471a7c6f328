"""People at Stripe, and the cards and accounts that they keep there."""

from __future__ import annotations

from typing import Any

from shop.adapters import stripe_reading as reading
from shop.adapters.stripe_core import (
    INTENT_PARTS,
    PAGE,
    StripeCore,
    present,
)
from shop.adapters.stripe_errors import translated
from shop.orders.ports import (
    CustomerRequest,
    KeepMethodRequest,
    MethodView,
    PaymentIntentView,
    SetupIntentView,
)


class StripePeople(StripeCore):
    """Customers, their means of payment, and the keeping of those."""

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

    def pay_with(
        self, intent_id: str, method_id: str, key: str, return_url: str
    ) -> PaymentIntentView | SetupIntentView:
        """Pay an open payment (or secure a later one) with a kept card while its owner is there."""
        with translated():
            if intent_id.startswith("seti_"):
                kept = self._client.v1.setup_intents.confirm(
                    intent_id,
                    {
                        "payment_method": method_id,
                        "return_url": return_url,
                        "expand": ["payment_method"],
                    },
                    {"idempotency_key": key},
                )
                return reading.setup(kept)
            intent = self._client.v1.payment_intents.confirm(
                intent_id,
                {"payment_method": method_id, "return_url": return_url, "expand": INTENT_PARTS},
                {"idempotency_key": key},
            )
            return reading.intent(intent, self._currency)
