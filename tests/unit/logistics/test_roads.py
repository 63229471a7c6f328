"""Asking for roads in blocks, and filling what nobody knows."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shop.logistics.domain.planning.problem import Place
from shop.logistics.domain.planning.travel import estimate_travel
from shop.logistics.domain.roads import (
    NO_ROAD,
    RoadTable,
    blocks_to_ask,
    distinct,
    filled,
    key_of,
)

PLACES = [Place("a", 6.10, 43.40), Place("b", 6.12, 43.41), Place("c", 6.30, 43.60)]


def test_points_a_meter_apart_are_one() -> None:
    points = [(6.1, 43.4), (6.100001, 43.400001), (6.10002, 43.4)]
    assert distinct(points) == ([(6.1, 43.4), (6.10002, 43.4)], [0, 0, 1])


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=2),
)
def test_two_points_have_one_key_when_they_round_to_one(points: list[tuple[float, float]]) -> None:
    one, other = points
    spots, _ = distinct(points)
    assert (key_of(one) == key_of(other)) == (len(spots) == 1)


@given(st.integers(1, 9), st.integers(1, 5), st.randoms())
def test_blocks_cover_what_is_unknown_once_and_nothing_else(
    count: int, largest: int, chance: Random
) -> None:
    unknown = np.array([[chance.random() < 0.5 for _ in range(count)] for _ in range(count)])
    covered = np.zeros((count, count), dtype=int)
    for some_rows, some_columns in blocks_to_ask(unknown, largest):
        assert len(some_rows) <= largest
        assert len(some_columns) <= largest
        covered[np.ix_(some_rows, some_columns)] += 1
    np.fill_diagonal(covered, 0)
    np.fill_diagonal(unknown, val=False)
    assert (covered == unknown).all()


def test_nothing_known_is_asked_in_the_fewest_questions() -> None:
    unknown = ~np.eye(250, dtype=bool)
    blocks = list(blocks_to_ask(unknown, 100))
    assert len(blocks) == 9
    assert max(len(rows) * len(columns) for rows, columns in blocks) == 10_000


def test_one_new_place_among_known_ones_costs_two_thin_questions() -> None:
    unknown = np.zeros((80, 80), dtype=bool)
    unknown[79, :79] = unknown[:79, 79] = True
    blocks = list(blocks_to_ask(unknown, 100))
    assert sorted((len(rows), len(columns)) for rows, columns in blocks) == [(1, 79), (79, 1)]


def test_the_estimate_fills_only_what_no_server_knows() -> None:
    estimate = estimate_travel(PLACES)
    table = RoadTable.empty(3, 3)
    table.put(
        [0, 1], [0, 1], RoadTable(np.array([[0, 2500], [2400, 0]]), np.array([[0, 200], [190, 0]]))
    )
    table.put([0], [2], RoadTable(np.array([[NO_ROAD]]), np.array([[NO_ROAD]])))
    found = filled(table, estimate, "osrm", "2026-11-20")
    assert found.travel.distance_m[0, 1] == 2500
    assert found.travel.duration_s[1, 0] == 190
    assert found.travel.distance_m[0, 2] == estimate.distance_m[0, 2]
    assert found.used.plain() == {
        "source": "osrm",
        "data_date": "2026-11-20",
        "pairs": 6,
        "estimated": 4,
    }
    assert found.travel.estimated


def test_without_any_road_the_plan_says_that_it_is_estimated() -> None:
    found = filled(RoadTable.empty(3, 3), estimate_travel(PLACES), "osrm", "2026-11-20")
    assert found.used.is_estimated
    assert (found.used.source, found.used.data_date) == ("great_circle", "")
    assert found.travel.fingerprint() == estimate_travel(PLACES).fingerprint()


def test_two_stops_at_one_door_are_no_way_apart() -> None:
    places = [*PLACES[:2], Place("b again", 6.12, 43.41)]
    table = RoadTable(np.array([[0, 5, 5], [5, 0, 0], [5, 0, 0]]), np.zeros((3, 3), np.int64))
    found = filled(table, estimate_travel(places), "osrm", "")
    assert found.used.estimated == 0
    assert found.travel.distance_m.tolist() == [[0, 5, 5], [5, 0, 0], [5, 0, 0]]
