"""Plan the rounds of a problem in a file: no database, no settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from shop.cli.answers import fail, json_option, refusing, say, table
from shop.logistics.domain.planning.check import Violation, check
from shop.logistics.domain.planning.document import read_problem, write_plan
from shop.logistics.domain.planning.market_day import is_market_day, read_market_day
from shop.logistics.domain.planning.plan import Plan, Round
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import Progress, StopRule

USUAL_SECONDS = 20


@click.command("plan")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=USUAL_SECONDS, show_default=True)
@click.option("--iterations", type=click.IntRange(min=1), help="Instead of seconds: repeatable.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--without-farms", is_flag=True, help="Only deliveries, of a market's day.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan there, as JSON."
)
@json_option
@refusing
def plan_file(
    file: Path,
    seconds: float,
    iterations: int | None,
    seed: int,
    without_farms: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find rounds for the problem in FILE, a JSON document in the documented format.

    One day of a market in its published format is understood too. Status 1 when the file cannot
    be used, or when no lawful plan was found.
    """
    problem = _read(file, farms=not without_farms, as_json=as_json)
    rule = StopRule(iterations=iterations) if iterations else StopRule(seconds=seconds)
    watch = None if as_json or not sys.stderr.isatty() else _tell
    plan = solve(problem, rule, seed, progress=watch)
    broken = check(problem, plan)
    written = write_plan(problem, plan)
    if out is not None:
        out.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")
    say({**written, "violations": broken}, told(problem, plan, broken), as_json=as_json)
    if broken:
        sys.exit(1)


def _read(file: Path, *, farms: bool, as_json: bool) -> Problem:
    try:
        document = json.loads(file.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        fail("not_json", f"{file} holds no JSON: {error}", as_json=as_json, file=file)
        raise
    if not farms and isinstance(document, Mapping) and is_market_day(document):
        return read_market_day(document, farms=False)
    return read_problem(document)


def _tell(progress: Progress) -> None:
    cost = "no plan yet" if progress.best_cents is None else f"{progress.best_cents / 100:.2f}"
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
    click.echo(f"\rbest {cost}, {progress.unserved} not served{left}   ", err=True, nl=False)


def told(problem: Problem, plan: Plan, broken: list[Violation]) -> list[str]:
    """A plan for people: its rounds, what was left out and why, what it costs."""
    lines = table(
        ["round", "vehicle", "stops", "leaves", "back", "km", "cost"],
        [
            (number, _vehicle(problem, each), len(each.stop_ids), *_figures(each))
            for number, each in enumerate(plan.rounds, start=1)
        ],
    )
    if plan.unserved:
        lines += ["", "Left out:"]
        lines += table(
            ["stop", "name", "reason", "facts"],
            [
                (
                    each.stop_id,
                    problem.stop_by_id[each.stop_id].name,
                    each.reason,
                    _facts(each.facts),
                )
                for each in plan.unserved
            ],
        )
    if broken:
        lines += ["", "Not lawful:", *(f"  {each}" for each in broken)]
    served = sum(len(each.stop_ids) for each in plan.rounds)
    lines += [
        "",
        f"{len(plan.rounds)} rounds serve {served} of {len(problem.stops)} stops: "
        f"{_euros(plan.cost.total_cents)}, {plan.distance_m / 1000:.0f} km, "
        f"{plan.duration_s / 3600:.1f} h"
        + (" (distances are estimated)" if problem.travel.estimated else ""),
        f"  vehicles {_euros(plan.cost.fixed_cents)}, distance {_euros(plan.cost.distance_cents)}, "
        f"time {_euros(plan.cost.time_cents)}, overtime {_euros(plan.cost.overtime_cents)}",
    ]
    return lines


def _figures(each: Round) -> tuple[str, str, str, str]:
    return (
        _time(each.start_s),
        _time(each.end_s),
        f"{each.distance_m / 1000:.0f}",
        _euros(each.cost.total_cents),
    )


def _vehicle(problem: Problem, each: Round) -> str:
    vehicle = problem.vehicle_by_id[each.vehicle_id]
    return f"{vehicle.id} {each.vehicle_number + 1}" if vehicle.count > 1 else vehicle.id


def _facts(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def _time(second: int) -> str:
    """Hours and minutes of the day of delivery; the day before has a minus."""
    day, rest = divmod(second, 86_400)
    mark = f" {day:+d} d" if day else ""
    return f"{rest // 3600:02d}:{rest % 3600 // 60:02d}{mark}"


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} €"
