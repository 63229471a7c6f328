"""A simulator in memory with a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
import stripe

from shop.adapters.stripe_gateway import API_VERSION, StripeGateway
from shop.kernel.money import Money
from shop.orders.ports import (
    CaptureRequest,
    CustomerRequest,
    GatewayEvent,
    PaymentIntentView,
    PaymentRequest,
)
from shop.simulators.stripe.app import API_KEY, WEBHOOK_SECRET
from shop.simulators.stripe.in_process import TestBench
from tests.unit.simulators.rehearsal import Clock


@dataclass
class Rig:
    """Everything around one simulator."""

    clock: Clock = field(default_factory=Clock)
    numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.bench = TestBench(self.clock)
        self.gateway = StripeGateway(
            api_key=API_KEY,
            webhook_secret=WEBHOOK_SECRET,
            simulation=True,
            http_client=self.bench.http_client,
            page_base="",
            now=self.clock,
            retries=0,
        )
        self.v1 = stripe.StripeClient(
            API_KEY, stripe_version=API_VERSION, http_client=self.bench.http_client
        ).v1

    def key(self) -> str:
        return f"key-{next(self.numbers)}"

    def customer(self) -> str:
        return self.gateway.create_customer(
            CustomerRequest(self.key(), "lea@exemple.fr", "Léa Martin", "12")
        )

    def opened(self, cents: int = 2608, **more: object) -> PaymentIntentView:
        return self.gateway.open_payment(
            PaymentRequest(self.key(), Money(cents), metadata={"order": "C-2041"}, **more)
        )

    def authorized(self, cents: int = 2608, card: str = "pm_card_visa") -> PaymentIntentView:
        opened = self.opened(cents)
        self.v1.payment_intents.confirm(opened.id, {"payment_method": card})
        return self.gateway.payment(opened.id)

    def captured(self, cents: int = 2608, card: str = "pm_card_visa") -> PaymentIntentView:
        authorized = self.authorized(cents, card)
        return self.gateway.capture(CaptureRequest(self.key(), authorized.id, Money(cents)))

    def events(self) -> list[GatewayEvent]:
        return [
            self.gateway.read_event(letter.payload, letter.signature)
            for letter in self.bench.webhooks()
        ]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events()]


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.bench.close()
