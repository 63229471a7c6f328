"""The plan shaped for the page where it is edited: lanes of a timeline, lists, what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from shop.logistics.domain.desk.assess import Assessment, BrokenLock
from shop.logistics.domain.desk.board import PART, RELOAD
from shop.logistics.domain.desk.rest_of_day import TAKEN_OVER
from shop.logistics.domain.planning.goods import Goods, TemperatureClass
from shop.logistics.domain.planning.plan import Round, Visit, VisitKind
from shop.logistics.domain.planning.problem import DAY_S
from shop.logistics.domain.planning.violations import Violation
from shop.logistics.queries.day_problem import COLLECTING
from shop.logistics.queries.desk_plan import DeskDay, whole_of

HOUR_S = 3600
LEAST_WIDTH = 110
"""Narrowest block, in hundredths of a percent of the lane: a thumb must find it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The hours that a lane shows; seconds from midnight of the day of delivery."""

    from_s: int
    until_s: int

    def part(self, second: int) -> int:
        """Where a second lies, in hundredths of a percent."""
        return (second - self.from_s) * 10_000 // (self.until_s - self.from_s)

    @property
    def hours(self) -> list[tuple[int, int]]:
        """Each full hour of the clock and where it lies."""
        return [
            (second % DAY_S // HOUR_S, self.part(second))
            for second in range(self.from_s, self.until_s, HOUR_S)
        ]


@dataclass(frozen=True, slots=True)
class Block:
    """One thing a truck does, drawn on its lane and written in its list."""

    kind: str
    """``farm``, ``relay``, ``drive``, ``home``, ``extra``, ``reload``, ``break``."""
    stop: str
    step: int
    """Its place among the steps, from 1; 0 for a break."""
    rank: int
    """Which stop of the round it is, from 1; 0 for the others."""
    name: str
    at: datetime
    until: datetime
    left: int
    width: int
    window: tuple[int, int] | None
    window_from: datetime | None
    window_until: datetime | None
    crates: int
    lock: str
    """Nothing, ``vehicle`` or ``rank``."""
    part: bool
    faults: tuple[Violation, ...]
    lon: float = 0.0
    lat: float = 0.0


@dataclass(frozen=True, slots=True)
class Lane:
    """One vehicle's day."""

    vehicle: str
    name: str
    collects: bool
    starts_at: datetime
    ends_at: datetime
    left: int
    width: int
    distance_m: int
    duration_s: int
    cost_cents: int
    underway: bool
    blocks: tuple[Block, ...]
    faults: tuple[Violation, ...]

    @property
    def stops(self) -> int:
        """How many stops it serves."""
        return sum(block.rank > 0 for block in self.blocks)

    @property
    def wrong(self) -> int:
        """How many rules it breaks."""
        return len(self.faults)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A stop that nobody serves."""

    stop: str
    name: str
    kind: str
    reason: str
    crates: int
    window_from: datetime | None
    window_until: datetime | None


@dataclass(frozen=True, slots=True)
class BoardView:
    """Everything the page shows of a plan."""

    lanes: tuple[Lane, ...]
    scales: dict[bool, Scale]
    left_out: tuple[LeftOut, ...]
    general: tuple[Violation, ...]
    """What is wrong with the plan and with no round of it."""
    locks: tuple[BrokenLock, ...]
    cost_cents: int
    distance_m: int
    duration_s: int
    faults: int
    stops: int
    idle: tuple[tuple[str, str], ...] = ()
    """Vehicles without a round that could have one: key and name."""

    def groups(self) -> list[tuple[bool, Scale, list[Lane]]]:
        """Lanes of the day of collection, then of the day of delivery, with their hours."""
        return [
            (collects, self.scales[collects], [x for x in self.lanes if x.collects is collects])
            for collects in (True, False)
            if collects in self.scales
        ]


def view(desk: DeskDay, worth: Assessment) -> BoardView:
    """The page's shape of an assessed plan."""
    plan = worth.plan
    scales = {
        collects: _scale(each for each in plan.rounds if _collects(each) is collects)
        for collects in (True, False)
        if any(_collects(each) is collects for each in plan.rounds)
    }
    of_round: defaultdict[int, list[Violation]] = defaultdict(list)
    for fault in worth.violations:
        if fault.round is not None:
            of_round[fault.round].append(fault)
    lanes = [
        _lane(desk, planned, scales[_collects(planned)], of_round[position])
        for position, planned in enumerate(plan.rounds)
    ]
    lanes.sort(key=lambda lane: (not lane.collects, lane.starts_at, lane.name))
    return BoardView(
        lanes=tuple(lanes),
        scales=scales,
        left_out=tuple(_left_out(desk, each.stop_id, each.reason.value) for each in plan.unserved),
        general=tuple(fault for fault in worth.violations if fault.round is None),
        locks=worth.locks,
        cost_cents=plan.cost.total_cents,
        distance_m=plan.distance_m,
        duration_s=plan.duration_s,
        faults=worth.faults,
        stops=sum(len(each.stop_ids) for each in plan.rounds),
        idle=_idle(desk, {planned.vehicle_id for planned in plan.rounds}),
    )


def _idle(desk: DeskDay, busy: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Before the trucks leave also those of the day of collection."""
    return tuple(
        (vehicle.id, desk.vehicle_name(vehicle.id))
        for vehicle in desk.problem.vehicles
        if vehicle.id not in busy and not (desk.is_underway and vehicle.id.endswith(COLLECTING))
    )


def _collects(planned: Round) -> bool:
    return planned.vehicle_id.endswith(COLLECTING)


def _scale(rounds: Iterable[Round]) -> Scale:
    found = list(rounds)
    first = min(each.start_s for each in found) // HOUR_S * HOUR_S
    last = -(-max(each.end_s for each in found) // HOUR_S) * HOUR_S
    return Scale(first, max(last, first + HOUR_S))


def _lane(desk: DeskDay, planned: Round, scale: Scale, faults: list[Violation]) -> Lane:
    blocks: list[Block] = []
    step = rank = 0
    for visit in planned.visits:
        if visit.kind in (VisitKind.START, VisitKind.END):
            continue
        if visit.kind is not VisitKind.BREAK:
            step += 1
        if visit.kind is VisitKind.STOP:
            rank += 1
        mine = tuple(each for each in faults if visit.stop_id and each.stop_id == visit.stop_id)
        blocks.append(_block(desk, visit, scale, step, rank, mine))
    standing = desk.standings.get(planned.vehicle_id)
    return Lane(
        vehicle=planned.vehicle_id,
        name=desk.vehicle_name(planned.vehicle_id),
        collects=_collects(planned),
        starts_at=desk.day.instant(planned.start_s),
        ends_at=desk.day.instant(planned.end_s),
        left=scale.part(planned.start_s),
        width=scale.part(planned.end_s) - scale.part(planned.start_s),
        distance_m=planned.distance_m,
        duration_s=planned.duration_s,
        cost_cents=planned.cost.total_cents,
        underway=standing is not None and standing.left,
        blocks=tuple(blocks),
        faults=tuple(faults),
    )


def _block(
    desk: DeskDay, visit: Visit, scale: Scale, step: int, rank: int, faults: tuple[Violation, ...]
) -> Block:
    place = desk.day.problem.places[visit.place]
    left = scale.part(visit.start_s)
    width = max(LEAST_WIDTH, scale.part(visit.departure_s) - left)
    at, until = desk.day.instant(visit.start_s), desk.day.instant(visit.departure_s)
    if visit.stop_id is None:
        kind = "break" if visit.kind is VisitKind.BREAK else "reload"
        return Block(
            kind,
            "" if kind == "break" else f"{RELOAD}{visit.hub_id}",
            0 if kind == "break" else step,
            0,
            place.name,
            at,
            until,
            left,
            width,
            None,
            None,
            None,
            0,
            "",
            False,
            faults,
            place.lon,
            place.lat,
        )
    stop = desk.problem.stop_by_id[visit.stop_id]
    hours = stop.windows[0] if stop.windows else None
    lock = desk.board.locks.get(visit.stop_id)
    return Block(
        kind=kind_of(desk, visit.stop_id),
        stop=visit.stop_id,
        step=step,
        rank=rank,
        name=desk.stop_name(visit.stop_id),
        at=at,
        until=until,
        left=left,
        width=width,
        window=None if hours is None else _within(scale, hours.opens_s, hours.closes_s),
        window_from=None if hours is None else desk.day.instant(hours.opens_s),
        window_until=None if hours is None else desk.day.instant(hours.closes_s),
        crates=crates_of(stop.delivers + stop.collects),
        lock="" if lock is None else ("vehicle" if lock.rank is None else "rank"),
        part=PART in visit.stop_id,
        faults=faults,
        lon=place.lon,
        lat=place.lat,
    )


def _within(scale: Scale, opens_s: int, closes_s: int) -> tuple[int, int]:
    first = max(0, min(10_000, scale.part(opens_s)))
    last = max(0, min(10_000, scale.part(closes_s)))
    return first, max(0, last - first)


def kind_of(desk: DeskDay, stop_id: str) -> str:
    """What kind of stop it is, as the map draws it."""
    if stop_id.startswith(TAKEN_OVER):
        return "extra"
    door = desk.day.doors.get(whole_of(stop_id))
    if door is None or door.extra:
        return "extra"
    return door.kind.value if door.kind else "farm"


def crates_of(goods: Goods) -> int:
    """Whole crates, each class by itself."""
    return sum(-(-goods.of(each).crate_tenths // 10) for each in TemperatureClass)


def crates_by_class(goods: Goods) -> dict[str, int]:
    """Whole crates of each class of which there is any."""
    return {each.value: -(-goods.of(each).crate_tenths // 10) for each in goods.classes()}


def _left_out(desk: DeskDay, stop_id: str, reason: str) -> LeftOut:
    stop = desk.problem.stop_by_id[stop_id]
    hours = stop.windows[0] if stop.windows else None
    return LeftOut(
        stop=stop_id,
        name=desk.stop_name(stop_id),
        kind=kind_of(desk, stop_id),
        reason=reason,
        crates=crates_of(stop.delivers + stop.collects),
        window_from=None if hours is None else desk.day.instant(hours.opens_s),
        window_until=None if hours is None else desk.day.instant(hours.closes_s),
    )
