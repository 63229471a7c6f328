"""A round is loaded, leaves, hands over, comes back; what is said twice happens once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.infra.outbox import OutboxMessage
from shop.logistics.domain.terms import HandoverKind, PickingKind
from shop.logistics.errors import ReceiverMissing, RoundUnknown, StopUnknown
from shop.logistics.models import Handover, Stop, TruckRound
from shop.logistics.queries import relay_point
from shop.logistics.services import driving, picking
from shop.orders.errors import OrderUnknown
from shop.orders.models import Order, PurchaseOrder
from tests.factories.field import (
    LEFT_AT,
    PICKED_AT,
    Day,
    all_picked,
    crate_states,
    deed,
    make_day,
)
from tests.factories.fulfilment import purchase_of
from tests.factories.orders import make_person, make_scene


@pytest.fixture
def day(session: Session) -> Day:
    made = make_day(session, make_scene(session), orders=3)
    for order in made.orders:
        picking.record(session, all_picked(made, order), by=made.preparer, at=PICKED_AT)
    return made


def serve(
    session: Session,
    day: Day,
    stop_id: int,
    *,
    key: uuid.UUID | None = None,
    receiver: str = "Odile",
    refused: tuple[int, ...] = (),
) -> bool:
    return driving.serve(
        session,
        stop_id,
        deed(day, key),
        driver_id=day.driver,
        receiver=receiver,
        refused=refused,
        at=LEFT_AT,
    )


def depart(session: Session, day: Day) -> None:
    driving.depart(session, day.round_id, driver_id=day.driver, at=LEFT_AT)


def state(session: Session, model: type[Order | Stop | TruckRound], key: int) -> str:
    session.expire_all()
    row: Any = session.get_one(model, key)
    return str(row.state)


def captures(session: Session) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.topic == "orders.capture_payment")
        )
        or 0
    )


def handovers(session: Session) -> list[tuple[int, HandoverKind, str | None]]:
    rows = session.execute(
        select(Handover.order_id, Handover.kind, Handover.receiver).order_by(Handover.id)
    )
    return [(row.order_id, row.kind, row.receiver) for row in rows]


def test_loading_takes_what_is_ready_and_a_second_time_the_rest(session: Session, day: Day) -> None:
    first = day.orders[0]
    line = day.lines[first, "honey"]
    entry = all_picked(day, first)[1]
    undone = picking.Said(uuid.uuid4(), line, PickingKind.UNDONE, 0, PICKED_AT)
    picking.record(session, [undone], by=day.preparer, at=PICKED_AT)
    driving.load(session, day.round_id, driver_id=day.driver, at=LEFT_AT)
    assert set(crate_states(session, first)) == {"expected"}
    assert set(crate_states(session, day.orders[1])) == {"loaded"}
    picking.record(session, [entry], by=day.preparer, at=PICKED_AT)
    driving.load(session, day.round_id, driver_id=day.driver, at=LEFT_AT)
    assert set(crate_states(session, first)) == {"loaded"}
    assert state(session, TruckRound, day.round_id) == "loading"


def test_a_served_stop_delivers_its_orders_and_asks_for_their_money_once(
    session: Session, day: Day
) -> None:
    depart(session, day)
    driving.arrive(session, day.relay, driver_id=day.driver, at=LEFT_AT)
    driving.arrive(session, day.relay, driver_id=day.driver, at=LEFT_AT)
    key = uuid.uuid4()
    assert serve(session, day, day.relay, key=key)
    assert not serve(session, day, day.relay, key=key)
    assert not serve(session, day, day.relay)
    assert [state(session, Order, each) for each in day.orders] == ["fulfilled"] * 2 + ["firm"]
    assert set(crate_states(session, day.orders[0])) == {"handed_over"}
    assert set(crate_states(session, day.orders[2])) == {"loaded"}
    assert captures(session) == 2
    assert handovers(session) == [
        (day.orders[0], HandoverKind.SERVED, "Odile"),
        (day.orders[1], HandoverKind.SERVED, "Odile"),
    ]


def test_nothing_is_handed_over_to_nobody(session: Session, day: Day) -> None:
    with pytest.raises(ReceiverMissing):
        serve(session, day, day.relay, receiver="  ")
    assert state(session, Stop, day.relay) == "planned"
    assert handovers(session) == []


def test_a_refused_order_costs_nothing_and_comes_back(session: Session, day: Day) -> None:
    depart(session, day)
    serve(session, day, day.relay, refused=(day.orders[0],))
    serve(session, day, day.farm)
    serve(session, day, day.last)
    assert session.get_one(Order, day.orders[0]).final_cents == 0
    assert session.get_one(Order, day.orders[1]).final_cents == 5192
    assert state(session, TruckRound, day.round_id) == "done"
    assert set(crate_states(session, day.orders[0])) == {"received"}


def test_a_stop_where_nobody_is_keeps_its_goods_and_nobody_pays(session: Session, day: Day) -> None:
    depart(session, day)
    for _ in range(2):
        driving.fail(
            session, day.last, deed(day), driver_id=day.driver, note="Nobody there", at=LEFT_AT
        )
    assert state(session, Stop, day.last) == "failed"
    assert state(session, Order, day.orders[2]) == "firm"
    assert captures(session) == 0
    assert handovers(session) == [(day.orders[2], HandoverKind.ABSENT, None)]
    serve(session, day, day.relay)
    serve(session, day, day.farm)
    assert state(session, TruckRound, day.round_id) == "done"
    assert set(crate_states(session, day.orders[2])) == {"received"}


def test_whoever_comes_back_after_all_still_gets_the_goods(session: Session, day: Day) -> None:
    depart(session, day)
    driving.fail(session, day.last, deed(day), driver_id=day.driver, note="Closed", at=LEFT_AT)
    assert serve(session, day, day.last, receiver="Yann")
    assert state(session, Order, day.orders[2]) == "fulfilled"
    assert captures(session) == 1


def test_the_farms_goods_are_collected_once(session: Session, day: Day) -> None:
    asked = purchase_of(session, day.scene.producers[0])
    serve(session, day, day.farm, receiver="Camille")
    serve(session, day, day.farm, receiver="Camille")
    session.expire_all()
    assert session.get_one(PurchaseOrder, asked).state == "collected"
    other = purchase_of(session, day.scene.producers[1])
    assert session.get_one(PurchaseOrder, other).state == "issued"


def test_whoever_serves_a_stop_has_left(session: Session, day: Day) -> None:
    serve(session, day, day.relay)
    assert state(session, TruckRound, day.round_id) == "underway"
    depart(session, day)
    driving.load(session, day.round_id, driver_id=day.driver, at=LEFT_AT)
    assert state(session, TruckRound, day.round_id) == "underway"


def test_for_another_driver_there_is_no_such_round(session: Session, day: Day) -> None:
    other = make_person(session, "Sam Roche")
    with pytest.raises(RoundUnknown):
        driving.depart(session, day.round_id, driver_id=other, at=LEFT_AT)
    with pytest.raises(StopUnknown):
        driving.arrive(session, day.relay, driver_id=other, at=LEFT_AT)
    assert state(session, TruckRound, day.round_id) == "published"


def test_a_draft_is_nobodys_round_yet(session: Session, day: Day) -> None:
    session.get_one(TruckRound, day.round_id).state = "draft"
    session.flush()
    with pytest.raises(RoundUnknown):
        driving.load(session, day.round_id, driver_id=day.driver, at=LEFT_AT)


def fetch(session: Session, day: Day, order_id: int, point_id: int, receiver: str = "Léa") -> bool:
    return driving.hand_over_at_point(
        session, order_id, deed(day), pickup_point_id=point_id, receiver=receiver, at=LEFT_AT
    )


def point_of(session: Session, order_id: int) -> int:
    point = session.get_one(Order, order_id).pickup_point_id
    assert point is not None
    return point


def test_a_customer_fetches_once_whoever_says_it(session: Session, day: Day) -> None:
    order = day.orders[0]
    point = point_of(session, order)
    serve(session, day, day.relay)
    assert fetch(session, day, order, point, "Le voisin")
    assert not fetch(session, day, order, point, "Léa")
    (visit,) = [
        each
        for each in relay_point.day_at_point(session, point, day.scene.cycle.id).visits
        if each.order.order_id == order
    ]
    assert visit.fetched is not None
    assert visit.fetched.receiver == "Le voisin"
    assert captures(session) == 2


def test_goods_that_came_without_a_truck_are_delivered_by_fetching_them(
    session: Session, day: Day
) -> None:
    order = day.orders[0]
    assert fetch(session, day, order, point_of(session, order))
    assert state(session, Order, order) == "fulfilled"
    assert set(crate_states(session, order)) == {"handed_over"}
    assert captures(session) == 1
    assert serve(session, day, day.relay)
    assert state(session, Order, day.orders[1]) == "fulfilled"
    assert captures(session) == 2


def test_a_host_cannot_hand_over_what_comes_to_another_point(session: Session, day: Day) -> None:
    with pytest.raises(OrderUnknown):
        fetch(session, day, day.orders[0], 10**6)
    assert handovers(session) == []
