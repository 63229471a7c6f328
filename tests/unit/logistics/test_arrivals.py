"""An interval that is told holds about eight times in ten, whatever the roads are like."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.logistics.domain.arrivals import (
    LEAST_WIDTH_S,
    Estimate,
    Leg,
    Lessons,
    Score,
    Standing,
    estimate,
    is_untrue,
    learn,
    pace_of,
    told,
)

NOTHING = learn([])


@dataclass(frozen=True, slots=True)
class World:
    """How a country drives: logarithmic spreads of whole days and of single legs."""

    shared: float = 0.1
    even: float = 0.25
    jams: float = 0.03
    slowness: float = 1.0
    estimated: float = 0.0


@dataclass(slots=True)
class Held:
    """How many intervals held, and how wide they were told."""

    inside: int = 0
    shown: int = 0
    count: int = 0
    width_s: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.inside // self.count

    @property
    def shown_percent(self) -> int:
        return 100 * self.shown // self.count


def drive_days(world: World, days: int, *, seed: int, from_day: int = 0) -> Held:
    """Two rounds a day; each is estimated anew at every stop, and the next day has learned."""
    chance = Random(seed)
    scores: list[Score] = []
    held = Held()
    for day in range(days):
        lessons = learn(reversed(scores[-1200:]))
        counts = held if day >= from_day else Held()
        for _ in range(2):
            legs = [
                Leg(stop, chance.randint(300, 1500), chance.randint(240, 900))
                for stop in range(chance.randint(8, 18))
            ]
            scores += drive_round(world, legs, lessons, chance, counts)
    return held


def drive_round(
    world: World, legs: list[Leg], lessons: Lessons, chance: Random, held: Held
) -> list[Score]:
    day = world.slowness * chance.lognormvariate(0, world.shared)
    came, gone, clock = [], [], 0.0
    for leg in legs:
        clock += leg.drive_s * day * chance.lognormvariate(0, world.even)
        clock += chance.expovariate(1 / 600) if chance.random() < world.jams else 0
        came.append(clock)
        clock += leg.service_s * day * chance.lognormvariate(0, world.even * 1.4)
        gone.append(clock)
    found: list[Score] = []
    done: list[tuple[int, int]] = []
    free = 0.0
    for at in range(len(legs)):
        standing = Standing(round(free), pace=pace_of(done, lessons.usual))
        made = estimate(legs[at:], standing, lessons, estimated=world.estimated, now_s=round(free))
        for rank, each in enumerate(made):
            real = came[at + rank]
            first, last = told(each.earliest_s, each.latest_s)
            held.inside += each.earliest_s <= real <= each.latest_s
            held.shown += first <= real <= last
            held.count += 1
            held.width_s += last - first
            if at == 0 or rank == 0:
                off = round(real - each.base_s)
                took = each.paced_s + off if at == 0 else 0
                found.append(Score(each.work_s, off, each.spread_s, took))
        done += [(made[0].work_s, round(came[at] - free))]
        done += [(legs[at].service_s, round(gone[at] - came[at]))]
        free = gone[at]
    return found


@pytest.mark.parametrize(
    "world",
    [
        World(),
        World(shared=0.2, even=0.45, jams=0.1),
        World(slowness=1.25),
        World(slowness=0.85, even=0.2),
    ],
    ids=["usual", "wild", "slow", "quick"],
)
def test_eight_intervals_of_ten_hold_once_a_market_has_a_past(world: World) -> None:
    held = drive_days(world, 70, seed=7, from_day=30)
    assert held.count > 4000
    assert 75 <= held.percent <= 86
    assert held.shown_percent >= held.percent


def test_before_there_is_a_past_intervals_hold_seven_times_in_ten_at_least() -> None:
    firsts = [drive_days(World(), 1, seed=seed) for seed in range(40)]
    inside, count = sum(each.inside for each in firsts), sum(each.count for each in firsts)
    assert 70 <= 100 * inside // count <= 90


def test_calm_roads_make_narrow_intervals_and_wild_ones_wide() -> None:
    calm = drive_days(World(shared=0.03, even=0.1, jams=0), 40, seed=3, from_day=20)
    wild = drive_days(World(shared=0.2, even=0.45, jams=0.1), 40, seed=3, from_day=20)
    assert calm.percent >= 75
    assert 3 * calm.width_s // calm.count < wild.width_s // wild.count


def road(*, drive_s: int = 1200, service_s: int = 600, stops: int = 3) -> list[Leg]:
    return [Leg(at, drive_s, service_s) for at in range(stops)]


def made(
    legs: list[Leg], standing: Standing, now_s: int = 0, estimated: float = 0
) -> list[Estimate]:
    return estimate(legs, standing, NOTHING, estimated=estimated, now_s=now_s)


def test_the_interval_widens_with_the_distance_and_with_roads_that_are_guessed() -> None:
    widths = [each.latest_s - each.earliest_s for each in made(road(), Standing(0))]
    guessed = [each.latest_s - each.earliest_s for each in made(road(), Standing(0), 0, 1.0)]
    assert widths == sorted(widths)
    assert all(one < other for one, other in zip(widths, guessed, strict=True))


def test_who_comes_early_waits_until_the_door_opens() -> None:
    legs = [Leg(0, 600, 300, opens_s=3600), Leg(1, 600, 300)]
    first, second = made(legs, Standing(0))
    assert (first.earliest_s, first.expected_s, first.waits) == (3600, 3600, True)
    assert second.expected_s >= 3600 + 300 + 600


def test_a_wait_ends_what_was_uncertain_before_it_and_nothing_else() -> None:
    far = [Leg(at, 1800, 600) for at in range(8)]
    waits = [*far, Leg(8, 1800, 600, opens_s=50_000), Leg(9, 1800, 600), Leg(10, 1800, 600)]
    found = made(waits, Standing(0))
    fresh = made([Leg(9, 1800, 600), Leg(10, 1800, 600)], Standing(50_600))
    assert [each.latest_s - each.earliest_s for each in found[:8]][-1] > 3600
    assert found[8].earliest_s == found[8].latest_s == 50_000
    for after, alone in zip(found[9:], fresh, strict=True):
        before = (alone.earliest_s, alone.expected_s, alone.latest_s)
        width = alone.latest_s - alone.earliest_s
        assert abs(after.expected_s - before[1]) <= 60
        assert width <= after.latest_s - after.earliest_s <= 2 * width


def test_nobody_is_expected_in_the_past() -> None:
    overdue = made(road(), Standing(0), now_s=3000)
    assert overdue[0].earliest_s == 3000
    assert overdue[0].expected_s > 3000
    assert overdue[0].latest_s - overdue[0].expected_s >= 600
    assert overdue[1].expected_s >= overdue[0].expected_s + 1800


def test_a_delay_that_is_told_moves_everything_behind_it_and_is_itself_not_quite_sure() -> None:
    before, after = made(road(), Standing(0)), made(road(), Standing(0, late_s=1800))
    assert [b.expected_s - a.expected_s for a, b in zip(before, after, strict=True)] == [1800] * 3
    assert after[0].earliest_s - before[0].earliest_s == 1080
    assert after[0].latest_s - before[0].latest_s == 2250


def test_a_truck_that_has_not_left_is_less_sure() -> None:
    waiting, gone = made(road(), Standing(0, has_left=False)), made(road(), Standing(0))
    assert waiting[0].latest_s - waiting[0].earliest_s > gone[0].latest_s - gone[0].earliest_s


def test_a_slow_morning_makes_the_afternoon_later() -> None:
    assert pace_of([]) == 1.0
    assert pace_of([(5400, 8100)]) == 1.25
    assert pace_of([(5400, 54_000)]) == 1.5
    assert pace_of([], usual=1.2) == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((36_010, 36_700), (36_000, 36_900)),
        ((36_000, 36_060), (36_000, 36_600)),
        ((36_200, 40_100), (36_000, 40_200)),
    ],
)
def test_people_are_told_whole_steps(interval: tuple[int, int], said: tuple[int, int]) -> None:
    assert told(*interval) == said


@given(st.integers(0, 10**6), st.integers(0, 40_000))
def test_what_is_told_holds_the_interval_and_is_never_a_single_moment(
    first: int, width: int
) -> None:
    start, end = told(first, first + width)
    assert start <= first
    assert end >= first + width
    assert end - start >= LEAST_WIDTH_S
    assert start % 300 == end % 300 == 0


def test_an_announcement_is_taken_back_only_when_it_is_more_than_a_little_wrong() -> None:
    said = (36_000, 37_800)
    near, far = (
        Estimate(1, expected, expected - 60, expected + 60, expected, 60, 60, 60, waits=False)
        for expected in (38_000, 38_400)
    )
    assert not is_untrue(said, near)
    assert is_untrue(said, far)


@given(
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(-9000, 9000)), max_size=200),
    st.integers(0, 20_000),
)
def test_whatever_was_learned_the_interval_has_its_middle_inside(
    past: list[tuple[int, int]], work_s: int
) -> None:
    low, mid, high = learn(Score(work, off, 300, 0) for work, off in past).at(work_s)
    assert low <= mid <= high
