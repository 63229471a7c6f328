"""Two hands at the same money, or the same purchase order, at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.models import LedgerEntry, Order, OrderLine, Payment, PurchaseOrder
from shop.orders.queries import accounts
from shop.orders.services import closing, purchasing
from shop.orders.services.fulfilment import Picked, set_picked
from tests.factories.fulfilment import (
    CLOSED_AT,
    answer_with,
    buy,
    close,
    hand_over,
    place_paid,
    purchase_of,
)
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter, counter_of
from tests.factories.visiting import Customer
from worker.settlement import capture_payment

HANDS = 4


@pytest.fixture
def counter(committed_app: Flask) -> Iterator[Counter]:
    with counter_of(committed_app) as made, committed_app.app_context():
        yield made


@pytest.fixture
def scene(counter: Counter) -> Scene:
    with unit_of_work() as session:
        return make_scene(session)


def at_once(app: Flask, deeds: list) -> list:  # type: ignore[type-arg]
    """Do all of it at the same moment; what each answered, errors too."""
    barrier = Barrier(len(deeds))

    def do(deed):  # type: ignore[no-untyped-def]
        with app.app_context():
            barrier.wait()
            try:
                return deed()
            except Exception as error:  # noqa: BLE001 - looked at by the test
                return error

    with ThreadPoolExecutor(len(deeds)) as hands:
        return list(hands.map(do, deeds))


def test_four_workers_with_the_same_delivery_take_its_money_once(
    counter: Counter, scene: Scene
) -> None:
    customer = Customer(counter.app.test_client(), scene)
    order_id = buy(customer, counter, chicken=1, honey=2)
    with unit_of_work() as session:
        close(session, scene)
        made = hand_over(session, scene, order_id, {"chicken": Picked(1, weight_g=1234)})
    at_once(counter.app, [lambda: capture_payment(order_id)] * HANDS)
    capture_payment(order_id)
    with reading() as session:
        assert session.get_one(Order, order_id).state == "settled"
        assert session.scalars(select(Payment.captured_cents)).all() == [made.final_cents]
        entries = session.execute(
            select(LedgerEntry.kind, func.count()).group_by(LedgerEntry.kind)
        ).all()
        assert sorted(tuple(row) for row in entries) == [("capture", 1), ("sale", 1)]
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []


def test_a_cycle_closed_by_four_hands_asks_each_farm_once(counter: Counter, scene: Scene) -> None:
    with unit_of_work() as session:
        for _ in range(5):
            place_paid(session, scene, {"chicken": 1, "honey": 1})

    def close_once() -> int:
        with unit_of_work() as session:
            closing.confirm_orders(session, scene.cycle.id, at=CLOSED_AT)
            return len(purchasing.issue(session, scene.cycle.id, at=CLOSED_AT))

    issued = at_once(counter.app, [close_once] * HANDS)
    assert sorted(issued) == [0, 0, 0, 2]
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(PurchaseOrder)) == 2


def test_an_answer_and_the_picking_of_the_same_orders_do_not_block_each_other(
    counter: Counter, scene: Scene
) -> None:
    with unit_of_work() as session:
        for _ in range(6):
            place_paid(session, scene, {"chicken": 2, "carrots": 500, "honey": 1})
        close(session, scene)
        hens, bees = (purchase_of(session, farm) for farm in scene.producers)
        lines = session.scalars(select(OrderLine.id).order_by(OrderLine.id.desc())).all()

    def answer(key: int, offer: str, amount: int) -> None:
        with unit_of_work() as session:
            answer_with(session, key, {scene.offers[offer]: amount}, at=CLOSED_AT)

    def pick() -> None:
        with unit_of_work() as session:
            set_picked(session, {line: Picked(1) for line in lines})

    answered = at_once(
        counter.app,
        [
            lambda: answer(hens, "chicken", 7),
            pick,
            lambda: answer(bees, "honey", 3),
            pick,
        ],
    )
    assert answered == [None] * 4
    with reading() as session:
        confirmed = session.scalar(
            select(func.sum(OrderLine.confirmed)).where(
                OrderLine.offer_id == scene.offers["chicken"]
            )
        )
        assert confirmed == 7
