"""The planner's clock: exact times, loads and prices on a straight road."""

from __future__ import annotations

import pytest

from shop.logistics.domain.planning.errors import InvalidPlan
from shop.logistics.domain.planning.goods import TemperatureClass
from shop.logistics.domain.planning.plan import Cost, VisitKind
from shop.logistics.domain.planning.problem import BreakRule
from shop.logistics.domain.planning.timing import (
    Draft,
    Step,
    aboard_times,
    draft_of,
    time_round,
)
from tests.unit.logistics.planning.road import (
    HOUR,
    MINUTE,
    ambient,
    chilled,
    stop,
    town,
    van,
    window,
)


def hm(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def times(visits: object) -> list[tuple[str, str, str]]:
    return [(hm(v.arrival_s), hm(v.start_s), hm(v.departure_s)) for v in visits]  # type: ignore[attr-defined]


def test_a_round_leaves_as_late_as_its_first_window_allows() -> None:
    problem = town([30, 40], [stop("a", 1, windows=(window(9, 10),)), stop("b", 2)], [van()])
    planned = time_round(problem, Draft.of_stops("van", ["a", "b"]))
    assert times(planned.visits) == [
        ("08:15", "08:15", "08:30"),
        ("09:00", "09:00", "09:10"),
        ("09:20", "09:20", "09:30"),
        ("10:10", "10:10", "10:10"),
    ]
    assert planned.distance_m == 80_000
    assert planned.duration_s == HOUR + 55 * MINUTE


def test_each_component_of_the_price_is_rounded_half_up() -> None:
    problem = town([30.01], [stop("a", 1, service_s=1)], [van()])
    planned = time_round(problem, Draft.of_stops("van", ["a"]))
    # 60.020 km at 0.50 €; 900 + 3600 + 1 + 2 × 0.6 s rounded down per leg, at 18 €/h.
    assert planned.duration_s == 4501
    assert planned.cost == Cost(2000, 3001, 2251, 0)


def test_overtime_costs_its_own_rate_and_not_both() -> None:
    short = van(shift_s=HOUR, max_overtime_s=HOUR)
    problem = town([30], [stop("a", 1, service_s=15 * MINUTE)], [short])
    planned = time_round(problem, Draft.of_stops("van", ["a"]))
    assert planned.duration_s == 90 * MINUTE
    assert planned.cost == Cost(2000, 3000, 1800, 1350)


def test_goods_are_loaded_per_trip_and_collections_stay_aboard() -> None:
    farm = stop("farm", 1, delivers=ambient(0, 0), collects=chilled(30, 3))
    problem = town(
        [10, 20, 30],
        [farm, stop("b", 2), stop("c", 3, delivers=ambient(7, 1))],
        [van(reload_hubs=("hub",), max_reloads=1)],
    )
    steps = (
        Step(VisitKind.STOP, "b"),
        Step(VisitKind.STOP, "farm"),
        Step(VisitKind.RELOAD, "hub"),
        Step(VisitKind.STOP, "c"),
    )
    visits = time_round(problem, Draft("van", steps)).visits
    assert [(v.aboard.chilled.weight_g, v.aboard.ambient.weight_g) for v in visits] == [
        (10_000, 0),
        (0, 0),
        (30_000, 0),
        (0, 7_000),
        (0, 0),
        (0, 0),
    ]


def test_loading_waits_for_goods_that_are_not_ready() -> None:
    problem = town([30], [stop("a", 1, release_s=11 * HOUR)], [van()])
    start = time_round(problem, Draft.of_stops("van", ["a"])).visits[0]
    assert (hm(start.start_s), hm(start.departure_s)) == ("11:00", "11:15")


def test_a_driver_who_must_start_earlier_waits_at_the_hub() -> None:
    early = van(latest_start_s=8 * HOUR)
    problem = town([30], [stop("a", 1, release_s=11 * HOUR)], [early])
    planned = time_round(problem, Draft.of_stops("van", ["a"]))
    assert hm(planned.visits[0].arrival_s) == "08:00"
    assert hm(planned.visits[0].start_s) == "11:00"
    assert planned.duration_s == 3 * HOUR + 85 * MINUTE


def test_the_window_that_makes_the_day_shortest_is_used() -> None:
    both = (window(7, 8), window(12, 13))
    problem = town(
        [30, 40], [stop("a", 1, windows=both), stop("b", 2, windows=(window(12, 14),))], [van()]
    )
    visits = time_round(problem, Draft.of_stops("van", ["a", "b"])).visits
    assert [hm(v.start_s) for v in visits] == ["11:15", "12:00", "12:20", "13:10"]


def test_a_break_is_put_where_there_is_time_for_it() -> None:
    worker = van(break_rule=BreakRule(4 * HOUR, 20 * MINUTE))
    problem = town(
        [60, 70],
        [stop("a", 1, windows=(window(8, 9),)), stop("b", 2, windows=(window(11, 12),))],
        [worker],
    )
    visits = time_round(problem, Draft.of_stops("van", ["a", "b"])).visits
    assert [v.kind for v in visits] == [
        VisitKind.START,
        VisitKind.STOP,
        VisitKind.BREAK,
        VisitKind.STOP,
        VisitKind.END,
    ]
    assert hm(visits[3].start_s) == "11:00"
    assert visits[2].departure_s - visits[2].start_s == 20 * MINUTE


def test_time_aboard_runs_from_the_hub_to_the_end_of_the_service_and_back() -> None:
    farm = stop("farm", 2, delivers=ambient(0, 0), collects=chilled())
    problem = town([30, 40], [stop("a", 1), farm], [van()])
    found = aboard_times(problem, time_round(problem, Draft.of_stops("van", ["a", "farm"])))
    assert found == {
        ("a", TemperatureClass.CHILLED): 40 * MINUTE,
        ("farm", TemperatureClass.CHILLED): 50 * MINUTE,
    }


def test_a_round_taken_apart_and_timed_again_is_the_same() -> None:
    both = (window(7, 8), window(12, 13))
    problem = town([30, 40], [stop("a", 1, windows=both), stop("b", 2)], [van()])
    planned = time_round(problem, Draft.of_stops("van", ["b", "a"]))
    assert time_round(problem, draft_of(problem, planned)) == planned


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft.of_stops("nobody", ["a"]), "vehicle_id"),
        (Draft.of_stops("van", ["nowhere"]), "steps[0]"),
        (Draft("van", (Step(VisitKind.RELOAD, "nowhere"),)), "steps[0]"),
    ],
)
def test_a_draft_of_unknown_things_is_refused(draft: Draft, field: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        time_round(town([30], [stop("a", 1)], [van()]), draft)
    assert refused.value.facts["field"] == field
