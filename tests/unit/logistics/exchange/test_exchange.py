"""Orders of other platforms become rounds, and are measured fairly beside what others found."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.cli.dfc import plan_dfc
from shop.kernel.quantity import Quantity
from shop.logistics.domain.exchange import published
from shop.logistics.domain.exchange.orders import OutsideLine, OutsideOrders, OutsidePlace
from shop.logistics.domain.exchange.problem import Terms, problem_of
from shop.logistics.domain.exchange.routes import routes_of
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.errors import InvalidPlan
from shop.logistics.domain.planning.goods import Capacity, Layout
from shop.logistics.domain.planning.problem import Hub, Place, Vehicle
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from tests.factories.outside_orders import AT, content, document, named

BESIDE = Path(__file__).resolve().parents[5] / "shared"
PUBLISHED = Path(os.environ.get("CARRIOLE_SHARED") or BESIDE) / "dfc"
TERMS = Terms(on=date(2026, 12, 3), zone=ZoneInfo("Europe/Paris"), service_s=300)
NINE = datetime(2026, 12, 3, 8, tzinfo=UTC)
NOON = datetime(2026, 12, 3, 11, tzinfo=UTC)


def orders_of(spots: list[tuple[float, float]]) -> OutsideOrders:
    """Goods at every place but the first, all to be brought to the first."""
    places = [
        OutsidePlace(f"p{at}", lon, lat, opens_at=NINE, closes_at=NOON)
        for at, (lon, lat) in enumerate(spots)
    ]
    return OutsideOrders(
        places=tuple(places),
        lines=tuple(
            OutsideLine(f"l{at}", "o", "O-1", f"s{at}", place.id, "p0", Quantity.grams(2000))
            for at, place in enumerate(places[1:], start=1)
        ),
        vocabulary="https://exemple.fr/DFC_BusinessOntology.owl#",
    )


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(6.0, 6.4), st.floats(43.3, 43.6)),
        min_size=2,
        max_size=6,
    )
)
def test_every_line_is_taken_and_then_handed_over_by_the_same_vehicle_or_explained(
    spots: list[tuple[float, float]],
) -> None:
    orders = orders_of(spots)
    day = problem_of(orders, TERMS)
    plan = solve(day.problem, StopRule(iterations=30), 1)
    assert check(day.problem, plan) == []
    routes = routes_of(day, plan)
    told = {line_id for line_id, _reason in routes.unserved}
    for route in routes.routes:
        order = [(step.line_id, step.takes) for step in route.steps]
        for line_id in {each for each, _takes in order}:
            assert order.index((line_id, True)) < order.index((line_id, False))
            assert line_id not in told
            told.add(line_id)
        assert all(step.arrives_at <= step.leaves_at for step in route.steps)
    assert told == {line.id for line in orders.lines}


def test_the_day_is_the_one_on_which_the_first_place_opens() -> None:
    late = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)
    orders = orders_of([(6.1, 43.4), (6.2, 43.4)])
    first = replace(orders.places[0], opens_at=late)
    day = problem_of(replace(orders, places=(first, *orders.places[1:])), TERMS)
    assert day.midnight.date() == date(2026, 12, 3)
    assert day.problem.stop_by_id["hand:l1"].windows[0].opens_s == 1800
    anytime = tuple(replace(each, opens_at=None, closes_at=None) for each in orders.places)
    free = problem_of(replace(orders, places=anytime), replace(TERMS, on=date(2026, 12, 9)))
    assert free.midnight.date() == date(2026, 12, 9)
    assert free.problem.stop_by_id["take:l1"].windows == ()
    assert free.problem.vehicles[0].earliest_start_s == 6 * 3600


def test_a_fleet_of_our_own_leaves_from_its_hub_and_carries_no_more_than_it_can() -> None:
    orders = orders_of([(6.1, 43.4), (6.2, 43.4), (6.15, 43.42)])
    small = Layout(ambient=Capacity(3000, None))
    van = Vehicle("van", "hub", "hub", (small,), latest_start_s=86_400, cents_per_hour=1900)
    day = problem_of(
        orders, TERMS, fleet=[van], hubs=[(Hub("hub", 0), Place("hub", 6.05, 43.41, "Hub"))]
    )
    plan = solve(day.problem, StopRule(iterations=50), 1)
    assert check(day.problem, plan) == []
    (route,) = routes_of(day, plan).routes
    assert route.base.id == "hub"
    assert [step.takes for step in route.steps] == [True, False, True, False]


def result(*steps: tuple[float, float, int, int]) -> dict[str, Any]:
    """A result of one route; each step its place, meters and seconds so far."""
    return {
        "unassigned": [],
        "routes": [
            {
                "distance": steps[-1][2],
                "duration": steps[-1][3],
                "steps": [
                    {"location": [lon, lat], "distance": meters, "duration": seconds}
                    for lon, lat, meters, seconds in steps
                ],
            }
        ],
    }


def test_what_a_result_tells_of_roads_holds_and_every_other_way_is_at_least_as_bad() -> None:
    orders = orders_of([(6.1, 43.4), (6.2, 43.4), (6.15, 43.42)])
    problem = problem_of(orders, TERMS).problem
    straight = int(problem.travel.distance_m[1, 0])
    found = published.read_published(
        result((6.2, 43.4, 0, 0), (6.1, 43.4, 2 * straight, 900), (6.2, 43.4, 3 * straight, 1500))
    )
    roads = published.known_roads(found, problem)
    assert roads.distance_m[1, 0] == 2 * straight
    assert roads.duration_s[1, 0] == 900
    assert roads.distance_m[0, 1] == straight
    assert roads.distance_m[2, 0] == 2 * problem.travel.distance_m[2, 0]
    assert not roads.distance_m.diagonal().any()
    again = published.measured(found, problem)
    assert again.distance_m == 2 * straight
    assert published.figures_of(found).distance_m == 3 * straight


def test_a_result_of_other_orders_or_another_shape_is_refused() -> None:
    problem = problem_of(orders_of([(6.1, 43.4), (6.2, 43.4)]), TERMS).problem
    elsewhere = published.read_published(result((2.0, 48.0, 0, 0), (6.1, 43.4, 10, 10)))
    with pytest.raises(InvalidPlan) as refusal:
        published.measured(elsewhere, problem)
    assert refusal.value.facts["reason"] == "unknown_place"
    for wrong in ({}, [], {"routes": [{}], "unassigned": []}, None):
        with pytest.raises(InvalidPlan):
            published.read_published(wrong)


def test_the_command_writes_routes_and_tells_what_it_found(tmp_path: Path) -> None:
    file, out = tmp_path / "orders.json", tmp_path / "routes.json"
    file.write_bytes(content(document()))
    answer = CliRunner().invoke(plan_dfc, [str(file), "--iterations", "50", "--out", str(out)])
    assert answer.exit_code == 0
    assert "1 routes serve 2 of 2 lines of 1 orders" in answer.output
    kinds = [each["@type"] for each in json.loads(out.read_text("utf-8"))["@graph"]]
    assert kinds.count("dfc-b:Shipment") == 2


def test_the_command_names_the_line_that_cannot_be_used(tmp_path: Path) -> None:
    found = document()
    del named(found, "line/2")["dfc-b:hasQuantity"]["dfc-b:hasUnit"]
    file = tmp_path / "orders.json"
    file.write_bytes(content(found))
    answer = CliRunner().invoke(plan_dfc, [str(file)])
    assert answer.exit_code == 1
    assert f"no_unit (order A-17, line {AT}line/2)" in answer.output
    told = json.loads(CliRunner().invoke(plan_dfc, [str(file), "--json"]).output)
    assert told["error"] == "file_refused"
    assert told["problems"][0]["line"] == f"{AT}line/2"


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published case is not here")
def test_the_published_case_is_served_whole_and_no_dearer_than_the_published_result() -> None:
    answer = CliRunner().invoke(
        plan_dfc,
        [
            str(PUBLISHED / "orders-DFC.json"),
            "--against",
            str(PUBLISHED / "results-verso.json"),
            *("--iterations", "600", "--service-s", "1000", "--json"),
        ],
    )
    assert answer.exit_code == 0, answer.output
    rows = json.loads(answer.output)["compared"]
    assert rows["published"] == {
        "routes": 3,
        "unserved": 0,
        "distance_m": 185_586,
        "driving_s": 13_108,
    }
    for ours, theirs in (
        ("ours by its roads", "published"),
        ("ours by estimate", "published by estimate"),
    ):
        assert rows[ours]["unserved"] == 0
        assert rows[ours]["driving_s"] <= rows[theirs]["driving_s"]
    assert rows["ours by its roads"]["distance_m"] <= 185_586
