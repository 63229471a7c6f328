"""Measure the planner of rounds on a folder of problems, beside its peers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from shop.bench.rounds.instances import SAID, Instance, read_folder
from shop.bench.rounds.measure import OURS, Outcome, measure
from shop.bench.rounds.peers import PACKAGES, PEERS, is_installed
from shop.cli.answers import fail, json_option, say, table

BUSY = 1.5
"""Load per core above which figures say more of the machine than of the solvers."""


@click.command("bench-rounds")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=10, show_default=True)
@click.option("--cores", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--against", default="", help="Peers to run beside: pyvrp,vroom,ortools.")
@click.option("--seed", "seeds", type=int, multiple=True, default=(1,), help="May be repeated.")
@click.option("--only", default="", help="Only instances whose name begins so; several by comma.")
@click.option("--without-farms", is_flag=True, help="Only deliveries, of a market's day.")
@json_option
def bench_rounds(
    folder: Path,
    seconds: float,
    cores: int,
    against: str,
    seeds: tuple[int, ...],
    only: str,
    without_farms: bool,
    as_json: bool,
) -> None:
    """Solve every problem in FOLDER and print how far each answer is from the best known.

    Seconds are those the processor works, on each core. References come from bks.csv in FOLDER.
    One checker judges every answer; what breaks a rule or leaves something out has no cost.
    """
    solvers = [OURS, *_peers(against, as_json=as_json)]
    instances, passed = read_folder(folder, farms=not without_farms)
    names = tuple(each for each in only.split(",") if each)
    chosen = [each for each in instances if not names or each.name.startswith(names)]
    for name, reason in passed:
        click.echo(f"passed over {name}: {reason}", err=True)
    if not chosen:
        fail("no_instances", f"no problem to solve in {folder}", as_json=as_json, folder=folder)
    outcomes = []
    for instance in chosen:
        for seed in seeds:
            for solver in solvers:
                outcome = measure(instance, solver, seed, seconds, cores)
                click.echo(_line(outcome), err=True)
                outcomes.append(outcome)
    lines = [*_side_by_side(chosen, solvers, outcomes), *_notes(chosen, seconds, cores, seeds)]
    say([asdict(each) for each in outcomes], lines, as_json=as_json)


def _peers(against: str, *, as_json: bool) -> list[str]:
    """Those asked for and installed; a missing one is said, not an error."""
    wanted = [each.strip() for each in against.split(",") if each.strip()]
    unknown = [each for each in wanted if each not in PEERS]
    if unknown:
        known = ", ".join(PEERS)
        fail("unknown_peer", f"no peer {unknown[0]}: there are {known}", as_json=as_json)
    for each in wanted:
        if not is_installed(each):
            hint = f"pip install {PACKAGES[each]}, or the extra 'peers'"
            click.echo(f"{each} is not installed here ({hint}): left out", err=True)
    return [each for each in wanted if is_installed(each)]


def _line(outcome: Outcome) -> str:
    gap = "" if outcome.gap_percent is None else f" ({outcome.gap_percent:+.2f} %)"
    cost = "-" if outcome.cost is None else f"{outcome.cost:.2f}"
    return (
        f"{outcome.instance} {outcome.solver} seed {outcome.seed}: {cost}{gap}, "
        f"{outcome.routes} routes, {outcome.cpu_s} CPU s" + _faults(outcome)
    )


def _faults(outcome: Outcome) -> str:
    faults = []
    if outcome.error:
        faults.append(outcome.error)
    if outcome.unserved:
        faults.append(f"{outcome.unserved} stops left out")
    if outcome.violations:
        faults.append(f"{outcome.violations} rules broken")
    return f" [{', '.join(faults)}]" if faults else ""


def _side_by_side(
    instances: Sequence[Instance], solvers: Sequence[str], outcomes: Sequence[Outcome]
) -> list[str]:
    """One row per instance with the gap of each solver, mean of seeds; then the means of all."""
    rows: list[tuple[object, ...]] = []
    for instance in instances:
        found = [each for each in outcomes if each.instance == instance.name]
        cells = [_cell([each for each in found if each.solver == name]) for name in solvers]
        known = instance.reference
        best = "-" if known is None else _with_routes(known.cost, known.vehicles)
        rows.append((instance.name, len(instance.problem.stops), best, *cells))
    means = [_mean([each for each in outcomes if each.solver == name]) for name in solvers]
    rows.append(("mean gap", "", "", *means))
    return table(["instance", "stops", "reference", *solvers], rows)


def _with_routes(cost: float, vehicles: int | None) -> str:
    return f"{cost:g}" + ("" if vehicles is None else f" / {vehicles}")


def _cell(outcomes: Sequence[Outcome]) -> str:
    bad = [each for each in outcomes if each.cost is None]
    if bad:
        return _faults(bad[0]).strip(" []") or "no plan"
    gaps = [each.gap_percent for each in outcomes if each.gap_percent is not None]
    costs = [each.cost for each in outcomes if each.cost is not None]
    routes = sorted({each.routes for each in outcomes})
    said = f"{sum(costs) / len(costs):.1f} / {'-'.join(map(str, routes))}"
    return f"{sum(gaps) / len(gaps):+.2f} % ({said})" if len(gaps) == len(outcomes) else said


def _mean(outcomes: Sequence[Outcome]) -> str:
    gaps = [each.gap_percent for each in outcomes if each.gap_percent is not None]
    if not gaps:
        return "-"
    return f"{sum(gaps) / len(gaps):+.2f} % of {len(gaps)}"


def _notes(
    instances: Sequence[Instance], seconds: float, cores: int, seeds: Sequence[int]
) -> list[str]:
    said = dict.fromkeys(SAID[each.convention] for each in instances)
    load = os.getloadavg()[0]
    busy = ["The machine is busy: figures are worse than they are."]
    return [
        "",
        *said,
        f"Each cell: gap to the reference (cost / routes). {seconds:g} processor seconds on each "
        f"of {cores} core(s); seeds {', '.join(map(str, seeds))}; VROOM and OR-Tools by the clock, "
        "PyVRP and OR-Tools with one seed per core. "
        f"Load of the machine {load:.1f} on {os.cpu_count()} cores.",
        *(busy if load > BUSY * (os.cpu_count() or 1) + cores else []),
    ]
