"""Every page that people of the demonstration can reach: sound, within its width, for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import axe_core_python
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    expect,
)
from werkzeug.exceptions import HTTPException

from shop.demo.people import ROLES, Account, demo_accounts
from tests.harness.pages import DESKTOP, PHONE
from tests.harness.whole import WholeShop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = next(Path(axe_core_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
SHUTS_OUT = """
axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations
  .filter((each) => ["serious", "critical"].includes(each.impact))
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`))
"""
OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
"""Also what is folded away is read, and a checker takes what is hidden for a background."""

SHORTEN = """
document.querySelectorAll("body *").forEach((parent) => {
  const counts = {};
  [...parent.children].forEach((child) => {
    counts[child.tagName] = (counts[child.tagName] ?? 0) + 1;
    if (counts[child.tagName] > 12) child.remove();
  });
})
"""
"""Of hundreds of rows that are alike, the first twelve are judged."""

EVERYBODYS = ("market.", "orders.", "accounts.", "choose_language")
"""Kinds of pages that the consumer looks at for everybody."""

FILES = {"pdf", "xlsx", "csv", "geojson", "gpx", "ics", "xml", "zip"}
WIDTHS = (ViewportSize(**DESKTOP), ViewportSize(**PHONE))


@dataclass
class Visit:
    """One person's way through the site: each kind of page once."""

    shop: WholeShop
    page: Page
    skips: tuple[str, ...] = ()
    """How kinds of pages begin that somebody else looks at."""
    faults: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    """Address by kind of page."""

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._note(f"script: {error}"))
        self.page.on("response", self._receive)

    def walk(self, start: str) -> None:
        """From one page to all that its links lead to."""
        waiting = [f"{self.shop.url}{start}"]
        while waiting:
            address = urldefrag(waiting.pop(0)).url
            kind = self.kind_of(address)
            if kind is None or kind in self.seen or kind.startswith(self.skips):
                continue
            self.seen[kind] = address
            waiting += self.look_at(address)

    def look_at(self, address: str) -> list[str]:
        """Open a page, wide and narrow; where its links lead."""
        answer = self.page.goto(address)
        if answer is None or answer.status != 200:
            self._note(f"status {answer.status if answer else None}")
            return []
        links: list[str] = self.page.eval_on_selector_all(
            "a[href]:not([download])", "links => links.map((link) => link.href)"
        )
        for size in WIDTHS:
            self._measure(size)
        for script in (OPEN_ALL, SHORTEN, AXE):
            self.page.evaluate(script)
        for size in WIDTHS:
            self._measure(size)
            for fault in self.page.evaluate(SHUTS_OUT):
                self._note(f"at {size['width']}: {fault}")
        return links

    def _measure(self, size: ViewportSize) -> None:
        self.page.set_viewport_size(size)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            self._note(f"{width} wide in a window of {size['width']}")

    def kind_of(self, address: str) -> str | None:
        """Which kind of page an address is; None when it is none of ours, or a file."""
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != self.shop.url:
            return None
        if parts.path.rpartition(".")[2] in FILES:
            return None
        adapter = self.shop.app.url_map.bind(parts.netloc)
        try:
            endpoint, values = adapter.match(parts.path)
        except HTTPException:
            return parts.path
        named = [str(value) for name, value in sorted(values.items()) if name in ("name", "how")]
        return " ".join([endpoint, *named])

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._note(f"console: {said.text}")

    def _receive(self, answer: Response) -> None:
        if answer.status >= 400:
            self._note(f"{answer.status}: {answer.url}")

    def _note(self, fault: str) -> None:
        self.faults.append(f"{urlsplit(self.page.url).path}: {fault}")


def sign_in(shop: WholeShop, page: Page, account: Account) -> None:
    page.goto(f"{shop.url}/account/sign-in")
    page.locator("[name=email]").fill(account.email)
    page.locator("[name=password]").fill(account.password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"{shop.url}/account/")


def account_of(role: str) -> Account:
    return next(account for account in demo_accounts() if account.role == role)


@pytest.fixture
def french(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport=DESKTOP, locale="fr-FR", timezone_id="Europe/Paris") as made:
        yield made


@pytest.fixture
def english(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Paris") as made:
        yield made


@pytest.mark.parametrize(
    ("role", "least"),
    [
        ("consumer", 12),
        ("producer", 8),
        ("preparer", 4),
        ("driver", 3),
        ("relay_host", 2),
        ("desk", 16),
    ],
)
def test_every_page_within_reach_is_sound(
    demo_shop: WholeShop, french: BrowserContext, role: str, least: int
) -> None:
    account = account_of(role)
    skips = ("choose_language",) if role == "consumer" else EVERYBODYS
    visit = Visit(demo_shop, french.new_page(), skips)
    sign_in(demo_shop, visit.page, account)
    visit.walk(account.page)
    assert not visit.faults, "\n".join(visit.faults)
    assert len(visit.seen) >= least, visit.seen


def test_a_visitor_without_account_finds_every_page_sound(
    demo_shop: WholeShop, french: BrowserContext
) -> None:
    visit = Visit(demo_shop, french.new_page(), ("choose_language", "market."))
    market = account_of("consumer").page
    visit.page.goto(f"{demo_shop.url}{market}shelf")
    visit.page.locator("article form button.button").first.click()
    expect(visit.page.locator(".product--in-basket")).to_have_count(1)
    visit.walk(f"{market}basket")
    assert not visit.faults, "\n".join(visit.faults)
    assert {"orders.basket", "orders.checkout_delivery", "accounts.sign_in"} <= set(visit.seen)


def test_the_front_pages_are_sound_in_english(
    demo_shop: WholeShop, english: BrowserContext
) -> None:
    said: dict[str, Any] = {}
    for role in ROLES:
        english.clear_cookies()
        account = account_of(role)
        visit = Visit(demo_shop, english.new_page())
        sign_in(demo_shop, visit.page, account)
        visit.look_at(f"{demo_shop.url}{account.page}")
        assert not visit.faults, "\n".join(visit.faults)
        said[role] = visit.page.locator("html").get_attribute("lang")
        visit.page.close()
    assert said == dict.fromkeys(ROLES, "en")
