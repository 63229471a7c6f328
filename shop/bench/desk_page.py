"""The board as the desk's browser has it: bytes, questions, edits over the wire, time to draw."""

from __future__ import annotations

import importlib
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from random import Random
from statistics import median
from typing import Any

from flask import Flask

from shop.bench.desk import EDITS, SEED, p95
from shop.bench.load import Visitor
from shop.bench.pages import counting
from shop.bench.stage import Stage
from shop.infra.unit_of_work import reading
from shop.local_stack.addresses import LOOPBACK
from shop.logistics.queries import desk_plan
from shop.logistics.queries.day_problem import COLLECTING

LOOKS = 8
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

_VERSION = re.compile(rb'data-version="(\d+)"')

WATCH = """
window.longest = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.longest = Math.max(window.longest, each.duration);
}).observe({ type: "longtask", buffered: false });
"""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the board is, and who may sit down at it."""

    path: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server gives: kilobytes, SQL statements, milliseconds."""

    kilobytes: int
    statements: int
    page_ms: float
    edit_p95_ms: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the browser makes of it, in milliseconds from the address being asked for."""

    first_words_ms: float
    map_ms: float
    longest_task_ms: float
    """While a stop is carried over every lane; 0: none above 50 ms."""
    edit_to_screen_ms: float


def answered(made: Stage, app: Flask, cycle_id: int, door: Door) -> Answered:
    """Ask for the page and change the plan, one after the other, over the wire."""
    desk, path = _at_the_desk(made, door), door.path
    looks = [desk.get(path) for _ in range(LOOKS)]
    body = looks[-1].body
    found = _VERSION.search(body)
    seen = int(found[1]) if found else 0
    chance = Random(SEED)
    waited = []
    for number in range(seen, seen + EDITS):
        with app.app_context(), reading() as session:
            head = desk_plan.head(session, cycle_id)
        assert head is not None
        rows = [
            row
            for row in head[1].rows
            if not row.vehicle.endswith(COLLECTING) and len(row.stops) > 1
        ]
        source, target = chance.sample(rows, 2)
        wish = [
            ("edit", "move"),
            ("version", number),
            ("stop", chance.choice(source.stops)),
            ("vehicle", target.vehicle),
            ("rank", 2),
        ]
        answer = desk.post(f"{path}edit", wish, Accept="application/json")
        if answer.status != 200:
            raise RuntimeError(f"an edit was answered {answer.status}")
        waited.append(answer.seconds * 1000)
    desk.close()
    return Answered(
        len(body) // 1024,
        _statements(app, desk.cookies, path),
        round(median(each.seconds * 1000 for each in looks[1:]), 1),
        p95(waited),
    )


def _at_the_desk(made: Stage, door: Door) -> Visitor:
    visitor = Visitor(made.shop_port)
    visitor.get("/account/sign-in")
    visitor.post("/account/sign-in", [("email", door.email), ("password", door.password)])
    return visitor


def _statements(app: Flask, cookies: dict[str, str], path: str) -> int:
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    client = app.test_client()
    for name, value in cookies.items():
        client.set_cookie(name, value)
    client.get(path)
    with counting(engine) as asked:
        status = client.get(path).status_code
    return len(asked) if status == 200 else 999


def drawn(made: Stage, door: Door) -> Drawn | None:
    """Open the page in a browser and carry a stop about; None where there is no browser."""
    program = next((found for each in PROGRAMS if (found := shutil.which(each))), None)
    if program is None or find_spec("playwright") is None:
        return None
    playwright = importlib.import_module("playwright.sync_api").sync_playwright()
    desk = _at_the_desk(made, door)
    address = f"http://{LOOPBACK}:{made.shop_port}"
    with playwright as started:
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        _leave_the_servers_core(made)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in desk.cookies.items()]
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{address}{door.path}", wait_until="load")
        page.wait_for_selector("[data-map][data-drawn-ms]")
        words = page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
        )
        map_ms = float(page.locator("[data-map]").get_attribute("data-drawn-ms") or 0)
        longest, edit = _carry(page)
        browser.close()
    return Drawn(round(words), map_ms, round(longest), edit)


def _leave_the_servers_core(made: Stage) -> None:
    """The browser shares the core of the load; only Linux can say so."""
    if made.cores.load is not None:
        with suppress(OSError):
            os.sched_setaffinity(0, {made.cores.load})


def _carry(page: Any) -> tuple[float, float]:
    """Carry the first block of a delivering lane over all lanes, and drop it on the last one."""
    lanes = page.locator(".lane__row:has(.block)").all()
    source = lanes[-2].locator(".block").first
    source.scroll_into_view_if_needed()
    begin = source.bounding_box()
    page.evaluate(WATCH)
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    box = page.locator("[data-lanes]").bounding_box()
    for step in range(60):
        across = box["x"] + 200 + (step * 37) % max(1, int(box["width"]) - 220)
        page.mouse.move(across, box["y"] + 60 + (step * 53) % max(1, int(box["height"]) - 120))
    end = lanes[-1].bounding_box()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2)
    longest = float(page.evaluate("window.longest"))
    page.mouse.up()
    page.wait_for_selector("[data-last-ms]")
    return longest, float(page.locator("[data-board]").get_attribute("data-last-ms") or 0)
