"""Make the demonstration, and say who signs in to it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime
from time import monotonic

import click
from flask import current_app

from shop.cli.answers import fail, in_application, json_option, say, table
from shop.demo import holds, people, weeks
from shop.demo.seed import Seeded, is_empty, seed
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayUnavailable
from shop.orders.ports import PaymentGateway

REHEARSED_AT = 15
"""Hour of the day at which a demo of another day stands."""


@click.command("seed-demo")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day it stands on.")
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a market already.")
@json_option
@in_application
def seed_demo(today: datetime | None, if_empty: bool, as_json: bool) -> None:
    """Fill an empty database with a market of the Var and its history."""
    with reading() as session:
        empty = is_empty(session)
    if not empty:
        if if_empty:
            say(
                {"seeded": False}, ["There is a market already: nothing was made."], as_json=as_json
            )
            return
        text = "The demo is only made in an empty database; this one holds a market."
        fail("not_empty", text, as_json=as_json)
    now = clock.now()
    day = weeks.day_shown(now)
    if today is not None and today.date() != day:
        day = today.date()
        now = weeks.at(day, REHEARSED_AT)
    made, seconds = _make(day, now)
    value = {"seeded": True, "today": day, "seconds": seconds, "made": made}
    say(value, _told(made, day, seconds), as_json=as_json)


def _make(day: date, now: datetime) -> tuple[Seeded, float]:
    began = monotonic()
    simulator = _simulator()
    api_base = current_app.extensions["carriole.settings"].stripe_api_base
    with holds.quiet(api_base) if simulator else nullcontext(), unit_of_work() as session:
        made = seed(session, today=day, now=now, gateway=simulator)
    return made, round(monotonic() - began, 1)


def _simulator() -> PaymentGateway | None:
    """The payment simulator, when one is set up and answers; never a real provider."""
    settings = current_app.extensions["carriole.settings"]
    gateway = port(PaymentGateway)
    if settings.stripe_api_base is None or not gateway.simulated:
        return None
    try:
        gateway.balance()
    except GatewayUnavailable:
        click.echo("The payment simulator does not answer: no card hold is made.", err=True)
        return None
    return gateway


def _told(made: Seeded, day: date, seconds: float) -> list[str]:
    return [
        f"The demo stands on {day}: {made.rows['producers']} producers, "
        f"{made.rows['products']} products, {made.orders} orders, "
        f"{made.rows['order_lines']} lines in {made.rows['cycles']} cycles.",
        f"{made.rounds_delivered} orders were delivered today; "
        f"{made.holds} card holds wait at the simulator.  ({seconds} s)",
    ]


@click.command("demo-accounts")
@json_option
def demo_accounts(as_json: bool) -> None:
    """Say who can sign in to the demo."""
    accounts = people.demo_accounts()
    rows = [(each.role.replace("_", " "), each.name, each.email, each.page) for each in accounts]
    say(
        accounts,
        [
            f"Sign in as any of these with the password « {people.PASSWORD} »:",
            *table(["side", "name", "e-mail", "page"], rows),
        ],
        as_json=as_json,
    )
