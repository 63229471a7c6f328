"""An order on two vans is paid for when its last part was handed over or given up, not before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.queries import cycles
from shop.infra.outbox import OutboxMessage
from shop.logistics.domain.terms import StopKind
from shop.logistics.models import Crate, Stop, StopOrder, TruckRound
from shop.logistics.queries import failed_stops, rounds
from shop.logistics.services import driving, picking, publishing, redelivery
from shop.logistics.services.redelivery import Again
from shop.orders.models import Order, OrderLine
from tests.factories.field import (
    LEFT_AT,
    PICKED_AT,
    WANTED,
    Day,
    all_picked,
    crate_states,
    day_of,
    deed,
)
from tests.factories.fulfilment import close, place_paid
from tests.factories.orders import make_scene

LATER = LEFT_AT + timedelta(hours=3)
CHILLED = TemperatureClass.CHILLED


@dataclass
class Split:
    """A day whose last order comes with two vans: chilled goods with the second one."""

    day: Day
    order: int
    chilled: int
    """Key of the second van's stop."""
    second: int
    """Key of its round."""


@pytest.fixture
def split(session: Session) -> Split:
    scene = make_scene(session)
    orders = [place_paid(session, scene, WANTED, name=name) for name in ("Jeanne", "Inès")]
    session.execute(
        update(OrderLine)
        .where(OrderLine.offer_id == scene.offers["honey"])
        .values(temperature_class=TemperatureClass.AMBIENT)
    )
    close(session, scene)
    day = day_of(session, scene, orders)
    for order in day.orders:
        picking.record(session, all_picked(day, order), by=day.preparer, at=PICKED_AT)
    first = session.get_one(TruckRound, day.round_id)
    second = TruckRound(
        cycle_id=first.cycle_id, number=2, vehicle_id=first.vehicle_id, driver_id=day.driver,
        state="published", starts_at=LEFT_AT, ends_at=LATER, distance_m=9000, cost_cents=4000,
    )  # fmt: skip
    session.add(second)
    session.flush()
    stop = Stop(
        round_id=second.id, position=1, kind=StopKind.HOME, name="Au bout", address="Brignoles",
        lon=6.06, lat=43.4, arrives_at=LATER, departs_at=LATER, distance_m=9000,
    )  # fmt: skip
    session.add(stop)
    session.flush()
    order = day.orders[-1]
    session.add(StopOrder(stop_id=stop.id, order_id=order))
    session.execute(
        update(Crate)
        .where(Crate.order_id == order, Crate.temperature_class == CHILLED)
        .values(stop_id=stop.id)
    )
    for each in (first.id, second.id):
        driving.depart(session, each, driver_id=day.driver, at=LEFT_AT)
    return Split(day, order, stop.id, second.id)


def serve(session: Session, split: Split, stop_id: int, *, refused: bool = False) -> None:
    driving.serve(
        session,
        stop_id,
        deed(split.day),
        driver_id=split.day.driver,
        receiver="Inès",
        refused=[split.order] if refused else [],
        at=LATER,
    )


def fail(session: Session, split: Split, stop_id: int) -> None:
    driving.fail(
        session, stop_id, deed(split.day), driver_id=split.day.driver, note="Personne", at=LATER
    )


def give_up(session: Session, split: Split, stop_id: int) -> None:
    redelivery.call_off(
        session, split.day.scene.market.id, stop_id, [split.order], why="Portail fermé.",
        at=LATER, by=split.day.driver,
    )  # fmt: skip


def captures(session: Session) -> list[int]:
    rows = session.scalars(
        select(OutboxMessage.payload).where(OutboxMessage.topic == "orders.capture_payment")
    )
    return [payload["order_id"] for payload in rows]


def made(session: Session, split: Split) -> Order:
    session.expire_all()
    return session.get_one(Order, split.order)


def billed(session: Session, split: Split) -> dict[TemperatureClass, int]:
    session.expire_all()
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == split.order)).all()
    sums = dict.fromkeys((line.temperature_class for line in lines), 0)
    for line in lines:
        sums[line.temperature_class] += line.billed_cents or 0
    return sums


def test_money_is_asked_for_when_the_second_van_has_handed_over(
    session: Session, split: Split
) -> None:
    serve(session, split, split.day.last)
    assert captures(session) == []
    assert made(session, split).state == "firm"
    assert sorted(crate_states(session, split.order)) == ["handed_over", "loaded"]
    serve(session, split, split.chilled)
    assert captures(session) == [split.order]
    assert (made(session, split).state, made(session, split).final_cents) == ("fulfilled", 5192)


def test_each_van_sees_its_own_crates_of_the_order(session: Session, split: Split) -> None:
    cards = [rounds.one(session, key).stops for key in (split.day.round_id, split.second)]
    seen = {stop.id: stop for stops in cards for stop in stops}
    assert seen[split.day.last].crates_by_class == {TemperatureClass.AMBIENT: 1}
    assert seen[split.chilled].crates_by_class == {CHILLED: 1}
    assert not seen[split.day.last].is_moved


def test_a_part_that_failed_waits_for_the_desk_and_the_money_waits_with_it(
    session: Session, split: Split
) -> None:
    fail(session, split, split.chilled)
    serve(session, split, split.day.last)
    assert captures(session) == []
    card = cycles.by_id(session, split.day.scene.cycle.id)
    found = failed_stops.waiting(session, [card])
    assert [(each.stop.id, len(each.waiting)) for each in found] == [(split.chilled, 1)]
    give_up(session, split, split.chilled)
    assert captures(session) == [split.order]
    assert failed_stops.waiting(session, [card]) == []


def test_what_did_not_come_is_not_billed(session: Session, split: Split) -> None:
    serve(session, split, split.day.last)
    before = billed(session, split)
    fail(session, split, split.chilled)
    give_up(session, split, split.chilled)
    assert before[CHILLED] > 0
    assert billed(session, split) == {**before, CHILLED: 0}
    order = made(session, split)
    assert (order.state, order.not_delivered_why) == ("fulfilled", None)
    # Two jars of honey; neither the chilled goods nor the deposit on the yogurt.
    assert order.final_cents == 1900


def test_giving_up_the_first_part_leaves_the_second_on_its_way(
    session: Session, split: Split
) -> None:
    fail(session, split, split.day.last)
    give_up(session, split, split.day.last)
    assert made(session, split).state == "firm"
    assert captures(session) == []
    serve(session, split, split.chilled)
    assert captures(session) == [split.order]
    assert billed(session, split)[TemperatureClass.AMBIENT] == 0


def test_both_parts_given_up_cost_nothing_and_are_told_as_such(
    session: Session, split: Split
) -> None:
    for stop_id in (split.day.last, split.chilled):
        fail(session, split, stop_id)
        give_up(session, split, stop_id)
    order = made(session, split)
    assert (order.final_cents, order.not_delivered_why) == (0, "Portail fermé.")


def test_a_refused_part_is_not_billed(session: Session, split: Split) -> None:
    serve(session, split, split.day.last, refused=True)
    assert captures(session) == []
    serve(session, split, split.chilled)
    assert billed(session, split)[TemperatureClass.AMBIENT] == 0
    assert billed(session, split)[CHILLED] > 0


def test_a_part_sent_again_takes_only_its_own_crates_along(session: Session, split: Split) -> None:
    serve(session, split, split.day.last)
    fail(session, split, split.chilled)
    starts_at = LATER + timedelta(hours=4)
    again = Again(starts_at, starts_at + timedelta(hours=2), split.day.round_id)
    assert session.get_one(TruckRound, split.second).state == "done"
    first = session.get_one(TruckRound, split.day.round_id)
    assert first.state == "underway"
    stop_id = redelivery.send_again(
        session, split.day.scene.market.id, split.chilled, [split.order],
        redelivery.Again(again.starts_at, again.ends_at, redelivery.NewRound(
            first.vehicle_id, split.day.driver)),
        at=LATER, by=split.day.driver,
    )  # fmt: skip
    publishing.bind_crates(session, split.day.scene.cycle.id)
    rows = session.execute(
        select(Crate.temperature_class, Crate.stop_id).where(Crate.order_id == split.order)
    )
    doors = {row.temperature_class: row.stop_id for row in rows}
    assert doors == {TemperatureClass.AMBIENT: split.day.last, CHILLED: stop_id}
    assert captures(session) == []
    serve(session, split, stop_id)
    assert captures(session) == [split.order]
    assert made(session, split).final_cents == 5192
