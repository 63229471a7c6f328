"""Rounds and stops as rows: written anew where the plan differs, left alone where it does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from shop.infra.transitions import advance_all
from shop.logistics.domain.desk.rest_of_day import TAKEN_OVER
from shop.logistics.domain.lifecycles import TRUCK_ROUND
from shop.logistics.domain.planning.plan import Plan, Round, Visit, VisitKind
from shop.logistics.domain.terms import StopKind
from shop.logistics.models import Crate, Stop, StopOrder, TruckRound, Vehicle
from shop.logistics.queries.desk_plan import OVER, DeskDay, whole_of

OUT_OF_THE_WAY = 100_000
"""Added to positions while stops change places: two of a round never share one."""


@dataclass(slots=True)
class Told:
    """What changed for the driver of one round."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    later_s: int = 0
    """How much later it ends; negative: sooner."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved or abs(self.later_s) >= 300)


@dataclass(slots=True)
class Written:
    """What writing a plan changed: for drivers by round, for customers by stop."""

    rounds: dict[int, Told] = field(default_factory=dict)
    stops: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    """Arrival before and now of stops that were told to somebody before."""


@dataclass(slots=True)
class _Wanted:
    """One stop as it shall stand in its round."""

    key: str | None
    values: dict[str, Any]
    orders: list[int]


def write(
    session: Session,
    cycle_id: int,
    desk: DeskDay,
    plan: Plan,
    *,
    at: datetime,
    run_id: int | None = None,
) -> Written:
    """Make the rows of a cycle say what the plan says; stops that are over stay as they are."""
    every = session.scalars(
        select(TruckRound)
        .where(TruckRound.cycle_id == cycle_id, TruckRound.state != "discarded")
        .order_by(TruckRound.id)
        .with_for_update()
    ).all()
    last = max((row.number for row in every), default=0)
    # Rounds made for a second try of one stop are no part of the plan.
    rows: dict[str, TruckRound] = {row.plan_key: row for row in every if row.plan_key is not None}
    had = _stops(session, [row.id for row in rows.values()])
    written = Written()
    kept: defaultdict[int, list[Stop]] = defaultdict(list)
    for stop in had:
        if _is_over(stop):
            kept[stop.round_id].append(stop)
    open_stops = [stop for stop in had if not _is_over(stop)]
    ends = {row.id: row.ends_at for row in rows.values()}
    prices = _prices(session, rows, desk)
    wanted: dict[int, list[_Wanted]] = {}
    for planned in sorted(plan.rounds, key=lambda each: (each.start_s, each.vehicle_id)):
        row = rows.get(planned.vehicle_id)
        if row is None:
            last += 1
            row = _new_round(session, cycle_id, last, desk, planned, run_id)
            rows[planned.vehicle_id] = row
        over = kept.get(row.id, [])
        _set_round(row, planned, desk, over, prices)
        wanted[row.id] = _wanted(desk, planned, len(over))
    _place(session, wanted, open_stops, written)
    apart = {stop.round_id for stop in open_stops if _is_apart(stop)}
    _close(session, rows, {*wanted, *apart}, kept, at)
    for row in rows.values():
        if row.id in ends and row.id in written.rounds:
            written.rounds[row.id].later_s = int((row.ends_at - ends[row.id]).total_seconds())
    session.flush()
    for stop in had:
        session.expunge(stop)
    return written


def _is_over(stop: Stop) -> bool:
    return stop.state in OVER


def _stops(session: Session, round_ids: Sequence[int]) -> list[Stop]:
    return list(
        session.scalars(
            select(Stop).where(Stop.round_id.in_(round_ids)).order_by(Stop.round_id, Stop.position)
        )
    )


def _prices(session: Session, rows: Mapping[str, TruckRound], desk: DeskDay) -> dict[str, Vehicle]:
    keys = {key for behind in desk.day.vehicles.values() for key in behind}
    found = {row.id: row for row in session.scalars(select(Vehicle).where(Vehicle.id.in_(keys)))}
    return {name: found[behind[0]] for name, behind in desk.day.vehicles.items()}


def _new_round(
    session: Session,
    cycle_id: int,
    number: int,
    desk: DeskDay,
    planned: Round,
    run_id: int | None,
) -> TruckRound:
    row = TruckRound(
        cycle_id=cycle_id,
        plan_run_id=run_id,
        number=number,
        plan_key=planned.vehicle_id,
        vehicle_id=desk.day.vehicles[planned.vehicle_id][0],
        hub_id=desk.board.hub,
        starts_at=desk.day.instant(planned.start_s),
        ends_at=desk.day.instant(planned.end_s),
        distance_m=0,
        cost_cents=0,
    )
    session.add(row)
    session.flush()
    return row


def _set_round(
    row: TruckRound,
    planned: Round,
    desk: DeskDay,
    over: Sequence[Stop],
    prices: Mapping[str, Vehicle],
) -> None:
    row.ends_at = desk.day.instant(planned.end_s)
    if not over and row.state in ("draft", "published", "loading"):
        row.hub_id = desk.board.hub
        row.starts_at = desk.day.instant(planned.start_s)
        row.distance_m = planned.distance_m
        row.cost_cents = planned.cost.total_cents
        return
    row.distance_m = sum(stop.distance_m for stop in over) + planned.distance_m
    vehicle = prices[planned.vehicle_id]
    worked_s = max(0, int((row.ends_at - row.starts_at).total_seconds()))
    over_s = max(0, worked_s - vehicle.shift_s)
    row.cost_cents = (
        vehicle.fixed_cents
        + row.distance_m * vehicle.cents_per_km // 1000
        + (worked_s - over_s) * vehicle.cents_per_hour // 3600
        + over_s * vehicle.overtime_cents_per_hour // 3600
    )


def _wanted(desk: DeskDay, planned: Round, before: int) -> list[_Wanted]:
    """The stops of a round in order; goods taken over at one place are one stop."""
    found: list[_Wanted] = []
    place_before: int | None = None
    for visit in planned.visits:
        if visit.kind not in (VisitKind.STOP, VisitKind.RELOAD):
            continue
        taken_over = (visit.stop_id or "").startswith(TAKEN_OVER)
        if taken_over and place_before == visit.place:
            found[-1].values["departs_at"] = desk.day.instant(visit.departure_s)
            found[-1].values["name"] += f", {desk.stop_name(visit.stop_id or '')}"
            continue
        place_before = visit.place if taken_over else None
        values = _values(desk, visit) | {"position": before + len(found) + 1}
        orders = desk.orders_at(visit.stop_id) if visit.stop_id else []
        found.append(_Wanted(visit.stop_id, values, orders))
    return found


def _values(desk: DeskDay, visit: Visit) -> dict[str, Any]:
    day = desk.day
    common = {
        "plan_key": visit.stop_id,
        "arrives_at": day.instant(visit.arrival_s),
        "departs_at": day.instant(visit.departure_s),
        "distance_m": visit.distance_m,
        "producer_id": None,
        "pickup_point_id": None,
        "window_from": None,
        "window_until": None,
    }
    if visit.stop_id is None or visit.stop_id.startswith(TAKEN_OVER):
        place = day.problem.places[visit.place]
        name = place.name if visit.stop_id is None else f"⇄ {desk.stop_name(visit.stop_id)}"
        return common | {
            "kind": StopKind.HUB if visit.stop_id is None else StopKind.EXTRA,
            "name": name,
            "address": place.name,
            "lon": place.lon,
            "lat": place.lat,
        }
    door = day.doors[whole_of(visit.stop_id)]
    kind = StopKind(door.kind.value) if door.kind else StopKind.COLLECT
    return common | {
        "kind": StopKind.EXTRA if door.extra else kind,
        "producer_id": door.producer_id,
        "pickup_point_id": door.pickup_point_id,
        "name": door.name,
        "address": door.address,
        "lon": door.lon,
        "lat": door.lat,
        "window_from": day.instant(door.window[0]) if door.window else None,
        "window_until": day.instant(door.window[1]) if door.window else None,
    }


def _place(
    session: Session,
    wanted: Mapping[int, list[_Wanted]],
    open_stops: Sequence[Stop],
    written: Written,
) -> None:
    """Move, make and take away stops so that every round holds what is wanted."""
    by_key = {stop.plan_key: stop for stop in open_stops if stop.plan_key is not None}
    names = {stop.id: stop.name for stop in open_stops}
    others = [stop for stop in open_stops if _is_apart(stop)]
    stays: set[int] = set()
    changes: list[dict[str, Any]] = []
    new: list[tuple[dict[str, Any], list[int]]] = []
    orders: dict[int, list[int]] = {}
    after: list[dict[str, Any]] = []
    for round_id, stops in wanted.items():
        ranks: list[tuple[int, int]] = []
        for each in stops:
            row = by_key.get(each.key) if each.key is not None else None
            if row is None:
                new.append(({"round_id": round_id, **each.values}, each.orders))
                if each.key is not None:
                    _told(written, round_id).added.append(each.values["name"])
                continue
            stays.add(row.id)
            orders[row.id] = each.orders
            if row.round_id != round_id:
                _told(written, row.round_id).removed.append(row.name)
                _told(written, round_id).added.append(row.name)
            else:
                ranks.append((row.position, row.id))
            if row.arrives_at != each.values["arrives_at"]:
                written.stops[row.id] = (row.arrives_at, each.values["arrives_at"])
            different = {
                name: value
                for name, value in {"round_id": round_id, **each.values}.items()
                if getattr(row, name) != value
            }
            if different:
                changes.append({"id": row.id, "round_id": round_id, **each.values})
        for row_id in _out_of_order(ranks):
            _told(written, round_id).moved.append(names[row_id])
    for stop in others:
        stays.add(stop.id)
        behind = wanted.get(stop.round_id, [])
        rank = sum(each["round_id"] == stop.round_id for each in after) + 1
        position = (behind[-1].values["position"] if behind else stop.position - 1) + rank
        after.append({"id": stop.id, "round_id": stop.round_id, "position": position})
    gone = [stop for stop in open_stops if stop.id not in stays]
    for stop in gone:
        if stop.kind is not StopKind.HUB:
            _told(written, stop.round_id).removed.append(stop.name)
    _remove(session, [stop.id for stop in gone])
    _rewrite(session, changes, after)
    made = _insert(session, new)
    _bind_orders(session, wanted.keys(), {**orders, **made})


def _out_of_order(ranks: Sequence[tuple[int, int]]) -> list[int]:
    """Stops that come before one that used to come earlier: the fewest that explain the change."""
    best: list[list[int]] = []
    for at, (position, _) in enumerate(ranks):
        longest: list[int] = []
        for before in range(at):
            if ranks[before][0] < position and len(best[before]) > len(longest):
                longest = best[before]
        best.append([*longest, at])
    longest = []
    for chain in best:
        longest = chain if len(chain) > len(longest) else longest
    kept = set(longest)
    return [row_id for at, (_, row_id) in enumerate(ranks) if at not in kept]


def _told(written: Written, round_id: int) -> Told:
    return written.rounds.setdefault(round_id, Told())


def _remove(session: Session, stop_ids: list[int]) -> None:
    if not stop_ids:
        return
    session.execute(
        update(Crate)
        .where(Crate.stop_id.in_(stop_ids))
        .values(stop_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Stop).where(Stop.id.in_(stop_ids)).execution_options(synchronize_session=False)
    )


def _is_apart(stop: Stop) -> bool:
    """A second try that somebody added to a round: it stays there, after what is planned."""
    return stop.plan_key is None and stop.kind is not StopKind.HUB


def _rewrite(session: Session, changes: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    if not changes and not after:
        return
    session.execute(
        update(Stop)
        .where(Stop.id.in_([each["id"] for each in (*changes, *after)]))
        .values(position=Stop.position + OUT_OF_THE_WAY)
        .execution_options(synchronize_session=False)
    )
    for rows in (changes, after):
        if rows:
            session.execute(update(Stop), rows)


def _insert(
    session: Session, new: Sequence[tuple[dict[str, Any], list[int]]]
) -> dict[int, list[int]]:
    if not new:
        return {}
    keys = session.scalars(
        insert(Stop).returning(Stop.id, sort_by_parameter_order=True),
        [values for values, _ in new],
    ).all()
    return {key: orders for key, (_, orders) in zip(keys, new, strict=True)}


def _bind_orders(
    session: Session, round_ids: Collection[int], wanted: Mapping[int, list[int]]
) -> None:
    """Say which orders each stop hands over; only differences are written."""
    had: defaultdict[int, set[int]] = defaultdict(set)
    for stop_id, order_id in session.execute(
        select(StopOrder.stop_id, StopOrder.order_id)
        .join(Stop, Stop.id == StopOrder.stop_id)
        .where(Stop.round_id.in_(round_ids))
    ):
        had[stop_id].add(order_id)
    wrong = [stop_id for stop_id, orders in wanted.items() if had[stop_id] != set(orders)]
    if not wrong:
        return
    session.execute(
        delete(StopOrder)
        .where(StopOrder.stop_id.in_(wrong))
        .execution_options(synchronize_session=False)
    )
    rows = [{"stop_id": key, "order_id": each} for key in wrong for each in wanted[key]]
    if rows:
        session.execute(insert(StopOrder), rows)


def _close(
    session: Session,
    rows: Mapping[str, TruckRound],
    busy: Collection[int],
    kept: Mapping[int, Sequence[Stop]],
    at: datetime,
) -> None:
    """Rounds that have nothing left to do: those never begun vanish, the others are done."""
    empty = [row for row in rows.values() if row.id not in busy and row.state != "done"]
    begun = [row.id for row in empty if row.state == "underway"]
    unbegun = [row.id for row in empty if row.state in ("draft", "published", "loading")]
    unbegun = [key for key in unbegun if not kept.get(key)]
    if begun:
        advance_all(session, TRUCK_ROUND, TruckRound, begun, "finish", at=at)
    if unbegun:
        session.execute(
            delete(TruckRound)
            .where(TruckRound.id.in_(unbegun))
            .execution_options(synchronize_session=False)
        )
