"""Measure the shop against floors that are run beside it."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict

import click

from shop.bench import closing, pages, purchases, settling, stock
from shop.bench.result import Result
from shop.bench.stage import Cores, stage
from shop.cli.answers import fail, json_option, say, table
from shop.demo.files import load
from shop.local_stack.errors import StackError

NOTE = (
    "Application and database on one core, load from another; medians; payment left out. Ratios "
    "and orders per second per core come from the CPU time that the servers spent, which a busy "
    "machine does not change much; rates and p95 are what the load saw, with everything around."
)


@click.command("bench-shop")
@click.option("--seconds", type=click.FloatRange(min=1), default=4, show_default=True)
@click.option("--repeats", type=click.IntRange(min=1), default=5, show_default=True)
@click.option(
    "--only",
    type=click.Choice(["pages", "purchases", "stock", "closing", "settling"]),
    help="One part of the measures.",
)
@json_option
def bench_shop(seconds: float, repeats: int, only: str | None, as_json: bool) -> None:
    """Run the measures on servers of its own and print them; status 1 when a must is missed."""
    cores = Cores.of_this_machine()
    results: list[Result] = []
    market = load("texts")["market"]["slug"]
    try:
        with stage(cores) as made:
            if only in (None, "pages"):
                results += pages.measure(made, market, seconds, repeats)
            if only in (None, "purchases"):
                results += purchases.measure(made, market, seconds, repeats)
            if only in (None, "stock"):
                app = pages.create_in_process(made)
                results += stock.measure(made, app, market)
            if only in (None, "closing"):
                results += closing.measure(made, pages.create_in_process(made))
            if only == "settling":
                results += settling.measure(made, pages.create_in_process(made))
    except StackError as error:
        fail("stack_error", str(error), as_json=as_json)
    heads = ["#", "measure", "floor", "ours", "ratio", "must", "ok"]
    rows = [
        (each.number, each.name, each.floor, each.ours, each.ratio, each.must, _yes(each.ok))
        for each in results
    ]
    pinned = "" if cores.load is not None else " This machine has one core: nothing was pinned."
    value = {
        "measures": [asdict(each) for each in results],
        "cores": asdict(cores),
        "machine_load": os.getloadavg()[0],
    }
    say(value, [*table(heads, rows), NOTE + pinned], as_json=as_json)
    if not all(each.ok for each in results):
        sys.exit(1)


def _yes(ok: bool) -> str:
    return "yes" if ok else "NO"
