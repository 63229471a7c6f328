"""The desk moves, locks, splits, forbids and adds; each edit is timed and judged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.logistics.domain.desk import edits
from shop.logistics.domain.desk.assess import assess, difference, placed
from shop.logistics.domain.desk.board import (
    Board,
    Extra,
    Lock,
    Row,
    board_of,
    read_board,
    reshaped,
    tidied,
    write_board,
)
from shop.logistics.domain.planning.goods import Amount, Goods
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.violations import ViolationCode
from shop.logistics.errors import EditRefused
from tests.unit.logistics.planning.road import chilled, stop, town, van, window


def village(**more: object) -> Problem:
    """Four homes at 10, 20, 30 and 40 km, two vans."""
    stops = [stop(f"s{place}", place) for place in range(1, 5)]
    return town((10, 20, 30, 40), stops, [van("a"), van("b")], **more)


BOARD = Board(rows=(Row("a", ("s1", "s2", "s3")), Row("b", ("s4",))))


def test_a_stop_goes_to_the_place_that_was_asked() -> None:
    moved = edits.move(BOARD, "s4", "a", 2)
    assert moved.rows == (Row("a", ("s1", "s4", "s2", "s3")),)


def test_a_stop_moves_within_its_round() -> None:
    assert edits.move(BOARD, "s1", "a", 3).row("a") == Row("a", ("s2", "s3", "s1"))
    assert edits.move(BOARD, "s3", "a", 1).row("a") == Row("a", ("s3", "s1", "s2"))


def test_a_locked_stop_does_not_move_and_moves_again_once_unlocked() -> None:
    locked = edits.lock(BOARD, "s2", with_rank=True)
    assert locked.locks == {"s2": Lock("a", 2)}
    with pytest.raises(EditRefused) as refusal:
        edits.move(locked, "s2", "b", 1)
    assert refusal.value.facts["reason"] == "locked"
    assert edits.move(edits.unlock(locked, "s2"), "s2", "b", 1).row_of("s2") == Row(
        "b", ("s2", "s4")
    )


def test_another_stop_put_before_a_stop_locked_to_its_place_is_said() -> None:
    locked = edits.lock(BOARD, "s2", with_rank=True)
    worth = assess(village(), edits.move(locked, "s4", "a", 1))
    assert [(each.stop, each.rank, each.is_rank) for each in worth.locks] == [("s2", 2, 3)]


def test_a_forbidden_vehicle_is_refused_until_it_is_allowed() -> None:
    banned = edits.forbid(BOARD, "s4", "b")
    assert banned.row_of("s4") is None
    with pytest.raises(EditRefused):
        edits.move(banned, "s4", "b", 1)
    assert edits.move(edits.allow(banned, "s4", "b"), "s4", "b", 1).row_of("s4") is not None


def test_a_ban_holds_for_the_checker_too() -> None:
    board = replace(BOARD, forbidden={"s4": ("b",)})
    worth = assess(reshaped(village(), board, {}), board)
    assert [each.code for each in worth.violations] == [ViolationCode.NOT_ALLOWED]


def test_a_stop_taken_out_is_unserved_and_not_lost() -> None:
    worth = assess(village(), edits.out(BOARD, "s4"))
    assert [each.stop_id for each in worth.plan.unserved] == ["s4"]
    assert worth.violations == ()


def test_the_difference_is_what_the_move_costs() -> None:
    problem = village()
    before = assess(problem, BOARD)
    after = assess(problem, edits.move(BOARD, "s4", "a", 4))
    # One van less: 20 € and 80 km at 0.50 €; its 15 minutes of loading, 80 of driving, 10 at the
    # door go; the other one drives 20 km more and stays 10 minutes at the door.
    cost = difference(before, after)
    assert (cost.cents, cost.meters, cost.seconds) == (-2000 - 3000 - 2250, -60_000, -4500)
    assert (cost.faults, cost.unserved) == (0, 0)


def test_crates_split_off_travel_with_another_van_and_nothing_is_lost() -> None:
    goods = Goods(chilled=Amount(45_000, 50))
    problem = town((10,), [stop("s1", 1, delivers=goods)], [van("a"), van("b")])
    board, part = edits.split(Board(rows=(Row("a", ("s1",)),)), "s1", crates={"chilled": 2})
    shaped = reshaped(problem, board, {})
    assert shaped.stop_by_id[part].delivers == Goods(chilled=Amount(18_000, 20))
    assert shaped.stop_by_id["s1"].delivers + shaped.stop_by_id[part].delivers == goods
    worth = assess(shaped, placed(shaped, board, part, "b"))
    assert (worth.violations, worth.unserved) == ((), 0)
    assert edits.join(board, part).parts == ()


def test_whole_orders_split_off_take_their_own_goods() -> None:
    problem = town((10,), [stop("s1", 1, delivers=chilled(30, 3))], [van("a")])
    board, part = edits.split(Board(), "s1", orders=(7,))
    shaped = reshaped(problem, board, {7: chilled(10, 1), 8: chilled(20, 2)})
    assert shaped.stop_by_id[part].delivers == chilled(10, 1)
    assert shaped.stop_by_id["s1"].delivers == chilled(20, 2)


def test_merging_gives_every_stop_away() -> None:
    assert edits.merge(BOARD, "b", "a").rows == (Row("a", ("s1", "s2", "s3", "s4")),)
    with pytest.raises(EditRefused):
        edits.merge(BOARD, "b", "b")


def test_an_errand_can_be_removed_but_a_stop_with_orders_cannot() -> None:
    extra = Extra("extra:1", "Bacs vides", "", 0.1, 45.0, 0, 80_000, 300)
    assert edits.remove(edits.add(BOARD, extra), "extra:1") == BOARD
    with pytest.raises(EditRefused):
        edits.remove(BOARD, "s1")


def test_a_stop_is_put_where_it_costs_least() -> None:
    problem = village()
    board = edits.out(BOARD, "s2")
    assert placed(problem, board, "s2").row("a") == Row("a", ("s1", "s2", "s3"))


def test_a_stop_that_fits_nowhere_stays_out_unless_a_vehicle_is_named() -> None:
    late = stop("s5", 4, windows=(window(5, 5.1),))
    problem = town((10, 20, 30, 40), [late], [van("a")])
    assert placed(problem, Board(), "s5").rows == ()
    worth = assess(problem, placed(problem, Board(), "s5", "a"))
    assert ViolationCode.OUTSIDE_WINDOW in {each.code for each in worth.violations}


def test_reloads_that_load_for_nothing_vanish() -> None:
    assert tidied(("@hub", "s1", "@hub", "@hub", "s2", "@hub")) == ("s1", "@hub", "s2")


_names = st.sampled_from(["s1", "s2", "s3", "s4"])
_vans = st.sampled_from(["a", "b"])
_deeds = st.one_of(
    st.tuples(st.just("move"), _names, _vans, st.integers(1, 5)),
    st.tuples(st.just("out"), _names, _vans, st.just(0)),
    st.tuples(st.just("lock"), _names, _vans, st.just(0)),
    st.tuples(st.just("forbid"), _names, _vans, st.just(0)),
    st.tuples(st.just("merge"), _names, _vans, st.just(0)),
)


@given(st.lists(_deeds, max_size=12))
def test_whatever_the_desk_does_nothing_is_lost_or_served_twice(
    deeds: list[tuple[str, str, str, int]],
) -> None:
    problem, board = village(), BOARD
    for name, stop_id, vehicle, rank in deeds:
        try:
            if name == "move":
                board = edits.move(board, stop_id, vehicle, rank)
            elif name == "out":
                board = edits.out(board, stop_id)
            elif name == "lock":
                board = edits.lock(board, stop_id, with_rank=True)
            elif name == "forbid":
                board = edits.forbid(board, stop_id, vehicle)
            else:
                board = edits.merge(board, vehicle, "a" if vehicle == "b" else "b")
        except EditRefused:
            continue
        worth = assess(reshaped(problem, board, {}), board)
        served = [each for planned in worth.plan.rounds for each in planned.stop_ids]
        left = [each.stop_id for each in worth.plan.unserved]
        assert sorted(served + left) == ["s1", "s2", "s3", "s4"]
        assert read_board(write_board(board)) == board


def test_a_found_plan_becomes_a_board_and_the_same_plan_again() -> None:
    problem = village()
    worth = assess(problem, BOARD)
    again = board_of(problem, worth.plan)
    assert again.rows == BOARD.rows
    assert assess(problem, again).plan == worth.plan
