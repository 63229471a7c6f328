"""The simulator as a program: it outlives a kill, and many may ask at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from shop.adapters.stripe_gateway import StripeGateway
from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.ports import (
    CaptureRequest,
    CustomerRequest,
    GatewayBusy,
    GatewayEvent,
    IntentStatus,
    KeptMethodCharge,
    PaymentRequest,
)
from shop.simulators.stripe.app import Config, Simulator
from shop.simulators.stripe.in_process import InProcessClient

KEY = "sk_sim_tests"
SECRET = "whsec_tests"
PATIENCE_S = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gateway_at(port: int) -> StripeGateway:
    return StripeGateway(
        api_key=KEY,
        webhook_secret=SECRET,
        simulation=True,
        api_base=f"http://127.0.0.1:{port}",
        retries=0,
    )


@contextmanager
def program(port: int, data: Path, webhook_url: str = "") -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "shop.simulators.stripe", "--port", str(port)]
    command += ["--data", str(data), "--webhook-secret", SECRET]
    command += ["--webhook-url", webhook_url] if webhook_url else []
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            threading.Event().wait(0.05)
        yield child
    finally:
        child.kill()
        child.wait()


def test_what_was_answered_before_a_kill_is_still_true_after_it(tmp_path: Path) -> None:
    port, data = free_port(), tmp_path / "stripe" / "state.sqlite3"
    gateway = gateway_at(port)
    with program(port, data) as child:
        customer = gateway.create_customer(
            CustomerRequest("customer", "lea@exemple.fr", "Léa", "1")
        )
        charge = KeptMethodCharge("charge", Money(1500), customer, "pm_card_visa")
        charged = gateway.charge_kept(charge)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        with pytest.raises(GatewayUnavailable):
            gateway.payment(charged.id)
    with program(port, data):
        assert gateway.payment(charged.id) == charged
        assert gateway.charge_kept(charge).id == charged.id
        assert gateway.balance().pending == charged.received - (charged.fee or Money.zero())


class Shop(BaseHTTPRequestHandler):
    """A shop that stumbles over the first letter, then takes them all."""

    letters: list[GatewayEvent]
    stumbles: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        shop = type(self)
        answer = 500 if shop.stumbles else 200
        shop.stumbles = max(shop.stumbles - 1, 0)
        if answer == 200:
            shop.letters.append(gateway_at(1).read_event(body, self.headers["Stripe-Signature"]))
        self.send_response(answer)
        self.end_headers()

    def log_message(self, *given: object) -> None:
        """Say nothing."""


def test_letters_are_posted_to_the_shop_and_again_when_it_stumbles(tmp_path: Path) -> None:
    Shop.letters, Shop.stumbles = [], 1
    server = HTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    try:
        with program(
            port, tmp_path / "state", f"http://127.0.0.1:{server.server_port}/hooks/stripe"
        ):
            opened = gateway_at(port).open_payment(PaymentRequest("a", Money(1000)))
            until = time.monotonic() + PATIENCE_S
            while not Shop.letters and time.monotonic() < until:
                threading.Event().wait(0.05)
    finally:
        server.shutdown()
        server.server_close()
    assert [event.intent_id for event in Shop.letters] == [opened.id]


def test_an_answer_cut_off_on_the_wire_is_unknown_and_the_key_finds_it(tmp_path: Path) -> None:
    port = free_port()
    gateway = gateway_at(port)
    request = PaymentRequest("a", Money(1000))
    data = tmp_path / "state"
    before = Simulator(Config(data=str(data)))
    with before.desk.books() as books:
        books.turn("lose_answers", 1)
    before.close()
    with program(port, data):
        with pytest.raises(GatewayUnavailable):
            gateway.open_payment(request)
        assert gateway.open_payment(request).status is IntentStatus.REQUIRES_PAYMENT_METHOD
        assert len(gateway.events_since(gateway.open_payment(request).created_at)) == 1


def test_the_same_key_from_many_at_once_is_one_capture() -> None:
    simulator = Simulator(Config())
    client = InProcessClient(simulator)
    gateway = StripeGateway(
        api_key=KEY, webhook_secret=SECRET, simulation=True, http_client=client, retries=0
    )
    opened = gateway.open_payment(PaymentRequest("open", Money(2608)))
    client.client.post(
        f"/pay/{opened.client_secret}",
        data={
            "return_url": "https://exemple.fr/",
            "number": "4242424242424242",
            "expiry": "12/30",
            "cvc": "123",
        },
    )
    request = CaptureRequest("capture", opened.id, Money(2332))

    def capture(_: int) -> Money | None:
        try:
            return gateway.capture(request).received
        except GatewayBusy:
            return None

    with ThreadPoolExecutor(8) as crowd:
        answers = set(crowd.map(capture, range(24)))
    assert answers <= {Money(2332), None}
    assert gateway.payment(opened.id).received == Money(2332)
    entries = gateway.balance_entries(opened.created_at, opened.created_at.replace(year=2100))
    assert [entry.amount for entry in entries] == [Money(2332)]
    simulator.close()
