"""What is promised at the checkout is what the checker accepts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shop.logistics.domain.desk.quote import (
    asked_problem,
    more_at,
    prepare,
    quote,
    with_more,
    with_stop,
)
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.check_round import check_round
from shop.logistics.domain.planning.goods import Amount, Goods
from shop.logistics.domain.planning.plan import Cost, Plan
from shop.logistics.domain.planning.problem import AboardLimits, Place, Problem, Window
from shop.logistics.domain.planning.timing import Draft
from shop.logistics.domain.planning.travel import estimate_travel
from shop.logistics.domain.planning.violations import ViolationCode
from tests.unit.logistics.planning.road import HOUR, chilled, planned, stop, town, van, window


def valley(stops: int = 4, **changes: object) -> Problem:
    """Doors every three kilometers east of the hub, along one road."""
    places = tuple(Place(f"p{row}", 6.0 + row * 0.03, 43.4) for row in range(stops + 1))
    doors = [stop(f"s{row}", row, windows=(window(8, 12),)) for row in range(1, stops + 1)]
    made = town(range(3, 3 * stops + 1, 3), doors, [van("a"), van("b")])
    return replace(made, places=places, travel=estimate_travel(places), **changes)


def test_a_door_on_the_way_costs_little_and_the_truck_passes_by() -> None:
    problem = valley()
    kept = prepare(problem, planned(problem, Draft.of_stops("a", ["s1", "s2", "s3", "s4"])))
    found, timed = quote(kept, stop("new", 0, windows=(window(8, 12),)), 6.075, 43.401)
    assert found.fits
    assert found.passes_by
    assert found.vehicle == "a"
    assert timed is not None
    # Ten minutes at the door at 18 € an hour, and hardly any road.
    assert 300 <= found.cents <= 400


def test_a_door_far_away_costs_its_road() -> None:
    problem = valley()
    kept = prepare(problem, planned(problem, Draft.of_stops("a", ["s1", "s2", "s3", "s4"])))
    found, _ = quote(kept, stop("new", 0, windows=(window(8, 12),)), 6.0, 43.7)
    assert found.fits
    assert not found.passes_by
    assert found.cents > 2000


def test_a_slot_that_no_truck_can_keep_is_closed() -> None:
    problem = valley()
    kept = prepare(problem, planned(problem, Draft.of_stops("a", ["s1", "s2"])))
    found, timed = quote(kept, stop("new", 0, windows=(window(4, 5),)), 6.05, 43.4)
    assert (found.fits, timed) == (False, None)


def test_a_full_truck_takes_nothing_more_where_it_stops() -> None:
    problem = valley(2)
    kept = prepare(problem, planned(problem, Draft.of_stops("a", ["s1", "s2"])))
    assert more_at(kept, "s1", chilled(10, 1), 30)[0].cents == 15
    assert not more_at(kept, "s1", chilled(990, 1), 30)[0].fits
    assert not more_at(kept, "elsewhere", chilled(), 30)[0].fits


@settings(max_examples=200, deadline=None)
@given(
    doors=st.integers(1, 8),
    cut=st.integers(0, 8),
    opens=st.integers(5, 19),
    hours=st.integers(0, 6),
    east=st.integers(-20, 40),
    north=st.integers(-20, 20),
    kilograms=st.integers(0, 1200),
    aboard_minutes=st.one_of(st.none(), st.integers(20, 300)),
    vans=st.integers(1, 2),
)
def test_whatever_is_promised_the_checker_accepts(
    doors: int,
    cut: int,
    opens: int,
    hours: int,
    east: int,
    north: int,
    kilograms: int,
    aboard_minutes: int | None,
    vans: int,
) -> None:
    limit = None if aboard_minutes is None else aboard_minutes * 60
    problem = valley(doors, aboard=AboardLimits(chilled_s=limit))
    problem = replace(problem, vehicles=problem.vehicles[:vans])
    names = [each.id for each in problem.stops]
    drafts = [Draft.of_stops("a", names[:cut])]
    if vans == 2:
        drafts.append(Draft.of_stops("b", names[cut:]))
    kept = planned(problem, *drafts)
    kept = replace(
        kept, rounds=tuple(each for each in kept.rounds if not check_round(problem, each))
    )
    asked = stop(
        "new",
        0,
        delivers=Goods(chilled=Amount(kilograms * 1000, 10)),
        windows=(Window(opens * HOUR, (opens + hours) * HOUR),),
    )
    lon, lat = 6.0 + east / 100, 43.4 + north / 100
    found, timed = quote(prepare(problem, kept), asked, lon, lat)
    assert found.fits is (timed is not None)
    if timed is None:
        return
    larger = asked_problem(prepare(problem, kept), asked, lon, lat)
    others = [
        each
        for each in kept.rounds
        if (each.vehicle_id, each.vehicle_number) != (timed.vehicle_id, timed.vehicle_number)
    ]
    after = replace(kept, rounds=(*others, timed), unserved=(), cost=kept.cost)
    wrong = [each for each in check(larger, after) if each.round is not None]
    assert wrong == []


@settings(max_examples=60, deadline=None)
@given(
    doors=st.integers(1, 6),
    vans=st.integers(1, 3),
    aboard_minutes=st.one_of(st.none(), st.integers(40, 300)),
    asked=st.lists(
        st.tuples(
            st.integers(5, 17),
            st.integers(0, 5),
            st.integers(-20, 40),
            st.integers(-20, 20),
            st.integers(0, 400),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_promises_made_one_after_the_other_can_all_be_kept_together(
    doors: int,
    vans: int,
    aboard_minutes: int | None,
    asked: list[tuple[int, int, int, int, int]],
) -> None:
    limit = None if aboard_minutes is None else aboard_minutes * 60
    fleet = tuple(van(name) for name in ("a", "b", "c")[:vans])
    problem = replace(valley(doors, aboard=AboardLimits(chilled_s=limit)), vehicles=fleet)
    plan = planned(problem, Draft.of_stops("a", [each.id for each in problem.stops]))
    kept = prepare(
        problem, replace(plan, rounds=tuple(r for r in plan.rounds if not check_round(problem, r)))
    )
    served = {stop_id for each in kept.rounds for stop_id in each.stop_ids}
    promised = set()
    for at, (opens, hours, east, north, kilograms) in enumerate(asked):
        new = stop(
            f"new{at}",
            0,
            delivers=Goods(chilled=Amount(kilograms * 1000, 10)),
            windows=(Window(opens * HOUR, (opens + hours) * HOUR),),
        )
        lon, lat = 6.0 + east / 100, 43.4 + north / 100
        said, _ = quote(kept, new, lon, lat)
        kept = with_stop(kept, new, lon, lat)
        if said.fits:
            promised.add(new.id)
    after = Plan(kept.rounds, cost=sum((each.cost for each in kept.rounds), Cost()))
    wrong = [
        each for each in check(kept.problem, after) if each.code is not ViolationCode.STOP_LOST
    ]
    assert wrong == []
    assert {stop_id for each in kept.rounds for stop_id in each.stop_ids} == served | promised


def test_more_is_handed_over_at_a_stop_until_the_truck_is_full() -> None:
    problem = valley(2)
    kept = prepare(problem, planned(problem, Draft.of_stops("a", ["s1", "s2"])))
    fits = 0
    for _ in range(40):
        if more_at(kept, "s1", chilled(100, 1), 30)[0].fits:
            fits += 1
        kept = with_more(kept, "s1", chilled(100, 1), 30)
    assert 0 < fits < 40
    assert not any(check_round(kept.problem, each) for each in kept.rounds)


def test_a_van_that_comes_back_may_load_again_for_what_fits_nowhere_else() -> None:
    once = valley(2)
    full = [stop(f"s{row}", row, delivers=chilled(500, 50)) for row in (1, 2)]
    problem = replace(once, stops=tuple(full), vehicles=once.vehicles[:1])
    late = stop("new", 0, delivers=chilled(600, 60), windows=(window(13, 15),))
    draft = Draft.of_stops("a", ["s1", "s2"])
    assert not quote(prepare(problem, planned(problem, draft)), late, 6.02, 43.4)[0].fits
    again = replace(problem.vehicles[0], max_reloads=1, reload_hubs=("hub",))
    twice = replace(problem, vehicles=(again,))
    found, timed = quote(prepare(twice, planned(twice, draft)), late, 6.02, 43.4)
    assert found.fits
    assert timed is not None
    assert timed.stop_ids == ("s1", "s2", "new")
    assert len(list(timed.trips())) == 2
