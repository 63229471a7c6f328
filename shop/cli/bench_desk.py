"""Measure the desk's rounds and the promises at the checkout on a large sale."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import Any

import click

from shop.bench import desk_page
from shop.bench.desk import Figures, Size, copy_sale, measure
from shop.bench.desk_page import Answered, Door, Drawn
from shop.bench.pages import create_in_process
from shop.bench.result import Result
from shop.bench.stage import Cores, Stage, stage
from shop.catalog.queries import cycles, markets
from shop.cli.answers import fail, json_option, say, table
from shop.demo.files import load
from shop.demo.people import demo_accounts
from shop.infra import clock
from shop.infra.unit_of_work import unit_of_work
from shop.local_stack.errors import StackError

CODE = "BENCH"
EDIT_MS, QUOTE_MS, FRAME_MS = 300.0, 50.0, 100.0

NOTE = (
    "Milliseconds that a person waits, the 95th percentile; in brackets those of the processor "
    "alone, which a busy machine does not change much. Servers of its own, on the demo."
)


@click.command("bench-desk")
@click.option("--orders", default=500, show_default=True, help="Orders of the copied sale.")
@click.option("--rounds", default=40, show_default=True, help="Rounds that deliver them.")
@click.option(
    "--homes",
    type=click.IntRange(0, 100),
    default=90,
    show_default=True,
    help="Homes in a hundred.",
)
@click.option("--browser/--no-browser", default=True, help="Open the page in a browser as well.")
@json_option
def bench_desk(orders: int, rounds: int, homes: int, browser: bool, as_json: bool) -> None:
    """Copy the closed sale of the demo to that size, plan it roughly, edit it, ask for promises.

    Status 1 when a must is missed.
    """
    cores = Cores.of_this_machine()
    try:
        with stage(cores) as made:
            figures, got, shown = _measure(made, Size(orders, rounds, homes), browser=browser)
    except StackError as error:
        fail("stack_error", str(error), as_json=as_json)
    results = [*_of_plan(figures), *_of_page(got), *_of_browser(shown)]
    rows = [
        (each.number, each.name, each.ours, each.must, "yes" if each.ok else "NO")
        for each in results
    ]
    value = {
        "measures": [asdict(each) for each in results],
        "figures": asdict(figures),
        "machine_load": os.getloadavg()[0],
    }
    size = f"{figures.rounds} rounds, {figures.stops} stops, {figures.orders} orders."
    lines = [size, *table(["#", "measure", "ours", "must", "ok"], rows), NOTE]
    if shown is None and browser:
        lines.append("No browser here: what it draws was not measured.")
    say(value, [*lines, f"Load of the machine: {os.getloadavg()[0]:.1f}"], as_json=as_json)
    if not all(each.ok for each in results):
        sys.exit(1)


def _measure(made: Stage, size: Size, *, browser: bool) -> tuple[Figures, Answered, Drawn | None]:
    app = create_in_process(made)
    slug = load("texts")["market"]["slug"]
    with app.app_context(), unit_of_work() as session:
        market = markets.by_slug(session, slug)
        closed = [each for each in cycles.recent(session, market.id) if each.state == "closed"]
        cycle_id = copy_sale(session, closed[0].id, market.id, size, CODE)
        figures = measure(session, cycle_id, CODE, size, clock.now())
    account = next(each for each in demo_accounts() if each.role == "desk")
    door = Door(f"/desk/{slug}/rounds/{CODE}/board/", account.email, account.password)
    got = desk_page.answered(made, app, cycle_id, door)
    return figures, got, desk_page.drawn(made, door) if browser else None


def _of_plan(figures: Figures) -> list[Result]:
    return [
        _row(
            1, f"problem built, {figures.problem_statements} statements", figures.problem_ms, None
        ),
        _row(
            2, "edit: judged, re-timed, kept", figures.edit_p95_ms, EDIT_MS, figures.edit_cpu_p95_ms
        ),
        _row(
            3, "promise at the checkout", figures.quote_p95_ms, QUOTE_MS, figures.quote_cpu_p95_ms
        ),
    ]


def _of_page(got: Answered) -> list[Result]:
    facts: dict[str, Any] = asdict(got)
    size = f"{got.kilobytes} kB, {got.statements} SQL statements, {got.page_ms:.0f} ms"
    return [
        Result(4, "page, as the server answers it", "", size, "", "", ok=True, facts=facts),
        _row(5, "edit over the wire, drawn rounds included", got.edit_p95_ms, EDIT_MS),
    ]


def _of_browser(shown: Drawn | None) -> list[Result]:
    if shown is None:
        return []
    return [
        _row(6, "first words on the screen", shown.first_words_ms, None),
        _row(7, "map drawn", shown.map_ms, None),
        _row(8, "longest task while a stop is carried", shown.longest_task_ms, FRAME_MS),
        _row(9, "from dropping it to the screen", shown.edit_to_screen_ms, EDIT_MS),
    ]


def _row(number: int, name: str, ms: float, most: float | None, cpu: float | None = None) -> Result:
    ours = f"{ms:.0f} ms" + ("" if cpu is None else f" ({cpu:.0f} ms)")
    must = "" if most is None else f"≤ {most:.0f} ms"
    return Result(
        number,
        name,
        floor="",
        ours=ours,
        ratio="",
        must=must,
        ok=most is None or ms <= most,
        facts={"ms": ms, "most_ms": most, "cpu_ms": cpu},
    )
