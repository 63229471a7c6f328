"""The plan of a cycle as the desk sees it now: versions, problem, what is driven already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.queries.identity import names
from shop.infra.transitions import Transition
from shop.logistics.domain.desk.board import PART, Board, Extra, read_board, reshaped
from shop.logistics.domain.desk.rest_of_day import (
    TAKEN_OVER,
    Standing,
    rest_of_day,
    shortened,
)
from shop.logistics.domain.lifecycles import TRUCK_ROUND
from shop.logistics.domain.planning.problem import Problem, Vehicle
from shop.logistics.domain.terms import StopKind
from shop.logistics.models import PlanVersion, Stop, TruckRound
from shop.logistics.queries import arrivals, fleet
from shop.logistics.queries.day_problem import COLLECTING, DayProblem, day_problem
from shop.orders.queries import demand

OVER = ("arrived", "served", "failed")
"""States of stops that cannot be planned any more."""


@dataclass(frozen=True, slots=True)
class VersionCard:
    """One deed in the history of a plan."""

    number: int
    parent: int | None
    same_as: int | None
    edit: str
    facts: dict[str, Any]
    cost_cents: int
    distance_m: int
    duration_s: int
    faults: int
    unserved: int
    reason: str | None
    by_person_id: int | None
    at: datetime
    by: str = ""

    @property
    def node(self) -> int:
        """Number of the version whose board this is."""
        return self.same_as or self.number


_VERSION = (
    PlanVersion.number,
    PlanVersion.parent,
    PlanVersion.same_as,
    PlanVersion.edit,
    PlanVersion.facts,
    PlanVersion.cost_cents,
    PlanVersion.distance_m,
    PlanVersion.duration_s,
    PlanVersion.faults,
    PlanVersion.unserved,
    PlanVersion.reason,
    PlanVersion.by_person_id,
    PlanVersion.at,
)


@dataclass(frozen=True, slots=True)
class DeskDay:
    """Everything an edit needs: the board, the problem it is judged by, and the way back."""

    day: DayProblem
    """Vehicles one by one."""
    problem: Problem
    """What is left to plan, as the board has shaped it."""
    board: Board
    standings: Mapping[str, Standing] = field(default_factory=dict)
    carried: Mapping[str, str] = field(default_factory=dict)
    ended: frozenset[str] = frozenset()
    now_s: int = 0

    @property
    def is_underway(self) -> bool:
        """Whether a truck is on the road."""
        return any(standing.left for standing in self.standings.values())

    def shaped(self, board: Board) -> DeskDay:
        """The same day under another board."""
        problem = reshaped(self.day.problem, board, self.day.goods_of)
        return replace(self, board=board, problem=self._left(problem, board))

    def to_search(self) -> DayProblem:
        """What is left as a search is to see it: stops that are locked keep their vehicle."""
        held = reshaped(self.day.problem, self.board, self.day.goods_of, held=True)
        return replace(self.day, problem=self._left(held, self.board))

    def _left(self, problem: Problem, board: Board) -> Problem:
        if not self.standings and not board.lost:
            return problem
        standings = {
            key: replace(each, free_s=each.free_s + max(each.late_s, board.delays.get(key, 0)))
            for key, each in self.standings.items()
        }
        return rest_of_day(
            problem, standings, self.carried, ended=self.ended, lost=board.lost, now_s=self.now_s
        )

    def vehicle_name(self, vehicle: str) -> str:
        """What a vehicle is called."""
        key = int(vehicle.removeprefix("v").removesuffix(COLLECTING))
        return self.day.vehicle_names.get(key, vehicle)

    def stop_name(self, stop_id: str) -> str:
        """What a stop is called."""
        door = self.day.doors.get(whole_of(stop_id))
        return door.name if door else stop_id

    def orders_at(self, stop_id: str) -> list[int]:
        """Orders whose goods a stop, or a part of one, hands over."""
        part = next((each for each in self.board.parts if each.id == stop_id), None)
        every = self.day.orders_of.get(whole_of(stop_id), [])
        if stop_id.startswith(TAKEN_OVER):
            return []
        if part is not None and part.orders:
            return list(part.orders)
        away = {order for each in self.board.parts if each.stop == stop_id for order in each.orders}
        return [order for order in every if order not in away]


def whole_of(stop_id: str) -> str:
    """The stop that a part, or a hand-over on the road, belongs to."""
    return stop_id.removeprefix(TAKEN_OVER).split(PART)[0]


def apart(day: DayProblem) -> DayProblem:
    """The same day with every vehicle by itself, named ``v`` and its key."""
    vehicles: list[Vehicle] = []
    behind: dict[str, list[int]] = {}
    for kind in day.problem.vehicles:
        suffix = COLLECTING if kind.id.endswith(COLLECTING) else ""
        for key in day.vehicles[kind.id]:
            name = f"v{key}{suffix}"
            called = day.vehicle_names.get(key, name)
            co2 = day.co2_g_per_km.get(key, kind.co2_g_per_km)
            vehicles.append(replace(kind, id=name, count=1, name=called, co2_g_per_km=co2))
            behind[name] = [key]
    return replace(day, problem=replace(day.problem, vehicles=tuple(vehicles)), vehicles=behind)


def head(session: Session, cycle_id: int) -> tuple[VersionCard, Board] | None:
    """The plan as it is now; None before anybody planned."""
    row = session.execute(
        select(*_VERSION, PlanVersion.board)
        .where(PlanVersion.cycle_id == cycle_id)
        .order_by(PlanVersion.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (VersionCard(*tuple(row)[:-1]), read_board(row[-1]))


def version(session: Session, cycle_id: int, number: int) -> tuple[VersionCard, Board] | None:
    """One version of a plan."""
    row = session.execute(
        select(*_VERSION, PlanVersion.board).where(
            PlanVersion.cycle_id == cycle_id, PlanVersion.number == number
        )
    ).one_or_none()
    return None if row is None else (VersionCard(*tuple(row)[:-1]), read_board(row[-1]))


def history(session: Session, cycle_id: int, limit: int = 60) -> list[VersionCard]:
    """Who changed what and when, the newest first."""
    rows = session.execute(
        select(*_VERSION)
        .where(PlanVersion.cycle_id == cycle_id)
        .order_by(PlanVersion.number.desc())
        .limit(limit)
    ).all()
    people = names(session, {row.by_person_id for row in rows if row.by_person_id})
    return [VersionCard(*[*tuple(row), people.get(row.by_person_id or 0, "")]) for row in rows]


def latest_child(session: Session, cycle_id: int, number: int) -> int | None:
    """The last version made from that one: where redo goes."""
    found: int | None = session.scalar(
        select(PlanVersion.number)
        .where(
            PlanVersion.cycle_id == cycle_id,
            PlanVersion.parent == number,
            PlanVersion.same_as.is_(None),
        )
        .order_by(PlanVersion.number.desc())
        .limit(1)
    )
    return found


def desk_day(session: Session, cycle_id: int, board: Board, now: datetime) -> DeskDay:
    """The day under a board, without what is over, trucks on the road where they stand."""
    day = _day(session, cycle_id, board.extras, board.hub, now)
    driven = _driven(session, cycle_id, day, now, board)
    if driven.ended or driven.standings:
        board = shortened(board, driven.ended, driven.standings)
    whole = DeskDay(
        day,
        day.problem,
        board,
        driven.standings,
        driven.carried,
        ended=driven.ended,
        now_s=day.second(now),
    )
    return whole.shaped(board)


def whole_day(session: Session, cycle_id: int, board: Board, now: datetime) -> DeskDay:
    """The day under a board from its beginning, whatever has been driven of it."""
    day = _day(session, cycle_id, board.extras, board.hub, now)
    return DeskDay(day, reshaped(day.problem, board, day.goods_of), board)


KEPT_FOR = timedelta(seconds=60)
"""How old what the desk knows of places, hours and roads may be while somebody edits."""

KEPT_DAYS = 6

_days: dict[tuple[int, str, tuple[Extra, ...], int | None], tuple[datetime, DayProblem]] = {}
_lock = Lock()


def _day(
    session: Session,
    cycle_id: int,
    extras: tuple[Extra, ...],
    hub: int | None,
    now: datetime,
) -> DayProblem:
    """The day, vehicles one by one; the same for a minute as long as orders and fleet stay."""
    stamp = demand.stamp(session, cycle_id, demand.TO_DELIVER) + fleet.stamp(session)
    key = (cycle_id, stamp, extras, hub)
    with _lock:
        known = _days.get(key)
    if known is not None and abs(now - known[0]) < KEPT_FOR:
        return known[1]
    day = apart(day_problem(session, cycle_id, extras=extras, hub=hub))
    with _lock:
        while len(_days) >= KEPT_DAYS:
            _days.pop(next(iter(_days)), None)
        _days[key] = now, day
    return day


@dataclass(frozen=True, slots=True)
class _Driven:
    ended: frozenset[str]
    standings: dict[str, Standing]
    carried: dict[str, str]


def _driven(
    session: Session, cycle_id: int, day: DayProblem, now: datetime, board: Board
) -> _Driven:
    """Stops that are over, where the vehicles that left stand, and what they carry."""
    rounds = session.execute(
        select(TruckRound.id, TruckRound.plan_key, TruckRound.state, TruckRound.starts_at).where(
            TruckRound.cycle_id == cycle_id,
            TruckRound.state.in_(("underway", "done")),
            TruckRound.plan_key.is_not(None),
        )
    ).all()
    if not rounds:
        return _Driven(frozenset(), {}, {})
    stops: defaultdict[int, list[Any]] = defaultdict(list)
    for stop in session.execute(
        select(*_DRIVEN)
        .where(Stop.round_id.in_([row.id for row in rounds]))
        .order_by(Stop.round_id, Stop.position)
    ):
        stops[stop.round_id].append(stop)
    left_at = {
        row.subject_id: row.at
        for row in session.execute(
            select(Transition.subject_id, Transition.at).where(
                Transition.subject == TRUCK_ROUND.name,
                Transition.event == "depart",
                Transition.subject_id.in_([row.id for row in rounds]),
            )
        )
    }
    late = arrivals.told_late(session, [row.id for row in rounds])
    standings = {
        row.plan_key: _standing(
            row,
            stops[row.id],
            day,
            began_s=day.second(left_at.get(row.id, row.starts_at)),
            now_s=day.second(now),
            lost=row.plan_key in board.lost,
            late_s=late[row.id].minutes * 60 if row.id in late else 0,
        )
        for row in rounds
    }
    ended = frozenset(
        stop.plan_key
        for mine in stops.values()
        for stop in mine
        if stop.state in OVER and stop.plan_key
    )
    carried = {
        stop_id: row.plan_key
        for row in rounds
        if row.state == "underway"
        for stop_id in _aboard(stops[row.id])
    }
    stranded = {
        stop_id: vehicle
        for stop_id, vehicle in board.stranded.items()
        if TAKEN_OVER + stop_id not in ended and vehicle in standings
    }
    return _Driven(ended, standings, {**carried, **stranded})


_DRIVEN = (
    Stop.round_id,
    Stop.plan_key,
    Stop.kind,
    Stop.state,
    Stop.arrived_at,
    Stop.ended_at,
    Stop.arrives_at,
    Stop.departs_at,
    Stop.distance_m,
)


def _standing(
    row: Any,
    stops: list[Any],
    day: DayProblem,
    *,
    began_s: int,
    now_s: int,
    lost: bool,
    late_s: int,
) -> Standing:
    over = [stop for stop in stops if stop.state in OVER]
    place, free_s = 0, now_s
    if over and row.state != "done":
        last = over[-1]
        places = {place.id: at for at, place in enumerate(day.problem.places)}
        place = places.get(whole_of(last.plan_key or ""), 0)
        if last.state == "arrived" and last.arrived_at is not None:
            free_s = max(now_s, day.second(last.arrived_at + (last.departs_at - last.arrives_at)))
        elif last.ended_at is not None and not lost:
            free_s = _since(day, place, places, stops, day.second(last.ended_at), now_s)
    elif row.state == "underway" and not lost:
        places = {place.id: at for at, place in enumerate(day.problem.places)}
        free_s = _since(day, place, places, stops, began_s, now_s)
    began_s = min(now_s, began_s)
    return Standing(
        row.plan_key,
        place,
        free_s,
        began_s,
        left=row.state == "underway" or lost,
        loaded_s=began_s,
        driven_m=sum(stop.distance_m for stop in over),
        late_s=late_s,
    )


def _since(
    day: DayProblem,
    place: int,
    places: Mapping[str, int],
    stops: list[Any],
    ended_s: int,
    now_s: int,
) -> int:
    """When a truck on the road left its last stop, or the hub: what is late arrives now."""
    ahead = next((stop for stop in stops if stop.state not in OVER), None)
    following = places.get(whole_of(ahead.plan_key or ""), 0) if ahead is not None else 0
    drive_s = max(0, int(day.problem.travel.duration_s[place, following]))
    return min(now_s, max(ended_s, now_s - drive_s))


def _aboard(stops: list[Any]) -> list[str]:
    """Stops still to come whose goods are on the truck: those before it loads again."""
    found = []
    for stop in stops:
        if stop.state in OVER:
            continue
        if stop.kind is StopKind.HUB:
            break
        if stop.plan_key and not stop.plan_key.startswith(TAKEN_OVER):
            found.append(stop.plan_key)
    return found
