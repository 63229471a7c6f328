"""People who buy: what each of them does, page after page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from shop.bench.load import Answer, Visitor

JSON = "application/json"
_ORDERED = re.compile(r"/orders/([0-9a-f-]{36})/pay$")
_BASKET = re.compile(rb'name="basket_id" value="(\d+)"')


class Trouble(RuntimeError):
    """A page that should have gone on did not."""


@dataclass(slots=True)
class Buyer:
    """Somebody with a basket in a market."""

    visitor: Visitor
    market: str
    slot_id: int
    basket_id: int = 0
    token: str = ""

    def look(self) -> None:
        """Open the shelf: the page that a purchase begins with."""
        self._fine(self.visitor.get(f"/{self.market}/shelf"))

    def add(self, wanted: Iterable[tuple[int, int]]) -> bool:
        """Put offers with their amounts into the basket, in one request; False when refused."""
        fields = [
            pair
            for offer_id, amount in wanted
            for pair in (("offer_id", offer_id), ("quantity", amount))
        ]
        answer = self.visitor.post(f"/{self.market}/basket/lines", fields, Accept=JSON)
        return answer.status == 200

    def choose_delivery(self) -> None:
        """Choose the relay point and its hours."""
        path = f"/{self.market}/checkout/delivery"
        self._fine(self.visitor.get(path))
        self._on(self.visitor.post(path, [("slot_id", self.slot_id)]), "contact")

    def give_contact(self) -> None:
        """Say who orders."""
        path = f"/{self.market}/checkout/contact"
        self._fine(self.visitor.get(path))
        fields = [
            ("name", "Camille Essai"),
            ("email", "camille.essai@exemple.fr"),
            ("phone", "06 39 98 00 00"),
            ("note", ""),
        ]
        self._on(self.visitor.post(path, fields), "recap")

    def read_recap(self) -> None:
        """Look at everything once more."""
        answer = self._fine(self.visitor.get(f"/{self.market}/checkout/recap"))
        found = _BASKET.search(answer.body)
        if found is None:
            raise Trouble("the recap names no basket")
        self.basket_id = int(found[1])

    def confirm(self) -> bool:
        """Press the button; False when the goods or the slot are gone."""
        fields = [("basket_id", self.basket_id), ("terms", 1)]
        answer = self.visitor.post(f"/{self.market}/checkout/recap", fields)
        found = _ORDERED.search(urlsplit(answer.location).path)
        if found is None:
            return False
        self.token = found[1]
        return True

    def prepare(self) -> None:
        """Everything between a full basket and the button."""
        self.choose_delivery()
        self.give_contact()
        self.read_recap()

    def open_card_page(self) -> bool:
        """Go on to the page of the payment, which opens it at the provider."""
        return self.visitor.get(f"/{self.market}/orders/{self.token}/pay").status == 200

    def come_back_paid(self) -> bool:
        """Come back from the payment page; whether the order is placed."""
        answer = self.visitor.get(f"/{self.market}/orders/{self.token}/return")
        return answer.status == 303 and answer.location.endswith(self.token)

    def _fine(self, answer: Answer) -> Answer:
        if answer.status != 200:
            raise Trouble(f"answered {answer.status}, to {answer.location!r}")
        return answer

    def _on(self, answer: Answer, step: str) -> None:
        if answer.status != 303 or not urlsplit(answer.location).path.endswith(step):
            raise Trouble(f"answered {answer.status} to {answer.location!r}, not on to {step}")
