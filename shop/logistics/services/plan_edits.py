"""Change a plan by hand: every edit is timed, judged and kept, or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shop.logistics.domain.desk import edits
from shop.logistics.domain.desk.assess import Assessment, Difference, assess, difference, placed
from shop.logistics.domain.desk.board import RELOAD, Board, Extra
from shop.logistics.domain.desk.rest_of_day import TAKEN_OVER
from shop.logistics.errors import EditRefused, NoPlanYet, PlanMoved
from shop.logistics.queries import desk_plan
from shop.logistics.queries.desk_plan import DeskDay, VersionCard
from shop.logistics.services import plan_versions, round_rows
from shop.logistics.services.plan_versions import Deed


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody at the desk asks for."""

    edit: str
    stop: str = ""
    vehicle: str = ""
    stop_vehicle: str = ""
    """A whole round: the vehicle whose stops are given away."""
    rank: int | None = None
    """Among the steps of the vehicle, reloads counted, from 1."""
    nth: int | None = None
    """The same among its stops only."""
    orders: tuple[int, ...] = ()
    crates: Mapping[str, int] | None = None
    minutes: int = 0
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The plan after an edit, and what the edit cost."""

    number: int
    desk: DeskDay
    worth: Assessment
    cost: Difference
    facts: Mapping[str, Any]
    changed: frozenset[str] = frozenset()
    """Vehicles whose round is not what it was."""


def _changed(before: Assessment, after: Assessment) -> frozenset[str]:
    had = {each.vehicle_id: each for each in before.plan.rounds}
    has = {each.vehicle_id: each for each in after.plan.rounds}
    return frozenset(key for key in had.keys() | has.keys() if had.get(key) != has.get(key))


def edit(
    session: Session, cycle_id: int, seen: int, wish: Wish, *, by: int | None, at: datetime
) -> Outcome:
    """Do one thing to the plan that was ``seen``.

    Raises:
        NoPlanYet: there is nothing to edit.
        PlanMoved: somebody changed it meanwhile; nothing is done.
        EditRefused: it contradicts a lock, a ban, or names what does not exist.
    """
    last, board = _head(session, cycle_id, seen)
    if wish.edit == "undo":
        return _go_back(session, cycle_id, last, board, by=by, at=at)
    if wish.edit == "redo":
        return _go_forth(session, cycle_id, last, board, by=by, at=at)
    extras = (wish.extra,) if wish.edit == "add" and wish.extra else ()
    desk = desk_plan.desk_day(session, cycle_id, _with(board, extras), at)
    board = desk.board if not extras else edits_without(desk.board, extras)
    before = assess(desk.shaped(board).problem, board)
    _refuse_unknown(desk, wish)
    after = _EDITS[wish.edit](desk, board, wish)
    shaped = desk.shaped(after)
    worth = assess(shaped.problem, after)
    cost = difference(before, worth)
    facts = _facts(desk, before, wish, cost, board)
    deed = Deed(wish.edit, facts, by, at)
    number = plan_versions.keep(session, cycle_id, seen, after, worth, deed, parent=last.node)
    _write(session, cycle_id, shaped, worth, at)
    touched = _changed(before, worth) | _held(board, after)
    return Outcome(number, shaped, worth, cost, facts, touched)


def _held(before: Board, after: Board) -> frozenset[str]:
    """Vehicles with a stop that was locked or unlocked."""
    stops = before.locks.keys() ^ after.locks.keys()
    stops |= {key for key in after.locks if before.locks.get(key) != after.locks[key]}
    rows = (after.row_of(stop) for stop in stops)
    return frozenset(row.vehicle for row in rows if row is not None)


def look(session: Session, cycle_id: int, at: datetime) -> tuple[VersionCard, DeskDay, Assessment]:
    """The plan as it is, timed and judged.

    Raises:
        NoPlanYet: nobody planned.
    """
    found = desk_plan.head(session, cycle_id)
    if found is None:
        raise NoPlanYet(cycle_id=cycle_id)
    desk = desk_plan.desk_day(session, cycle_id, found[1], at)
    return found[0], desk, assess(desk.problem, desk.board)


def _head(session: Session, cycle_id: int, seen: int) -> tuple[VersionCard, Board]:
    found = desk_plan.head(session, cycle_id)
    if found is None:
        raise NoPlanYet(cycle_id=cycle_id)
    if found[0].number != seen:
        raise PlanMoved(cycle_id=cycle_id, seen=seen, number=found[0].number)
    return found


def _write(session: Session, cycle_id: int, desk: DeskDay, worth: Assessment, at: datetime) -> None:
    """Drafts follow each edit; what drivers were given waits for the next publication."""
    if not plan_versions.is_published(session, cycle_id):
        round_rows.write(session, cycle_id, desk, worth.plan, at=at)


def _go_back(
    session: Session,
    cycle_id: int,
    last: VersionCard,
    board: Board,
    *,
    by: int | None,
    at: datetime,
) -> Outcome:
    node = desk_plan.version(session, cycle_id, last.node)
    parent = node[0].parent if node else None
    if parent is None:
        raise EditRefused(reason="nothing_to_undo")
    return _show(session, cycle_id, last, board, parent, "undo", by=by, at=at)


def _go_forth(
    session: Session,
    cycle_id: int,
    last: VersionCard,
    board: Board,
    *,
    by: int | None,
    at: datetime,
) -> Outcome:
    child = desk_plan.latest_child(session, cycle_id, last.node)
    if child is None or last.edit not in ("undo", "redo"):
        raise EditRefused(reason="nothing_to_redo")
    return _show(session, cycle_id, last, board, child, "redo", by=by, at=at)


def _show(
    session: Session,
    cycle_id: int,
    last: VersionCard,
    board: Board,
    number: int,
    name: str,
    *,
    by: int | None,
    at: datetime,
) -> Outcome:
    """Make an earlier version the plan again, as a version of its own."""
    found = desk_plan.version(session, cycle_id, number)
    if found is None:
        raise EditRefused(reason="nothing_to_undo")
    now = desk_plan.desk_day(session, cycle_id, board, at)
    desk = desk_plan.desk_day(session, cycle_id, found[1], at)
    worth = assess(desk.problem, desk.board)
    before = assess(now.problem, now.board)
    cost = difference(before, worth)
    undone = found[0] if name == "redo" else last
    facts = {"edit": undone.edit, **undone.facts, **_cost(cost)}
    deed = Deed(name, facts, by, at, same_as=found[0].node)
    kept = plan_versions.keep(
        session, cycle_id, last.number, found[1], worth, deed, parent=found[0].parent
    )
    _write(session, cycle_id, desk, worth, at)
    touched = _changed(before, worth) | _held(now.board, desk.board)
    return Outcome(kept, desk, worth, cost, facts, touched)


def _with(board: Board, extras: tuple[Extra, ...]) -> Board:
    for extra in extras:
        board = edits.add(board, extra)
    return board


def edits_without(board: Board, extras: tuple[Extra, ...]) -> Board:
    """The board before a stop was added, for comparison."""
    for extra in extras:
        board = edits.remove(board, extra.id)
    return board


def _refuse_unknown(desk: DeskDay, wish: Wish) -> None:
    """Forms can name anything; only what the problem knows may be edited."""
    if wish.edit not in _EDITS:
        raise EditRefused(reason="unknown_edit")
    needs_stop = wish.edit not in _OF_ROUNDS and wish.edit != "add"
    if needs_stop and wish.stop not in desk.problem.stop_by_id:
        raise EditRefused(reason="unknown_stop", stop=wish.stop)
    needs_vehicle = wish.edit in _OF_ROUNDS or wish.edit in _TO_A_VEHICLE
    if (needs_vehicle or wish.vehicle) and wish.vehicle not in desk.day.vehicles:
        raise EditRefused(reason="unknown_vehicle", vehicle=wish.vehicle)


def _move(desk: DeskDay, board: Board, wish: Wish) -> Board:
    if wish.vehicle in board.lost:
        raise EditRefused(reason="lost", vehicle=wish.vehicle)
    stop = wish.stop
    if TAKEN_OVER + stop in {each.id for each in desk.problem.stops}:
        return _take_over(desk, board, stop, wish.vehicle)
    rank = wish.rank or _step(board, stop, wish.vehicle, wish.nth)
    if rank is None:
        return placed(desk.problem, board, stop, wish.vehicle)
    return edits.move(board, stop, wish.vehicle, rank)


def _step(board: Board, stop: str, vehicle: str, nth: int | None) -> int | None:
    """Where the ``nth`` stop of a round stands among its steps."""
    row = board.row(vehicle)
    if nth is None or row is None:
        return nth
    steps = [step for step in row.steps if step != stop]
    stops = [at for at, step in enumerate(steps) if not step.startswith(RELOAD)]
    return stops[nth - 1] + 1 if 0 < nth <= len(stops) else len(steps) + 1


def _take_over(desk: DeskDay, board: Board, stop: str, vehicle: str) -> Board:
    """Goods in a lost truck: fetched there first, then handed over."""
    board = edits.out(edits.out(board, stop), TAKEN_OVER + stop)
    board = edits.move(board, TAKEN_OVER + stop, vehicle, 1)
    return edits.move(board, stop, vehicle, edits.FAR)


def _best(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return placed(desk.problem, board, wish.stop)


def _out(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.out(board, wish.stop)


def _lock(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.lock(board, wish.stop, with_rank=wish.edit == "lock_here")


def _unlock(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.unlock(board, wish.stop)


def _forbid(desk: DeskDay, board: Board, wish: Wish) -> Board:
    was_there = (row := board.row_of(wish.stop)) is not None and row.vehicle == wish.vehicle
    board = edits.forbid(board, wish.stop, wish.vehicle)
    return placed(desk.shaped(board).problem, board, wish.stop) if was_there else board


def _allow(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.allow(board, wish.stop, wish.vehicle)


def _split(desk: DeskDay, board: Board, wish: Wish) -> Board:
    every = desk.orders_at(wish.stop)
    if wish.orders and (not set(wish.orders) < set(every)):
        raise EditRefused(reason="all_chosen", stop=wish.stop)
    board, part = edits.split(board, wish.stop, orders=wish.orders, crates=dict(wish.crates or {}))
    shaped = desk.shaped(board)
    if not shaped.problem.stop_by_id[wish.stop].delivers:
        raise EditRefused(reason="all_chosen", stop=wish.stop)
    if not shaped.problem.stop_by_id[part].delivers:
        raise EditRefused(reason="nothing_chosen", stop=wish.stop)
    return placed(shaped.problem, board, part, wish.vehicle or None)


def _join(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.join(board, wish.stop)


def _merge(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.merge(board, wish.stop_vehicle, wish.vehicle)


def _add(desk: DeskDay, board: Board, wish: Wish) -> Board:
    if wish.extra is None:
        raise EditRefused(reason="unknown_stop")
    board = edits.add(board, wish.extra)
    return placed(desk.shaped(board).problem, board, wish.extra.id, wish.vehicle or None)


def _remove(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.remove(board, wish.stop)


def _lose(desk: DeskDay, board: Board, wish: Wish) -> Board:
    """A vehicle broke down: what it had to do goes where it costs least."""
    row = board.row(wish.vehicle)
    left = list(row.stops) if row else []
    after = edits.lose(board, wish.vehicle, desk.carried)
    shaped = desk.shaped(after)
    for stop in left:
        if stop in shaped.problem.stop_by_id:
            after = placed(shaped.problem, after, stop)
    return after


def _find(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.find(board, wish.vehicle)


def _delay(desk: DeskDay, board: Board, wish: Wish) -> Board:
    return edits.delay(board, wish.vehicle, max(0, min(600, wish.minutes)) * 60)


_EDITS: dict[str, Callable[[DeskDay, Board, Wish], Board]] = {
    "move": _move,
    "best": _best,
    "out": _out,
    "lock": _lock,
    "lock_here": _lock,
    "unlock": _unlock,
    "forbid": _forbid,
    "allow": _allow,
    "split": _split,
    "join": _join,
    "merge": _merge,
    "add": _add,
    "remove": _remove,
    "lose": _lose,
    "find": _find,
    "delay": _delay,
}


_OF_ROUNDS = frozenset({"merge", "lose", "find", "delay"})
"""Edits that name a vehicle and no stop."""

_TO_A_VEHICLE = frozenset({"move", "forbid", "allow"})
"""Edits that name both."""


def _facts(
    desk: DeskDay, before: Assessment, wish: Wish, cost: Difference, board: Board
) -> dict[str, Any]:
    """Names for the history, in words that stay true when the records change."""
    facts: dict[str, Any] = _cost(cost)
    if wish.stop:
        facts["stop"] = desk.stop_name(wish.stop)
        row = board.row_of(wish.stop)
        if row is not None:
            facts["from"] = desk.vehicle_name(row.vehicle)
    if wish.extra is not None:
        facts["stop"] = wish.extra.name
    if wish.vehicle:
        facts["vehicle"] = desk.vehicle_name(wish.vehicle)
    if wish.stop_vehicle:
        facts["from"] = desk.vehicle_name(wish.stop_vehicle)
    if wish.rank is not None:
        facts["rank"] = wish.rank
    if wish.minutes:
        facts["minutes"] = wish.minutes
    return facts


def _cost(cost: Difference) -> dict[str, int]:
    return {
        "cents": cost.cents,
        "meters": cost.meters,
        "seconds": cost.seconds,
        "faults": cost.faults,
        "unserved": cost.unserved,
    }
