"""Problems and plans as documents: read back unchanged, refused with the name of the field."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shop.logistics.domain.planning as planning
from shop.logistics.domain.planning.document import (
    plan_schema,
    problem_schema,
    read_plan,
    read_problem,
    write_plan,
    write_problem,
)
from shop.logistics.domain.planning.errors import InvalidPlan, InvalidProblem
from shop.logistics.domain.planning.goods import NOTHING
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    AboardLimits,
    BreakRule,
    Problem,
    Transfer,
)
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.domain.planning.travel import Estimate, estimate_travel
from tests.unit.logistics.planning.road import (
    HOUR,
    MINUTE,
    ambient,
    chilled,
    layout,
    stop,
    town,
    van,
    window,
)


def rich() -> Problem:
    """A problem that uses every field of the format."""
    stops = [
        stop("a", 1, windows=(window(9, 10), window(15, 16)), needs=frozenset({"tail_lift"})),
        stop("b", 2, required=False, price_cents=700, kept_with="family", hub="hub"),
        stop("give", 3, delivers=NOTHING, collects=ambient(), vehicles=frozenset({"van"})),
        stop("take", 1, delivers=ambient(), excluded_vehicles=frozenset({"small"})),
        replace(stop("late", 2, release_s=10 * HOUR), name="Chez Zoé"),
        stop("farm", 3, delivers=NOTHING, collects=chilled(), due_s=12 * HOUR),
    ]
    big = van(
        layouts=(layout(), replace(layout(), payload_g=900_000)),
        reload_hubs=("hub",),
        max_reloads=2,
        max_overtime_s=HOUR,
        max_distance_m=400_000,
        skills=frozenset({"tail_lift"}),
        break_rule=BreakRule(6 * HOUR, 20 * MINUTE),
        profile="slow",
    )
    problem = town(
        [30, 40, 50],
        stops,
        [big, van("small", certified_cold=False, latest_end_s=18 * HOUR)],
        transfers=(Transfer("give", "take"),),
        aboard=AboardLimits(chilled_s=5 * HOUR, frozen_s=4 * HOUR),
        name="jeudi",
    )
    slow = replace(problem.travel, duration_s=problem.travel.duration_s * 2)
    return replace(problem, profiles={"slow": slow})


def written(problem: Problem) -> Any:
    return json.loads(json.dumps(write_problem(problem)))


def test_a_problem_written_and_read_is_the_same() -> None:
    problem = rich()
    again = read_problem(written(problem))
    for name in ("hubs", "vehicles", "stops", "transfers", "aboard", "name"):
        assert getattr(again, name) == getattr(problem, name)
    assert [place.id for place in again.places] == [place.id for place in problem.places]
    assert np.array_equal(again.travel.distance_m, problem.travel.distance_m)
    assert np.array_equal(again.profiles["slow"].duration_s, problem.profiles["slow"].duration_s)


def test_a_road_that_does_not_exist_is_null() -> None:
    problem = rich()
    problem.travel.distance_m[0, 1] = UNREACHABLE
    document = written(problem)
    assert document["travel"]["distance_m"][0][1] is None
    assert read_problem(document).travel.distance_m[0, 1] == UNREACHABLE


def test_without_a_matrix_straight_lines_are_stretched() -> None:
    document = written(rich())
    document["travel"] = {"estimate": {"detour": 1.2, "speeds_kmh": [[None, 60]]}}
    problem = read_problem(document)
    expected = estimate_travel(problem.places, Estimate(1.2, ((None, 60.0),)))
    assert problem.travel.estimated
    assert np.array_equal(problem.travel.duration_s, expected.duration_s)


def test_a_plan_written_and_read_is_the_same() -> None:
    problem = rich()
    plan = solve(problem, StopRule(iterations=20), 1)
    document = json.loads(json.dumps(write_plan(problem, plan)))
    assert read_plan(problem, document) == plan
    assert document["totals"]["cost_cents"] == plan.cost.total_cents


def broken(document: Any, path: str, value: object) -> Any:
    """A document in which one value is another, by a path like ``stops.0.place``."""
    *way, last = path.split(".")
    target = document
    for step in way:
        target = target[int(step)] if step.isdigit() else target[step]
    target[int(last) if last.isdigit() else last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("format", "other", "format", "unknown_format"),
        ("version", 2, "version", "unknown_version"),
        ("places", "here", "places", "not_a_list"),
        ("stops", {}, "stops", "not_a_list"),
        ("stops.0", 7, "stops[0]", "not_an_object"),
        ("stops.0.place", "nowhere", "stops[0].place", "unknown_place"),
        ("stops.0.place", 1, "stops[0].place", "unknown_place"),
        ("stops.0.color", "red", "stops[0].color", "unknown_field"),
        ("stops.0.kind", "castle", "stops[0].kind", "unknown_word"),
        ("stops.0.service_s", 1.5, "stops[0].service_s", "not_a_whole_number"),
        ("stops.0.service_s", float("nan"), "stops[0].service_s", "not_a_whole_number"),
        ("stops.0.service_s", True, "stops[0].service_s", "not_a_whole_number"),
        ("stops.0.required", "yes", "stops[0].required", "not_true_or_false"),
        ("stops.0.id", 5, "stops[0].id", "not_a_text"),
        ("stops.0.windows.0.closes_s", 0, "stops[0].windows[0].closes_s", "upside_down"),
        ("stops.0.delivers.chilled.weight_g", -1, "stops[0].delivers.chilled.weight_g", "negative"),
        ("places.1.lat", float("nan"), "places[1].lat", "out_of_range"),
        ("travel.distance_m.1.0", float("nan"), "travel.distance_m[1][0]", "not_a_whole_number"),
        ("travel.distance_m.1", [0], "travel.distance_m[1]", "wrong_length"),
        ("travel.distance_m", None, "travel", "half_a_matrix"),
        ("travel", {"estimate": {"speeds_kmh": [[1]]}}, "travel.estimate.speeds_kmh[0]",
         "wrong_length"),
        ("profiles", [], "profiles", "not_an_object"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_meant_is_refused_by_field(
    path: str, value: object, field: str, reason: str
) -> None:
    with pytest.raises(InvalidProblem) as refused:
        read_problem(broken(written(rich()), path, value))
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


def test_a_field_that_is_missing_is_named() -> None:
    document = written(rich())
    del document["vehicles"][0]["start_hub"]
    with pytest.raises(InvalidProblem) as refused:
        read_problem(document)
    assert refused.value.facts["field"] == "vehicles[0].start_hub"


@pytest.mark.parametrize("document", [None, [], "text"])
def test_what_is_no_document_is_refused(document: object) -> None:
    with pytest.raises(InvalidProblem):
        read_problem(document)
    with pytest.raises(InvalidPlan):
        read_plan(rich(), document)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("format", "other", "format"),
        ("version", 0, "version"),
        ("rounds", {}, "rounds"),
        ("rounds.0.visits.0.place", "nowhere", "rounds[0].visits[0].place"),
        ("rounds.0.visits.0.start_s", "soon", "rounds[0].visits[0].start_s"),
    ],
)
def test_a_plan_document_that_cannot_be_read_is_refused_by_field(
    path: str, value: object, field: str
) -> None:
    problem = rich()
    document = json.loads(
        json.dumps(write_plan(problem, solve(problem, StopRule(iterations=5), 1)))
    )
    with pytest.raises(InvalidPlan) as refused:
        read_plan(problem, broken(document, path, value))
    assert refused.value.facts["field"] == field


def test_the_schemas_beside_the_code_are_those_of_the_code() -> None:
    folder = Path(planning.__file__).parent
    for name, schema in (("problem", problem_schema()), ("plan", plan_schema())):
        assert json.loads((folder / f"{name}.schema.json").read_text()) == schema


def test_a_document_has_only_fields_that_the_schema_knows() -> None:
    document, schema = written(rich()), problem_schema()
    assert set(document) <= set(schema["properties"])
    assert set(schema["required"]) <= set(document)
    for name, kind in (("stops", "Stop"), ("vehicles", "Vehicle"), ("hubs", "Hub")):
        for each in document[name]:
            assert set(each) <= set(schema["$defs"][kind]["properties"])
            assert set(schema["$defs"][kind]["required"]) <= set(each)


def test_time_at_the_door_follows_from_kind_and_crates() -> None:
    document = written(rich())
    first, other, *_ = document["stops"]
    for each in (first, other):
        each["kind"] = "home"
        each["delivers"] = {
            "chilled": {"weight_g": 9000, "crate_tenths": 11},
            "frozen": {"weight_g": 900, "crate_tenths": 3},
        }
    del first["service_s"]
    other["service_s"] = 45
    document["service"] = {"home": {"base_s": 240, "per_crate_s": 30}}
    problem = read_problem(document)
    assert problem.stop_by_id[first["id"]].service_s == 240 + 3 * 30
    assert problem.stop_by_id[other["id"]].service_s == 45
    assert problem.stop_by_id["farm"].service_s == 10 * MINUTE


@pytest.mark.parametrize(
    ("service", "field", "reason"),
    [
        ({"castle": {}}, "service.castle", "unknown_word"),
        ({"home": {"base_s": -1}}, "service.home.base_s", "negative"),
        ({"home": {"per_crate_s": "2"}}, "service.home.per_crate_s", "not_a_whole_number"),
        ({"home": {"per_bag_s": 2}}, "service.home.per_bag_s", "unknown_field"),
    ],
)
def test_a_rule_of_service_that_cannot_be_meant_is_refused(
    service: object, field: str, reason: str
) -> None:
    with pytest.raises(InvalidProblem) as refused:
        read_problem({**written(rich()), "service": service})
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


def test_a_vehicle_that_is_not_there_serves_nobody() -> None:
    document = written(rich())
    document["vehicles"][0]["available"] = False
    document["vehicles"][1]["available"] = True
    problem = read_problem(document)
    assert [each.id for each in problem.vehicles] == ["small"]
    plan = solve(problem, StopRule(iterations=20), 1)
    reasons = {each.stop_id: each.reason.value for each in plan.unserved}
    assert reasons["give"] == "not_allowed"
    document["vehicles"][0]["available"] = "today"
    with pytest.raises(InvalidProblem) as refused:
        read_problem(document)
    assert refused.value.facts["field"] == "vehicles[0].available"
