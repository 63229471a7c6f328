"""For each rule of the format two problems that differ in that rule alone.

With the rule off, the cheapest plan breaks it: so a search that did not know the rule would be
caught, and so would a checker that did not judge it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shop.logistics.domain.planning.goods import (
    NOTHING,
    Amount,
    Capacity,
    Goods,
    Layout,
    TemperatureClass,
)
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    AboardLimits,
    BreakRule,
    Hub,
    Problem,
    Stop,
    Transfer,
)
from shop.logistics.domain.planning.violations import ViolationCode
from tests.unit.logistics.planning.road import (
    HOUR,
    MINUTE,
    ambient,
    chilled,
    frozen,
    layout,
    stop,
    town,
    van,
    window,
)

Code = ViolationCode


@dataclass(frozen=True)
class Rule:
    """One rule: with it, without it, and what the checker says of a plan made without it."""

    name: str
    on: Problem
    off: Problem
    code: ViolationCode


def _vehicles(problem: Problem, **changes: Any) -> Problem:
    return replace(problem, vehicles=tuple(replace(v, **changes) for v in problem.vehicles))


def _first_stop(problem: Problem, **changes: Any) -> Problem:
    first, *others = problem.stops
    return replace(problem, stops=(replace(first, **changes), *others))


def _two_ways(**changes: Any) -> Problem:
    """One stop forty kilometers up the road, one forty down; vans enough to part them."""
    ends = [stop("up", 1), stop("down", 2)]
    return town([40, -40], ends, [van(count=2, **changes)])


def _times() -> Iterator[Rule]:
    day = town([30], [stop("a", 1)], [van()])
    yield Rule("window", _first_stop(day, windows=(window(17, 18),)), day, Code.OUTSIDE_WINDOW)
    twice = town([30, 31], [stop("a", 1, windows=(window(9, 9.5),)), stop("b", 2)], [van()])
    both = stop("b", 2, windows=(window(8, 8.2), window(15, 16)), service_s=HOUR)
    yield Rule(
        "several windows",
        replace(twice, stops=(twice.stops[0], both)),
        replace(twice, stops=(twice.stops[0], replace(both, windows=()))),
        Code.OUTSIDE_WINDOW,
    )
    yield Rule("release", _first_stop(day, release_s=13 * HOUR), day, Code.BEFORE_RELEASE)
    farm = stop("farm", 1, delivers=NOTHING, collects=chilled())
    home = stop("home", 2, windows=(window(12, 13),))
    due = town([10, 40], [farm, home], [van(count=2)])
    yield Rule("due", _first_stop(due, due_s=12 * HOUR), due, Code.AFTER_DUE)
    longer = _first_stop(day, service_s=20 * MINUTE)
    yield Rule("service", longer, day, Code.SERVICE_CUT_SHORT)
    slow = replace(day.travel, duration_s=day.travel.duration_s * 2)
    slowly = replace(_vehicles(day, profile="slow"), profiles={"slow": slow})
    yield Rule("profile", slowly, day, Code.TOO_FAST)


def _hubs() -> Iterator[Rule]:
    late = [stop(name, at, windows=(window(11, 11.6),), service_s=30 * MINUTE)
            for at, name in ((1, "a"), (2, "b"))]  # fmt: skip
    evening = town([30, 31], late, [van(count=2)])
    hub = evening.hubs[0]
    early = replace(evening, hubs=(replace(hub, closes_s=12 * HOUR + 6 * MINUTE),))
    yield Rule("hub hours", early, evening, Code.HUB_CLOSED)
    yield Rule(
        "latest end",
        _vehicles(evening, latest_end_s=12 * HOUR + 6 * MINUTE),
        evening,
        Code.END_TOO_LATE,
    )
    loading = replace(evening, hubs=(replace(hub, loading_s=30 * MINUTE),))
    yield Rule("loading", loading, evening, Code.SERVICE_CUT_SHORT)
    two = town([30, 60], [stop("a", 1)], [van(), van("other", start_hub="far", end_hub="far")])
    two = replace(two, hubs=(hub, Hub("far", 2, loading_s=15 * MINUTE)))
    near = replace(two, stops=(stop("a", 1, windows=(window(9, 10),)),))
    two = replace(near, vehicles=(near.vehicles[0], replace(near.vehicles[1], cents_per_km=60)))
    yield Rule("hub of the goods", _first_stop(two, hub="far"), two, Code.NOT_ALLOWED)


def _rooms() -> Iterator[Rule]:
    load = Goods(chilled=Amount(60_000, 60, 600))
    pair = [stop("a", 1, delivers=load), stop("b", 2, delivers=load)]
    wide = Layout(Capacity(None, None, None))
    for name, room in (
        ("kilograms", Capacity(100_000, None, None)),
        ("crates", Capacity(None, 100, None)),
        ("liters", Capacity(None, None, 1000)),
    ):
        roomy = town([30, 31], pair, [van(count=2, layouts=(wide,))])
        yield Rule(name, _vehicles(roomy, layouts=(Layout(room),)), roomy, Code.OVER_CAPACITY)
    light = replace(wide, payload_g=100_000)
    yield Rule("payload", _vehicles(roomy, layouts=(light,)), roomy, Code.OVER_PAYLOAD)
    goods = [stop("cold", 1, delivers=chilled(80, 80)), stop("dry", 2, delivers=ambient(40, 40))]
    one_room = Layout(chilled=Capacity(None, 1000))
    two_rooms = Layout(chilled=Capacity(None, 500), ambient=Capacity(None, 500))
    both = Layout(chilled=Capacity(None, 1000), ambient=Capacity(None, 1000))
    anyhow = town([30, 31], goods, [van(count=2, layouts=(both, both))])
    walled = _vehicles(anyhow, layouts=(one_room, two_rooms))
    yield Rule("movable wall", walled, anyhow, Code.OVER_CAPACITY)
    small = _vehicles(town([30, 31], pair, [van(count=2)]), layouts=(Layout(Capacity(None, 100)),))
    again = _vehicles(small, reload_hubs=("hub",), max_reloads=1, fixed_cents=9000)
    yield Rule("reloads", _vehicles(again, max_reloads=0), again, Code.TOO_MANY_RELOADS)
    yield Rule("number of vehicles", _vehicles(small, count=1), small, Code.VEHICLE_NUMBER)


def _days() -> Iterator[Rule]:
    long = [stop("a", 1, service_s=2 * HOUR), stop("b", 2, service_s=2 * HOUR)]
    day = town([30, 31], long, [van(count=2)])
    yield Rule("shift", _vehicles(day, shift_s=4 * HOUR), day, Code.SHIFT_EXCEEDED)
    over = _vehicles(day, shift_s=4 * HOUR, max_overtime_s=2 * HOUR)
    yield Rule("overtime", _vehicles(over, max_overtime_s=HOUR), over, Code.SHIFT_EXCEEDED)
    noon = town([30], [stop("a", 1, windows=(window(12, 13),))], [van()])
    begins = _vehicles(noon, latest_start_s=8 * HOUR)
    yield Rule("start window", begins, noon, Code.START_OUTSIDE_HOURS)
    rested = _vehicles(day, break_rule=BreakRule(3 * HOUR, 20 * MINUTE), count=1)
    yield Rule("break", rested, _vehicles(day, count=1), Code.BREAK_MISSING)
    yield Rule("distance", _two_ways(max_distance_m=100_000), _two_ways(), Code.TOO_FAR)
    yield Rule(
        "certificate", _two_ways(certified_cold=False), _two_ways(), Code.UNCERTIFIED_TOO_FAR
    )


def _company() -> Iterator[Rule]:
    choice = town([30], [stop("a", 1)], [van("cheap"), van("dear", fixed_cents=9000)])
    yield Rule("named vehicles", _first_stop(choice, vehicles=frozenset({"dear"})), choice,
               Code.NOT_ALLOWED)  # fmt: skip
    yield Rule("excluded vehicles", _first_stop(choice, excluded_vehicles=frozenset({"cheap"})),
               choice, Code.NOT_ALLOWED)  # fmt: skip
    lifts = (choice.vehicles[0], replace(choice.vehicles[1], skills=frozenset({"tail_lift"})))
    lifted = replace(choice, vehicles=lifts)
    yield Rule("skills", _first_stop(lifted, needs=frozenset({"tail_lift"})), lifted,
               Code.NOT_ALLOWED)  # fmt: skip
    yield Rule("vehicles there", replace(choice, vehicles=choice.vehicles[1:]), choice,
               Code.UNKNOWN_VEHICLE)  # fmt: skip
    apart = _two_ways(
        fixed_cents=0, shift_s=3 * HOUR, max_overtime_s=3 * HOUR, overtime_cents_per_hour=90_000
    )
    family = tuple(replace(each, kept_with="family") for each in apart.stops)
    yield Rule("kept together", replace(apart, stops=family), apart, Code.KEPT_TOGETHER_SPLIT)
    take = stop("take", 1, delivers=ambient(), windows=(window(8, 9), window(15, 16)))
    give = Stop("give", 2, collects=ambient(), service_s=600, windows=(window(10, 11),))
    take = replace(take, windows=(window(8, 16),))
    early = stop("early", 1, windows=(window(8.9, 9),))
    doors = town([20, 40], [take, give, early], [van(latest_start_s=9 * HOUR)])
    direct = replace(doors, transfers=(Transfer("give", "take"),))
    yield Rule("transfer", direct, doors, Code.TRANSFER_BROKEN)


def _aboard() -> Iterator[Rule]:
    goods = {
        TemperatureClass.CHILLED: chilled(),
        TemperatureClass.FROZEN: frozen(),
        TemperatureClass.AMBIENT: ambient(),
    }
    for temperature, load in goods.items():
        slow = [stop(name, at, delivers=load, service_s=HOUR) for at, name in ((1, "a"), (2, "b"))]
        free = town([60, 61], slow, [van(count=2, layouts=(layout(),))])
        limit = AboardLimits(**{f"{temperature.value}_s": 2 * HOUR + 30 * MINUTE})
        yield Rule(
            f"{temperature.value} aboard", replace(free, aboard=limit), free, Code.ABOARD_TOO_LONG
        )


def _roads() -> Iterator[Rule]:
    joined = town([30, 31], [stop("a", 1), stop("b", 2)], [van(count=2)])
    meters = np.array(joined.travel.distance_m)
    seconds = np.array(joined.travel.duration_s)
    for matrix in (meters, seconds):
        matrix[1, 2] = matrix[2, 1] = UNREACHABLE
    holed = replace(joined.travel, distance_m=meters, duration_s=seconds)
    yield Rule("no road", replace(joined, travel=holed), joined, Code.NO_ROAD)


RULES = {
    rule.name: rule
    for part in (_times, _hubs, _rooms, _days, _company, _aboard, _roads)
    for rule in part()
}
