"""Plan the orders of another platform, in the terms of the Data Food Consortium."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from shop.adapters.dfc_orders import DfcExchange
from shop.cli.answers import fail, json_option, refusing, say, table
from shop.infra.clock import SystemClock
from shop.logistics.domain.exchange import published
from shop.logistics.domain.exchange.orders import OutsideOrders
from shop.logistics.domain.exchange.problem import SERVICE_S, OutsideDay, Terms, problem_of
from shop.logistics.domain.exchange.published import Figures, Published
from shop.logistics.domain.exchange.routes import OutsideRoutes, routes_of
from shop.logistics.domain.planning.check import Violation, check
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.errors import FileRefused

USUAL_SECONDS = 5
ZONE = "Europe/Paris"

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("dfc")
@click.argument("file", type=_file)
@click.option("--seconds", type=click.FloatRange(min=0.1), default=USUAL_SECONDS, show_default=True)
@click.option("--iterations", type=click.IntRange(min=1), help="Instead of seconds: repeatable.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--service-s", type=click.IntRange(0, 14_400), default=SERVICE_S, show_default=True)
@click.option("--cents-per-km", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--cents-per-hour", type=click.IntRange(min=0), default=1900, show_default=True)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day, where no place has hours.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the routes.")
@click.option("--against", type=_file, help="A published result for the same orders: compare.")
@json_option
@refusing
def plan_dfc(
    file: Path,
    seconds: float,
    iterations: int | None,
    seed: int,
    service_s: int,
    cents_per_km: int,
    cents_per_hour: int,
    on: datetime | None,
    out: Path | None,
    against: Path | None,
    as_json: bool,
) -> None:
    """Find routes for the orders in FILE, a JSON-LD document of the Data Food Consortium.

    A vehicle waits at each place where goods are; distances are estimated. Nothing is fetched.
    With --against both results are measured by the same distances, twice: by the estimate, and by
    the roads the published result tells. Status 1: unusable file, no lawful plan, or ours dearer.
    """
    exchange = DfcExchange()
    orders = _read(exchange, file, as_json=as_json)
    today = on or SystemClock().now()
    terms = Terms(
        on=today.date(),
        zone=ZoneInfo(ZONE),
        service_s=service_s,
        cents_per_km=cents_per_km,
        cents_per_hour=cents_per_hour,
    )
    rule = StopRule(iterations=iterations) if iterations else StopRule(seconds=seconds)
    day = problem_of(orders, terms)
    plan = solve(day.problem, rule, seed)
    broken = check(day.problem, plan)
    routes = routes_of(day, plan)
    if out is not None:
        out.write_bytes(exchange.write(orders, routes))
    rows = None
    if against is not None:
        found = published.read_published(_json(against, as_json=as_json))
        rows = _compared(found, day, plan, rule, seed)
    say(
        {
            "orders": len(orders.order_numbers),
            "lines": len(orders.lines),
            "places": len(orders.places),
            "unweighed": orders.unweighed,
            "routes": routes.routes,
            "unserved": dict(routes.unserved),
            "violations": broken,
            "compared": None if rows is None else dict(rows),
        },
        [*_told(orders, routes, broken), *([] if rows is None else ["", *_beside(rows)])],
        as_json=as_json,
    )
    if broken or (rows is not None and _dearer(dict(rows))):
        sys.exit(1)


def _read(exchange: DfcExchange, file: Path, *, as_json: bool) -> OutsideOrders:
    try:
        return exchange.read(file.read_bytes())
    except FileRefused as refusal:
        if not as_json:
            for line in told_of(refusal):
                click.echo(line, err=True)
            sys.exit(1)
        raise


def told_of(refusal: FileRefused) -> list[str]:
    """A refused file for people: one line, then one for each fault."""
    facts = {
        name: each for name, each in refusal.facts.items() if name not in ("reason", "problems")
    }
    rest = ", ".join(f"{name} {each}" for name, each in facts.items())
    lines = [f"Refused: {refusal.facts['reason']}" + (f" ({rest})" if rest else "")]
    for each in refusal.facts.get("problems", ()):
        where = ", ".join(
            f"{name} {each[name]}" for name in ("order", "line", "place") if name in each
        )
        value = f": {each['value']}" if "value" in each else ""
        lines.append(f"  {each['fault']}{value} ({where})")
    return lines


def _json(file: Path, *, as_json: bool) -> object:
    try:
        found: object = json.loads(file.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        fail("not_json", f"{file} holds no JSON: {error}", as_json=as_json, file=file)
        raise
    return found


def _compared(
    found: Published, day: OutsideDay, plan: Plan, rule: StopRule, seed: int
) -> list[tuple[str, Figures]]:
    """Both results by the roads that were published, then both by the estimate."""
    told = OutsideDay(
        replace(day.problem, travel=published.known_roads(found, day.problem)), day.midnight
    )
    return [
        ("published", published.figures_of(found)),
        ("ours by its roads", _figures(told, solve(told.problem, rule, seed))),
        ("published by estimate", published.measured(found, day.problem)),
        ("ours by estimate", _figures(day, plan)),
    ]


def _figures(day: OutsideDay, plan: Plan) -> Figures:
    routes = routes_of(day, plan)
    return Figures(len(routes.routes), len(routes.unserved), routes.distance_m, routes.driving_s)


def _dearer(rows: dict[str, Figures]) -> bool:
    return any(
        rows[ours].unserved > rows[theirs].unserved or rows[ours].driving_s > rows[theirs].driving_s
        for theirs, ours in (
            ("published", "ours by its roads"),
            ("published by estimate", "ours by estimate"),
        )
    )


def _beside(rows: Iterable[tuple[str, Figures]]) -> list[str]:
    return table(
        ["", "routes", "not served", "km", "seconds driven"],
        [
            (name, each.routes, each.unserved, f"{each.distance_m / 1000:.1f}", each.driving_s)
            for name, each in rows
        ],
    )


def _told(orders: OutsideOrders, routes: OutsideRoutes, broken: list[Violation]) -> list[str]:
    zone = ZoneInfo(ZONE)
    lines = table(
        ["route", "from", "takes", "leaves", "back", "km", "seconds driven"],
        [
            (
                each.number,
                each.base.street,
                sum(step.takes for step in each.steps),
                f"{each.starts_at.astimezone(zone):%H:%M}",
                f"{each.ends_at.astimezone(zone):%H:%M}",
                f"{each.distance_m / 1000:.1f}",
                each.driving_s,
            )
            for each in routes.routes
        ],
    )
    lines += ["", *(f"Left out: {line} ({reason})" for line, reason in routes.unserved)]
    lines += [f"Without weight, counted in pieces: {line}" for line in orders.unweighed]
    lines += [f"Not lawful: {each}" for each in broken]
    count = len(orders.lines) - len(routes.unserved)
    lines.append(
        f"{len(routes.routes)} routes serve {count} of {len(orders.lines)} lines of "
        f"{len(orders.order_numbers)} orders: {routes.distance_m / 1000:.1f} km, "
        f"{routes.driving_s} s at the wheel" + (" (estimated)" if routes.estimated else "")
    )
    return lines
