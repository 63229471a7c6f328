"""What a person may do to a plan: each edit gives a new board or says why it cannot be.

An edit never judges times, loads or hours: the checker does, afterwards, and the desk decides.
It only refuses what would contradict another decision of the desk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shop.logistics.domain.desk.board import PART, RELOAD, Board, Extra, Lock, Part, Row
from shop.logistics.errors import EditRefused

FAR = 10**6


def move(board: Board, stop_id: str, vehicle: str, rank: int) -> Board:
    """Put a stop at ``rank`` (from 1) among the steps of a vehicle's day, reloads counted.

    Raises:
        EditRefused: the stop is locked, or may not travel with that vehicle.
    """
    _refuse_locked(board, stop_id)
    if vehicle in board.forbidden.get(stop_id, ()):
        raise EditRefused(reason="forbidden", stop=stop_id, vehicle=vehicle)
    here = board.row_of(stop_id)
    if here is not None and here.vehicle == vehicle:
        rest = tuple(step for step in here.steps if step != stop_id)
        return board.with_row(replace(here, steps=_inserted(rest, stop_id, rank)))
    board = out(board, stop_id)
    row = board.row(vehicle) or Row(vehicle, ())
    return board.with_row(replace(row, steps=_inserted(row.steps, stop_id, rank)))


def out(board: Board, stop_id: str) -> Board:
    """Take a stop out of its round; nobody serves it for the time being.

    Raises:
        EditRefused: the stop is locked.
    """
    _refuse_locked(board, stop_id)
    row = board.row_of(stop_id)
    if row is None:
        return board
    return board.with_row(replace(row, steps=tuple(s for s in row.steps if s != stop_id)))


def lock(board: Board, stop_id: str, *, with_rank: bool) -> Board:
    """Hold a stop fast with the vehicle that serves it, and at its rank if asked.

    Raises:
        EditRefused: nobody serves the stop.
    """
    row = board.row_of(stop_id)
    if row is None:
        raise EditRefused(reason="not_served", stop=stop_id)
    kept = Lock(row.vehicle, board.rank_of(stop_id) if with_rank else None)
    return replace(board, locks={**board.locks, stop_id: kept})


def unlock(board: Board, stop_id: str) -> Board:
    """Let a stop be moved again."""
    return replace(board, locks={key: each for key, each in board.locks.items() if key != stop_id})


def forbid(board: Board, stop_id: str, vehicle: str) -> Board:
    """Never send that vehicle to that stop; if it goes there now, it does not any more.

    Raises:
        EditRefused: the stop is locked to that vehicle.
    """
    row = board.row_of(stop_id)
    if row is not None and row.vehicle == vehicle:
        board = out(board, stop_id)
    names = (*board.forbidden.get(stop_id, ()), vehicle)
    return replace(board, forbidden={**board.forbidden, stop_id: tuple(dict.fromkeys(names))})


def allow(board: Board, stop_id: str, vehicle: str) -> Board:
    """Let that vehicle call at that stop again."""
    names = tuple(each for each in board.forbidden.get(stop_id, ()) if each != vehicle)
    rest = {key: each for key, each in board.forbidden.items() if key != stop_id}
    return replace(board, forbidden={**rest, stop_id: names} if names else rest)


def split(
    board: Board,
    stop_id: str,
    *,
    orders: tuple[int, ...] = (),
    crates: dict[str, int] | None = None,
) -> tuple[Board, str]:
    """Let some orders or crates of a stop travel apart; the board and the new part's name.

    Raises:
        EditRefused: nothing was chosen, or the stop is itself a part.
    """
    if PART in stop_id:
        raise EditRefused(reason="is_part", stop=stop_id)
    chosen = {key: count for key, count in (crates or {}).items() if count > 0}
    if not orders and not chosen:
        raise EditRefused(reason="nothing_chosen", stop=stop_id)
    number = 2 + sum(part.stop == stop_id for part in board.parts)
    name = f"{stop_id}{PART}{number}"
    part = Part(name, stop_id, orders, chosen)
    return replace(board, parts=(*board.parts, part)), name


def join(board: Board, stop_id: str) -> Board:
    """Undo a split: every part of the stop goes back to it.

    Raises:
        EditRefused: a part is locked.
    """
    whole = stop_id.split(PART)[0]
    mine = [part.id for part in board.parts if part.stop == whole]
    for part_id in mine:
        board = out(board, part_id)
    rest = tuple(part for part in board.parts if part.stop != whole)
    forbidden = {key: each for key, each in board.forbidden.items() if key not in mine}
    return replace(board, parts=rest, forbidden=forbidden)


def merge(board: Board, vehicle: str, into: str) -> Board:
    """Give every stop of one vehicle to another, after its own.

    Raises:
        EditRefused: one of the two has no round, they are the same, or a stop may not move.
    """
    gone, kept = board.row(vehicle), board.row(into)
    if gone is None or kept is None or vehicle == into:
        raise EditRefused(reason="no_round", vehicle=into)
    for stop_id in gone.stops:
        board = move(board, stop_id, into, FAR)
    return board


def reload_at(board: Board, vehicle: str, hub: str, rank: int) -> Board:
    """Let a vehicle come back to load before the step at ``rank``."""
    row = board.row(vehicle)
    if row is None:
        raise EditRefused(reason="no_round", vehicle=vehicle)
    return board.with_row(replace(row, steps=_inserted(row.steps, RELOAD + hub, rank)))


def add(board: Board, extra: Extra) -> Board:
    """Add a stop that no order asked for."""
    return replace(board, extras=(*board.extras, extra))


def remove(board: Board, stop_id: str) -> Board:
    """Take a stop that was added by hand away for good.

    Raises:
        EditRefused: the stop is locked, or orders wait for it.
    """
    if all(extra.id != stop_id for extra in board.extras):
        raise EditRefused(reason="has_orders", stop=stop_id)
    board = out(board, stop_id)
    return replace(board, extras=tuple(each for each in board.extras if each.id != stop_id))


def _inserted(steps: tuple[str, ...], step: str, rank: int) -> tuple[str, ...]:
    at = max(0, min(len(steps), rank - 1))
    return (*steps[:at], step, *steps[at:])


def _refuse_locked(board: Board, stop_id: str) -> None:
    if stop_id in board.locks:
        raise EditRefused(reason="locked", stop=stop_id, vehicle=board.locks[stop_id].vehicle)


def lose(board: Board, vehicle: str, carried: Mapping[str, str]) -> Board:
    """A vehicle broke down: its round is empty, and it drives no more today.

    ``carried`` names the vehicle that has the goods of a stop aboard.
    """
    inside = {stop_id: vehicle for stop_id, holder in carried.items() if holder == vehicle}
    board = replace(board, stranded={**board.stranded, **inside})
    row = board.row(vehicle)
    if row is not None:
        held = set(row.stops)
        locks = {key: each for key, each in board.locks.items() if key not in held}
        board = replace(board, locks=locks).with_row(replace(row, steps=()))
    return replace(board, lost=tuple(dict.fromkeys((*board.lost, vehicle))))


def find(board: Board, vehicle: str) -> Board:
    """A vehicle that was lost drives again."""
    stranded = {key: each for key, each in board.stranded.items() if each != vehicle}
    lost = tuple(each for each in board.lost if each != vehicle)
    return replace(board, lost=lost, stranded=stranded)


def delay(board: Board, vehicle: str, seconds: int) -> Board:
    """Say how long a vehicle stands still; 0 takes it back."""
    rest = {key: each for key, each in board.delays.items() if key != vehicle}
    return replace(board, delays={**rest, vehicle: seconds} if seconds > 0 else rest)
