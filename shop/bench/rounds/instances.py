"""Reads a folder of planning problems and what is known of their best plans."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shop.logistics.domain.planning.benchmarks import SCALES, Convention, read_benchmark
from shop.logistics.domain.planning.document import read_problem
from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.market_day import is_market_day, read_market_day
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem

REFERENCES = "bks.csv"
"""Columns ``instance`` and ``cost``, and ``vehicles`` where fewer vehicles count first."""
SUFFIXES = (".txt", ".vrp", ".json")
MONEY = "money"
"""The convention of our own format: euros, as the plan says them."""

SAID = {
    Convention.TENTHS_CUT: "Solomon, Gehring and Homberger: distance only, cut to one decimal",
    Convention.WHOLE: "VRPLIB: distances rounded to whole numbers",
    Convention.HUNDREDTHS: (
        "Li and Lim: fewest vehicles first, then distance, rounded to two decimals; "
        "a gap only where the number of vehicles is that of the reference"
    ),
    MONEY: "our own format: euros of vehicles, kilometers, hours and overtime",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """The best that is known: a cost, and how many vehicles it takes where that counts."""

    cost: float
    vehicles: int | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One problem, how its cost is counted, and the best that is known of it."""

    name: str
    problem: Problem
    convention: str
    reference: Reference | None = None

    def cost_of(self, plan: Plan) -> float:
        """What a plan costs under the convention."""
        if self.convention == MONEY:
            return plan.cost.total_cents / 100
        return plan.distance_m / SCALES[Convention(self.convention)]

    def gap_percent(self, plan: Plan) -> float | None:
        """How much dearer than the reference; ``None`` where they cannot be compared."""
        known = self.reference
        if known is None or known.cost <= 0:
            return None
        if known.vehicles is not None and known.vehicles != len(plan.rounds):
            return None
        return 100 * (self.cost_of(plan) / known.cost - 1)


def read_folder(
    folder: Path, *, farms: bool = True
) -> tuple[list[Instance], list[tuple[str, str]]]:
    """All instances below a folder, small ones first, and which files were passed over and why."""
    references = _references(folder)
    found: list[Instance] = []
    passed: list[tuple[str, str]] = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() not in SUFFIXES or not file.is_file():
            continue
        try:
            problem, convention = _read(file, farms=farms)
        except (InvalidProblem, UnicodeDecodeError, json.JSONDecodeError) as error:
            passed.append((file.name, str(error)))
            continue
        reference = references.get(file.stem) or _solution_beside(file)
        if convention != Convention.HUNDREDTHS and reference is not None:
            reference = Reference(reference.cost)
        found.append(Instance(file.stem, problem, convention, reference))
    found.sort(key=lambda each: (len(each.problem.stops), each.name))
    return found, passed


def _read(file: Path, *, farms: bool) -> tuple[Problem, str]:
    text = file.read_text("utf-8")
    if file.suffix.lower() == ".json":
        document = json.loads(text)
        if isinstance(document, Mapping) and is_market_day(document):
            return read_market_day(document, farms=farms), MONEY
        return read_problem(document), MONEY
    return read_benchmark(text)


def _references(folder: Path) -> dict[str, Reference]:
    return {name: reference for file in folder.rglob(REFERENCES) for name, reference in _rows(file)}


def _rows(file: Path) -> Iterator[tuple[str, Reference]]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            name, cost, vehicles = (row.get(key) for key in ("instance", "cost", "vehicles"))
            if name and cost:
                yield name, Reference(float(cost), int(vehicles) if vehicles else None)


def _solution_beside(file: Path) -> Reference | None:
    """The cost in a ``.sol`` file of the same name, as VRPLIB writes it."""
    beside = file.with_suffix(".sol")
    if not beside.is_file():
        return None
    cost = re.search(r"^Cost:?\s+([0-9.]+)", beside.read_text("utf-8"), re.MULTILINE)
    return Reference(float(cost.group(1))) if cost else None
