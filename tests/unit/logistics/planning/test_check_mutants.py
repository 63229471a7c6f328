"""No part of the checker is idle: weaken it anywhere, and some plan here is judged otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.goods import NOTHING
from shop.logistics.domain.planning.plan import Plan, VisitKind
from shop.logistics.domain.planning.problem import (
    UNREACHABLE,
    AboardLimits,
    BreakRule,
    Hub,
    Problem,
    Window,
)
from shop.logistics.domain.planning.timing import Draft, Step, time_round
from shop.logistics.domain.planning.violations import ViolationCode
from tests.unit.logistics.planning.mutants import Checker, Mutant, mutants
from tests.unit.logistics.planning.road import (
    HOUR,
    MINUTE,
    ambient,
    chilled,
    layout,
    planned,
    stop,
    town,
    van,
    with_round,
    with_visit,
)
from tests.unit.logistics.planning.test_check import (
    BROKEN_PLANS,
    ROUND,
    STRICTER,
    exchange,
    lawful,
    usual,
    with_hub,
    with_stop,
    with_vehicle,
)

Case = tuple[Problem, Plan, set[ViolationCode]]
LAWFUL: set[ViolationCode] = set()

BEGIN, END = 495 * MINUTE, 735 * MINUTE
"""When the lawful round begins and ends."""


def at_every_limit() -> Case:
    """The same round where nothing has a second, a meter or a gram to spare."""
    problem = with_vehicle(
        earliest_start_s=BEGIN,
        latest_start_s=BEGIN,
        latest_end_s=END,
        max_distance_m=180_000,
        shift_s=END - BEGIN,
        break_rule=BreakRule(END - BEGIN, 20 * MINUTE),
        layouts=(replace(layout(10, 1), payload_g=20_000),),
    )
    exact = {
        "a": {"windows": (Window(540 * MINUTE, 540 * MINUTE),), "vehicles": frozenset({"van"})},
        "b": {"release_s": BEGIN},
        "farm": {"due_s": END},
    }
    stops = tuple(replace(each, **exact[each.id]) for each in problem.stops)
    hub = replace(problem.hubs[0], opens_s=BEGIN, closes_s=END)
    aboard = AboardLimits(40 * MINUTE, 60 * MINUTE, 60 * MINUTE)
    return replace(problem, stops=stops, hubs=(hub,), aboard=aboard), lawful(), LAWFUL


def with_break(**changes: Any) -> Case:
    """A round with a legal break of exactly the length it must have."""
    problem = with_vehicle(break_rule=BreakRule(3 * HOUR, 20 * MINUTE))
    plan = planned(problem, ROUND)
    at = [visit.kind for visit in plan.rounds[0].visits].index(VisitKind.BREAK)
    return problem, with_visit(plan, at, **changes), LAWFUL


def after_work_to_the_last_second() -> Case:
    """The break begins exactly when it must."""
    problem, plan, _ = with_break()
    visits = plan.rounds[0].visits
    (rest,) = [visit for visit in visits if visit.kind is VisitKind.BREAK]
    longest = max(rest.start_s - visits[0].arrival_s, visits[-1].start_s - rest.departure_s)
    vehicle = replace(problem.vehicles[0], break_rule=BreakRule(longest, 20 * MINUTE))
    return replace(problem, vehicles=(vehicle,)), plan, LAWFUL


def short_break() -> Case:
    problem, plan, _ = with_break()
    (rest,) = [visit for visit in plan.rounds[0].visits if visit.kind is VisitKind.BREAK]
    _, shorter, _ = with_break(departure_s=rest.departure_s - 1)
    return problem, shorter, {ViolationCode.BREAK_MISSING}


def break_named_after_a_hub() -> Case:
    """Where a break is taken, a hub has no say, open or not."""
    problem, plan, _ = with_break(hub_id="night")
    night = Hub("night", 1, 0, 1, 4 * HOUR)
    return replace(problem, hubs=(*problem.hubs, night)), plan, LAWFUL


def late_after_the_end() -> Case:
    """What happens after the return is not work."""
    problem = with_vehicle(break_rule=BreakRule(END - BEGIN, 20 * MINUTE))
    return problem, with_visit(lawful(), 5, departure_s=END + HOUR), LAWFUL


def overtime(allowed_s: int) -> tuple[Problem, Plan]:
    problem = with_vehicle(shift_s=2 * HOUR, max_overtime_s=allowed_s)
    return problem, planned(problem, ROUND)


def two_hubs(**changes: Any) -> Case:
    """The lawful round where a second hub lies at the same place."""
    problem = usual()
    twin = replace(problem.hubs[0], id="twin")
    plan = with_visit(lawful(), changes.pop("at"), **changes)
    return replace(problem, hubs=(*problem.hubs, twin)), plan, {ViolationCode.SHAPE}


def from_hub_to_hub(hub: str, *, collects: bool, code: ViolationCode | None) -> Case:
    """One stop of a vehicle that starts at one hub and ends at another."""
    hubs = (Hub("hub", 0, 0, 24 * HOUR, 0), Hub("other", 1, 0, 24 * HOUR, 0))
    goods = {"collects": chilled(), "delivers": NOTHING} if collects else {}
    problem = town([5, 30], [stop("a", 2, hub=hub, **goods)], [van(end_hub="other")], hubs=hubs)
    plan = planned(problem, Draft.of_stops("van", ["a"]))
    return problem, plan, LAWFUL if code is None else {code}


def half_a_cent() -> Case:
    problem = town([30.01], [stop("a", 1)], [van(cents_per_km=25)])
    return problem, planned(problem, Draft.of_stops("van", ["a"])), LAWFUL


def nothing_but_a_drive() -> Case:
    """A round without stops is useless and lawful."""
    problem = usual()
    plan = planned(problem)
    empty = time_round(problem, Draft("van", ()))
    return problem, replace(plan, rounds=(empty,), cost=empty.cost), LAWFUL


def family(*drafts: Draft, code: ViolationCode | None = None) -> Case:
    pair = [stop("a", 1, kept_with="family"), stop("b", 2, kept_with="family")]
    problem = town([30, 40], pair, [van(count=2)])
    return problem, planned(problem, *drafts), LAWFUL if code is None else {code}


def apart() -> Case:
    """Stops that nothing binds, in two rounds."""
    problem = usual()
    drafts = Draft.of_stops("van", ["a"]), Draft.of_stops("van", ["b"], 1)
    return problem, planned(problem, *drafts), LAWFUL


def exchanged(*drafts: Draft, code: ViolationCode | None, **changes: Any) -> Case:
    problem = replace(exchange(), **changes)
    return problem, planned(problem, *drafts), LAWFUL if code is None else {code}


def exchanged_for(hub: str) -> Case:
    """Goods that pass no hub need none."""
    problem = exchange()
    stops = tuple(replace(each, hub=hub) for each in problem.stops)
    return (
        replace(problem, stops=stops),
        planned(problem, Draft.of_stops("van", ["give", "take"])),
        LAWFUL,
    )


def a_hole() -> Case:
    problem = usual()
    problem.travel.duration_s[1, 2] = UNREACHABLE
    return problem, lawful(), {ViolationCode.NO_ROAD}


def a_ghost() -> Case:
    codes = {ViolationCode.UNKNOWN_STOP, ViolationCode.SHAPE, ViolationCode.STOP_LOST}
    return usual(), with_visit(lawful(), 1, stop_id="ghost"), codes


def twice(*drafts: Draft, code: ViolationCode) -> Case:
    problem = usual()
    return problem, planned(problem, *drafts), {code}


def of_visit(at: int, code: ViolationCode, **changes: Any) -> Case:
    return usual(), with_visit(lawful(), at, **changes), {code}


def past_the_hub() -> Draft:
    steps = [Step(VisitKind.STOP, "give"), Step(VisitKind.RELOAD, "hub")]
    return Draft("van", (*steps, Step(VisitKind.STOP, "take")))


EDGES: dict[str, Callable[[], Case]] = {
    "a lawful plan": lambda: (usual(), lawful(), LAWFUL),
    "everything left out": lambda: (usual(), planned(usual()), LAWFUL),
    "at every limit": at_every_limit,
    "no visits": lambda: (
        usual(),
        with_round(lawful(), replace(lawful().rounds[0], visits=())),
        {ViolationCode.SHAPE, ViolationCode.STOP_LOST},
    ),
    "nothing but a drive": nothing_but_a_drive,
    "begins with a reload": lambda: of_visit(0, ViolationCode.SHAPE, kind=VisitKind.RELOAD),
    "ends with a reload": lambda: of_visit(5, ViolationCode.SHAPE, kind=VisitKind.RELOAD),
    "ends in between": lambda: of_visit(3, ViolationCode.SHAPE, kind=VisitKind.END),
    "starts elsewhere": lambda: two_hubs(at=0, hub_id="twin"),
    "ends elsewhere": lambda: two_hubs(at=5, hub_id="twin"),
    "a hub that is a stop": lambda: (
        usual(),
        with_visit(lawful(), 3, stop_id="a"),
        {ViolationCode.SHAPE, ViolationCode.STOP_SERVED_TWICE},
    ),
    "a ghost": a_ghost,
    "a hole in the roads": a_hole,
    "two rounds": apart,
    "a stop served twice": lambda: twice(
        ROUND, Draft.of_stops("van", ["a"], 1), code=ViolationCode.STOP_SERVED_TWICE
    ),
    "a vehicle used twice": lambda: twice(
        Draft.of_stops("van", ["a"]),
        Draft.of_stops("van", ["b"]),
        code=ViolationCode.VEHICLE_USED_TWICE,
    ),
    "a family together": lambda: family(Draft.of_stops("van", ["a", "b"])),
    "a family half left out": lambda: family(Draft.of_stops("van", ["a"])),
    "a family apart": lambda: family(
        Draft.of_stops("van", ["a"]),
        Draft.of_stops("van", ["b"], 1),
        code=ViolationCode.KEPT_TOGETHER_SPLIT,
    ),
    "an exchange": lambda: exchanged(Draft.of_stops("van", ["give", "take"]), code=None),
    "an exchange at its limit": lambda: exchanged(
        Draft.of_stops("van", ["give", "take"]), code=None, aboard=AboardLimits(30 * MINUTE)
    ),
    "an exchange too slow": lambda: exchanged(
        Draft.of_stops("van", ["give", "take"]),
        code=ViolationCode.ABOARD_TOO_LONG,
        aboard=AboardLimits(30 * MINUTE - 1),
    ),
    "an exchange of another hub": lambda: exchanged_for("elsewhere"),
    "an exchange backwards": lambda: exchanged(
        Draft.of_stops("van", ["take", "give"]), code=ViolationCode.TRANSFER_BROKEN
    ),
    "half an exchange": lambda: exchanged(
        Draft.of_stops("van", ["give"]), code=ViolationCode.TRANSFER_BROKEN
    ),
    "an exchange by two": lambda: exchanged(
        Draft.of_stops("van", ["give"]),
        Draft.of_stops("van", ["take"], 1),
        code=ViolationCode.TRANSFER_BROKEN,
    ),
    "an exchange past the hub": lambda: exchanged(
        past_the_hub(), code=ViolationCode.TRANSFER_BROKEN
    ),
    "a delivery from its hub": lambda: from_hub_to_hub("hub", collects=False, code=None),
    "a delivery from another hub": lambda: from_hub_to_hub(
        "other", collects=False, code=ViolationCode.NOT_ALLOWED
    ),
    "a collection to its hub": lambda: from_hub_to_hub("other", collects=True, code=None),
    "a collection to another hub": lambda: from_hub_to_hub(
        "hub", collects=True, code=ViolationCode.NOT_ALLOWED
    ),
    "nothing due back": lambda: (with_stop("a", due_s=HOUR), lawful(), LAWFUL),
    "a day a second too long": lambda: (
        *overtime(2 * HOUR - 1),
        {ViolationCode.SHIFT_EXCEEDED},
    ),
    "all overtime used": lambda: (*overtime(2 * HOUR), LAWFUL),
    "a break": with_break,
    "a break at the last second": after_work_to_the_last_second,
    "a break a second too short": short_break,
    "a break named after a hub": break_named_after_a_hub,
    "service is no break": lambda: (
        with_vehicle(break_rule=BreakRule(3 * HOUR, 10 * MINUTE)),
        lawful(),
        {ViolationCode.BREAK_MISSING},
    ),
    "late after the end": late_after_the_end,
    "cold far away with certificate": lambda: (
        replace(usual(), uncertified_limit_m=1000),
        lawful(),
        LAWFUL,
    ),
    "chilled goods too far": lambda: (
        replace(
            with_vehicle(certified_cold=False),
            stops=tuple(
                replace(each, delivers=ambient()) if each.id == "b" else each
                for each in usual().stops
            ),
            uncertified_limit_m=30_000,
        ),
        lawful(),
        {ViolationCode.UNCERTIFIED_TOO_FAR, ViolationCode.WRONG_LOAD},
    ),
    "goods that need no cold": lambda: (
        replace(
            with_vehicle(certified_cold=False),
            stops=tuple(each for each in usual().stops if each.id == "farm"),
            uncertified_limit_m=1000,
        ),
        planned(
            replace(usual(), stops=tuple(each for each in usual().stops if each.id == "farm")),
            Draft.of_stops("van", ["farm"]),
        ),
        LAWFUL,
    ),
    "half a cent": half_a_cent,
    "a hub at its hours": lambda: (with_hub(opens_s=BEGIN, closes_s=END), lawful(), LAWFUL),
}

SAME_BY_MEANING = (
    "check_round:42 forgets visit.stop_id is not None",
    "check_round:43 forgets visit.hub_id is not None",
    "check_round:78 forgets '' of visit.stop_id or ''",
    "check_round:86 forgets visit.hub_id is not None",
    "check_round:300 forgets stop.id == transfer.deliver",
)
"""Changes without effect: what they drop is there for readers and types, or is refused before."""


@cache
def table() -> tuple[tuple[Problem, Plan], ...]:
    """Every problem and plan that the checker is tried on here and in its own tests."""
    cases = [build()[:2] for build in EDGES.values()]
    cases += [(usual(), breaks(lawful())) for _, breaks in BROKEN_PLANS]
    cases += [(problem, lawful()) for _, problem in STRICTER]
    return tuple(cases)


def verdict(checker: Checker, problem: Problem, plan: Plan) -> object:
    """What is broken, where and by how much; or that the checker itself broke."""
    try:
        found = checker(problem, plan)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        return type(error)
    return sorted(
        (each.code, str(each.round), str(each.stop_id), repr(each.facts)) for each in found
    )


@cache
def verdicts() -> tuple[object, ...]:
    return tuple(verdict(check, *case) for case in table())


@pytest.mark.parametrize("name", EDGES)
def test_a_plan_on_the_edge_is_judged_rightly(name: str) -> None:
    problem, plan, codes = EDGES[name]()
    assert {each.code for each in check(problem, plan)} == codes


@pytest.mark.parametrize("mutant", mutants(), ids=str)
def test_a_weakened_checker_judges_some_plan_otherwise(mutant: Mutant) -> None:
    weak = mutant.checker()
    judged = zip(table(), verdicts(), strict=True)
    seen = any(verdict(weak, *case) != right for case, right in judged)
    assert seen != str(mutant).startswith(SAME_BY_MEANING)
