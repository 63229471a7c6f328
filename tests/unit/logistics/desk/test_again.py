"""People were told a plan: another one must be worth telling them again."""

from __future__ import annotations

import pytest

from shop.logistics.domain.desk.again import is_worth_it, moved
from shop.logistics.domain.desk.assess import Assessment, BrokenLock
from shop.logistics.domain.desk.board import Board, Row
from shop.logistics.domain.planning.plan import Cost, Plan, Unserved, UnservedReason


def board(**rows: str) -> Board:
    return Board(rows=tuple(Row(vehicle, tuple(stops)) for vehicle, stops in rows.items()))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (board(a="123", b="45"), board(a="123", b="45"), ""),
        (board(a="123", b="45"), board(a="12", b="435"), "3"),
        (board(a="1234"), board(a="4123"), "4"),
        (board(a="1234"), board(a="4321"), "432"),
        (board(a="123"), board(a="12x3"), ""),
        (board(a="123"), board(a="13"), ""),
        (board(a="12", b="34"), board(b="1234"), "12"),
    ],
)
def test_the_fewest_stops_that_explain_a_change_are_counted(
    before: Board, after: Board, expected: str
) -> None:
    assert len(moved(before, after)) == len(expected)


def plan(cents: int, unserved: int = 0, faults: int = 0) -> Assessment:
    return Assessment(
        Plan(
            (),
            unserved=tuple(Unserved(str(at), UnservedReason.WINDOW) for at in range(unserved)),
            cost=Cost(distance_cents=cents),
        ),
        (),
        tuple(BrokenLock(str(at), "a", None, None) for at in range(faults)),
    )


def test_to_leave_nobody_out_comes_before_rules_and_rules_before_money() -> None:
    assert is_worth_it(plan(1000, unserved=1), plan(9000, faults=3), 40)
    assert is_worth_it(plan(1000, faults=1), plan(9000), 40)
    assert not is_worth_it(plan(9000), plan(1000, unserved=1), 0)


def test_each_stop_that_moves_must_save_its_trouble() -> None:
    assert is_worth_it(plan(1000), plan(549), 3)
    assert not is_worth_it(plan(1000), plan(550), 3)
    assert not is_worth_it(plan(1000), plan(1000), 0)
