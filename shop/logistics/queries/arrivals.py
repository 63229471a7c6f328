"""Where trucks stand, what is expected of them, and what earlier days have shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from shop.infra.transitions import Transition
from shop.logistics.domain.arrivals import LEAVING_S, MOST_SCORES, Lessons, Score, learn, told
from shop.logistics.domain.lifecycles import TRUCK_ROUND
from shop.logistics.domain.terms import StopKind
from shop.logistics.models import (
    ArrivalScore,
    PlanRun,
    RoundDelay,
    Stop,
    StopEstimate,
    StopOrder,
    TruckRound,
)

STALE = timedelta(hours=12)
"""A round that should have been over so long ago was forgotten, not delayed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """When a truck is expected at a stop, in words that may be shown."""

    from_at: datetime
    until_at: datetime
    made_at: datetime
    """When something was last heard of the truck."""
    is_overdue: bool = False
    """Nothing was heard although it should be there."""


@dataclass(frozen=True, slots=True)
class DelayCard:
    """What a driver said of being late."""

    minutes: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Guess:
    """What was expected of a stop, and what was told of it."""

    base_at: datetime
    spread_s: int
    work_s: int
    paced_s: int
    waits: bool
    made_at: datetime
    left_base_at: datetime | None
    left_spread_s: int | None
    left_work_s: int | None
    left_paced_s: int | None
    left_waits: bool | None
    told_from: datetime | None
    told_until: datetime | None
    told_count: int
    scored_at: datetime | None


@dataclass(frozen=True, slots=True)
class StopAhead:
    """A stop of a round with what is known of its time."""

    id: int
    kind: StopKind
    lon: float
    lat: float
    arrives_at: datetime
    departs_at: datetime
    window_from: datetime | None
    state: str
    arrived_at: datetime | None
    ended_at: datetime | None
    guess: Guess | None = None

    @property
    def service_s(self) -> int:
        """Planned seconds of work there."""
        begins = max(self.arrives_at, self.window_from or self.arrives_at)
        return max(0, int((self.departs_at - begins).total_seconds()))

    @property
    def came_at(self) -> datetime | None:
        """When the truck came; where nobody said so, what the planned work tells of it."""
        if self.arrived_at is not None or self.ended_at is None:
            return self.arrived_at
        return datetime.fromtimestamp(self.ended_at.timestamp() - self.service_s, UTC)


@dataclass(frozen=True, slots=True)
class RoundAhead:
    """A round and what has happened to it so far."""

    id: int
    cycle_id: int
    state: str
    starts_at: datetime
    left_at: datetime | None
    stops: list[StopAhead]
    delay: DelayCard | None
    done: list[tuple[int, int]] = field(default_factory=list)
    """Planned and real seconds of each drive so far."""

    @property
    def last(self) -> StopAhead | None:
        """The stop where the truck is, or was last."""
        over = [stop for stop in self.stops if stop.came_at is not None]
        return max(
            over, key=lambda stop: stop.ended_at or stop.came_at or self.starts_at, default=None
        )


_STOP = (
    Stop.id,
    Stop.kind,
    Stop.lon,
    Stop.lat,
    Stop.arrives_at,
    Stop.departs_at,
    Stop.window_from,
    Stop.state,
    Stop.arrived_at,
    Stop.ended_at,
)
_GUESS = (
    StopEstimate.base_at,
    StopEstimate.spread_s,
    StopEstimate.work_s,
    StopEstimate.paced_s,
    StopEstimate.waits,
    StopEstimate.made_at,
    StopEstimate.left_base_at,
    StopEstimate.left_spread_s,
    StopEstimate.left_work_s,
    StopEstimate.left_paced_s,
    StopEstimate.left_waits,
    StopEstimate.told_from,
    StopEstimate.told_until,
    StopEstimate.told_count,
    StopEstimate.scored_at,
)


def ahead(session: Session, round_ids: Collection[int]) -> list[RoundAhead]:
    """Rounds that drivers have, with their stops; a constant number of questions."""
    rows = session.execute(
        select(TruckRound.id, TruckRound.cycle_id, TruckRound.state, TruckRound.starts_at)
        .where(TruckRound.id.in_(round_ids), TruckRound.state.not_in(("draft", "discarded")))
        .order_by(TruckRound.id)
    ).all()
    ids = [row.id for row in rows]
    stops: defaultdict[int, list[StopAhead]] = defaultdict(list)
    for row in session.execute(
        select(Stop.round_id, *_STOP, *_GUESS)
        .outerjoin(StopEstimate, StopEstimate.stop_id == Stop.id)
        .where(Stop.round_id.in_(ids))
        .order_by(Stop.round_id, Stop.position)
    ):
        every: tuple[Any, ...] = tuple(row)
        facts, guessed = every[1 : 1 + len(_STOP)], every[1 + len(_STOP) :]
        stop = StopAhead(*facts)
        if guessed[0] is not None:
            stop = replace(stop, guess=Guess(*guessed))
        stops[row.round_id].append(stop)
    left = {
        row.subject_id: row.at
        for row in session.execute(
            select(Transition.subject_id, func.min(Transition.at).label("at"))
            .where(Transition.subject == TRUCK_ROUND.name, Transition.event == "depart")
            .where(Transition.subject_id.in_(ids))
            .group_by(Transition.subject_id)
        )
    }
    done: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for round_id, work_s, took_s in session.execute(
        select(ArrivalScore.round_id, ArrivalScore.work_s, ArrivalScore.took_s).where(
            ArrivalScore.round_id.in_(ids), ArrivalScore.horizon == "last"
        )
    ):
        done[round_id].append((work_s, took_s))
    delays = latest_delays(session, ids)
    return [
        RoundAhead(
            row.id,
            row.cycle_id,
            row.state,
            row.starts_at,
            left.get(row.id),
            stops[row.id],
            delays.get(row.id),
            done[row.id],
        )
        for row in rows
    ]


def latest_delays(session: Session, round_ids: Collection[int]) -> dict[int, DelayCard]:
    """What the driver of each round last said of being late."""
    newest = (
        select(func.max(RoundDelay.id))
        .where(RoundDelay.round_id.in_(round_ids))
        .group_by(RoundDelay.round_id)
    )
    rows = session.execute(
        select(RoundDelay.round_id, RoundDelay.minutes, RoundDelay.reason, RoundDelay.at).where(
            RoundDelay.id.in_(newest)
        )
    )
    return {row.round_id: DelayCard(row.minutes, row.reason or "", row.at) for row in rows}


def told_late(session: Session, round_ids: Collection[int]) -> dict[int, DelayCard]:
    """Delays that still count: nothing has happened on the round since they were told."""
    said = latest_delays(session, round_ids)
    if not said:
        return {}
    last: dict[int, datetime | None] = {
        row.round_id: row.at
        for row in session.execute(
            select(
                Stop.round_id,
                func.max(func.greatest(Stop.arrived_at, Stop.ended_at)).label("at"),
            )
            .where(Stop.round_id.in_(said))
            .group_by(Stop.round_id)
        )
    }
    return {
        key: card
        for key, card in said.items()
        if card.minutes and ((at := last.get(key)) is None or at <= card.at)
    }


def lessons(session: Session, market_id: int) -> Lessons:
    """What the newest arrivals of a market say of its intervals."""
    took_s = case((ArrivalScore.horizon == "left", ArrivalScore.took_s), else_=0)
    rows = session.execute(
        select(ArrivalScore.work_s, ArrivalScore.off_s, ArrivalScore.spread_s, took_s)
        .where(ArrivalScore.market_id == market_id)
        .order_by(ArrivalScore.id.desc())
        .limit(3 * MOST_SCORES)
    )
    return learn(Score(*row) for row in rows)


def estimated_share(session: Session, cycle_id: int) -> float:
    """What part of the roads of a plan was only estimated; all of them where nobody says."""
    facts: dict[str, Any] | None = session.scalar(
        select(PlanRun.facts)
        .where(PlanRun.cycle_id == cycle_id, PlanRun.state == "done", PlanRun.variant.is_(None))
        .order_by(PlanRun.id.desc())
        .limit(1)
    )
    roads = (facts or {}).get("roads", {})
    pairs = int(roads.get("pairs", 0))
    return int(roads.get("estimated", 0)) / pairs if pairs else 1.0


def of_stops(session: Session, stop_ids: Collection[int], now: datetime) -> dict[int, Expected]:
    """When trucks are expected at stops that are still to come."""
    rows = session.execute(
        select(
            StopEstimate.stop_id,
            StopEstimate.earliest_at,
            StopEstimate.latest_at,
            StopEstimate.made_at,
        )
        .join(Stop, Stop.id == StopEstimate.stop_id)
        .where(StopEstimate.stop_id.in_(stop_ids), Stop.state == "planned")
    )
    return {row.stop_id: shown(row.earliest_at, row.latest_at, row.made_at, now) for row in rows}


def shown(earliest_at: datetime, latest_at: datetime, made_at: datetime, now: datetime) -> Expected:
    """An interval in the steps that people are told; nothing of it lies in the past."""
    first, last = told(
        max(int(earliest_at.timestamp()), min(int(now.timestamp()), int(latest_at.timestamp()))),
        int(latest_at.timestamp()),
    )
    return Expected(_instant(first), _instant(last), made_at, now > latest_at)


def about(comes_at: datetime, now: datetime) -> Expected:
    """An interval around a planned moment of which nothing was estimated yet."""
    around = timedelta(seconds=2 * LEAVING_S)
    return shown(comes_at - around, comes_at + around, now, now)


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@dataclass(frozen=True, slots=True)
class OrderOnRoad:
    """Where the goods of an order are."""

    state: str
    """Of the stop that hands them over."""
    has_left: bool
    to_door: bool
    ended_at: datetime | None
    expected: Expected | None


def of_order(session: Session, order_id: int, now: datetime) -> OrderOnRoad | None:
    """The stop that brings an order, and when it is expected; None where no round brings it."""
    row = session.execute(
        select(
            Stop.state,
            Stop.kind,
            Stop.ended_at,
            TruckRound.state.label("round_state"),
            StopEstimate.earliest_at,
            StopEstimate.latest_at,
            StopEstimate.made_at,
        )
        .join(StopOrder, StopOrder.stop_id == Stop.id)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .outerjoin(StopEstimate, StopEstimate.stop_id == Stop.id)
        .where(StopOrder.order_id == order_id, TruckRound.state.not_in(("draft", "discarded")))
        .order_by(Stop.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    expected = None
    if row.state == "planned" and row.earliest_at is not None:
        expected = shown(row.earliest_at, row.latest_at, row.made_at, now)
    has_left = row.round_state in ("underway", "done")
    return OrderOnRoad(row.state, has_left, row.kind is StopKind.HOME, row.ended_at, expected)


@dataclass(frozen=True, slots=True)
class Announced:
    """The interval that a customer is to be written."""

    from_at: datetime
    until_at: datetime
    count: int
    """1 for the first letter."""


def announced(session: Session, order_id: int) -> Announced | None:
    """What a customer is told of a home delivery; None once the truck has come."""
    row = session.execute(
        select(StopEstimate.told_from, StopEstimate.told_until, StopEstimate.told_count)
        .join(Stop, Stop.id == StopEstimate.stop_id)
        .join(StopOrder, StopOrder.stop_id == Stop.id)
        .where(StopOrder.order_id == order_id, Stop.state == "planned")
        .where(StopEstimate.told_count > 0)
        .order_by(Stop.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.told_from is None or row.told_until is None:
        return None
    return Announced(row.told_from, row.told_until, row.told_count)


def on_the_road(session: Session, now: datetime) -> Sequence[int]:
    """Rounds that have left and are not over, or should have left by now."""
    return session.scalars(
        select(TruckRound.id)
        .where(
            or_(
                TruckRound.state == "underway",
                and_(
                    TruckRound.state.in_(("published", "loading")),
                    TruckRound.starts_at.between(now - STALE, now),
                ),
            ),
            TruckRound.ends_at > now - STALE,
        )
        .order_by(TruckRound.id)
    ).all()
