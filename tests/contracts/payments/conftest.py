"""The same promises, kept by the simulator always and by Stripe's test mode when there is a key."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import stripe

from shop.adapters.stripe_gateway import API_VERSION, StripeGateway
from shop.kernel.money import Money
from shop.orders.ports import CustomerRequest, PaymentIntentView, PaymentRequest
from shop.simulators.stripe.app import WEBHOOK_SECRET
from shop.simulators.stripe.in_process import TestBench

SIMULATOR_KEY = "sk_test_sim_carriole"


@dataclass
class Counter:
    """A gateway under test, and the customer's hand: the SDK that confirms what a page would."""

    gateway: StripeGateway
    sdk: stripe.StripeClient
    key: Callable[[str], str]
    bench: TestBench | None = None

    def customer(self) -> str:
        return self.gateway.create_customer(
            CustomerRequest(self.key("customer"), "lea@exemple.fr", "Léa Martin", "12")
        )

    def opened(self, cents: int, **more: object) -> PaymentIntentView:
        request = PaymentRequest(
            self.key(f"open-{cents}"), Money(cents), metadata={"order": "C-2041"}, **more
        )
        return self.gateway.open_payment(request)

    def pay(self, intent_id: str, card: str = "pm_card_visa") -> stripe.PaymentIntent:
        return self.sdk.v1.payment_intents.confirm(
            intent_id, {"payment_method": card, "return_url": "https://exemple.fr/retour"}
        )

    def authorized(self, cents: int, **more: object) -> PaymentIntentView:
        opened = self.opened(cents, **more)
        self.pay(opened.id)
        return self.gateway.payment(opened.id)


STRIPE_KEY = os.environ.get("STRIPE_TEST_KEY", "")


NO_KEY = "Stripe's own test mode is asked only with STRIPE_TEST_KEY=sk_test_…"


@pytest.fixture(params=["simulator", "stripe"] if STRIPE_KEY else ["simulator"])
def counter(request: pytest.FixtureRequest) -> Iterator[Counter]:
    unique = uuid.uuid4().hex

    def key(name: str) -> str:
        return f"{unique}-{name}"

    if request.param == "stripe":
        if not STRIPE_KEY.startswith("sk_test_"):
            pytest.fail("STRIPE_TEST_KEY must be a key of Stripe's test mode")
        gateway = StripeGateway(api_key=STRIPE_KEY, webhook_secret=WEBHOOK_SECRET)
        yield Counter(gateway, stripe.StripeClient(STRIPE_KEY, stripe_version=API_VERSION), key)
        return
    bench = TestBench()
    gateway = StripeGateway(
        api_key=SIMULATOR_KEY,
        webhook_secret=WEBHOOK_SECRET,
        simulation=True,
        http_client=bench.http_client,
        page_base="http://simulator.test",
    )
    sdk = stripe.StripeClient(
        SIMULATOR_KEY, stripe_version=API_VERSION, http_client=bench.http_client
    )
    yield Counter(gateway, sdk, key, bench)
    bench.close()
