"""The application under measure: the shop itself, with a provider that answers at once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from flask import Flask

from shop.app import create_app
from shop.kernel.money import Money
from shop.orders.ports import (
    CustomerRequest,
    IntentStatus,
    KeepMethodRequest,
    PaymentGateway,
    PaymentIntentView,
    PaymentRequest,
    SetupIntentView,
)
from shop.settings import Settings

PAYING_TAKES_S = 5.0
"""How long people of the bench stand at the payment page before their bank says yes."""


class InstantGateway:
    """A provider without a network; all it knows of a payment is written in its name."""

    public_key = "pk_bench"
    simulated = True

    def hosted_page_url(self, client_secret: str, return_url: str) -> str | None:
        """There is no page of a provider here."""
        return None

    def create_customer(self, request: CustomerRequest) -> str:
        """Everybody is known."""
        return f"cus-{request.key}"

    def open_payment(self, request: PaymentRequest) -> PaymentIntentView:
        """A payment that is authorized once the time of paying is over."""
        order = request.metadata["order"]
        return self.payment(f"pi:{order}:{request.amount.cents}:{time.time_ns()}")

    def open_keeping(self, request: KeepMethodRequest) -> SetupIntentView:
        """A card that is kept at once."""
        return self.keeping(f"seti:{request.metadata['order']}:{request.customer_id}")

    def payment(self, intent_id: str) -> PaymentIntentView:
        """The payment as it stands now."""
        _, order, cents, began_ns = intent_id.split(":")
        paid = time.time_ns() - int(began_ns) >= PAYING_TAKES_S * 1e9
        now = datetime.now(UTC)
        return PaymentIntentView(
            id=intent_id,
            status=IntentStatus.REQUIRES_CAPTURE if paid else IntentStatus.REQUIRES_PAYMENT_METHOD,
            amount=Money(int(cents)),
            capturable=Money(int(cents) if paid else 0),
            received=Money.zero(),
            client_secret=f"{intent_id}:secret",
            created_at=now,
            capture_before=now + timedelta(days=7),
            method_id="pm-bench",
            metadata={"order": order},
        )

    def keeping(self, setup_id: str) -> SetupIntentView:
        """The keeping of a card as it stands now."""
        _, order, customer_id = setup_id.split(":")
        return SetupIntentView(
            id=setup_id,
            status=IntentStatus.SUCCEEDED,
            client_secret=f"{setup_id}:secret",
            customer_id=customer_id,
            method_id="pm-bench",
            metadata={"order": order},
        )


def create(settings: Settings | None = None) -> Flask:
    """The shop as production runs it, but for the provider."""
    return create_app(settings, adapters={PaymentGateway: InstantGateway()})
