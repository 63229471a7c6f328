"""Measure the desk's rounds and the promises at the checkout on a large sale."""

from __future__ import annotations

from dataclasses import asdict

import click

from shop.bench.desk import Size, copy_sale, measure
from shop.cli.answers import in_application, json_option, say
from shop.cli.cycles import find_cycle, market_option
from shop.infra import clock
from shop.infra.unit_of_work import unit_of_work


class _TakenBack(Exception):
    """Everything measured is rolled back."""


@click.command("bench-desk")
@click.argument("code")
@market_option
@click.option("--orders", default=500, show_default=True, help="Orders of the copied sale.")
@click.option("--vehicles", default=40, show_default=True, help="Rounds of the copied sale.")
@click.option(
    "--homes",
    type=click.IntRange(0, 100),
    default=90,
    show_default=True,
    help="Homes in a hundred.",
)
@click.option("--keep", is_flag=True, help="Leave the copied sale in the database.")
@json_option
@in_application
def bench_desk(
    code: str,
    market: str | None,
    orders: int,
    vehicles: int,
    homes: int,
    keep: bool,
    as_json: bool,
) -> None:
    """Copy the closed sale CODE to that size, plan it roughly, edit it, ask for promises.

    All in milliseconds, in one process. Without --keep nothing stays in the database.
    """
    figures = None
    try:
        with unit_of_work() as session:
            source = find_cycle(session, code, market)
            name = f"B{clock.now():%H%M%S}"
            size = Size(orders, vehicles, homes)
            made = copy_sale(session, source.id, source.market_id, size, name)
            figures = measure(session, made, name, size, clock.now())
            if not keep:
                raise _TakenBack
    except _TakenBack:
        pass
    assert figures is not None
    values = asdict(figures)
    say(values, [f"{name:18} {value}" for name, value in values.items()], as_json=as_json)
