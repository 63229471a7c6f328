"""Measure how plans hold when something changes, on a folder of problems."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from shop.bench.rounds.instances import read_folder
from shop.bench.rounds.replan import Replanned, measure_replanning
from shop.cli.answers import fail, json_option, say, table


@click.command("bench-replan")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=2, show_default=True)
@click.option("--before", type=click.FloatRange(min=0.1), default=20, show_default=True)
@click.option("--seed", "seeds", type=int, multiple=True, default=(1,), help="May be repeated.")
@click.option("--only", default="", help="Only instances whose name begins so; several by comma.")
@click.option("--without-farms", is_flag=True, help="Only deliveries, of a market's day.")
@json_option
def bench_replan(
    folder: Path,
    seconds: float,
    before: float,
    seeds: tuple[int, ...],
    only: str,
    without_farms: bool,
    as_json: bool,
) -> None:
    """Plan every problem in FOLDER, lose a vehicle or add ten stops, and plan anew.

    Beside the plan that starts from the last one stands one that starts from nothing, with the
    same processor seconds.
    """
    instances, _ = read_folder(folder, farms=not without_farms)
    names = tuple(each for each in only.split(",") if each)
    chosen = [each for each in instances if not names or each.name.startswith(names)]
    if not chosen:
        fail("no_instances", f"no problem to solve in {folder}", as_json=as_json, folder=folder)
    found: list[Replanned] = []
    for instance in chosen:
        for seed in seeds:
            for each in measure_replanning(instance, seed, seconds, before):
                click.echo(" ".join(map(str, _row(each))), err=True)
                found.append(each)
    header = ["instance", "change", "seed", "touched", "from the last", "from nothing", "kept"]
    say(
        [asdict(each) for each in found],
        table(header, [_row(each) for each in found]),
        as_json=as_json,
    )


def _row(each: Replanned) -> tuple[object, ...]:
    return (
        each.instance,
        each.change,
        each.seed,
        each.touched,
        _cost(each.warm_cost, each.warm_left_out)
        + (f", {each.violations} rules broken" if each.violations else ""),
        _cost(each.cold_cost, each.cold_left_out),
        f"{each.kept_percent} %",
    )


def _cost(cost: float, left_out: int) -> str:
    return f"{cost:.2f}" + (f", {left_out} left out" if left_out else "")
