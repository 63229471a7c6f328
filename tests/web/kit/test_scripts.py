import re
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.kit.conftest import Kit

pytestmark = pytest.mark.browser

AXE = next(Path(axe_core_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
PAGES = ["shop", "desk", "field"]


def violations(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate(
        AXE + "; axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    )
    return found


def visit(page: Page, kit: Kit, name: str) -> list[str]:
    """Open a page; what its console complains of."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{kit.url}/{name}.html")
    return complaints


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_shut_out_on_a_laptop_or_on_a_phone(
    kit: Kit, desktop: BrowserContext, phone: BrowserContext, name: str
) -> None:
    for context in (desktop, phone):
        page = context.new_page()
        assert visit(page, kit, name) == []
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_one_presses_on_a_phone_is_large_enough(kit: Kit, phone: BrowserContext) -> None:
    page = phone.new_page()
    visit(page, kit, "shop")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.button, .stepper__button, .input, .chip')]
        .filter((e) => e.checkVisibility())
        .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 43.5 || box.width < 41.5).map(([html]) => html)"""
    )
    assert small == []


def test_a_stepper_counts_within_its_bounds(kit: Kit, page: Page) -> None:
    visit(page, kit, "shop")
    pieces = page.locator("[name=pieces]")
    page.get_by_role("button", name=re.compile("Tomates")).and_(
        page.locator("#form [data-step='1']")
    ).click()
    expect(pieces).to_have_value("3")
    expect(page.locator("#form [data-step='1']").first).to_be_disabled()
    page.locator("#form [data-step='-1']").nth(1).click()
    expect(page.locator("[name=grams]")).to_have_value("400")


def test_a_question_is_asked_and_no_means_nothing_is_sent(kit: Kit, page: Page) -> None:
    visit(page, kit, "shop")
    page.get_by_role("button", name="Clore").click()
    expect(page.get_by_role("dialog")).to_contain_text("Clore maintenant ?")
    page.get_by_role("dialog").locator("button[value=no]").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert kit.sent == []
    page.get_by_role("button", name="Clore").click()
    with page.expect_response("**/send"):
        page.get_by_role("dialog").locator("button[value=yes]").click()
    assert [sent["cycle"] for sent in kit.sent] == ["3"]


def test_a_form_pressed_twice_is_sent_once(kit: Kit, page: Page) -> None:
    visit(page, kit, "shop")
    page.locator("#weight").fill("1")
    with page.expect_response("**/send"):
        page.evaluate(
            """() => { const form = document.querySelector('#form');
            form.requestSubmit(); form.requestSubmit(); form.requestSubmit(); }"""
        )
    page.wait_for_function("document.querySelector('#form').dataset.sent === '1'")
    assert len(kit.sent) == 1


def test_what_is_no_longer_kept_says_so(kit: Kit, page: Page) -> None:
    visit(page, kit, "shop")
    expect(page.locator("[data-countdown]")).to_have_text("Plus gardé")


def test_work_in_the_background_is_followed_to_its_end(kit: Kit, page: Page) -> None:
    visit(page, kit, "planning")
    expect(page.get_by_role("status")).to_have_text("3 tournées sur 7")
    expect(page.locator("progress")).to_have_attribute("value", "3")
    page.wait_for_url("**/desk.html")
    assert kit.polls == 2


def test_digits_are_pressed_and_taken_back(kit: Kit, phone: BrowserContext) -> None:
    page = phone.new_page()
    visit(page, kit, "field")
    pad = page.locator("[data-keypad]")
    for digit in "1042":
        pad.get_by_role("button", name=digit, exact=True).tap()
    expect(page.locator("#grams")).to_have_value("1042")
    pad.locator("button").last.tap()
    expect(page.locator("#grams")).to_have_value("104")


def test_a_menu_opens_by_keyboard_and_closes_with_escape(kit: Kit, page: Page) -> None:
    visit(page, kit, "shop")
    page.locator("details.menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.menu")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("details.menu")).not_to_have_attribute("open", "")
    expect(page.locator("details.menu > summary")).to_be_focused()


def test_the_first_thing_the_keyboard_meets_leads_to_the_content(kit: Kit, page: Page) -> None:
    visit(page, kit, "shop")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_a_map_draws_places_and_names_without_any_tile(kit: Kit, page: Page) -> None:
    visit(page, kit, "shop")
    expect(page.locator(".pin--relay")).to_have_text("1")
    expect(page.locator(".round-number")).to_have_text("1")
    expect(page.locator(".map-place", has_text="Brignoles").first).to_be_attached()
    page.locator("[data-map-id=b]").click()
    expect(page.locator(".leaflet-popup")).to_contain_text("Brignoles")


def test_every_page_works_without_scripts(kit: Kit, desktop: BrowserContext, page: Page) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    with context:
        bare = context.new_page()
        bare.goto(f"{kit.url}/shop.html")
        bare.locator("#weight").fill("1")
        with bare.expect_response("**/send"):
            bare.get_by_role("button", name="Envoyer").click()
    assert [sent["weight"] for sent in kit.sent] == ["1"]
