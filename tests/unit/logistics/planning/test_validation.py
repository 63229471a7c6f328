"""A problem that cannot be meant is refused with the field that says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.goods import NOTHING, Capacity, Layout
from shop.logistics.domain.planning.problem import (
    AboardLimits,
    BreakRule,
    Place,
    Problem,
    Transfer,
    Window,
)
from shop.logistics.domain.planning.validation import validate
from tests.unit.logistics.planning.road import HOUR, chilled, stop, town, van


def usual(**changes: Any) -> Problem:
    return replace(town([30], [stop("a", 1)], [van()]), **changes)


def with_stop(**changes: Any) -> Problem:
    return usual(stops=(stop("a", 1, **changes),))


def with_van(**changes: Any) -> Problem:
    return usual(vehicles=(van(**changes),))


def with_matrix(change: Any) -> Problem:
    problem = usual()
    return replace(problem, travel=replace(problem.travel, distance_m=change))


def with_transfer(collect: Any, deliver: Any, *transfers: Transfer) -> Problem:
    return usual(stops=(collect, deliver), transfers=transfers or (Transfer("a", "b"),))


GIVE = stop("a", 1, delivers=NOTHING, collects=chilled())

CASES: list[tuple[str, str, Problem]] = [
    ("places", "empty", usual(places=())),
    ("places[1].id", "duplicate", usual(places=(Place("x", 0, 0), Place("x", 0, 0)))),
    ("places[0].lon", "out_of_range", usual(places=(Place("x", 181, 0), Place("y", 0, 0)))),
    ("places[0].lat", "out_of_range", usual(places=(Place("x", 0, float("inf")),))),
    ("travel.distance_m", "wrong_shape", with_matrix(np.zeros((3, 3), dtype=np.int64))),
    ("travel.distance_m", "not_whole_numbers", with_matrix(np.full((2, 2), float("nan")))),
    ("travel.distance_m", "negative", with_matrix(np.array([[0, -2], [1, 0]]))),
    ("travel.distance_m", "diagonal_not_zero", with_matrix(np.array([[1, 2], [1, 0]]))),
    ("travel.distance_m", "out_of_range", with_matrix(np.array([[0, 2**40], [1, 0]]))),
    ("hubs", "empty", usual(hubs=())),
    ("hubs[0].place", "unknown_place", usual(hubs=(replace(usual().hubs[0], place=9),))),
    ("hubs[0].closes_s", "upside_down", usual(hubs=(replace(usual().hubs[0], closes_s=0),))),
    ("hubs[0].loading_s", "negative", usual(hubs=(replace(usual().hubs[0], loading_s=-1),))),
    ("vehicles[1].id", "duplicate", usual(vehicles=(van(), van()))),
    ("vehicles[0].start_hub", "unknown_hub", with_van(start_hub="x")),
    ("vehicles[0].end_hub", "unknown_hub", with_van(end_hub="x")),
    ("vehicles[0].reload_hubs[0]", "unknown_hub", with_van(reload_hubs=("x",))),
    ("vehicles[0].count", "not_positive", with_van(count=0)),
    ("vehicles[0].layouts", "empty", with_van(layouts=())),
    (
        "vehicles[0].layouts[0].frozen.weight_g",
        "negative",
        with_van(layouts=(Layout(frozen=Capacity(-1)),)),
    ),
    ("vehicles[0].latest_start_s", "upside_down", with_van(latest_start_s=0)),
    ("vehicles[0].latest_end_s", "upside_down", with_van(latest_end_s=0)),
    ("vehicles[0].earliest_start_s", "out_of_range", with_van(earliest_start_s=10**8)),
    ("vehicles[0].shift_s", "negative", with_van(shift_s=-1)),
    (
        "vehicles[0].overtime_cents_per_hour",
        "below_normal_rate",
        with_van(max_overtime_s=HOUR, overtime_cents_per_hour=0),
    ),
    ("vehicles[0].break_rule.after_s", "not_positive", with_van(break_rule=BreakRule(0, 1))),
    ("vehicles[0].profile", "unknown_profile", with_van(profile="boat")),
    ("stops[1].id", "duplicate", usual(stops=(stop("a", 1), stop("a", 1)))),
    ("stops[0].id", "missing", usual(stops=(stop("", 1),))),
    ("stops[0].place", "unknown_place", usual(stops=(stop("a", 2),))),
    ("stops[0].place", "unknown_place", usual(stops=(stop("a", -1),))),
    ("stops[0].delivers.chilled.weight_g", "negative", with_stop(delivers=chilled(-1))),
    ("stops[0].windows[0].closes_s", "upside_down", with_stop(windows=(Window(2, 1),))),
    ("stops[0].service_s", "negative", with_stop(service_s=-1)),
    ("stops[0].service_s", "out_of_range", with_stop(service_s=10**8)),
    ("stops[0].release_s", "out_of_range", with_stop(release_s=10**8)),
    ("stops[0].price_cents", "negative", with_stop(price_cents=-1)),
    ("stops[0].hub", "unknown_hub", with_stop(hub="x")),
    ("stops[0].vehicles", "unknown_vehicle", with_stop(vehicles=frozenset({"x"}))),
    ("transfers[0].collect", "unknown_stop", usual(transfers=(Transfer("x", "a"),))),
    ("transfers[0]", "goods_differ", with_transfer(GIVE, stop("b", 1, delivers=chilled(1)))),
    (
        "transfers[0]",
        "required_differs",
        with_transfer(GIVE, stop("b", 1, required=False)),
    ),
    (
        "transfers[1].collect",
        "used_twice",
        with_transfer(GIVE, stop("b", 1), Transfer("a", "b"), Transfer("a", "b")),
    ),
    (
        "transfers[0].collect",
        "several_windows",
        with_transfer(replace(GIVE, windows=(Window(1, 2), Window(3, 4))), stop("b", 1)),
    ),
    ("aboard.chilled_s", "not_positive", usual(aboard=AboardLimits(chilled_s=0))),
    ("uncertified_limit_m", "negative", usual(uncertified_limit_m=-1)),
]


@pytest.mark.parametrize(("field", "reason", "problem"), CASES)
def test_the_field_at_fault_is_named(field: str, reason: str, problem: Problem) -> None:
    with pytest.raises(InvalidProblem) as refused:
        validate(problem)
    assert (refused.value.facts["field"], refused.value.facts["reason"]) == (field, reason)


def test_a_sound_problem_is_accepted() -> None:
    validate(usual())
