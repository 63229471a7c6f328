"""What is remembered of a round is what the checker says of it now."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shop.logistics.domain.desk.assess import assess
from shop.logistics.domain.desk.board import Board, Row, drafts_of
from shop.logistics.domain.desk.memory import recall
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.timing import Draft, time_round
from tests.unit.logistics.planning.road import HOUR, stop, town, van, window


@settings(max_examples=40)
@given(st.permutations(["s1", "s2", "s3", "s4"]), st.integers(0, 4), st.integers(7, 12))
def test_a_board_is_judged_as_the_checker_judges_its_plan(
    order: list[str], cut: int, closes: int
) -> None:
    doors = [stop(f"s{row}", row, windows=(window(6, closes),)) for row in range(1, 5)]
    problem = town(range(20, 81, 20), doors, [van("a"), van("b")])
    board = Board(rows=(Row("a", tuple(order[:cut])), Row("b", tuple(order[cut:]))))
    for _ in range(2):
        worth = assess(problem, board)
        assert sorted(map(repr, worth.violations)) == sorted(map(repr, check(problem, worth.plan)))
        for planned in worth.plan.rounds:
            draft = next(d for d in drafts_of(board) if d.vehicle_id == planned.vehicle_id)
            assert planned == time_round(problem, draft)


def test_a_round_is_judged_anew_when_a_stop_or_a_limit_changes() -> None:
    doors = [stop("s1", 1, windows=(window(6, 12),))]
    problem = town([20], doors, [van("a")])
    draft = Draft.of_stops("a", ["s1"])
    before, faults = recall(problem, draft)
    assert faults == ()
    slower = replace(problem, stops=(replace(doors[0], service_s=HOUR),))
    assert recall(slower, draft)[0].duration_s > before.duration_s
    assert recall(problem, draft)[0] == before
    lower = replace(problem, uncertified_limit_m=0)
    assert recall(lower, draft)[0] is not before
