"""Somebody who buys a voucher on the pages."""

from __future__ import annotations

import re

from tests.factories.paying import GOOD, Counter
from tests.factories.visiting import Customer

KEY = "11111111-1111-4111-8111-111111111111"

WANTED = {
    "whom": "somebody",
    "value": "25,00",
    "recipient": "Odile",
    "message": "Bon anniversaire !",
    "email": "jeanne@exemple.fr",
    "key": KEY,
}


def card_page(customer: Customer, address: str) -> str:
    """The provider's page that the page of a voucher leads to."""
    page = customer.client.get(address).text
    found = re.search(r'<a class="button button--pay[^"]*" href="([^"]+)"', page)
    assert found is not None, page
    return found[1].replace("&amp;", "&")


def buy_voucher(customer: Customer, counter: Counter, card: str = GOOD, **more: str) -> str:
    """Want a voucher and type a card; where the shop sends one then."""
    answer = customer.post("/vouchers", **{**WANTED, **more})
    assert answer.status_code == 303, answer.text
    back = counter.pay(card_page(customer, answer.headers["Location"]), card)
    answer = customer.client.get(back.removeprefix("http://localhost"))
    return str(answer.headers.get("Location", ""))
