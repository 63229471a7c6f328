"""Customers of a whole shop who order and pay over the wire, and what trucks need."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from shop.logistics.models import Hub, Vehicle
from tests.factories.orders import Scene
from tests.harness.whole import WholeShop

GOOD = "4242424242424242"


def make_fleet(session: Session, market_id: int) -> None:
    """A hub and a van for a market."""
    session.add(
        Hub(
            market_id=market_id,
            name="La halle",
            address="ZA de Nicopolis",
            postcode="83170",
            commune="Brignoles",
            commune_insee="83023",
            lon=6.08,
            lat=43.41,
            opens_s=4 * 3600,
            closes_s=22 * 3600,
            service_s=1200,
        )
    )
    session.add(
        Vehicle(
            market_id=market_id,
            name="Le fourgon",
            plate=f"VA-{market_id:03d}-RR",
            kind="van",
            capacity={
                "chilled": {"kg": 300, "crates": 30},
                "frozen": {"kg": 60, "crates": 6},
                "ambient": {"kg": 300, "crates": 30},
            },
            fixed_cents=3000,
            cents_per_km=45,
            cents_per_hour=2200,
            shift_s=10 * 3600,
            max_overtime_s=3600,
            overtime_cents_per_hour=3000,
            start_from_s=5 * 3600,
            start_until_s=12 * 3600,
            max_reloads=1,
        )
    )
    session.flush()


@dataclass
class Buyer:
    """Somebody at the pages of a market, without a browser around them."""

    shop: WholeShop
    scene: Scene
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def open(self, url: str, fields: dict[str, Any] | None = None) -> tuple[str, str]:
        """Where one ends up, and what is there."""
        data = None if fields is None else urllib.parse.urlencode(fields, doseq=True).encode()
        with self.opener.open(url, data, timeout=30) as answer:
            return answer.url, answer.read().decode()

    def page(self, path: str, **fields: Any) -> tuple[str, str]:
        """A page of the market; sent as a form when there are fields."""
        url = f"{self.shop.url}/{self.scene.market.slug}{path}"
        if not fields:
            return self.open(url)
        _, door = self.open(f"{self.shop.url}/account/sign-in")
        return self.open(url, {**fields, "csrf_token": found(r'csrf_token" value="([^"]+)', door)})

    def buy(self, **wanted: int) -> str:
        """From an empty basket to a paid order; its number."""
        offers = [self.scene.offers[name] for name in wanted]
        self.page("/basket/lines", offer_id=offers, quantity=list(wanted.values()))
        self.page("/checkout/delivery", slot_id=self.scene.slots["relay"], insee="", q="")
        self.page(
            "/checkout/contact", name="Jeanne Martin", email="jeanne@exemple.fr", phone="0611223344"
        )
        _, recap = self.page("/checkout/recap")
        basket_id = found(r'name="basket_id" value="(\d+)"', recap)
        _, pay = self.page("/checkout/recap", basket_id=basket_id, terms="1")
        link = found(r'<a class="button button--pay[^"]*" href="([^"]+)"', pay)
        card_url, card = self.open(link)
        _, done = self.open(
            urllib.parse.urljoin(card_url, found(r'action="([^"]+)"', card)),
            {
                "number": GOOD,
                "expiry": "12/39",
                "cvc": "123",
                "method": "card",
                "return_url": found(r'name="return_url" value="([^"]+)"', card),
            },
        )
        return found(r'class="order-number">([^<]+)<', done)


def open_card_page(page: Page) -> None:
    """From our page of the payment to the provider's."""
    page.locator("a.button--pay").click()


def pay_by_card(page: Page, number: str) -> None:
    """Type a card on the provider's page, and pay."""
    page.locator("#number").fill(number)
    page.locator("#expiry").fill("12/39")
    page.locator("#cvc").fill("123")
    page.locator("form button[type=submit]").click()


def found(pattern: str, text: str) -> str:
    """The first group of a pattern that must be there."""
    match = re.search(pattern, text)
    assert match is not None, f"{pattern} not in {text[:2000]}"
    return match[1].replace("&amp;", "&")
