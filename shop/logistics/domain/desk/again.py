"""Whether another plan for the rest of a day is worth it: people were told the first one."""

from __future__ import annotations

from shop.logistics.domain.desk.assess import Assessment, placed
from shop.logistics.domain.desk.board import Board
from shop.logistics.domain.planning.problem import Problem

MOVED_CENTS = 150
"""What it must save for each stop that changes its vehicle or its place among the others."""


def late_rather_than_never(problem: Problem, before: Board, after: Board) -> Board:
    """Put back what the search gave up because it cannot be in time any more.

    It goes back to the vehicle that was to serve it, where that breaks the fewest rules.
    """
    served = set(after.stops())
    for row in before.rows:
        for stop_id in row.stops:
            known = stop_id in problem.stop_by_id and stop_id not in problem.transfer_of
            if known and stop_id not in served and stop_id not in after.locks:
                after = placed(problem, after, stop_id, row.vehicle)
    return after


def moved(before: Board, after: Board) -> tuple[str, ...]:
    """Stops of both boards that changed their vehicle, or their place among those that did not."""
    found: list[str] = []
    home = {stop: row.vehicle for row in before.rows for stop in row.stops}
    for row in after.rows:
        old = before.row(row.vehicle)
        rank = {stop: at for at, stop in enumerate(old.stops)} if old else {}
        found += [stop for stop in row.stops if home.get(stop, row.vehicle) != row.vehicle]
        stayed = [stop for stop in row.stops if stop in rank]
        kept = _longest_rising([rank[stop] for stop in stayed])
        found += [stop for at, stop in enumerate(stayed) if at not in kept]
    return tuple(found)


def _longest_rising(ranks: list[int]) -> frozenset[int]:
    """Positions of the most that are still in order."""
    best: list[tuple[int, ...]] = []
    for at, rank in enumerate(ranks):
        longest: tuple[int, ...] = ()
        for before in range(at):
            if ranks[before] < rank and len(best[before]) > len(longest):
                longest = best[before]
        best.append((*longest, at))
    longest = ()
    for chain in best:
        longest = chain if len(chain) > len(longest) else longest
    return frozenset(longest)


def is_worth_it(before: Assessment, after: Assessment, changes: int) -> bool:
    """Fewer stops left out, else fewer rules broken, else cheaper by more than the trouble."""
    return (
        after.unserved,
        after.faults,
        after.plan.cost.total_cents + changes * MOVED_CENTS,
    ) < (before.unserved, before.faults, before.plan.cost.total_cents)
