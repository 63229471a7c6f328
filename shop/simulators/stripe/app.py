"""The simulator as a web application: the programming interface, the pages, the controls."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, Response, request

from shop.simulators.stripe.books import API_VERSION
from shop.simulators.stripe.delivery import Post
from shop.simulators.stripe.desk import Answer, Asked, Desk
from shop.simulators.stripe.pages import add_pages
from shop.simulators.stripe.store import Store

API_KEY = "sk_test_sim_carriole"
PUBLIC_KEY = "pk_test_sim_carriole"
WEBHOOK_SECRET = "whsec_sim_carriole"


@dataclass(frozen=True, slots=True)
class Config:
    """How a simulator is set up; ``page_base`` is the address that browsers see.

    Without ``api_key`` every key that names a simulator (``sk_sim_…``, ``sk_test_sim_…``) is good.
    """

    data: str = ":memory:"
    api_key: str | None = None
    webhook_secret: str = WEBHOOK_SECRET
    page_base: str = "http://127.0.0.1:12111"
    shop_name: str = "Carriole"


class Simulator:
    """Store, desk and post of one simulated account, behind one WSGI application."""

    def __init__(self, config: Config, clock: Callable[[], datetime] | None = None) -> None:
        self.config = config
        self.store = Store(config.data)
        self.desk = Desk(
            self.store, clock or (lambda: datetime.now(UTC)), config.api_key, config.page_base
        )
        self.post = Post(self.desk, config.webhook_secret)
        self.app = build(self)

    def close(self) -> None:
        """Let go of the data file."""
        self.store.close()


def build(simulator: Simulator) -> Flask:
    """The Flask application of a simulator."""
    app = Flask(__name__)
    desk = simulator.desk

    @app.route("/v1/<path:rest>", methods=["GET", "POST", "DELETE"])
    def api(rest: str) -> Response:
        """The programming interface."""
        return respond(desk, desk.answer(read_request()))

    add_pages(app, desk, simulator.config.shop_name)
    return app


def read_request() -> Asked:
    """The present request as the desk wants it."""
    fields = request.form if request.method == "POST" else request.args
    scheme, _, api_key = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic" and request.authorization is not None:
        api_key = request.authorization.username or ""
    return Asked(
        method=request.method,
        path=request.path,
        fields=tuple(fields.items(multi=True)),
        api_key=api_key.strip(),
        idempotency_key=request.headers.get("Idempotency-Key"),
    )


def respond(desk: Desk, answer: Answer) -> Response:
    """Send an answer, late or cut off on the way when the switches say so."""
    response = Response(answer.body, answer.status, mimetype="application/json")
    response.headers.extend(answer.headers)
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if request.method != "POST":
        return response
    with desk.books() as books:
        late_s = int(books.switches()["answer_after_s"])
        lost = books.use_up("lose_answers")
    if late_s:
        time.sleep(late_s)
    if lost:
        cut = Response(cut_off(answer.body), answer.status, mimetype="application/json")
        cut.headers["Content-Length"] = str(len(answer.body.encode()))
        cut.headers["X-Simulator-Lost"] = "1"
        return cut
    return response


def cut_off(body: str) -> Iterator[bytes]:
    """Half of an answer, then silence: the work is done, nobody hears of it."""
    yield body.encode()[: len(body) // 2]
    raise ConnectionAbortedError(json.dumps({"simulator": "answer lost on demand"}))
