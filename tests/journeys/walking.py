"""People at the pages: each has a browser of their own, and reads French."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask_babel import force_locale, gettext, ngettext
from playwright.sync_api import Browser, Locator, Page, expect

from shop.web import formats
from tests.factories.catalog import PASSWORD
from tests.harness.pages import DESKTOP, PHONE
from tests.harness.whole import WholeShop

PATIENCE_MS = 15_000


@dataclass
class Words:
    """What the French pages call things, by the message of the source."""

    app: Flask

    def __call__(self, message: str, **values: Any) -> str:
        with self.app.test_request_context(), force_locale("fr"):
            return gettext(message, **values)

    def many(self, one: str, several: str, number: int, **values: Any) -> str:
        """A message that counts."""
        with self.app.test_request_context(), force_locale("fr"):
            return ngettext(one, several, number, **values)

    def money(self, cents: int) -> str:
        """An amount as the pages write it."""
        with self.app.test_request_context(), force_locale("fr"):
            return formats.money(cents)


@dataclass
class Walker:
    """Somebody in front of a page."""

    shop: WholeShop
    page: Page
    say: Words
    complaints: list[str] = field(default_factory=list)
    """What the console of the browser complained of."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> None:
        """Type an address."""
        answer = self.page.goto(f"{self.shop.url}{path}")
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def sign_in(self, email: str) -> None:
        """Say who one is, at the door."""
        self.open("/account/sign-in")
        self.fill("Email", email)
        self.fill("Password", PASSWORD)
        self.press("Sign in")
        self.page.wait_for_url(f"{self.shop.url}/account/")

    def fill(self, label: str, value: str) -> None:
        """Write into a field; ``label`` is the message of the source."""
        self.labelled(label).fill(value)

    def labelled(self, label: str) -> Locator:
        """A field of the page's content, by the beginning of its label."""
        begins = re.compile("^" + re.escape(self.say(label)))
        return self.content.get_by_label(begins)

    @property
    def content(self) -> Locator:
        """The page without its frame."""
        return self.page.locator("body")

    def press(self, name: str, within: Locator | None = None, **values: Any) -> None:
        """Press a button; ``name`` is the message of the source."""
        self.button(name, within, **values).click()

    def button(self, name: str, within: Locator | None = None, **values: Any) -> Locator:
        """A button whose name begins so."""
        begins = re.compile("^" + re.escape(self.say(name, **values)))
        return (within or self.page).get_by_role("button", name=begins)

    def agree(self) -> None:
        """Say yes to the question before what cannot be taken back."""
        self.page.get_by_role("dialog").locator("button[value=yes]").click()

    def follow(self, name: str, within: Locator | None = None, **values: Any) -> None:
        """Follow a link; ``name`` is the message of the source."""
        said = self.say(name, **values)
        (within or self.page).get_by_role("link", name=said, exact=True).first.click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Something is on the page, as it is written there."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)

    def reads(self, message: str, **values: Any) -> None:
        """A message of the source is on the page, in French."""
        self.sees(self.say(message, **values))

    def download(self, link: Locator) -> bytes:
        """What a link downloads."""
        answer = self.page.request.get(f"{self.shop.url}{link.get_attribute('href')}")
        assert answer.ok, f"{answer.url}: {answer.status}"
        return answer.body()


def walker(
    shop: WholeShop, browser: Browser, email: str | None = None, *, phone: bool = False
) -> Walker:
    """Somebody with a laptop, or a phone; signed in when there is an address."""
    context = browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        has_touch=phone,
        is_mobile=phone,
    )
    made = Walker(shop, context.new_page(), Words(shop.app))
    if email is not None:
        made.sign_in(email)
    return made
