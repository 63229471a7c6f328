"""The plan as the desk handles it: who goes where in which order, and what may not change.

A board says nothing of times and money: those are worked out by the planner's clock and judged
by the checker. Vehicles are named one by one, never by kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shop.logistics.domain.planning.goods import Amount, Goods, TemperatureClass
from shop.logistics.domain.planning.plain import from_plain, to_plain
from shop.logistics.domain.planning.plan import Plan, VisitKind
from shop.logistics.domain.planning.problem import Problem, Stop
from shop.logistics.domain.planning.timing import Draft, Step, draft_of
from shop.logistics.errors import EditRefused

RELOAD = "@"
"""Begins a step that is not a stop: the hub where the vehicle loads again."""

PART = "#"
"""Stands in the name of the part of a stop that was split off."""

CRATE_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """The day of one vehicle: stops and reloads in order."""

    vehicle: str
    steps: tuple[str, ...]
    layout: int = 0

    @property
    def stops(self) -> tuple[str, ...]:
        """Stops only."""
        return tuple(step for step in self.steps if not step.startswith(RELOAD))


@dataclass(frozen=True, slots=True)
class Lock:
    """A stop that stays with its vehicle, and at its rank among the stops if ``rank`` is given."""

    vehicle: str
    rank: int | None = None
    """From 1."""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a stop travels apart: whole orders, or some crates of each class of cold."""

    id: str
    stop: str
    orders: tuple[int, ...] = ()
    crates: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extra:
    """A stop that somebody added by hand; seconds from midnight of the day of delivery."""

    id: str
    name: str
    address: str
    lon: float
    lat: float
    opens_s: int
    closes_s: int
    service_s: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the desk decided; stops of the problem that stand in no row are not served."""

    rows: tuple[Row, ...] = ()
    locks: Mapping[str, Lock] = field(default_factory=dict)
    forbidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Vehicles that may not call, by stop."""
    parts: tuple[Part, ...] = ()
    extras: tuple[Extra, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why the search left a stop out."""
    lost: tuple[str, ...] = ()
    """Vehicles that broke down."""
    stranded: Mapping[str, str] = field(default_factory=dict)
    """Stops whose goods are in a vehicle that broke down on the road, and which one."""
    delays: Mapping[str, int] = field(default_factory=dict)
    """Seconds that a vehicle stands still from now on, beyond what its events say."""
    hub: int | None = None
    """Key of the hub this plan begins from; None: the market's own."""

    def row_of(self, stop_id: str) -> Row | None:
        """The row that serves a stop."""
        return next((row for row in self.rows if stop_id in row.steps), None)

    def row(self, vehicle: str) -> Row | None:
        """The row of a vehicle."""
        return next((row for row in self.rows if row.vehicle == vehicle), None)

    def rank_of(self, stop_id: str) -> int | None:
        """Which stop of its round it is, from 1."""
        row = self.row_of(stop_id)
        return None if row is None else row.stops.index(stop_id) + 1

    def with_row(self, changed: Row) -> Board:
        """The same board with one row written anew; a row without stops goes away."""
        tidy = replace(changed, steps=tidied(changed.steps))
        rows = tuple(
            tidy if row.vehicle == tidy.vehicle else row
            for row in self.rows
            if row.vehicle != tidy.vehicle or tidy.stops
        )
        if tidy.stops and self.row(tidy.vehicle) is None:
            rows = (*rows, tidy)
        return replace(self, rows=rows)

    def stops(self) -> Iterator[str]:
        """Every stop that is served."""
        return (stop for row in self.rows for stop in row.stops)


def tidied(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Steps without reloads that load for nothing: at the start, at the end, twice in a row."""
    kept: list[str] = []
    for step in steps:
        if step.startswith(RELOAD) and (not kept or kept[-1].startswith(RELOAD)):
            continue
        kept.append(step)
    while kept and kept[-1].startswith(RELOAD):
        kept.pop()
    return tuple(kept)


def board_of(problem: Problem, plan: Plan, *, before: Board | None = None) -> Board:
    """The board of a plan that was found; what was locked, split or added stays as it was."""
    rows = [row_of(draft_of(problem, planned)) for planned in plan.rounds]
    reasons = {each.stop_id: each.reason.value for each in plan.unserved}
    return replace(before or Board(), rows=tuple(rows), reasons=reasons)


def row_of(draft: Draft) -> Row:
    """A draft of the planner as a row."""
    steps = tuple(
        step.id if step.kind is VisitKind.STOP else RELOAD + step.id for step in draft.steps
    )
    return Row(draft.vehicle_id, steps, draft.layout)


def drafts_of(board: Board) -> list[Draft]:
    """The drafts that the planner's clock times, one per row."""
    return [
        Draft(
            row.vehicle,
            tuple(
                Step(VisitKind.RELOAD, step.removeprefix(RELOAD))
                if step.startswith(RELOAD)
                else Step(VisitKind.STOP, step)
                for step in row.steps
            ),
            layout=row.layout,
        )
        for row in board.rows
    ]


def reshaped(
    problem: Problem, board: Board, goods_of: Mapping[int, Goods], *, held: bool = False
) -> Problem:
    """The problem with what the desk decided: stops split, vehicles forbidden.

    ``goods_of`` says what each order weighs and fills; ``held`` ties locked stops to their
    vehicle, for a search. Stops added by hand are in ``problem`` already.
    """
    if not (board.parts or board.forbidden or (held and board.locks)):
        return problem
    parts: dict[str, list[Part]] = {}
    for part in board.parts:
        parts.setdefault(part.stop, []).append(part)
    stops = []
    for stop in problem.stops:
        whole = stop
        for part in parts.get(stop.id, ()):
            share = goods_of_part(part, stop.delivers, goods_of)
            service_s = _service_s(whole.service_s, share, whole.delivers)
            whole = replace(whole, delivers=whole.delivers - share)
            apart = replace(stop, id=part.id, delivers=share, service_s=service_s)
            stops.append(_bound(board, apart, held))
        stops.append(_bound(board, whole, held))
    return replace(problem, stops=tuple(stops))


def _bound(board: Board, stop: Stop, held: bool) -> Stop:
    """A stop with the vehicles that it may not, or must, be with."""
    lock = board.locks.get(stop.id) if held else None
    forbidden = frozenset(board.forbidden.get(stop.id, ()))
    if lock is not None:
        stop = replace(stop, vehicles=frozenset({lock.vehicle}))
    if forbidden:
        stop = replace(stop, excluded_vehicles=stop.excluded_vehicles | forbidden)
    return stop


def _service_s(service_s: int, share: Goods, whole: Goods) -> int:
    """A part takes its share of the time at the door, and never less than half of it."""
    tenths, every = _tenths(share), _tenths(whole)
    return max(service_s // 2, service_s * tenths // every) if every else service_s


def _tenths(goods: Goods) -> int:
    return sum(goods.of(each).crate_tenths for each in TemperatureClass)


def goods_of_part(part: Part, whole: Goods, goods_of: Mapping[int, Goods]) -> Goods:
    """What a part carries; never more than the whole."""
    if part.orders:
        share = Goods()
        for order in part.orders:
            share = share + goods_of.get(order, Goods())
        return Goods(*(_least(share.of(each), whole.of(each)) for each in TemperatureClass))
    return Goods(
        *(_crates(whole.of(each), part.crates.get(each.value, 0)) for each in TemperatureClass)
    )


def _least(one: Amount, other: Amount) -> Amount:
    return Amount(
        min(one.weight_g, other.weight_g),
        min(one.crate_tenths, other.crate_tenths),
        min(one.volume_l, other.volume_l),
    )


def _crates(amount: Amount, crates: int) -> Amount:
    tenths = min(amount.crate_tenths, max(0, crates) * CRATE_TENTHS)
    if not tenths:
        return Amount()
    return Amount(
        amount.weight_g * tenths // amount.crate_tenths,
        tenths,
        amount.volume_l * tenths // amount.crate_tenths,
    )


def write_board(board: Board) -> dict[str, Any]:
    """A board as plain JSON values."""
    plain: dict[str, Any] = to_plain(board)
    return plain


def read_board(kept: object) -> Board:
    """The board that was written.

    Raises:
        EditRefused: what is kept is no board; facts name the field.
    """
    board: Board = from_plain(
        Board, kept, "", lambda field, reason, value: EditRefused(field=field, reason=reason)
    )
    return board
