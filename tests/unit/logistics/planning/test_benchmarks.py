"""Benchmark files of the literature: read by their own conventions, planned lawfully."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shop.logistics.domain.planning.benchmarks import SCALES, Convention, read_benchmark
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.problem import Transfer, Window
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule

SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  2         20

CUSTOMER
CUST NO.   XCOORD.   YCOORD.   DEMAND    READY TIME   DUE DATE   SERVICE TIME

    0      0         0          0          0        230          0
    1      1         1          10         5        204         10
    2      3         4          7          0        202         10
"""

LI_LIM = """2\t20\t1
0\t0\t0\t0\t0\t230\t0\t0\t0
1\t1\t1\t10\t5\t204\t10\t0\t2
2\t3\t4\t-10\t0\t202\t10\t1\t0
"""

VRPLIB = """NAME : tiny
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 20
NODE_COORD_SECTION
1\t0\t0
2\t1\t1
3\t3\t4
DEMAND_SECTION
1\t0
2\t10
3\t7
DEPOT_SECTION
1
-1
EOF
"""


@pytest.mark.parametrize(
    ("text", "convention", "row"),
    [
        (SOLOMON, Convention.TENTHS_CUT, [0, 14, 50]),
        (LI_LIM, Convention.HUNDREDTHS, [0, 141, 500]),
        (VRPLIB, Convention.WHOLE, [0, 1, 5]),
    ],
)
def test_each_format_rounds_lengths_in_its_own_way(
    text: str, convention: Convention, row: list[int]
) -> None:
    problem, found = read_benchmark(text)
    assert found is convention
    assert problem.travel.distance_m[0].tolist() == row
    plan = solve(problem, StopRule(iterations=20), 1)
    assert check(problem, plan) == []
    assert plan.unserved == ()


def test_windows_are_scaled_like_lengths() -> None:
    problem, _ = read_benchmark(SOLOMON)
    assert problem.stops[0].windows == (Window(50, 2040),)
    assert problem.stops[0].service_s == 100
    assert problem.vehicles[0].count == 2


def test_pairs_of_collection_and_delivery_are_transfers() -> None:
    problem, _ = read_benchmark(LI_LIM)
    assert problem.transfers == (Transfer("1", "2"),)
    assert problem.stops[0].collects == problem.stops[1].delivers


@pytest.mark.parametrize("text", ["", "hello", "NODE_COORD_SECTION\n1 a b", "1 2 3\n4 5"])
def test_what_is_no_benchmark_is_refused(text: str) -> None:
    with pytest.raises(InvalidProblem) as refused:
        read_benchmark(text)
    assert refused.value.facts["reason"] == "unknown_benchmark_format"


def shared_instances() -> list[Path]:
    beside = Path(__file__).parents[4].parent / "shared"
    folder = Path(os.environ.get("CARRIOLE_SHARED", beside)) / "routing-instances"
    return sorted(each for each in folder.glob("*") if each.suffix in {".txt", ".vrp"})


def test_published_files_are_read_whole() -> None:
    files = shared_instances()
    if not files:
        pytest.skip("the published benchmark files are not on this machine")
    for file in files:
        problem, convention = read_benchmark(file.read_text())
        assert len(problem.stops) >= 100
        assert SCALES[convention] > 0
