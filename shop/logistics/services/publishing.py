"""Give rounds to drivers, and tell those concerned what changed for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.infra.transitions import advance_all
from shop.logistics.domain.lifecycles import TRUCK_ROUND
from shop.logistics.domain.terms import StopKind
from shop.logistics.errors import PlanMoved, PublishingNeedsReason, RoundUnknown
from shop.logistics.models import Crate, RoundChange, Stop, StopEstimate, StopOrder, TruckRound
from shop.logistics.queries import desk_plan
from shop.logistics.queries.desk_plan import DeskDay
from shop.logistics.services import arrivals, plan_edits, plan_versions, round_rows
from shop.logistics.services.plan_versions import Deed

CUSTOMER_TOPIC = "logistics.arrival_changed"

WORTH_TELLING = timedelta(minutes=15)
"""Customers are told of a new time when it differs by that much."""


@dataclass(slots=True)
class Published:
    """What a publication did."""

    rounds: list[int] = field(default_factory=list)
    """Rounds that drivers have from now on."""
    drivers_told: int = 0
    orders_told: int = 0


def publish(
    session: Session,
    cycle_id: int,
    drivers: Mapping[int, int],
    *,
    at: datetime,
    by: int | None,
) -> Published:
    """Make the draft rounds of a cycle the ones that are driven; ``drivers`` by round.

    Raises:
        RoundUnknown: the cycle has no draft round.
    """
    drafts = _drafts(session, cycle_id)
    if not drafts and desk_plan.head(session, cycle_id) is not None:
        return publish_edits(session, cycle_id, None, reason=None, at=at, by=by, sure=True)
    if not drafts:
        raise RoundUnknown(cycle_id=cycle_id)
    for round_id, driver_id in sorted(drivers.items()):
        session.execute(
            update(TruckRound)
            .where(TruckRound.id == round_id, TruckRound.cycle_id == cycle_id)
            .values(driver_id=driver_id)
            .execution_options(synchronize_session=False)
        )
    published = advance_all(session, TRUCK_ROUND, TruckRound, drafts, "publish", at=at, by=by)
    bind_crates(session, cycle_id)
    found = desk_plan.head(session, cycle_id)
    if found is not None:
        desk = desk_plan.desk_day(session, cycle_id, found[1], at)
        _bind_parts(session, cycle_id, desk)
    arrivals.refresh_cycle(session, cycle_id, at=at)
    return Published(published)


def publish_edits(
    session: Session,
    cycle_id: int,
    seen: int | None,
    *,
    reason: str | None,
    at: datetime,
    by: int | None,
    sure: bool = False,
) -> Published:
    """Make the plan as it stands the one that is driven, what is over excepted.

    Drivers see what changed until they say so; customers get a letter when their time moved.

    Raises:
        NoPlanYet: nobody planned.
        PlanMoved: the plan is not the one that was ``seen``.
        PublishingNeedsReason: it breaks rules and nobody said why it shall be driven so.
    """
    card, desk, worth = plan_edits.look(session, cycle_id, at)
    if seen is not None and card.number != seen:
        raise PlanMoved(cycle_id=cycle_id, seen=seen, number=card.number)
    if worth.faults and not (reason or sure):
        raise PublishingNeedsReason(field="reason", faults=worth.faults)
    if seen is not None:
        deed = Deed("publish", {}, by, at, reason=reason, same_as=card.node)
        plan_versions.keep(session, cycle_id, seen, desk.board, worth, deed, parent=card.parent)
    had = plan_versions.is_published(session, cycle_id)
    written = round_rows.write(session, cycle_id, desk, worth.plan, at=at)
    done = Published(
        advance_all(
            session, TRUCK_ROUND, TruckRound, _drafts(session, cycle_id), "publish", at=at, by=by
        )
    )
    bind_crates(session, cycle_id)
    _bind_parts(session, cycle_id, desk)
    if had:
        done.drivers_told = _tell_drivers(session, written, set(done.rounds), at=at, by=by)
        done.orders_told = _tell_customers(session, cycle_id, written, at)
    arrivals.refresh_cycle(session, cycle_id, at=at)
    return done


def see(session: Session, round_id: int, *, driver_id: int, at: datetime) -> None:
    """A driver has seen what changed.

    Raises:
        RoundUnknown: there is none, or it is another driver's.
    """
    row = session.get(TruckRound, round_id)
    if row is None or row.driver_id != driver_id:
        raise RoundUnknown(round_id=round_id)
    session.execute(
        update(RoundChange)
        .where(RoundChange.round_id == round_id, RoundChange.seen_at.is_(None))
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )


def _drafts(session: Session, cycle_id: int) -> list[int]:
    return list(
        session.scalars(
            select(TruckRound.id)
            .where(TruckRound.cycle_id == cycle_id, TruckRound.state == "draft")
            .order_by(TruckRound.id)
            .with_for_update()
        )
    )


def _tell_drivers(
    session: Session,
    written: round_rows.Written,
    new: Collection[int],
    *,
    at: datetime,
    by: int | None,
) -> int:
    told = 0
    there = set(
        session.scalars(
            select(TruckRound.id).where(
                TruckRound.id.in_(written.rounds), TruckRound.driver_id.is_not(None)
            )
        )
    )
    for round_id, changed in written.rounds.items():
        if not changed or round_id in new or round_id not in there:
            continue
        facts = {
            "added": changed.added,
            "removed": changed.removed,
            "moved": changed.moved,
            "later_s": changed.later_s,
        }
        session.add(RoundChange(round_id=round_id, facts=facts, by_person_id=by, at=at))
        told += 1
    session.flush()
    return told


def _tell_customers(
    session: Session, cycle_id: int, written: round_rows.Written, at: datetime
) -> int:
    """Homes to which goods come much sooner or later than was planned.

    A relay point keeps its hours whenever the truck comes. Who was written an interval on the
    day is written again by the estimates, when that interval is no longer true.
    """
    moved = [
        stop_id
        for stop_id, (before, now) in written.stops.items()
        if abs(now - before) >= WORTH_TELLING
    ]
    orders = session.execute(
        select(StopOrder.order_id, Stop.arrives_at)
        .join(Stop, Stop.id == StopOrder.stop_id)
        .outerjoin(StopEstimate, StopEstimate.stop_id == Stop.id)
        .where(StopOrder.stop_id.in_(moved), Stop.kind == StopKind.HOME)
        .where(StopEstimate.told_at.is_(None))
        .order_by(StopOrder.order_id)
    ).all()
    for order_id, arrives_at in orders:
        key = f"{CUSTOMER_TOPIC}:{order_id}:{int(arrives_at.timestamp())}"
        outbox.post(session, CUSTOMER_TOPIC, key=key, order_id=order_id)
    return len(orders)


def bind_crates(session: Session, cycle_id: int) -> None:
    """Tell every crate of a cycle which stop of a published round hands it over.

    Where a stop is over, or tries once more what had failed, its crates stay as they are.
    """
    stop = (
        select(StopOrder.stop_id)
        .join(Stop, Stop.id == StopOrder.stop_id)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .where(StopOrder.order_id == Crate.order_id)
        .where(TruckRound.state.not_in(("draft", "discarded")))
        .where(_TO_COME)
        .correlate(Crate)
        .order_by(StopOrder.stop_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(Crate)
        .where(Crate.cycle_id == cycle_id, _free())
        .values(stop_id=stop)
        .execution_options(synchronize_session=False)
    )


_TO_COME = Stop.state.in_(("planned", "arrived")) & Stop.again_of_id.is_(None)


def _free() -> ColumnElement[bool]:
    return or_(Crate.stop_id.is_(None), Crate.stop_id.in_(select(Stop.id).where(_TO_COME)))


def _bind_parts(session: Session, cycle_id: int, desk: DeskDay) -> None:
    """Of an order that travels on two vehicles, the last crates go with the part split off."""
    parts = [part for part in desk.board.parts if part.crates]
    names = {each for part in parts for each in (part.id, part.stop)}
    rows = session.execute(
        select(Stop.plan_key, Stop.id)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .where(TruckRound.cycle_id == cycle_id, Stop.plan_key.in_(names))
    )
    stops = {row.plan_key: row.id for row in rows}
    for whole in {part.stop for part in parts} & stops.keys():
        _bind(session, Crate.order_id.in_(desk.orders_at(whole)), stops[whole])
    taken: set[int] = set()
    for part in parts:
        for kind, count in part.crates.items():
            chosen = session.scalars(
                select(Crate.id)
                .where(Crate.order_id.in_(desk.orders_at(part.stop)))
                .where(Crate.temperature_class == kind, Crate.id.not_in(taken))
                .order_by(Crate.order_id.desc(), Crate.position.desc())
                .limit(count)
            ).all()
            taken |= set(chosen)
            if part.id in stops:
                _bind(session, Crate.id.in_(chosen), stops[part.id])


def _bind(session: Session, which: ColumnElement[bool], stop_id: int) -> None:
    session.execute(
        update(Crate)
        .where(which, _free())
        .values(stop_id=stop_id)
        .execution_options(synchronize_session=False)
    )
