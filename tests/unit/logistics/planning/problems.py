"""Random small problems in which every rule of the planner may be at work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from shop.logistics.domain.planning.goods import NOTHING, Amount, Capacity, Goods, Layout
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    AboardLimits,
    BreakRule,
    Hub,
    Problem,
    Stop,
    Transfer,
    Travel,
    Vehicle,
    Window,
)
from tests.unit.logistics.planning.road import (
    HOUR,
    MINUTE,
    ambient,
    chilled,
    frozen,
    layout,
    town,
    van,
    window,
)

VEHICLES = ("v0", "v1", "v2")


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """None, one or two windows, which may overlap; now and then one of the day before."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        opens = draw(st.sampled_from([-2, 6, 7, 8, 9, 10, 12, 14, 16, 19]))
        found.append(window(opens, opens + draw(st.integers(1, 6)) / 2))
    return tuple(found)


@st.composite
def goods(draw: st.DrawFn) -> Goods:
    """One class or two, by weight, crates and now and then volume."""
    made = draw(st.sampled_from([chilled, frozen, ambient]))
    first = made(draw(st.integers(1, 60)), draw(st.integers(1, 6)))
    if draw(st.integers(0, 4)) == 0:
        return first + Goods(ambient=Amount(5_000, 10, draw(st.integers(0, 400))))
    return first


@st.composite
def stops_on_the_road(draw: st.DrawFn, place: int, hubs: int) -> Stop:
    """A stop that delivers, collects or both, with any of the rules a stop can have."""
    way = draw(st.sampled_from(["delivers", "delivers", "collects", "both"]))
    required = draw(st.booleans())
    free = [None, None, None, None]
    word = draw(st.sampled_from([*free, "family"]))
    named = draw(st.sampled_from([*free, frozenset({"v0"}), frozenset({"v0", "v1"})]))
    return Stop(
        id=f"s{place}",
        place=place,
        collects=NOTHING if way == "delivers" else draw(goods()),
        delivers=NOTHING if way == "collects" else draw(goods()),
        windows=draw(windows()),
        service_s=draw(st.integers(0, 30)) * MINUTE,
        release_s=draw(st.sampled_from([None, None, 9 * HOUR, 15 * HOUR])),
        due_s=None if way == "delivers" else draw(st.sampled_from([None, None, 11 * HOUR])),
        required=required,
        price_cents=0 if required else draw(st.integers(0, 4000)),
        hub=draw(st.sampled_from([*free, "hub", "other"])) if hubs > 1 else None,
        needs=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"tail_lift"})])),
        vehicles=named,
        excluded_vehicles=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"v1"})])),
        kept_with=word,
    )


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Layout, ...]:
    """One arrangement, or two with a wall between them; limits by payload and volume too."""
    crates = draw(st.integers(2, 20))
    plain = replace(layout(100, crates), payload_g=draw(st.sampled_from([None, 150_000])))
    roomy = Capacity(50_000, 20, draw(st.sampled_from([None, 300])))
    return (plain, replace(layout(200, crates), ambient=roomy))[: draw(st.integers(1, 2))]


@st.composite
def vehicles_of_all_kinds(draw: st.DrawFn, name: str, hubs: int) -> Vehicle:
    """A vehicle with any of the rules a vehicle can have."""
    start, end = (draw(st.sampled_from(["hub", "other"][:hubs])) for _ in range(2))
    return van(
        name,
        count=draw(st.integers(1, 2)),
        start_hub=start,
        end_hub=end,
        layouts=draw(layouts()),
        earliest_start_s=draw(st.sampled_from([-4, 6, 6])) * HOUR,
        latest_start_s=draw(st.sampled_from([8, 14])) * HOUR,
        latest_end_s=draw(st.sampled_from([None, None, 18 * HOUR])),
        shift_s=draw(st.integers(3, 9)) * HOUR,
        max_overtime_s=draw(st.sampled_from([0, HOUR])),
        max_distance_m=draw(st.sampled_from([None, None, 250_000])),
        reload_hubs=(start,) if draw(st.booleans()) else ("hub", "other")[:hubs],
        max_reloads=draw(st.integers(0, 2)),
        skills=draw(st.sampled_from([frozenset(), frozenset({"tail_lift"})])),
        break_rule=draw(st.sampled_from([None, BreakRule(4 * HOUR, 20 * MINUTE)])),
        certified_cold=draw(st.booleans()),
        profile=draw(st.sampled_from(["", "", "slow"])),
    )


@st.composite
def problems(draw: st.DrawFn, most_stops: int = 7) -> Problem:
    """A few stops on the straight road, up to three vehicles, one hub or two."""
    kilometers = draw(st.lists(st.integers(-120, 120), min_size=1, max_size=most_stops))
    hubs = draw(st.sampled_from([1, 1, 2]))
    stops = [draw(stops_on_the_road(row + 1, hubs)) for row in range(len(kilometers))]
    fleet = [
        draw(vehicles_of_all_kinds(each, hubs)) for each in VEHICLES[: draw(st.integers(0, 3))]
    ]
    transfers: tuple[Transfer, ...] = ()
    if len(stops) >= 4 and draw(st.booleans()):
        transfers = (Transfer("s1", "s2"),)
        _exchange(stops, draw(goods()))
    known = {each.id for each in fleet}
    stops = [_without_strangers(each, known) for each in stops]
    limits = st.sampled_from([None, 2 * HOUR, 4 * HOUR])
    aboard = AboardLimits(draw(limits), draw(limits), draw(limits))
    problem = town(kilometers, stops, fleet, transfers=transfers, aboard=aboard)
    other = Hub("other", 1, 4 * HOUR, 22 * HOUR, draw(st.sampled_from([0, 20 * MINUTE])))
    problem = replace(problem, hubs=(*problem.hubs, other)[:hubs])
    slow = Travel(problem.travel.distance_m, problem.travel.duration_s * 3 // 2)
    problem = replace(problem, profiles={"slow": slow})
    if draw(st.integers(0, 5)) == 0:
        _cut_off(problem, draw(st.integers(1, len(stops))))
    return problem


def _exchange(stops: list[Stop], load: Goods) -> None:
    """Make the first two stops the ends of a transfer."""
    plain: dict[str, Any] = {"required": True, "release_s": None, "due_s": None, "price_cents": 0}
    for at, way in ((0, {"collects": load}), (1, {"delivers": load})):
        both = {"collects": NOTHING, "delivers": NOTHING, **way}
        stops[at] = replace(stops[at], windows=stops[at].windows[:1], **plain, **both)


def _without_strangers(stop: Stop, known: set[str]) -> Stop:
    """A stop that names no vehicle that does not exist."""
    named = None if stop.vehicles is None else frozenset(stop.vehicles & known)
    return replace(stop, vehicles=named, excluded_vehicles=stop.excluded_vehicles & known)


def _cut_off(problem: Problem, place: int) -> None:
    """No road leads to a place."""
    rows = np.arange(len(problem.places)) != place
    problem.travel.distance_m[rows, place] = UNREACHABLE
    problem.travel.duration_s[rows, place] = UNREACHABLE
