"""The published day in the Var: read as it says, planned cold, on time and complete."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shop.demo
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.document import read_problem
from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.goods import Amount, TemperatureClass
from shop.logistics.domain.planning.market_day import read_market_day
from shop.logistics.domain.planning.problem import AboardLimits, Place, Problem, StopKind
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.domain.planning.travel import Estimate, estimate_travel

FILE = Path(shop.demo.__file__).parent / "data" / "var-83.json"


@cache
def document() -> Any:
    return json.loads(FILE.read_text())


def deliveries() -> Problem:
    return read_market_day(document(), farms=False)


def test_every_farm_relay_and_home_is_read() -> None:
    problem = read_problem(document())
    kinds = Counter(stop.kind for stop in problem.stops)
    assert kinds == {StopKind.HOME: 400, StopKind.RELAY: 40, StopKind.FARM: 25}
    assert sum(not stop.required for stop in problem.stops) == 33
    assert sum(len(stop.windows) == 2 for stop in problem.stops) == 49
    assert [vehicle.count for vehicle in problem.vehicles] == [10, 18]
    assert problem.aboard == AboardLimits(chilled_s=18_000, frozen_s=14_400)


def test_crates_are_counted_in_tenths_and_weights_in_grams() -> None:
    home = read_problem(document()).stop_by_id["44"]
    assert home.delivers.of(TemperatureClass.CHILLED) == Amount(5_000, 6)
    assert home.delivers.of(TemperatureClass.FROZEN) == Amount(1_000, 1)


def test_farms_are_collected_and_may_be_left_for_another_day() -> None:
    farm = read_problem(document()).stop_by_id["465"]
    assert not farm.delivers
    assert farm.collects.of(TemperatureClass.AMBIENT) == Amount(354_000, 400)
    assert len(deliveries().stops) == 440


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"points": []}, "points"),
        ({"points": [{"id": 0, "kind": "hub"}]}, "points[0]"),
    ],
)
def test_a_day_without_a_hub_or_a_position_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidProblem) as refused:
        read_market_day({**document(), **change})
    assert refused.value.facts["field"] == field


def test_straight_lines_are_stretched_and_driven_faster_when_longer() -> None:
    north = [Place(str(each), 6.0, 43.0 + each) for each in (0.0, 0.01, 0.1, 1.0)]
    travel = estimate_travel(north, Estimate(1.389, ((4.0, 28.0), (15.0, 45.0), (None, 65.0))))
    assert travel.estimated
    # 1.11195, 11.1195 and 111.195 km in a straight line.
    assert travel.distance_m[0].tolist() == [0, 1544, 15445, 154450]
    assert travel.duration_s[0].tolist() == [0, 199, 855, 8554]
    assert np.array_equal(travel.distance_m, travel.distance_m.T)


def test_a_tenth_of_the_day_is_planned_cold_and_complete() -> None:
    problem = deliveries()
    few = replace(problem, stops=problem.stops[:44])
    plan = solve(few, StopRule(iterations=60), 1)
    assert check(few, plan) == []
    assert all(not few.stop_by_id[each.stop_id].required for each in plan.unserved)


@pytest.mark.nightly
def test_the_whole_day_costs_no_more_than_it_should() -> None:
    problem = deliveries()
    cold = solve(problem, StopRule(seconds=20), 1)
    assert check(problem, cold) == []
    warm = replace(problem, aboard=AboardLimits())
    assert solve(warm, StopRule(seconds=20), 1).cost.total_cents <= 450_000
