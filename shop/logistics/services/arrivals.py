"""Say again when trucks come, whenever something happens, and write to whom that concerns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.infra import outbox
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.arrivals import (
    Estimate,
    Leg,
    Lessons,
    Standing,
    estimate,
    is_untrue,
    pace_of,
    told,
)
from shop.logistics.domain.planning.problem import Place
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import RoundUnknown
from shop.logistics.models import (
    ArrivalScore,
    RoundDelay,
    Stop,
    StopEstimate,
    StopOrder,
    TruckRound,
)
from shop.logistics.queries import arrivals as known
from shop.logistics.queries import fleet, roads
from shop.logistics.queries.arrivals import RoundAhead, StopAhead
from shop.orders.ports.delivering import OnTheWay

LETTER_TOPIC = "logistics.mail_arrival"

RELOAD_S = 1800
"""Work at the hub between two trips; what is planned beyond that is waiting for goods."""

MOST_MINUTES = 600

MOST_OFF_S = 3 * 3600
"""An arrival that is farther off what was expected says nothing of the road."""


def refresh(session: Session, round_ids: Collection[int], *, at: datetime) -> None:
    """Estimate every stop ahead of these rounds anew, learn from those that were reached.

    Customers at home are written once the round has left, and again only when what they were
    written is no longer true.
    """
    session.execute(
        select(TruckRound.id)
        .where(TruckRound.id.in_(round_ids))
        .order_by(TruckRound.id)
        .with_for_update()
    ).all()
    found = known.ahead(session, round_ids)
    by_cycle: dict[int, list[RoundAhead]] = {}
    for each in found:
        by_cycle.setdefault(each.cycle_id, []).append(each)
    for cycle_id, rounds in by_cycle.items():
        market_id = cycles.by_id(session, cycle_id).market_id
        for each in rounds:
            _score(session, market_id, each, at)
        lessons = known.lessons(session, market_id)
        share = known.estimated_share(session, cycle_id)
        ways = _first_ways(session, market_id, rounds)
        for each in known.ahead(session, [each.id for each in rounds]):
            made = _estimate(each, lessons, share, ways[each.id], at)
            _keep(session, each, made, at)
            _announce(session, each, made, at)


class RoundTeller:
    """Tells customers where their orders are."""

    def on_the_way(self, session: Session, order_id: int, now: datetime) -> OnTheWay | None:
        """Where an order is; None where no truck brings it, or none is planned yet."""
        found = known.of_order(session, order_id, now)
        if found is None:
            return None
        expected = found.expected
        return OnTheWay(
            found.has_left,
            found.to_door,
            found.ended_at if found.state == "served" else None,
            expected.from_at if expected else None,
            expected.until_at if expected else None,
            expected.made_at if expected else None,
            is_overdue=bool(expected and expected.is_overdue),
        )


def refresh_cycle(session: Session, cycle_id: int, *, at: datetime) -> None:
    """The same for every round of a cycle that drivers have."""
    rounds = session.scalars(
        select(TruckRound.id)
        .where(TruckRound.cycle_id == cycle_id)
        .where(TruckRound.state.in_(("published", "loading", "underway")))
        .order_by(TruckRound.id)
    ).all()
    if rounds:
        refresh(session, rounds, at=at)


def tell_late(
    session: Session, round_id: int, minutes: int, *, driver_id: int, reason: str, at: datetime
) -> None:
    """A driver says how much later than shown the next stop comes; 0 takes it back.

    Raises:
        RoundUnknown: there is none, it is another driver's, or it is over.
        InvalidInput: less than nothing, or more than ten hours.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise InvalidInput(field="minutes", least=0, most=MOST_MINUTES)
    row = session.get(TruckRound, round_id, with_for_update=True)
    if (
        row is None
        or row.driver_id != driver_id
        or row.state not in ("published", "loading", "underway")
    ):
        raise RoundUnknown(round_id=round_id)
    session.add(
        RoundDelay(
            round_id=round_id, minutes=minutes, reason=reason or None, by_person_id=driver_id, at=at
        )
    )
    session.flush()
    refresh(session, [round_id], at=at)


def _first_ways(
    session: Session, market_id: int, rounds: Sequence[RoundAhead]
) -> Mapping[int, int]:
    """Seconds of driving from where each truck is to its next stop."""
    hub = fleet.hub(session, market_id)
    places: list[Place] = []
    pairs: dict[int, tuple[int, int]] = {}
    for each in rounds:
        here: Any = each.last or hub
        there = next(iter(_open(each)), None)
        if here is None or there is None:
            continue
        pairs[each.id] = (len(places), len(places) + 1)
        places += [
            Place(f"{each.id}:{name}", point.lon, point.lat)
            for name, point in (("here", here), ("there", there))
        ]
    if not places:
        return {each.id: 0 for each in rounds}
    seconds = roads.between(session, places).travel.duration_s
    return {each.id: int(seconds[pairs[each.id]]) if each.id in pairs else 0 for each in rounds}


def _open(row: RoundAhead) -> list[StopAhead]:
    return [stop for stop in row.stops if stop.state == "planned"]


def _estimate(
    row: RoundAhead, lessons: Lessons, share: float, first_s: int, at: datetime
) -> list[Estimate]:
    ahead = _open(row)
    if not ahead or row.state == "done":
        return []
    legs = [_leg(ahead[0], first_s)]
    for before, stop in pairwise(ahead):
        drive = int((stop.arrives_at - before.departs_at).total_seconds())
        legs.append(_leg(stop, max(0, drive)))
    standing = _standing(row, ahead[0], first_s, lessons, at)
    return estimate(legs, standing, lessons, estimated=share, now_s=int(at.timestamp()))


def _leg(stop: StopAhead, drive_s: int) -> Leg:
    if stop.kind is not StopKind.HUB:
        return Leg(stop.id, drive_s, stop.service_s, _second(stop.window_from))
    waits = stop.service_s > RELOAD_S
    leaves = _second(stop.departs_at) if waits else None
    return Leg(stop.id, drive_s, min(RELOAD_S, stop.service_s), None, leaves)


def _standing(
    row: RoundAhead, following: StopAhead, first_s: int, lessons: Lessons, at: datetime
) -> Standing:
    """Where the truck is in its day, from what was last heard of it."""
    now_s = int(at.timestamp())
    last = row.last
    heard_at = (last.ended_at or last.came_at) if last else row.left_at
    delay = row.delay
    late_s = delay.minutes * 60 if delay and (heard_at is None or heard_at <= delay.at) else 0
    pace = pace_of(_done(row), lessons.usual)
    if last is not None and last.came_at is not None:
        free_s = _second(last.ended_at) or 0
        if last.ended_at is None:
            begins = max(last.came_at, last.window_from or last.came_at)
            # Work that has taken longer than planned is about to end.
            free_s = max(now_s + 60, int(begins.timestamp() + last.service_s * pace))
        return Standing(free_s, late_s=late_s, pace=pace)
    if row.left_at is not None and row.state != "done":
        return Standing(int(row.left_at.timestamp()), late_s=late_s, pace=pace)
    planned_s = int(following.arrives_at.timestamp()) - first_s
    return Standing(max(planned_s, now_s), has_left=False, late_s=late_s, pace=pace)


def _done(row: RoundAhead) -> list[tuple[int, int]]:
    """Planned and real seconds of what was done today: drives, and services with both ends."""
    services = [
        (stop.service_s, int((stop.ended_at - max(came, stop.window_from or came)).total_seconds()))
        for stop in row.stops
        if stop.ended_at is not None and (came := stop.arrived_at) is not None
    ]
    return [*row.done, *services]


def _second(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@dataclass(frozen=True, slots=True)
class _Horizon:
    name: str
    base_at: datetime | None
    spread_s: int | None
    work_s: int | None
    paced_s: int | None
    waits: bool | None


def _score(session: Session, market_id: int, row: RoundAhead, at: datetime) -> None:
    """Keep how far off the estimates of stops were that have been reached."""
    reached = [
        stop
        for stop in row.stops
        if stop.came_at is not None and stop.guess is not None and stop.guess.scored_at is None
    ]
    if not reached:
        return
    values = []
    for stop in reached:
        guess, came_at = stop.guess, stop.came_at
        assert guess is not None
        assert came_at is not None
        early = stop.window_from is not None and came_at < stop.window_from
        for each in (
            _Horizon(
                "last", guess.base_at, guess.spread_s, guess.work_s, guess.paced_s, guess.waits
            )
            if row.left_at is not None and guess.made_at >= row.left_at
            else None,
            _Horizon(
                "left",
                guess.left_base_at,
                guess.left_spread_s,
                guess.left_work_s,
                guess.left_paced_s,
                guess.left_waits,
            ),
        ):
            # Who waits for a door to open says nothing of the road.
            if each is None or each.base_at is None or each.waits or early:
                continue
            off_s = int((came_at - each.base_at).total_seconds())
            took_s = (each.paced_s or 0) + off_s
            # Sooner than one can drive, or hours off: typed in afterwards, not driven.
            if took_s <= 0 or abs(off_s) > MOST_OFF_S:
                continue
            values.append(
                {
                    "market_id": market_id,
                    "round_id": row.id,
                    "stop_id": stop.id,
                    "horizon": each.name,
                    "work_s": each.work_s,
                    "off_s": off_s,
                    "spread_s": each.spread_s,
                    "took_s": took_s,
                    "at": at,
                }
            )
    if values:
        session.execute(insert(ArrivalScore).on_conflict_do_nothing(), values)
    session.execute(
        update(StopEstimate)
        .where(StopEstimate.stop_id.in_([stop.id for stop in reached]))
        .values(scored_at=at)
        .execution_options(synchronize_session=False)
    )


def _keep(session: Session, row: RoundAhead, made: Sequence[Estimate], at: datetime) -> None:
    if not made:
        return
    rows = []
    for each in made:
        values: dict[str, Any] = {
            "stop_id": each.stop_id,
            "made_at": at,
            "expected_at": _instant(each.expected_s),
            "earliest_at": _instant(each.earliest_s),
            "latest_at": _instant(each.latest_s),
            "base_at": _instant(each.base_s),
            "spread_s": each.spread_s,
            "work_s": each.work_s,
            "paced_s": each.paced_s,
            "waits": each.waits,
        }
        left = row.left_at is not None
        values |= {
            f"left_{name}": values[name] if left else None
            for name in ("base_at", "spread_s", "work_s", "paced_s", "waits")
        }
        rows.append(values)
    statement = insert(StopEstimate)
    new = statement.excluded
    again = {
        name: new[name] for name in rows[0] if name != "stop_id" and not name.startswith("left_")
    } | {
        name: func.coalesce(getattr(StopEstimate, name), new[name])
        for name in rows[0]
        if name.startswith("left_")
    }
    session.execute(
        statement.on_conflict_do_update(index_elements=["stop_id"], set_=again),
        rows,
        execution_options={"render_nulls": True},
    )


def _announce(session: Session, row: RoundAhead, made: Sequence[Estimate], at: datetime) -> None:
    """Write to homes when the round leaves, and when what was written is no longer true."""
    stops = {stop.id: stop for stop in row.stops}
    news: list[dict[str, Any]] = []
    for each in made:
        stop = stops[each.stop_id]
        guess = stop.guess
        if stop.kind is not StopKind.HOME:
            continue
        if guess is None or guess.told_from is None or guess.told_until is None:
            if row.state != "underway":
                continue
        else:
            said = (int(guess.told_from.timestamp()), int(guess.told_until.timestamp()))
            if not is_untrue(said, each):
                continue
        first, last = told(each.earliest_s, each.latest_s)
        news.append(
            {
                "stop_id": each.stop_id,
                "told_from": _instant(first),
                "told_until": _instant(last),
                "told_at": at,
                "told_count": (guess.told_count if guess else 0) + 1,
            }
        )
    if not news:
        return
    for each_news in news:
        session.execute(
            update(StopEstimate)
            .where(StopEstimate.stop_id == each_news["stop_id"])
            .values({name: value for name, value in each_news.items() if name != "stop_id"})
            .execution_options(synchronize_session=False)
        )
    counts = {each_news["stop_id"]: each_news["told_count"] for each_news in news}
    for stop_id, order_id in session.execute(
        select(StopOrder.stop_id, StopOrder.order_id)
        .join(Stop, Stop.id == StopOrder.stop_id)
        .where(StopOrder.stop_id.in_(counts))
        .order_by(StopOrder.order_id)
    ):
        outbox.post(
            session,
            LETTER_TOPIC,
            key=f"{LETTER_TOPIC}:{stop_id}:{order_id}:{counts[stop_id]}",
            order_id=order_id,
            count=counts[stop_id],
        )
