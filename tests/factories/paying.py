"""A card provider in memory, the customer's hand at it, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from shop.adapters.memory_mailer import MemoryMailer
from shop.adapters.stripe_gateway import StripeGateway
from shop.infra.clock import Clock, SetClock
from shop.infra.ports import plug
from shop.orders.ports import Mailer, PaymentGateway
from shop.simulators.stripe.app import WEBHOOK_SECRET
from shop.simulators.stripe.in_process import TestBench
from tests.factories.orders import NOW

PORTS = "carriole.ports"

GOOD = "4242424242424242"
ASKS = "4000002760003184"
BROKE = "4000000000009995"
DECLINED = "4000000000000002"


@dataclass
class Counter:
    """What stands around the shop while somebody pays."""

    app: Flask
    bench: TestBench
    gateway: StripeGateway
    mailer: MemoryMailer
    clock: SetClock

    def pay(self, address: str, number: str = GOOD) -> str:
        """Type a card on the provider's page; where one is sent then."""
        path = _path(address)
        answer = self.bench.browser.post(
            path,
            data={
                "number": number,
                "expiry": "12/34",
                "cvc": "123",
                "method": "card",
                "return_url": _return(address),
            },
        )
        return answer.headers.get("Location", "")

    def pay_by_debit(self, address: str, iban: str) -> str:
        """Type an account on the provider's page, and give the mandate."""
        answer = self.bench.browser.post(
            _path(address),
            data={
                "method": "sepa_debit",
                "iban": iban,
                "name": "Jeanne Martin",
                "return_url": _return(address),
            },
        )
        return answer.headers.get("Location", "")

    def do(self, deed: str, thing_id: str) -> None:
        """Make something happen at the provider: see ``control.DEEDS``."""
        wanted = {"deed": deed, "id": thing_id}
        assert self.bench.browser.post("/_control/deeds", json=wanted).status_code == 200

    def answer_bank(self, address: str, *, yes: bool = True) -> str:
        """Say at the bank's page that it is really oneself, or that it is not."""
        answer = self.bench.browser.post(
            _path(address),
            data={"decision": "accept" if yes else "refuse"},
        )
        return answer.headers.get("Location", "")

    def deliver(self, client: FlaskClient) -> list[int]:
        """Bring the provider's letters to the shop; the answers."""
        return [
            client.post(
                "/hooks/stripe", data=letter.payload, headers={"Stripe-Signature": letter.signature}
            ).status_code
            for letter in self.bench.webhooks()
        ]

    def wait(self, **duration: int) -> None:
        """Let time go by."""
        self.clock.at += timedelta(**duration)


@contextmanager
def counter_of(app: Flask) -> Iterator[Counter]:
    """Plug a provider, a mailer and a clock into ``app``; what was there comes back after."""
    clock = SetClock(NOW)
    bench = TestBench(clock.now)
    gateway = StripeGateway(
        api_key="sk_sim_tests",
        webhook_secret=WEBHOOK_SECRET,
        simulation=True,
        http_client=bench.http_client,
        page_base="http://simulator.test",
        now=clock.now,
    )
    mailer = MemoryMailer()
    usual = dict(app.extensions[PORTS])
    plug(app, {PaymentGateway: gateway, Mailer: mailer, Clock: clock})
    try:
        yield Counter(app, bench, gateway, mailer, clock)
    finally:
        app.extensions[PORTS].update(usual)
        bench.close()


def engine_of(app: Flask) -> Engine:
    """The pool of connections of ``app``."""
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
        return engine


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def _return(address: str) -> str:
    return parse_qs(urlsplit(address).query)["return_url"][0]
