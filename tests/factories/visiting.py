"""A customer in front of the pages: fills forms the way a browser does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.orders import Scene

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_BASKET = re.compile(r'name="basket_id" value="(\d+)"')


@dataclass
class Customer:
    """A visitor of one market."""

    client: FlaskClient
    scene: Scene

    @property
    def root(self) -> str:
        return f"/{self.scene.market.slug}"

    def get(self, path: str) -> TestResponse:
        return self.client.get(self.root + path)

    def post(self, path: str, **fields: Any) -> TestResponse:
        door = self.client.get("/account/sign-in").text
        found = _TOKEN.search(door)
        assert found is not None
        return self.client.post(self.root + path, data={**fields, "csrf_token": found[1]})

    def put(self, **wanted: int) -> TestResponse:
        return self.post(
            "/basket/lines",
            offer_id=[self.scene.offers[name] for name in wanted],
            quantity=list(wanted.values()),
        )

    def choose(self, slot: str, insee: str = "") -> TestResponse:
        return self.post(
            "/checkout/delivery", slot_id=self.scene.slots[slot], insee=insee, q="83170"
        )

    def introduce(self, **more: str) -> TestResponse:
        said = {
            "name": "Jeanne Martin",
            "email": "jeanne@exemple.fr",
            "phone": "06 11 22 33 44",
            **more,
        }
        return self.post("/checkout/contact", **said)

    def basket_id(self) -> str:
        found = _BASKET.search(self.get("/checkout/recap").text)
        assert found is not None
        return found[1]

    def confirm(self, basket_id: str | None = None, **fields: str) -> TestResponse:
        fields = fields or {"terms": "1"}
        return self.post("/checkout/recap", basket_id=basket_id or self.basket_id(), **fields)

    def order(self, **wanted: int) -> str:
        """From an empty basket to the card page; its address."""
        self.put(**wanted)
        self.choose("relay")
        self.introduce()
        answer = self.confirm()
        assert answer.status_code == 303, answer.text
        return self.card_page(str(answer.headers["Location"]))

    def card_page(self, pay: str) -> str:
        """The provider's page that our page of the payment leads to."""
        page = self.client.get(pay).text
        found = re.search(r'<a class="button button--pay[^"]*" href="([^"]+)"', page)
        assert found is not None, page
        return found[1].replace("&amp;", "&")
