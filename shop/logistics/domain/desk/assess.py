"""What a board is worth: times and cost from the planner's clock, faults from the checker."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shop.logistics.domain.desk import edits
from shop.logistics.domain.desk.board import Board, drafts_of, row_of
from shop.logistics.domain.desk.memory import recall
from shop.logistics.domain.planning.check import check_whole
from shop.logistics.domain.planning.plan import Cost, Plan, Unserved, UnservedReason
from shop.logistics.domain.planning.problem import Problem
from shop.logistics.domain.planning.search.repair import cheapest_insertion
from shop.logistics.domain.planning.violations import Violation


@dataclass(frozen=True, slots=True)
class BrokenLock:
    """A stop that was to stay at a rank, or with a vehicle, and does not."""

    stop: str
    vehicle: str
    rank: int | None
    is_rank: int | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A timed plan and everything that is wrong with it."""

    plan: Plan
    violations: tuple[Violation, ...]
    locks: tuple[BrokenLock, ...]

    @property
    def faults(self) -> int:
        """How many things are wrong."""
        return len(self.violations) + len(self.locks)

    @property
    def unserved(self) -> int:
        """How many stops nobody serves."""
        return len(self.plan.unserved)


@dataclass(frozen=True, slots=True)
class Difference:
    """What an edit costs, in cents, meters, seconds, faults and stops left out."""

    cents: int = 0
    meters: int = 0
    seconds: int = 0
    faults: int = 0
    unserved: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether it changes no figure."""
        return self == Difference()


def assess(problem: Problem, board: Board) -> Assessment:
    """Time a board and judge it; stops in no row are unserved."""
    judged = [recall(problem, draft) for draft in drafts_of(board) if draft.steps]
    rounds = tuple(planned for planned, _ in judged)
    plan = Plan(rounds, cost=sum((each.cost for each in rounds), Cost()))
    served = set(board.stops())
    unserved = tuple(
        Unserved(stop.id, _reason(board.reasons.get(stop.id)))
        for stop in problem.stops
        if stop.id not in served
    )
    plan = replace(plan, unserved=unserved)
    wrong = list(check_whole(problem, plan))
    for position, (_, faults) in enumerate(judged):
        wrong += (replace(fault, round=position) for fault in faults)
    return Assessment(plan, tuple(wrong), tuple(_broken_locks(board)))


def _reason(code: str | None) -> UnservedReason:
    return UnservedReason(code) if code else UnservedReason.SET_ASIDE


def _broken_locks(board: Board) -> list[BrokenLock]:
    found = []
    for stop_id, lock in board.locks.items():
        row = board.row_of(stop_id)
        rank = board.rank_of(stop_id)
        if row is None or row.vehicle != lock.vehicle or lock.rank not in (None, rank):
            found.append(BrokenLock(stop_id, lock.vehicle, lock.rank, rank))
    return found


def difference(before: Assessment, after: Assessment) -> Difference:
    """What going from one to the other adds."""
    return Difference(
        cents=after.plan.cost.total_cents - before.plan.cost.total_cents,
        meters=after.plan.distance_m - before.plan.distance_m,
        seconds=after.plan.duration_s - before.plan.duration_s,
        faults=after.faults - before.faults,
        unserved=after.unserved - before.unserved,
    )


def placed(problem: Problem, board: Board, stop_id: str, vehicle: str | None = None) -> Board:
    """Put a stop where it costs least: anywhere lawful, or anywhere with ``vehicle``.

    With a vehicle named the stop goes there even when no place is lawful; without, it stays
    unserved when none is.
    """
    board = edits.out(board, stop_id)
    if vehicle is not None:
        return _with_vehicle(problem, board, stop_id, vehicle)
    drafts = drafts_of(board)
    rounds = [recall(problem, draft)[0] for draft in drafts]
    found = cheapest_insertion(problem, drafts, rounds, problem.stop_by_id[stop_id])
    if found is None:
        return board
    return board.with_row(row_of(found.draft))


def _with_vehicle(problem: Problem, board: Board, stop_id: str, vehicle: str) -> Board:
    row = board.row(vehicle)
    length = len(row.steps) if row else 0
    best: tuple[tuple[int, int], Board] | None = None
    for rank in range(1, length + 2):
        tried = edits.move(board, stop_id, vehicle, rank)
        changed = tried.row(vehicle)
        assert changed is not None
        draft = next(each for each in drafts_of(tried) if each.vehicle_id == vehicle)
        timed, faults = recall(problem, draft)
        worth = (len(faults), timed.cost.total_cents)
        if best is None or worth < best[0]:
            best = (worth, tried)
    assert best is not None
    return best[1]
