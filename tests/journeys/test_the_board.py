"""The desk changes rounds in a real browser: on the lanes, on the map, with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask.sessions import SessionInterface
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from shop.infra.unit_of_work import unit_of_work
from tests.factories.fulfilment import come_in
from tests.factories.orders import make_scene
from tests.factories.planned import PLANNED_AT, Planned, make_planned
from tests.harness.application import clock_at
from tests.harness.pages import DESKTOP, PHONE, Site
from tests.journeys.test_pages import AXE, OPEN_ALL, SHUTS_OUT
from tests.journeys.walking import PATIENCE_MS

LANES = "[data-lanes]"
DRAWN = "[data-map][data-drawn-ms]"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@dataclass
class Board:
    """The board in front of somebody."""

    page: Page
    planned: Planned
    url: str
    complaints: list[str] = field(default_factory=list)

    def block(self, stop: str) -> Locator:
        return self.page.locator(f'.block[data-stop="{stop}"]')

    def lane(self, van: int) -> Locator:
        return self.page.locator(f'[data-lane="{self.planned.vans[van]}"]')

    def stops_of(self, van: int) -> list[str | None]:
        found = self.lane(van).locator(".block").all()
        return [each.get_attribute("data-stop") for each in found]

    def carry(self, source: Locator, target: Locator, view: str, dx: float = 0) -> None:
        """With the mouse, in small steps as a hand does."""
        self.page.locator(view).evaluate("each => each.scrollIntoView({block: 'center'})")
        begin, end = source.bounding_box(), target.bounding_box()
        assert begin is not None
        assert end is not None
        mouse = self.page.mouse
        mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
        mouse.down()
        across, down = end["x"] + end["width"] / 2 + dx, end["y"] + end["height"] / 2
        mouse.move(across, down, steps=12)
        mouse.up()

    def says(self, text: str) -> None:
        said = self.page.locator("[data-board-said]")
        expect(said).to_contain_text(re.compile(text), timeout=PATIENCE_MS)

    def counts(self, van: int, stops: int) -> None:
        expect(self.lane(van).locator(".block")).to_have_count(stops, timeout=PATIENCE_MS)


@pytest.fixture
def board(site: Site, browser: Browser) -> Iterator[Board]:
    with clock_at(site.app, PLANNED_AT), site.app.app_context():
        with unit_of_work() as session:
            planned = make_planned(session, make_scene(session), lawful=True)
        with browser.new_context(viewport=DESKTOP, timezone_id="Europe/Paris") as context:
            sit_down(site, context, planned.desk)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            market, code = planned.scene.market.slug, planned.scene.cycle.code
            made = Board(page, planned, f"{site.url}/desk/{market}/rounds/{code}/board/")
            page.on("pageerror", lambda error: made.complaints.append(str(error)))
            page.goto(made.url)
            yield made
            assert made.complaints == []


def sit_down(site: Site, context: BrowserContext, person_id: int) -> None:
    """Signed in already, reading English."""
    client = site.app.test_client()
    come_in(client, person_id)
    interface: SessionInterface = site.app.session_interface
    name = interface.get_cookie_name(site.app)
    kept = client.get_cookie(name)
    assert kept is not None
    context.add_cookies(
        [
            {"name": name, "value": kept.value, "url": site.url},
            {"name": "language", "value": "en", "url": site.url},
        ]
    )


def test_a_stop_is_dragged_over_lanes_and_map_undone_and_published(board: Board) -> None:
    page, (one, two, three) = board.page, board.planned.homes
    # To a van that stays at the hub: it gets a lane of its own.
    board.carry(
        board.block(one), page.locator(f'.idle [data-row="{board.planned.vans[1]}"]'), LANES
    )
    board.counts(1, 1)
    board.says(r"Client 1 moved to Jumper: [+−]€\d")
    expect(page.locator(DRAWN)).to_have_count(1, timeout=PATIENCE_MS)
    # From lane to lane: drawn anew without leaving the page, behind the stop under the pointer.
    page.evaluate(
        "window.stayed = true; delete document.querySelector('[data-map]').dataset.drawnMs"
    )
    board.carry(board.block(two), board.block(one), LANES, dx=30)
    board.counts(1, 2)
    assert board.stops_of(1) == [one, two]
    assert page.evaluate("window.stayed")
    # On the map: a stop put onto another one comes right after it.
    pins = page.locator(".map .pin")
    expect(page.locator(DRAWN)).to_have_count(1, timeout=PATIENCE_MS)
    board.carry(
        page.get_by_title("Client 3", exact=True),
        page.get_by_title("Client 2", exact=True),
        "[data-map]",
    )
    board.counts(1, 3)
    assert board.stops_of(1) == [one, two, three]
    expect(pins.first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    board.counts(1, 2)
    board.says("Undone: Client 3 moved to Jumper")
    page.get_by_role("button", name="Publish the rounds").click()
    expect(page.locator(".board__publish .badge")).to_have_text("Published", timeout=PATIENCE_MS)
    expect(page.locator(".board__history li").first).to_contain_text("published")


def test_everything_is_done_with_the_keyboard_alone(board: Board) -> None:
    page, (one, two, _) = board.page, board.planned.homes
    board.block(one).focus()
    page.keyboard.press("ArrowRight")
    board.says("Client 1 moved to Kangoo")
    expect(board.block(one)).to_be_focused()
    assert board.stops_of(0)[1:3] == [two, one]
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel).to_be_focused()
    expect(panel).to_contain_text("Client 1")
    panel.get_by_label("With", exact=True).first.focus()
    page.keyboard.type("Jumper")
    panel.get_by_role("button", name="Move", exact=True).focus()
    page.keyboard.press("Enter")
    board.counts(1, 1)
    assert board.stops_of(1) == [one]
    board.block(one).focus()
    page.keyboard.press("ArrowUp")
    board.counts(1, 0)
    assert one in board.stops_of(0)


def test_it_shuts_nobody_out(board: Board) -> None:
    page = board.page
    page.goto(f"{board.url}?stop={board.planned.homes[0]}")
    for script in (OPEN_ALL, AXE):
        page.evaluate(script)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert page.evaluate(SHUTS_OUT) == []
