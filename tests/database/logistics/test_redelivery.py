"""What could not be handed over is called off without a charge, or leaves once more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.infra.outbox import OutboxMessage
from shop.kernel.errors import InvalidInput
from shop.logistics.errors import (
    AgainBreaksRules,
    GoodsAboard,
    NotToBringAgain,
    RoundUnknown,
    StopUnknown,
)
from shop.logistics.models import Crate, Stop, TruckRound, Vehicle
from shop.logistics.queries import failed_stops, relay_point, rounds
from shop.logistics.services import driving, picking, redelivery
from shop.logistics.services.redelivery import Again, NewRound
from shop.orders.errors import OrderUnknown
from shop.orders.models import Order, OrderLine
from tests.factories.field import (
    LEFT_AT,
    PICKED_AT,
    Day,
    all_picked,
    crate_states,
    deed,
    make_day,
)
from tests.factories.orders import make_scene

LATER = LEFT_AT + timedelta(hours=3)


@pytest.fixture
def day(session: Session) -> Day:
    """Everything is picked, the truck has left, the last door stayed shut."""
    made = make_day(session, make_scene(session), orders=3)
    for order in made.orders:
        picking.record(session, all_picked(made, order), by=made.preparer, at=PICKED_AT)
    driving.depart(session, made.round_id, driver_id=made.driver, at=LEFT_AT)
    fail(session, made, made.last)
    return made


def fail(session: Session, day: Day, stop_id: int) -> None:
    driving.fail(session, stop_id, deed(day), driver_id=day.driver, note="Nobody there", at=LEFT_AT)


def finish(session: Session, day: Day) -> None:
    for stop_id in (day.farm, day.relay):
        driving.serve(
            session, stop_id, deed(day), driver_id=day.driver, receiver="Odile", at=LEFT_AT
        )


def again(way: int | NewRound, starts_at: datetime = LATER) -> Again:
    return Again(starts_at, starts_at + timedelta(hours=1), way)


def new_round(session: Session, day: Day) -> NewRound:
    vehicle = session.scalars(
        select(Vehicle.id).where(Vehicle.market_id == day.scene.market.id)
    ).one()
    return NewRound(vehicle, day.driver)


def send(
    session: Session, day: Day, way: Again, *, orders: list[int] | None = None, sure: bool = True
) -> int:
    """The day of these tests is at night, when every hub is closed: the desk is sure."""
    return redelivery.send_again(
        session,
        day.scene.market.id,
        day.last,
        day.orders[-1:] if orders is None else orders,
        way,
        sure=sure,
        at=LEFT_AT,
        by=day.driver,
    )


def letters(session: Session, topic: str) -> list[int]:
    rows = session.scalars(select(OutboxMessage.payload).where(OutboxMessage.topic == topic))
    return [payload["order_id"] for payload in rows]


def waiting(session: Session, day: Day) -> list[tuple[int, list[int]]]:
    session.expire_all()
    card = cycles.by_id(session, day.scene.cycle.id)
    return [
        (each.stop.id, [order.order_id for order in each.waiting])
        for each in failed_stops.waiting(session, [card])
    ]


def test_the_desk_sees_the_failed_stop_and_what_the_driver_said(session: Session, day: Day) -> None:
    card = cycles.by_id(session, day.scene.cycle.id)
    found = failed_stops.waiting(session, [card])
    assert [(each.stop.id, each.why, each.is_aboard) for each in found] == [
        (day.last, "Nobody there", True)
    ]
    assert [order.order_id for order in found[0].waiting] == day.orders[-1:]


def test_an_order_that_is_called_off_costs_nothing_and_its_customer_is_told(
    session: Session, day: Day
) -> None:
    last = day.orders[-1]
    redelivery.call_off(
        session,
        day.scene.market.id,
        day.last,
        [last],
        why="Nobody opened.",
        at=LATER,
        by=day.driver,
    )
    session.expire_all()
    order = session.get_one(Order, last)
    assert (order.state, order.final_cents) == ("fulfilled", 0)
    assert order.not_delivered_why == "Nobody opened."
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == last)).all()
    assert {(line.delivered, line.billed_cents) for line in lines} == {(0, 0)}
    assert sorted(line.picked or 0 for line in lines) == [1, 2, 2, 1000]
    assert letters(session, "mail.order_not_delivered") == [last]
    assert letters(session, "orders.capture_payment") == [last]
    assert waiting(session, day) == []
    assert session.get_one(Order, day.orders[0]).state == "firm"


def test_what_was_decided_is_not_decided_again(session: Session, day: Day) -> None:
    market = day.scene.market.id
    redelivery.call_off(
        session, market, day.last, day.orders[-1:], why="Closed", at=LATER, by=day.driver
    )
    with pytest.raises(NotToBringAgain):
        redelivery.call_off(
            session, market, day.last, day.orders[-1:], why="Closed", at=LATER, by=day.driver
        )
    with pytest.raises(NotToBringAgain):
        send(session, day, again(new_round(session, day)))


def test_only_a_failed_stop_of_this_market_is_decided_about(session: Session, day: Day) -> None:
    way = again(day.round_id)
    other = make_scene(session).market.id
    with pytest.raises(StopUnknown):
        redelivery.send_again(
            session, other, day.last, day.orders[-1:], way, at=LEFT_AT, by=day.driver
        )
    with pytest.raises(NotToBringAgain):
        redelivery.call_off(
            session,
            day.scene.market.id,
            day.relay,
            day.orders[:1],
            why="No",
            at=LATER,
            by=day.driver,
        )
    with pytest.raises(NotToBringAgain):
        send(session, day, way, orders=[])
    with pytest.raises(NotToBringAgain):
        send(session, day, way, orders=day.orders[:1])


def test_goods_that_are_aboard_come_again_at_the_end_of_their_round(
    session: Session, day: Day
) -> None:
    stop_id = send(session, day, again(day.round_id))
    stop = session.get_one(Stop, stop_id)
    assert (stop.round_id, stop.position, stop.state) == (day.round_id, 4, "planned")
    assert (stop.arrives_at, stop.window_until) == (LATER, LATER + timedelta(hours=1))
    order = session.get_one(Order, day.orders[-1])
    assert (order.slot_starts_at, order.slot_ends_at) == (LATER, LATER + timedelta(hours=1))
    assert letters(session, "mail.order_again") == day.orders[-1:]
    assert waiting(session, day) == []
    card = rounds.one(session, day.round_id)
    by_id = {each.id: each for each in card.stops}
    assert by_id[day.last].is_moved
    assert by_id[day.last].crates == []
    assert len(by_id[stop_id].crates) == 1
    finish(session, day)
    assert session.get_one(TruckRound, day.round_id).state == "underway"
    driving.serve(session, stop_id, deed(day), driver_id=day.driver, receiver="Inès", at=LATER)
    session.expire_all()
    assert session.get_one(Order, day.orders[-1]).final_cents == 5192
    assert session.get_one(TruckRound, day.round_id).state == "done"
    assert set(crate_states(session, day.orders[-1])) == {"handed_over"}


def test_goods_that_are_aboard_cannot_leave_with_another_truck(session: Session, day: Day) -> None:
    with pytest.raises(GoodsAboard):
        send(session, day, again(new_round(session, day)))
    assert session.scalars(select(Crate.stop_id).where(Crate.order_id == day.orders[-1])).all() == [
        day.last
    ]
    assert letters(session, "mail.order_again") == []


def test_goods_that_came_back_leave_with_a_new_round(session: Session, day: Day) -> None:
    finish(session, day)
    with pytest.raises(RoundUnknown):
        send(session, day, again(day.round_id))
    stop_id = send(session, day, again(new_round(session, day)))
    made = session.get_one(TruckRound, session.get_one(Stop, stop_id).round_id)
    assert (made.number, made.state, made.driver_id) == (2, "published", day.driver)
    assert made.starts_at < LATER < made.ends_at
    driving.load(session, made.id, driver_id=day.driver, at=LATER)
    assert set(crate_states(session, day.orders[-1])) == {"loaded"}
    driving.serve(session, stop_id, deed(day), driver_id=day.driver, receiver="Inès", at=LATER)
    session.expire_all()
    assert session.get_one(Order, day.orders[-1]).state == "fulfilled"
    assert made.state == "done"


def test_a_stop_that_fails_twice_is_decided_about_twice(session: Session, day: Day) -> None:
    second = send(session, day, again(day.round_id))
    fail(session, day, second)
    assert waiting(session, day) == [(second, day.orders[-1:])]
    with pytest.raises(NotToBringAgain):
        send(session, day, again(day.round_id))


MORNING = datetime(2026, 11, 27, 8, tzinfo=UTC)


def test_a_second_try_is_timed_like_any_round(session: Session, day: Day) -> None:
    finish(session, day)
    stop_id = send(session, day, again(new_round(session, day), MORNING), sure=False)
    stop = session.get_one(Stop, stop_id)
    made = session.get_one(TruckRound, stop.round_id)
    assert stop.arrives_at == MORNING
    # Half an hour of loading, and some minutes to the next village.
    assert timedelta(minutes=30) < MORNING - made.starts_at < timedelta(minutes=40)
    assert timedelta(minutes=6) < made.ends_at - MORNING < timedelta(minutes=16)
    assert made.cost_cents > 3000


def test_a_second_try_that_breaks_rules_wants_to_be_said_twice(session: Session, day: Day) -> None:
    finish(session, day)
    at_night = again(new_round(session, day), datetime(2026, 11, 27, 21, tzinfo=UTC))
    with pytest.raises(AgainBreaksRules):
        send(session, day, at_night, sure=False)
    assert letters(session, "mail.order_again") == []
    assert waiting(session, day) == [(day.last, day.orders[-1:])]
    found = redelivery.judge(
        session, day.scene.market.id, day.last, day.orders[-1:], at_night, at=LEFT_AT
    )
    assert found.trial is not None
    assert {each.code.value for each in found.trial.violations} == {"hub_closed"}
    send(session, day, at_night)
    assert letters(session, "mail.order_again") == day.orders[-1:]


def test_a_truck_or_a_driver_cannot_be_on_two_rounds_at_once(session: Session, day: Day) -> None:
    finish(session, day)
    send(session, day, again(new_round(session, day), MORNING), sure=False)
    session.execute(update(Stop).where(Stop.id == day.relay).values(state="failed"))
    session.execute(update(Order).where(Order.id == day.orders[0]).values(state="firm"))
    session.expire_all()
    asked = again(new_round(session, day), MORNING + timedelta(minutes=5))
    found = redelivery.judge(
        session, day.scene.market.id, day.relay, day.orders[:1], asked, at=LEFT_AT
    )
    assert [each.round for each in found.overlaps] == ["2 · Kangoo"]
    assert found.trial is not None
    assert found.trial.violations == ()


def test_goods_that_stay_aboard_too_long_are_named(session: Session, day: Day) -> None:
    """Left at midnight; at the last hour asked for, chilled goods are aboard for ten hours."""
    late = LEFT_AT + timedelta(hours=10)
    session.get_one(TruckRound, day.round_id).plan_key = f"v{new_round(session, day).vehicle_id}"
    session.flush()
    found = redelivery.judge(
        session, day.scene.market.id, day.last, day.orders[-1:], again(day.round_id, late),
        at=LEFT_AT,
    )  # fmt: skip
    assert found.trial is not None
    codes = {each.code.value for each in found.trial.violations}
    assert "aboard_too_long" in codes


def test_hours_that_are_past_or_run_backwards_are_refused(session: Session, day: Day) -> None:
    with pytest.raises(InvalidInput) as past:
        send(session, day, again(day.round_id, LEFT_AT))
    assert past.value.facts["field"] == "starts_at"
    with pytest.raises(InvalidInput) as backwards:
        send(session, day, Again(LATER, LATER, day.round_id))
    assert backwards.value.facts["field"] == "ends_at"
    finish(session, day)
    with pytest.raises(InvalidInput) as nothing:
        send(session, day, again(NewRound(0, day.driver)))
    assert nothing.value.facts["field"] == "vehicle_id"


def test_a_farm_where_nobody_was_is_visited_once_more(session: Session, day: Day) -> None:
    fail(session, day, day.farm)
    assert waiting(session, day) == [(day.last, day.orders[-1:]), (day.farm, [])]
    stop_id = redelivery.send_again(
        session,
        day.scene.market.id,
        day.farm,
        [],
        again(day.round_id),
        sure=True,
        at=LEFT_AT,
        by=day.driver,
    )
    stop = session.get_one(Stop, stop_id)
    assert (stop.producer_id, stop.window_from) == (day.scene.producers[0], None)
    assert waiting(session, day) == [(day.last, day.orders[-1:])]


def test_a_host_does_not_hand_over_what_was_given_up(session: Session, day: Day) -> None:
    fail(session, day, day.relay)
    first = day.orders[0]
    redelivery.call_off(
        session, day.scene.market.id, day.relay, [first], why="Fermé", at=LATER, by=day.driver
    )
    session.expire_all()
    point = session.get_one(Order, first).pickup_point_id
    assert point is not None
    with pytest.raises(OrderUnknown):
        driving.hand_over_at_point(
            session, first, deed(day), pickup_point_id=point, receiver="Jeanne", at=LATER
        )
    visits = relay_point.day_at_point(session, point, day.scene.cycle.id).visits
    assert [visit.order.order_id for visit in visits if visit.is_refused] == [first]
