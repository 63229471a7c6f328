"""``carriole plan``: a problem in a file, without settings or database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shop.cli.plan import plan_file

SMALL = {
    "name": "three doors",
    "max_chilled_aboard_s": 18000,
    "max_frozen_aboard_s": 14400,
    "travel": {"detour_factor": 1.389, "speed_kmh": [[4, 28], [15, 45], [None, 65]]},
    "fleet": [
        {
            "type": "van",
            "count": 2,
            "capacity_kg": {"chilled": 320, "frozen": 40, "ambient": 320},
            "capacity_crates": {"chilled": 36, "frozen": 5, "ambient": 36},
            "fixed_cents": 2500,
            "cents_per_km": 30,
            "cents_per_hour": 1900,
            "shift_s": 25200,
            "start_between": [18000, 54000],
        }
    ],
    "points": [
        {"id": 0, "kind": "hub", "lon": 6.06, "lat": 43.4, "open": [14400, 75600]},
        *(
            {
                "id": number,
                "kind": "home",
                "lon": 6.06 + number / 50,
                "lat": 43.4,
                "kg": {"chilled": 5},
                "crates": {"chilled": 0.5},
                "windows": [[32400, 43200]],
                "service_s": 300,
            }
            for number in (1, 2, 3)
        ),
    ],
}


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(SMALL))
    return file


def plan(*arguments: str | Path) -> Result:
    return CliRunner().invoke(plan_file, [str(each) for each in arguments])


def test_it_prints_the_rounds_for_people(problem: Path) -> None:
    result = plan(problem, "--iterations", "20")
    assert result.exit_code == 0
    assert "1 rounds serve 3 of 3 stops" in result.output


def test_it_prints_json_and_writes_the_same_plan_into_a_file(problem: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    result = plan(problem, "--iterations", "20", "--json", "--out", out)
    said, written = json.loads(result.stdout), json.loads(out.read_text())
    assert said.pop("violations") == []
    assert said == written
    assert len(written["rounds"]) == 1


def test_the_same_seed_and_iterations_find_the_same_rounds(problem: Path) -> None:
    found = [
        json.loads(plan(problem, "--iterations", "20", "--json").stdout)["rounds"] for _ in "ab"
    ]
    assert found[0] == found[1]


def test_a_file_that_holds_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no problem at all")
    result = plan(file, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "not_json"


def test_a_problem_that_cannot_be_meant_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "empty.json"
    file.write_text("{}")
    result = plan(file, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["field"] == "format"
