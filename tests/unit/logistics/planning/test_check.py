"""The checker names every broken rule: one lawful plan, broken in one way at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.goods import NOTHING, Capacity, Layout
from shop.logistics.domain.planning.plan import Cost, Plan, Unserved, UnservedReason, VisitKind
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    AboardLimits,
    BreakRule,
    Hub,
    Problem,
    Transfer,
)
from shop.logistics.domain.planning.timing import Draft, Step, build_plan
from shop.logistics.domain.planning.violations import ViolationCode
from tests.unit.logistics.planning.road import (
    HOUR,
    MINUTE,
    ambient,
    chilled,
    frozen,
    layout,
    planned,
    stop,
    town,
    van,
    window,
    with_round,
    with_visit,
)

STOPS = (
    stop("a", 1, windows=(window(9, 10), window(15, 16))),
    stop("b", 2, delivers=frozen()),
    stop("farm", 3, delivers=NOTHING, collects=ambient()),
)
ROUND = Draft(
    "van",
    (
        Step(VisitKind.STOP, "a"),
        Step(VisitKind.STOP, "b"),
        Step(VisitKind.RELOAD, "hub"),
        Step(VisitKind.STOP, "farm"),
    ),
)
"""Visits: 0 start, 1 a, 2 b, 3 reload, 4 farm, 5 end."""


def usual(**changes: Any) -> Problem:
    """A problem for which :data:`ROUND` is lawful, or one in which something is different."""
    vehicle = van(reload_hubs=("hub",), max_reloads=1, count=2)
    return town([30, 40, 50], STOPS, [vehicle], **changes)


def with_vehicle(**changes: Any) -> Problem:
    problem = usual()
    return replace(problem, vehicles=(replace(problem.vehicles[0], **changes),))


def with_stop(name: str, **changes: Any) -> Problem:
    problem = usual()
    stops = tuple(replace(each, **changes) if each.id == name else each for each in problem.stops)
    return replace(problem, stops=stops)


def with_hub(**changes: Any) -> Problem:
    problem = usual()
    return replace(problem, hubs=(replace(problem.hubs[0], **changes),))


def lawful() -> Plan:
    return planned(usual(), ROUND)


def test_the_plan_that_the_others_are_made_from_is_lawful() -> None:
    assert check(usual(), lawful()) == []


def test_a_plan_that_leaves_everything_out_with_a_reason_is_lawful() -> None:
    assert check(usual(), planned(usual())) == []


BROKEN_PLANS: list[tuple[ViolationCode, Callable[[Plan], Plan]]] = [
    (
        ViolationCode.UNKNOWN_VEHICLE,
        lambda plan: with_round(plan, replace(plan.rounds[0], vehicle_id="nobody")),
    ),
    (
        ViolationCode.UNKNOWN_STOP,
        lambda plan: replace(plan, unserved=(Unserved("x", UnservedReason.WINDOW),)),
    ),
    (
        ViolationCode.VEHICLE_NUMBER,
        lambda plan: with_round(plan, replace(plan.rounds[0], vehicle_number=2)),
    ),
    (ViolationCode.LAYOUT, lambda plan: with_round(plan, replace(plan.rounds[0], layout=1))),
    (
        ViolationCode.SHAPE,
        lambda plan: with_round(plan, replace(plan.rounds[0], visits=plan.rounds[0].visits[1:])),
    ),
    (ViolationCode.SHAPE, lambda plan: with_visit(plan, 3, hub_id=None)),
    (ViolationCode.SHAPE, lambda plan: with_visit(plan, 3, hub_id="elsewhere")),
    (ViolationCode.SHAPE, lambda plan: with_visit(plan, 1, stop_id=None)),
    (ViolationCode.SHAPE, lambda plan: with_visit(plan, 3, kind=VisitKind.START)),
    (
        ViolationCode.STOP_SERVED_AND_UNSERVED,
        lambda plan: replace(plan, unserved=(Unserved("a", UnservedReason.WINDOW),)),
    ),
    (ViolationCode.WRONG_PLACE, lambda plan: with_visit(plan, 1, place=2)),
    (
        ViolationCode.TOO_FAST,
        lambda plan: with_visit(plan, 2, arrival_s=plan.rounds[0].visits[2].arrival_s - 1),
    ),
    (
        ViolationCode.TIMES_REVERSED,
        lambda plan: with_visit(plan, 1, arrival_s=plan.rounds[0].visits[1].start_s + 1),
    ),
    (ViolationCode.WRONG_DISTANCE, lambda plan: with_visit(plan, 2, distance_m=9_999)),
    (
        ViolationCode.SERVICE_CUT_SHORT,
        lambda plan: with_visit(plan, 1, departure_s=plan.rounds[0].visits[1].departure_s - 1),
    ),
    (
        ViolationCode.SERVICE_CUT_SHORT,
        lambda plan: with_visit(plan, 3, departure_s=plan.rounds[0].visits[3].departure_s - 1),
    ),
    (ViolationCode.WRONG_LOAD, lambda plan: with_visit(plan, 1, aboard=chilled())),
    (
        ViolationCode.WRONG_COST,
        lambda plan: with_round(
            plan, replace(plan.rounds[0], cost=plan.rounds[0].cost + Cost(time_cents=1))
        ),
    ),
    (ViolationCode.WRONG_COST, lambda plan: replace(plan, cost=Cost(1, 2, 3, 4))),
]


@pytest.mark.parametrize(("code", "breaks"), BROKEN_PLANS)
def test_a_plan_that_says_something_false_is_caught(
    code: ViolationCode, breaks: Callable[[Plan], Plan]
) -> None:
    assert code in {each.code for each in check(usual(), breaks(lawful()))}


STRICTER: list[tuple[ViolationCode, Problem]] = [
    (ViolationCode.OUTSIDE_WINDOW, with_stop("a", windows=(window(11, 12),))),
    (ViolationCode.SERVICE_CUT_SHORT, with_stop("a", service_s=HOUR)),
    (ViolationCode.BEFORE_RELEASE, with_stop("b", release_s=12 * HOUR)),
    (ViolationCode.AFTER_DUE, with_stop("farm", due_s=9 * HOUR)),
    (ViolationCode.NOT_ALLOWED, with_stop("a", needs=frozenset({"tail_lift"}))),
    (ViolationCode.NOT_ALLOWED, with_stop("a", vehicles=frozenset())),
    (ViolationCode.NOT_ALLOWED, with_stop("a", excluded_vehicles=frozenset({"van"}))),
    (ViolationCode.HUB_CLOSED, with_hub(opens_s=10 * HOUR)),
    (ViolationCode.HUB_CLOSED, with_hub(closes_s=10 * HOUR)),
    (ViolationCode.START_OUTSIDE_HOURS, with_vehicle(earliest_start_s=10 * HOUR)),
    (ViolationCode.START_OUTSIDE_HOURS, with_vehicle(latest_start_s=7 * HOUR)),
    (ViolationCode.END_TOO_LATE, with_vehicle(latest_end_s=11 * HOUR)),
    (ViolationCode.TOO_FAR, with_vehicle(max_distance_m=179_999)),
    (ViolationCode.TOO_MANY_RELOADS, with_vehicle(max_reloads=0)),
    (ViolationCode.RELOAD_NOT_ALLOWED, with_vehicle(reload_hubs=())),
    (ViolationCode.BREAK_MISSING, with_vehicle(break_rule=BreakRule(3 * HOUR, 20 * MINUTE))),
    (ViolationCode.OVER_CAPACITY, with_vehicle(layouts=(layout(kg=9),))),
    (ViolationCode.OVER_CAPACITY, with_vehicle(layouts=(layout(crates=0),))),
    (
        ViolationCode.OVER_CAPACITY,
        with_vehicle(layouts=(replace(layout(), frozen=Capacity(0, 0)),)),
    ),
    (ViolationCode.OVER_PAYLOAD, with_vehicle(layouts=(replace(layout(), payload_g=19_999),))),
    (ViolationCode.ABOARD_TOO_LONG, usual(aboard=AboardLimits(chilled_s=40 * MINUTE - 1))),
    (ViolationCode.ABOARD_TOO_LONG, usual(aboard=AboardLimits(frozen_s=60 * MINUTE - 1))),
    (ViolationCode.ABOARD_TOO_LONG, usual(aboard=AboardLimits(ambient_s=60 * MINUTE - 1))),
    (
        ViolationCode.UNCERTIFIED_TOO_FAR,
        replace(with_vehicle(certified_cold=False), uncertified_limit_m=40_000),
    ),
]


@pytest.mark.parametrize(("code", "problem"), STRICTER)
def test_a_rule_that_is_stricter_than_the_plan_is_named_alone(
    code: ViolationCode, problem: Problem
) -> None:
    assert {each.code for each in check(problem, lawful())} == {code}


def test_a_day_longer_than_shift_and_overtime_is_too_long_and_priced_otherwise() -> None:
    problem = with_vehicle(shift_s=2 * HOUR, max_overtime_s=HOUR)
    codes = {each.code for each in check(problem, lawful())}
    assert codes == {ViolationCode.SHIFT_EXCEEDED, ViolationCode.WRONG_COST}


def test_limits_hold_to_the_last_unit() -> None:
    exact = usual(
        aboard=AboardLimits(chilled_s=40 * MINUTE, frozen_s=60 * MINUTE, ambient_s=60 * MINUTE)
    )
    assert check(exact, lawful()) == []
    assert check(with_vehicle(layouts=(layout(kg=10, crates=1),)), lawful()) == []
    assert check(with_vehicle(max_distance_m=180_000), lawful()) == []


def test_a_road_that_does_not_exist_cannot_be_driven() -> None:
    problem = usual()
    problem.travel.duration_s[1, 2] = UNREACHABLE
    assert ViolationCode.NO_ROAD in {each.code for each in check(problem, lawful())}


def test_a_stop_can_neither_be_lost_nor_served_twice() -> None:
    problem = usual()
    nothing = replace(planned(problem), unserved=())
    assert [each.code for each in check(problem, nothing)] == [ViolationCode.STOP_LOST] * 3
    twice = planned(problem, ROUND, Draft.of_stops("van", ["a"], number=1))
    assert {each.code for each in check(problem, twice)} == {ViolationCode.STOP_SERVED_TWICE}


def test_one_vehicle_cannot_make_two_rounds_at_once() -> None:
    problem = usual()
    plan = planned(problem, Draft.of_stops("van", ["a"]), Draft.of_stops("van", ["b"]))
    assert {each.code for each in check(problem, plan)} == {ViolationCode.VEHICLE_USED_TWICE}


def test_stops_kept_together_share_a_round() -> None:
    pair = [stop("a", 1, kept_with="family"), stop("b", 2, kept_with="family")]
    problem = town([30, 40], pair, [van(count=2)])
    apart = planned(problem, Draft.of_stops("van", ["a"]), Draft.of_stops("van", ["b"], 1))
    assert [each.code for each in check(problem, apart)] == [ViolationCode.KEPT_TOGETHER_SPLIT]
    assert check(problem, planned(problem, Draft.of_stops("van", ["a", "b"]))) == []


def exchange() -> Problem:
    give = stop("give", 1, delivers=NOTHING, collects=chilled())
    take = stop("take", 2, delivers=chilled())
    vehicle = van(count=2, reload_hubs=("hub",), max_reloads=1)
    return town([30, 40], [give, take], [vehicle], transfers=(Transfer("give", "take"),))


@pytest.mark.parametrize(
    "drafts",
    [
        [Draft.of_stops("van", ["take", "give"])],
        [Draft.of_stops("van", ["give"]), Draft.of_stops("van", ["take"], 1)],
        [Draft.of_stops("van", ["give"])],
        [
            Draft(
                "van",
                (
                    Step(VisitKind.STOP, "give"),
                    Step(VisitKind.RELOAD, "hub"),
                    Step(VisitKind.STOP, "take"),
                ),
            )
        ],
    ],
    ids=["wrong order", "two vehicles", "half only", "past the hub"],
)
def test_a_transfer_goes_from_door_to_door_in_one_vehicle(drafts: list[Draft]) -> None:
    problem = exchange()
    codes = {each.code for each in check(problem, planned(problem, *drafts))}
    assert codes == {ViolationCode.TRANSFER_BROKEN}


def test_a_transfer_in_order_is_lawful_and_its_time_aboard_counts_between_the_doors() -> None:
    problem = exchange()
    plan = planned(problem, Draft.of_stops("van", ["give", "take"]))
    assert check(problem, plan) == []
    short = replace(problem, aboard=AboardLimits(chilled_s=30 * MINUTE - 1))
    assert {each.code for each in check(short, plan)} == {ViolationCode.ABOARD_TOO_LONG}


def test_goods_of_one_hub_do_not_leave_from_another() -> None:
    hubs = (Hub("hub", 0, 0, 24 * HOUR, 0), Hub("other", 1, 0, 24 * HOUR, 0))
    here = stop("a", 2, hub="other")
    problem = town([5, 30], [here], [van()], hubs=hubs)
    plan = planned(problem, Draft.of_stops("van", ["a"]))
    assert {each.code for each in check(problem, plan)} == {ViolationCode.NOT_ALLOWED}


def test_a_round_that_ends_at_the_wrong_hub_is_not_a_round() -> None:
    hubs = (Hub("hub", 0, 0, 24 * HOUR, 0), Hub("other", 1, 0, 24 * HOUR, 0))
    problem = town([5, 30], [stop("a", 2)], [van()], hubs=hubs)
    plan = planned(problem, Draft.of_stops("van", ["a"]))
    moved = replace(problem, vehicles=(van(end_hub="other"),))
    assert {each.code for each in check(moved, plan)} == {ViolationCode.SHAPE}


def test_distances_come_from_the_matrix_of_the_vehicle() -> None:
    problem = usual()
    slow = replace(problem.travel, duration_s=problem.travel.duration_s * 2)
    cargo = replace(with_vehicle(profile="bicycle"), profiles={"bicycle": slow})
    assert ViolationCode.TOO_FAST in {each.code for each in check(cargo, lawful())}


def test_a_violation_says_where_and_how_much() -> None:
    problem = with_stop("b", release_s=12 * HOUR)
    (violation,) = check(problem, lawful())
    assert (violation.round, violation.stop_id) == (0, "b")
    assert violation.facts["release_s"] == 12 * HOUR


def test_every_rule_has_a_case_here() -> None:
    shown = {code for code, _ in BROKEN_PLANS} | {code for code, _ in STRICTER}
    shown |= {
        ViolationCode.SHIFT_EXCEEDED,
        ViolationCode.NO_ROAD,
        ViolationCode.STOP_LOST,
        ViolationCode.STOP_SERVED_TWICE,
        ViolationCode.VEHICLE_USED_TWICE,
        ViolationCode.KEPT_TOGETHER_SPLIT,
        ViolationCode.TRANSFER_BROKEN,
    }
    assert shown == set(ViolationCode)


def test_empty_compartments_are_no_compartments() -> None:
    assert Layout().chilled.weight_g == 0
    assert build_plan(usual(), [Draft("van", ())]).rounds == ()
    assert not np.any(usual().travel.distance_m < 0)
