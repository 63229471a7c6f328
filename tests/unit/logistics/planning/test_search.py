"""What the search promises: lawful plans, nothing lost, every stop left out explained."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.errors import InvalidProblem
from shop.logistics.domain.planning.goods import NOTHING
from shop.logistics.domain.planning.plan import Flag, Plan, UnservedReason, VisitKind
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    AboardLimits,
    Problem,
    Stop,
    Transfer,
    Vehicle,
)
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import Progress, StopRule
from tests.unit.logistics.planning.problems import problems
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

QUICK = StopRule(iterations=40)


def assert_sound(problem: Problem, plan: Plan) -> None:
    """Lawful, complete, nothing twice, each stop left out with a reason."""
    assert check(problem, plan) == []
    assert Flag.LIMITS_BROKEN not in plan.flags
    served = [stop_id for each in plan.rounds for stop_id in each.stop_ids]
    left = [each.stop_id for each in plan.unserved]
    assert sorted(served + left) == sorted(each.id for each in problem.stops)


def reasons(plan: Plan) -> dict[str, UnservedReason]:
    return {each.stop_id: each.reason for each in plan.unserved}


@settings(max_examples=75, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(), seed=st.integers(0, 3))
def test_any_problem_gets_a_lawful_plan_or_an_explanation(problem: Problem, seed: int) -> None:
    assert_sound(problem, solve(problem, QUICK, seed))


@pytest.mark.nightly
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems(most_stops=12), seed=st.integers(0, 999))
def test_very_many_problems_get_a_lawful_plan_or_an_explanation(
    problem: Problem, seed: int
) -> None:
    assert_sound(problem, solve(problem, QUICK, seed))


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_a_plan_improves_on_the_one_it_starts_from(problem: Problem) -> None:
    first = solve(problem, QUICK, 1)
    second = solve(problem, QUICK, 2, start=first)
    assert_sound(problem, second)

    def worth(plan: Plan) -> tuple[int, int]:
        missing = sum(problem.stop_by_id[each.stop_id].required for each in plan.unserved)
        return missing, plan.cost.total_cents + plan.skipped_price_cents

    assert worth(second) <= worth(first)


def spread(count: int = 24, **changes: Any) -> list[Stop]:
    return [
        stop(f"s{row}", row, windows=(window(8 + row % 6, 10 + row % 6),), **changes)
        for row in range(1, count + 1)
    ]


def village(**more: Any) -> Problem:
    kilometers = [(-1) ** row * (3 + row * 7 % 45) for row in range(24)]
    return town(kilometers, spread(), [van(count=4, layouts=(layout(80, 8),))], **more)


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    one, other = (solve(village(), StopRule(iterations=120), 7) for _ in range(2))
    assert one.rounds == other.rounds
    assert one.cost == other.cost


def test_a_large_plan_is_improved_in_parts_on_two_cores() -> None:
    kilometers = [(-1) ** row * (2 + row * 7 % 50) for row in range(310)]
    stops = [
        stop(f"s{row + 1}", row + 1, service_s=3 * MINUTE, delivers=ambient(5, 1))
        for row in range(310)
    ]
    problem = town(kilometers, stops, [van(count=12, layouts=(layout(400, 40),))])
    plan = solve(problem, StopRule(iterations=40), 1, cores=2)
    assert_sound(problem, plan)
    assert plan.unserved == ()
    assert plan.provenance.iterations == 40


def test_a_plan_says_how_it_was_found() -> None:
    plan = solve(village(), StopRule(iterations=50), 7)
    assert plan.provenance.seed == 7
    assert plan.provenance.iterations == 50
    assert plan.provenance.matrix == village().travel.fingerprint()
    assert plan.provenance.solver.startswith("pyvrp ")


def test_seconds_are_kept() -> None:
    began = time.monotonic()
    solve(village(), StopRule(seconds=0.5), 1)
    assert time.monotonic() - began < 1.5


def test_the_search_ends_when_asked_and_keeps_its_best() -> None:
    asked: list[bool] = []

    def ask() -> bool:
        asked.append(True)
        return len(asked) > 20

    began = time.monotonic()
    plan = solve(village(), StopRule(seconds=60, asked=ask), 1)
    assert time.monotonic() - began < 30
    assert_sound(village(), plan)


def test_progress_is_told_while_the_search_works() -> None:
    told: list[Progress] = []
    plan = solve(village(), StopRule(seconds=1.2), 1, told.append)
    assert told
    assert told[-1].best_cents is not None
    assert told[-1].best_cents >= plan.cost.total_cents
    assert all(each.seconds_left is not None and each.seconds_left <= 1.2 for each in told)


def test_an_incomplete_start_does_not_keep_the_search_stuck() -> None:
    problem = village()
    cold = solve(problem, StopRule(iterations=300), 3)
    half = replace(cold, rounds=cold.rounds[:1])
    warm = solve(problem, StopRule(iterations=300), 3, start=half)
    assert warm.unserved == ()
    assert warm.cost.total_cents <= cold.cost.total_cents * 101 // 100


def test_goods_stay_cold_even_where_that_costs_more() -> None:
    problem = replace(village(), vehicles=(van(count=12, layouts=(layout(80, 8),)),))
    free = solve(problem, StopRule(iterations=300), 1)
    cold = replace(problem, aboard=AboardLimits(chilled_s=90 * MINUTE))
    kept = solve(cold, StopRule(iterations=300), 1)
    assert_sound(cold, kept)
    assert check(cold, free) != []
    assert kept.unserved == ()
    assert kept.cost.total_cents > free.cost.total_cents


def test_one_vehicle_collects_in_the_morning_and_delivers_what_was_prepared() -> None:
    farm = stop(
        "farm",
        1,
        delivers=NOTHING,
        collects=chilled(300, 30),
        windows=(window(6, 8),),
        due_s=9 * HOUR,
    )
    homes = [
        stop(f"home{each}", each, release_s=10 * HOUR, windows=(window(11, 14),)) for each in (2, 3)
    ]
    problem = town([25, 20, 35], [farm, *homes], [van(reload_hubs=("hub",), max_reloads=1)])
    plan = solve(problem, QUICK, 1)
    assert_sound(problem, plan)
    assert plan.unserved == ()
    (only,) = plan.rounds
    assert [each.kind for each in only.visits].count(VisitKind.RELOAD) == 1
    assert only.stop_ids[0] == "farm"


def test_a_window_that_closes_before_the_goods_are_ready_is_passed_over() -> None:
    both = (window(8, 9), window(13, 14))
    problem = town([30], [stop("a", 1, windows=both, release_s=10 * HOUR)], [van()])
    plan = solve(problem, QUICK, 1)
    assert_sound(problem, plan)
    assert plan.rounds[0].visits[1].start_s >= 13 * HOUR


def test_times_of_the_day_before_are_understood() -> None:
    farm = stop("farm", 1, delivers=NOTHING, collects=chilled(), windows=(window(-10, -6),))
    problem = town([25], [farm], [van(earliest_start_s=-12 * HOUR, latest_start_s=-2 * HOUR)])
    problem = replace(problem, hubs=(replace(problem.hubs[0], opens_s=-12 * HOUR),))
    plan = solve(problem, QUICK, 1)
    assert_sound(problem, plan)
    assert plan.rounds[0].visits[1].start_s < 0


def test_an_optional_stop_is_served_when_its_price_pays_for_it() -> None:
    far = [
        stop("dear", 1, required=False, price_cents=100_00),
        stop("cheap", 2, required=False, price_cents=10),
        stop("near", 3),
    ]
    problem = town([-20, 60, 5], far, [van()])
    plan = solve(problem, QUICK, 1)
    assert reasons(plan) == {"cheap": UnservedReason.PRICE}
    assert plan.skipped_price_cents == 10


def test_a_farm_delivers_straight_to_a_relay() -> None:
    give = stop("give", 1, delivers=NOTHING, collects=chilled())
    take = stop("take", 2, delivers=chilled())
    problem = town([30, 40], [give, take], [van()], transfers=(Transfer("give", "take"),))
    plan = solve(problem, QUICK, 1)
    assert [each.stop_ids for each in plan.rounds] == [("give", "take")]


def one(vehicle: Vehicle | None = None, kilometer: float = 30, **changes: Any) -> Problem:
    return town([kilometer], [stop("a", 1, **changes)], [vehicle or van()])


IMPOSSIBLE: list[tuple[UnservedReason, Callable[[], Problem]]] = [
    (UnservedReason.NO_VEHICLE, lambda: replace(one(), vehicles=())),
    (UnservedReason.NOT_ALLOWED, lambda: one(needs=frozenset({"tail_lift"}))),
    (UnservedReason.TOO_LARGE, lambda: one(delivers=chilled(2000))),
    (UnservedReason.WINDOW, lambda: one(windows=(window(5, 6),))),
    (
        UnservedReason.RELEASE,
        lambda: one(windows=(window(9, 10),), release_s=12 * HOUR),
    ),
    (
        UnservedReason.DUE,
        lambda: one(delivers=NOTHING, collects=chilled(), windows=(window(9, 10),), due_s=9 * HOUR),
    ),
    (UnservedReason.SHIFT, lambda: one(van(shift_s=HOUR))),
    (UnservedReason.DISTANCE, lambda: one(van(max_distance_m=50_000))),
    (
        UnservedReason.ABOARD,
        lambda: replace(one(), aboard=AboardLimits(chilled_s=30 * MINUTE)),
    ),
    (UnservedReason.UNCERTIFIED, lambda: one(van(certified_cold=False), 85)),
]


@pytest.mark.parametrize(("reason", "build"), IMPOSSIBLE)
def test_what_cannot_be_served_is_explained(
    reason: UnservedReason, build: Callable[[], Problem]
) -> None:
    problem = build()
    plan = solve(problem, QUICK, 1)
    assert_sound(problem, plan)
    assert reasons(plan) == {"a": reason}


def test_a_place_no_road_leads_to_is_named_and_the_plan_warns() -> None:
    problem = one()
    problem.travel.distance_m[0, 1] = UNREACHABLE
    plan = solve(problem, QUICK, 1)
    assert reasons(plan) == {"a": UnservedReason.UNREACHABLE}
    assert plan.flags == (Flag.MATRIX_HOLES,)


def test_a_fleet_too_small_serves_what_it_can_and_names_the_rest() -> None:
    stops = [stop(f"s{row}", row) for row in range(1, 7)]
    problem = town(range(10, 16), stops, [van(layouts=(layout(40, 4),))])
    plan = solve(problem, QUICK, 1)
    assert_sound(problem, plan)
    assert sum(len(each.stop_ids) for each in plan.rounds) == 4
    assert set(reasons(plan).values()) == {UnservedReason.FLEET_FULL}


def test_nothing_to_serve_is_an_empty_plan() -> None:
    plan = solve(town([], [], [van()]), QUICK, 1)
    assert (plan.rounds, plan.unserved, plan.cost.total_cents) == ((), (), 0)


def test_a_problem_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(InvalidProblem):
        solve(one(service_s=-1), QUICK, 1)


def test_a_stop_rule_must_end_some_day() -> None:
    with pytest.raises(ValueError, match="seconds or iterations"):
        StopRule()
