"""What the bench of rounds promises: every format read, one judge, an honest table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from shop.bench.rounds import peers
from shop.bench.rounds.instances import read_folder
from shop.bench.rounds.measure import OURS, measure
from shop.cli.bench_rounds import bench_rounds

VRPLIB = """NAME : tiny
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 4
NODE_COORD_SECTION
1 0 0
2 0 10
3 0 20
4 30 0
5 40 0
DEMAND_SECTION
1 0
2 2
3 2
4 2
5 2
DEPOT_SECTION
1
-1
EOF
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One problem whose best plan is known, and a text that is none."""
    (tmp_path / "tiny.vrp").write_text(VRPLIB)
    (tmp_path / "notes.txt").write_text("nothing to plan here\n")
    (tmp_path / "bks.csv").write_text("instance,kind,cost,vehicles\ntiny,cvrp,120,\n")
    return tmp_path


def test_a_folder_says_what_it_passed_over(folder: Path) -> None:
    (found,), passed = read_folder(folder)
    assert (found.name, len(found.problem.stops)) == ("tiny", 4)
    assert [name for name, _ in passed] == ["notes.txt"]


def test_the_best_plan_has_no_gap(folder: Path) -> None:
    (instance,), _ = read_folder(folder)
    outcome = measure(instance, OURS, seed=1, seconds=0.3, cores=1)
    assert (outcome.cost, outcome.gap_percent, outcome.routes) == (120.0, 0.0, 2)
    assert outcome.violations == outcome.unserved == 0
    assert 0 < outcome.cpu_s < 3


def test_a_solution_beside_a_file_is_its_reference(folder: Path) -> None:
    (folder / "bks.csv").unlink()
    (folder / "tiny.sol").write_text("Route #1: 1 2\nRoute #2: 3 4\nCost 125\n")
    (instance,), _ = read_folder(folder)
    assert instance.reference is not None
    assert instance.reference.cost == 125


def test_the_answer_in_json_is_a_list_of_outcomes(folder: Path) -> None:
    answer = CliRunner().invoke(
        bench_rounds, [str(folder), "--seconds", "0.2", "--against", "pyvrp", "--json"]
    )
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert [each["solver"] for each in found] == ["carriole", "pyvrp"]
    wanted = {
        "instance", "solver", "seed", "cost", "reference", "gap_percent", "routes", "cpu_s"
    }  # fmt: skip
    assert all(wanted <= set(each) for each in found)


def test_a_missing_peer_is_said_and_left_out(folder: Path) -> None:
    missing = [each for each in ("vroom", "ortools") if not peers.is_installed(each)]
    if not missing:
        pytest.skip("all peers are installed here")
    answer = CliRunner().invoke(
        bench_rounds, [str(folder), "--seconds", "0.2", "--against", ",".join(missing)]
    )
    assert answer.exit_code == 0
    assert f"{missing[0]} is not installed here" in answer.stderr
    assert "rounded to whole numbers" in answer.stdout


def test_a_peer_nobody_knows_is_an_error(folder: Path) -> None:
    answer = CliRunner().invoke(bench_rounds, [str(folder), "--against", "magic"])
    assert answer.exit_code == 1
    assert "no peer magic" in answer.stderr
