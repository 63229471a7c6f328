"""Planning anew after a change: better than from nothing, and most of it stays as it was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.steady import kept_share, replan
from shop.logistics.domain.planning.search.stop import Progress, StopRule
from shop.logistics.domain.planning.timing import Draft, build_plan
from tests.unit.logistics.planning.problems import problems
from tests.unit.logistics.planning.road import layout, stop, town, van, window

Change = tuple[Problem, Plan, frozenset[str]]

SHORT = StopRule(iterations=60)


@cache
def day() -> Problem:
    """Sixty homes on both sides of the hub, ten at most in a van."""
    kilometers = [(-1) ** row * (3 + row * 7 % 45) for row in range(60)]
    stops = [
        stop(f"s{row}", row, windows=(window(8 + row % 8, 11 + row % 8),)) for row in range(1, 61)
    ]
    return town(kilometers, stops, [van(count=9, layouts=(layout(100, 10),))])


@cache
def told() -> Plan:
    """The plan people were told."""
    return solve(day(), StopRule(iterations=500), 1)


def without_last_vehicle() -> Change:
    last = max(told().rounds, key=lambda each: each.vehicle_number)
    rounds = tuple(each for each in told().rounds if each is not last)
    problem = replace(day(), vehicles=(replace(day().vehicles[0], count=9),))
    return problem, replace(told(), rounds=rounds), frozenset(last.stop_ids)


def with_more() -> Change:
    new = frozenset(f"s{row}" for row in range(3, 60, 12))
    earlier = replace(day(), stops=tuple(each for each in day().stops if each.id not in new))
    return day(), solve(earlier, StopRule(iterations=500), 1), new


@pytest.mark.parametrize("change", [without_last_vehicle, with_more])
def test_four_fifths_keep_vehicle_and_order_and_everything_is_served(
    change: Callable[[], Change],
) -> None:
    problem, before, touched = change()
    anew = replan(problem, SHORT, 2, before)
    assert check(problem, anew) == []
    assert anew.unserved == ()
    assert kept_share(before, anew, touched) >= 0.8


def test_after_a_vehicle_is_lost_the_plan_is_not_dearer_than_one_from_nothing() -> None:
    problem, before, _ = without_last_vehicle()
    cold = solve(problem, SHORT, 2)
    assert replan(problem, SHORT, 2, before).cost.total_cents <= cold.cost.total_cents


def test_a_stop_called_off_leaves_the_other_rounds_alone() -> None:
    problem = replace(day(), stops=day().stops[1:])
    anew = replan(problem, SHORT, 2, told())
    assert check(problem, anew) == []
    assert kept_share(told(), anew, frozenset({"s1"})) >= 0.8
    assert anew.cost.total_cents <= told().cost.total_cents


def test_where_little_room_is_left_everything_may_move_so_that_all_are_served() -> None:
    tight = replace(day(), vehicles=(replace(day().vehicles[0], count=6),))
    start = replace(told(), rounds=told().rounds[:5])
    anew = replan(tight, StopRule(iterations=400), 2, start)
    assert check(tight, anew) == []
    served = sum(len(each.stop_ids) for each in anew.rounds)
    assert served >= sum(len(each.stop_ids) for each in start.rounds)


def test_a_plan_that_no_longer_holds_at_all_is_made_anew() -> None:
    other = replace(day(), vehicles=(replace(day().vehicles[0], id="new"),))
    assert check(other, replan(other, SHORT, 1, told())) == []


def test_progress_is_told_of_the_whole_plan() -> None:
    heard: list[Progress] = []
    problem, before, _ = with_more()
    anew = replan(problem, StopRule(seconds=1.5), 2, before, heard.append)
    kept = [each.kept for each in heard if each.kept is not None]
    assert check(problem, anew) == []
    assert all(
        sum(len(each.stop_ids) for each in plan.rounds) == len(problem.stops) for plan in kept
    )


def test_the_same_order_on_another_vehicle_is_not_kept() -> None:
    problem = day()
    before = build_plan(problem, [Draft.of_stops("van", ["s1", "s2", "s3", "s4"])])
    same = kept_share(before, before, frozenset())
    moved = build_plan(problem, [Draft.of_stops("van", ["s1", "s2", "s3", "s4"], 1)])
    turned = build_plan(problem, [Draft.of_stops("van", ["s2", "s1", "s3", "s4"])])
    assert (same, kept_share(before, moved, frozenset())) == (1.0, 0.0)
    assert kept_share(before, turned, frozenset()) == 0.75


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(), gone=st.sets(st.integers(1, 7), max_size=3))
def test_any_change_of_any_problem_gets_a_lawful_plan(problem: Problem, gone: set[int]) -> None:
    lost = {f"s{each}" for each in gone}
    earlier = replace(
        problem,
        stops=tuple(each for each in problem.stops if each.id not in lost),
        transfers=() if lost & {"s1", "s2"} else problem.transfers,
    )
    before = solve(earlier, StopRule(iterations=20), 1)
    anew = replan(problem, StopRule(iterations=20), 1, before)
    assert check(problem, anew) == []
