"""Measure payments: many at once, on few connections, against the simulator."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict

import click

from shop.bench import payments
from shop.bench.stage import Cores, stage
from shop.cli.answers import fail, json_option, say, table
from shop.demo.files import load
from shop.local_stack.errors import StackError


@click.command("bench-payments")
@click.option("--payments", "count", type=click.IntRange(min=2), default=200, show_default=True)
@click.option("--connections", type=click.IntRange(min=4), default=40, show_default=True)
@json_option
def bench_payments(count: int, connections: int, as_json: bool) -> None:
    """Place, pay, deliver and capture; status 1 on a deadlock or a lost or doubled entry."""
    market = load("texts")["market"]["slug"]
    try:
        with stage(Cores.of_this_machine()) as made:
            found = payments.measure(made, market, count, connections)
    except StackError as error:
        fail("stack_error", str(error), as_json=as_json)
    rows = [
        ("payments", found.payments),
        ("connections", found.connections),
        ("from the button to the note, per second", round(found.payments / found.seconds, 1)),
        ("  the floor: provider and bare rows only", found.floor.per_second),
        ("one payment, median", f"{found.p50_s} s"),
        ("  the floor", f"{found.floor.p50_s} s"),
        ("one payment, p95", f"{found.p95_s} s"),
        ("  the floor", f"{found.floor.p95_s} s"),
        ("captures per second", found.captures_per_second),
        ("deadlocks", found.deadlocks),
        ("other errors", found.other_errors),
        ("captured once", found.captured),
        ("ledger entries (two each)", found.entries),
        ("proofs of the ledger that fail", found.proofs_wrong),
    ]
    value = asdict(found) | {"machine_load": os.getloadavg()[0], "sound": found.is_sound}
    say(
        value,
        table(["measure", "figure"], [(name, str(each)) for name, each in rows]),
        as_json=as_json,
    )
    if not found.is_sound:
        sys.exit(1)
