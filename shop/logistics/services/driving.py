"""A round is loaded, leaves, stops, hands over, comes back. Said twice, done once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.infra.transitions import advance
from shop.logistics.domain.lifecycles import STOP, TRUCK_ROUND
from shop.logistics.domain.terms import HandoverKind, ReceiptPlace, StopKind
from shop.logistics.errors import ReceiverMissing, RoundUnknown, StopUnknown
from shop.logistics.models import Crate, Handover, Stop, StopOrder, TruckRound
from shop.logistics.queries import order_parts
from shop.logistics.services import arrivals, collection, completing, crates
from shop.logistics.services.collection import Brought
from shop.orders.errors import OrderUnknown
from shop.orders.queries import handing, purchase_orders
from shop.orders.services import fulfilment, purchasing


@dataclass(frozen=True, slots=True)
class Deed:
    """Who says it, when it was said by their device, and the key that makes it said once."""

    key: uuid.UUID
    device_at: datetime
    by: int | None


def load(session: Session, round_id: int, *, driver_id: int, at: datetime) -> None:
    """Begin to load: every crate of the round that is ready goes aboard.

    A second time takes what was not ready before; once it has left, nothing changes.

    Raises:
        RoundUnknown: there is none, or it is another driver's.
    """
    row = _round(session, round_id, driver_id)
    if row.state in ("underway", "done"):
        return
    if row.state == "published":
        advance(session, TRUCK_ROUND, row, "load", at=at, by=driver_id)
    ready = session.scalars(
        select(Crate.id)
        .join(Stop, Stop.id == Crate.stop_id)
        .where(Stop.round_id == round_id, Crate.state == "received")
        .order_by(Crate.id)
    ).all()
    crates.move(session, list(ready), "load", at=at, by=driver_id)


def depart(session: Session, round_id: int, *, driver_id: int, at: datetime) -> None:
    """Leave; a second time changes nothing.

    Raises:
        RoundUnknown: there is none, or it is another driver's.
    """
    row = _round(session, round_id, driver_id)
    if row.state in ("underway", "done"):
        return
    load(session, round_id, driver_id=driver_id, at=at)
    advance(session, TRUCK_ROUND, row, "depart", at=at, by=driver_id)
    arrivals.refresh(session, [round_id], at=at)


def arrive(session: Session, stop_id: int, *, driver_id: int, at: datetime) -> None:
    """Note the arrival; a second time changes nothing.

    Raises:
        StopUnknown: there is none, or it is another driver's.
    """
    stop, row = _stop(session, stop_id, driver_id)
    if stop.state != "planned":
        return
    _leave_before(session, row, driver_id=driver_id, at=at)
    stop.arrived_at = at
    advance(session, STOP, stop, "arrive", at=at, by=driver_id)
    arrivals.refresh(session, [row.id], at=at)


def serve(
    session: Session,
    stop_id: int,
    deed: Deed,
    *,
    driver_id: int,
    receiver: str,
    refused: Sequence[int] = (),
    brought: Sequence[Brought] = (),
    note: str | None = None,
    at: datetime,
) -> bool:
    """Hand over what the stop is for; False when it was said before.

    Each order of the stop is delivered, and its money is asked for, unless a part of it is still
    to come with another vehicle; ``refused`` names orders the receiver would not take. An order
    that came into the right hands by another way stays as it is. At a farm, the goods are
    fetched, and counted when ``brought`` says how much of each line. A stop that failed may still
    be served: somebody came back. The round ends with its last stop.

    Raises:
        StopUnknown: there is none, or it is another driver's.
        ReceiverMissing: nobody is named where somebody takes the goods.
        InvalidInput: a count that cannot be kept (``collection.receive``).
    """
    stop, row = _stop(session, stop_id, driver_id)
    if stop.state == "served":
        return False
    name = receiver.strip()
    if not name and stop.kind is not StopKind.HUB:
        raise ReceiverMissing(field="receiver")
    _leave_before(session, row, driver_id=driver_id, at=at)
    if stop.kind is StopKind.COLLECT and stop.producer_id is not None:
        _take_in(session, row.cycle_id, stop.producer_id, brought, deed, at=at)
    states = handing.states_held(session, _orders(session, stop_id))
    firm = [order_id for order_id, state in states.items() if state == "firm"]
    for order_id in firm:
        kind = HandoverKind.REFUSED if order_id in refused else HandoverKind.SERVED
        _note(session, deed, kind, order_id, stop, name, note)
    handed = session.scalars(
        select(Crate.id)
        .where(Crate.stop_id == stop_id, Crate.order_id.not_in(refused))
        .order_by(Crate.id)
    ).all()
    crates.move(session, list(handed), "hand_over", at=at, by=deed.by)
    stop.ended_at = at
    said = " · ".join(part for part in (name if not states else "", note or "") if part)
    advance(session, STOP, stop, "serve", at=at, by=driver_id, reason=said or None)
    for order_id in firm:
        completing.complete(session, order_id, refused=order_id in refused, at=at, by=deed.by)
    _finish_when_done(session, row, at=at, by=driver_id)
    arrivals.refresh(session, [row.id], at=at)
    return True


def _take_in(
    session: Session,
    cycle_id: int,
    producer_id: int,
    brought: Sequence[Brought],
    deed: Deed,
    *,
    at: datetime,
) -> None:
    asked = purchase_orders.of_producer_in(session, cycle_id, producer_id)
    if asked is None or not brought:
        purchasing.collect(session, cycle_id, producer_id, at=at, by=deed.by)
        return
    collection.receive(
        session,
        asked.card.id,
        brought,
        key=deed.key,
        place=ReceiptPlace.FARM,
        device_at=deed.device_at,
        at=at,
        by=deed.by,
    )


def fail(
    session: Session, stop_id: int, deed: Deed, *, driver_id: int, note: str, at: datetime
) -> bool:
    """Nobody was there, or the place cannot be reached; False when it was said before.

    The goods stay aboard and nothing is charged; the desk sees it.

    Raises:
        StopUnknown: there is none, or it is another driver's.
        IllegalTransition: the stop was served.
    """
    stop, row = _stop(session, stop_id, driver_id)
    if stop.state == "failed":
        return False
    _leave_before(session, row, driver_id=driver_id, at=at)
    for order_id in _orders(session, stop_id):
        _note(session, deed, HandoverKind.ABSENT, order_id, stop, None, note)
    stop.ended_at = at
    advance(session, STOP, stop, "fail", at=at, by=driver_id, reason=note)
    _finish_when_done(session, row, at=at, by=driver_id)
    arrivals.refresh(session, [row.id], at=at)
    return True


def hand_over_at_point(
    session: Session,
    order_id: int,
    deed: Deed,
    *,
    pickup_point_id: int,
    receiver: str,
    at: datetime,
) -> bool:
    """A customer fetches an order at a relay point or drive; False when it was said before.

    Goods that no truck brought (its driver has not said so, or the farms bring them) are
    delivered by that; where a truck brought one part, the money waits for the others.

    Raises:
        OrderUnknown: no such order comes to this point, or the desk has given it up.
        ReceiverMissing: nobody is named.
        IllegalTransition: the order is not to be delivered.
    """
    order = handing.by_ids(session, [order_id]).get(order_id)
    if order is None or order.pickup_point_id != pickup_point_id or order.is_given_up:
        raise OrderUnknown(order_id=order_id)
    if not receiver.strip():
        raise ReceiverMissing(field="receiver")
    state = handing.states_held(session, [order_id])[order_id]
    if _is_fetched(session, order_id, pickup_point_id):
        return False
    if not _is_partly_there(session, order_id):
        if state not in ("fulfilled", "settled"):
            fulfilment.mark_delivered(session, order_id, at=at, by=deed.by)
        crates.move(session, crates.of_order(session, order_id), "hand_over", at=at, by=deed.by)
    kept = session.scalar(
        insert(Handover)
        .values(
            key=deed.key,
            order_id=order_id,
            pickup_point_id=pickup_point_id,
            kind=HandoverKind.SERVED,
            receiver=receiver.strip(),
            by_person_id=deed.by,
            device_at=deed.device_at,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Handover.id)
    )
    return kept is not None


def _is_partly_there(session: Session, order_id: int) -> bool:
    """Whether a truck has said of one part what became of it, and another is to come."""
    parts = order_parts.parts_of(session, [order_id]).get(order_id, [])
    said = any(part.state in ("served", "failed") for part in parts)
    return said and len(parts) > 1 and any(part.is_to_come for part in parts)


def _is_fetched(session: Session, order_id: int, pickup_point_id: int) -> bool:
    kept = session.scalar(
        select(Handover.id)
        .where(Handover.order_id == order_id, Handover.pickup_point_id == pickup_point_id)
        .where(Handover.stop_id.is_(None), Handover.kind == HandoverKind.SERVED)
        .limit(1)
    )
    return kept is not None


def _leave_before(session: Session, row: TruckRound, *, driver_id: int, at: datetime) -> None:
    """Whoever stands at a stop has left, whether or not it was said."""
    if row.state not in ("underway", "done"):
        depart(session, row.id, driver_id=driver_id, at=at)


def _note(
    session: Session,
    deed: Deed,
    kind: HandoverKind,
    order_id: int,
    stop: Stop,
    receiver: str | None,
    note: str | None,
) -> None:
    session.execute(
        insert(Handover)
        .values(
            key=uuid.uuid5(deed.key, str(order_id)),
            order_id=order_id,
            stop_id=stop.id,
            kind=kind,
            receiver=receiver,
            note=note,
            by_person_id=deed.by,
            device_at=deed.device_at,
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )


def _finish_when_done(session: Session, row: TruckRound, *, at: datetime, by: int | None) -> None:
    left = session.scalar(
        select(func.count())
        .select_from(Stop)
        .where(Stop.round_id == row.id, Stop.state.in_(("planned", "arrived")))
        .where(Stop.kind != StopKind.HUB)
    )
    if left or row.state == "done":
        return
    aboard = session.scalars(
        select(Crate.id)
        .join(Stop, Stop.id == Crate.stop_id)
        .where(Stop.round_id == row.id, Crate.state == "loaded")
        .order_by(Crate.id)
    ).all()
    crates.move(session, list(aboard), "bring_back", at=at, by=by)
    advance(session, TRUCK_ROUND, row, "finish", at=at, by=by)


def _orders(session: Session, stop_id: int) -> list[int]:
    return list(
        session.scalars(
            select(StopOrder.order_id)
            .where(StopOrder.stop_id == stop_id)
            .order_by(StopOrder.order_id)
        )
    )


def _round(session: Session, round_id: int, driver_id: int) -> TruckRound:
    row = session.get(TruckRound, round_id, with_for_update=True)
    if row is None or row.driver_id != driver_id or row.state in ("draft", "discarded"):
        raise RoundUnknown(round_id=round_id)
    return row


def _stop(session: Session, stop_id: int, driver_id: int) -> tuple[Stop, TruckRound]:
    stop = session.get(Stop, stop_id)
    if stop is None:
        raise StopUnknown(stop_id=stop_id)
    try:
        row = _round(session, stop.round_id, driver_id)
    except RoundUnknown as error:
        raise StopUnknown(stop_id=stop_id) from error
    session.refresh(stop, with_for_update=True)
    return stop, row
