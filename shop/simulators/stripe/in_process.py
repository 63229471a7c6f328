"""The simulator inside a test: the real SDK speaks to it without a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import stripe
from werkzeug.test import Client

from shop.simulators.stripe.app import Config, Simulator
from shop.simulators.stripe.delivery import Letter, sign


class InProcessClient(stripe.HTTPClient):
    """An HTTP client for the SDK that calls the WSGI application directly."""

    name = "in-process"

    def __init__(self, simulator: Simulator) -> None:
        super().__init__()
        self.client = Client(simulator.app)
        self.asked: list[tuple[str, str]] = []

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Serve one request of the SDK."""
        parts = urlsplit(url)
        self.asked.append((method.upper(), parts.path))
        answer = self.client.open(
            path=parts.path,
            query_string=parts.query,
            method=method.upper(),
            headers=dict(headers or {}),
            data=post_data,
        )
        if answer.headers.get("X-Simulator-Lost"):
            raise lost_answer()
        kept = {name.lower(): value for name, value in answer.headers}
        return answer.get_data(as_text=True), answer.status_code, kept

    def close(self) -> None:
        """Nothing is held open."""


def lost_answer() -> Exception:
    """What the SDK raises when the connection breaks; it does not ask again by itself."""
    make: Any = stripe.APIConnectionError
    error = make("the answer was lost on the way", should_retry=False)
    assert isinstance(error, Exception)
    return error


class TestBench:
    """A simulator in memory with what a test needs around it."""

    __test__ = False

    def __init__(self, clock: Callable[[], datetime] | None = None, data: str = ":memory:") -> None:
        self.simulator = Simulator(Config(data=data), clock)
        self.http_client = InProcessClient(self.simulator)
        self.browser = Client(self.simulator.app)

    def webhooks(self) -> list[Letter]:
        """Every letter that is due now, signed; each is given once."""
        return self.simulator.post.take_all()

    def sign(self, payload: bytes) -> str:
        """A sound signature for any bytes, to try what is signed and still wrong."""
        return sign(payload, self.simulator.config.webhook_secret, self.simulator.desk.clock())

    def turn(self, **switches: Any) -> None:
        """Set switches: see ``books.SWITCHES``."""
        with self.simulator.desk.books() as books:
            for name, value in switches.items():
                books.turn(name, value)

    def close(self) -> None:
        """Throw the simulator away."""
        self.simulator.close()
