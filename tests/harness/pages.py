"""Fixtures: a real browser, and a site it can visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from shop.local_stack.addresses import LOOPBACK
from shop.settings import Settings
from tests.harness.application import application
from tests.harness.browsers import ARGUMENTS, find_browser

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Site:
    """A running site with a database of its own."""

    app: Flask
    url: str


@pytest.fixture
def site(own_database: str, valkey_url: str, settings: Settings) -> Iterator[Site]:
    """The application behind a real address, with its own database; commits are real."""
    # The address goes into the settings, so the door opens before the application is there.
    door = make_server(LOOPBACK, 0, Flask(__name__), threaded=True)
    url = f"http://{LOOPBACK}:{door.port}"
    with application(replace(settings, database_url=own_database, base_url=url)) as app:
        door.app = app
        thread = Thread(target=door.serve_forever, name="site")
        thread.start()
        try:
            yield Site(app, url)
        finally:
            door.shutdown()
            thread.join()
            door.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; skips where there is none."""
    program = find_browser()
    if program is None:
        pytest.skip("no chromium on this machine (Debian, Ubuntu: apt install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield opened
        finally:
            opened.close()


@pytest.fixture
def desktop(browser: Browser) -> Iterator[BrowserContext]:
    """A French visitor with a laptop."""
    with browser.new_context(viewport=DESKTOP, locale="fr-FR", timezone_id="Europe/Paris") as made:
        yield made


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A French visitor with a phone."""
    with browser.new_context(
        viewport=PHONE, locale="fr-FR", timezone_id="Europe/Paris", has_touch=True, is_mobile=True
    ) as made:
        yield made


@pytest.fixture
def page(desktop: BrowserContext) -> Page:
    """A page on a laptop."""
    return desktop.new_page()
