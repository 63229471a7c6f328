"""What is weighed and handed over on the pages is what the card is charged, once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.catalog.services import cycles
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.models import Crate
from shop.orders.models import Order, Payment
from tests.factories.field import Day, day_of
from tests.factories.field_visits import Hand, hand_of
from tests.factories.fulfilment import buy, set_fees
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker.logistics import make_crates


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def scene(shop: Flask) -> Scene:
    with unit_of_work() as session:
        made = make_scene(session)
        set_fees(session, made)
    return made


def close(counter: Counter, scene: Scene) -> None:
    counter.wait(hours=15)
    with unit_of_work() as session:
        cycles.close_cycle(session, scene.cycle.id, at=counter.clock.now())
    dispatch.drain()
    counter.wait(days=2)


def crates_made() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Crate)) or 0


def money(counter: Counter, order_id: int) -> tuple[str, int | None, int, str, int]:
    """State and final amount of an order, what we hold for captured, what the provider says."""
    with reading() as session:
        order = session.get_one(Order, order_id)
        payment = session.scalars(select(Payment).where(Payment.order_id == order_id)).one()
        assert payment.intent_id is not None
        there = counter.gateway.payment(payment.intent_id)
        return (
            order.state,
            order.final_cents,
            payment.captured_cents,
            str(there.status),
            there.received.cents,
        )


def test_closing_numbers_the_crates_and_a_second_time_none(
    shop: Flask, scene: Scene, counter: Counter
) -> None:
    buy(Customer(shop.test_client(), scene), counter, chicken=1, honey=2)
    close(counter, scene)
    assert crates_made() == 1
    make_crates(scene.cycle.id)
    make_crates(scene.cycle.id)
    assert crates_made() == 1


def field(shop: Flask, scene: Scene, orders: list[int]) -> tuple[Day, Hand, Hand, str]:
    with unit_of_work() as session:
        day = day_of(session, scene, orders)
    root = f"/picker/{scene.market.slug}/{scene.cycle.code}"
    return day, hand_of(shop, day.preparer), hand_of(shop, day.driver), root


def test_the_weight_typed_on_the_tablet_is_the_money_taken_from_the_card(
    shop: Flask, scene: Scene, counter: Counter
) -> None:
    order = buy(Customer(shop.test_client(), scene), counter, chicken=1, honey=2, yogurt=2)
    close(counter, scene)
    day, preparer, driver, root = field(shop, scene, [order])
    preparer.post(f"{root}/lines/{day.lines[order, 'chicken']}", weight="1,234")
    preparer.post(f"{root}/lines/{day.lines[order, 'honey']}", amount="2")
    preparer.post(f"{root}/lines/{day.lines[order, 'yogurt']}", amount="1", reason="damaged")
    assert money(counter, order)[:3] == ("firm", 2332 + 1900 + 320 + 20, 0)
    key = str(uuid.uuid4())
    for _ in range(2):
        driver.post(f"/driver/stops/{day.last}/serve", receiver="Jeanne", key=key)
        dispatch.drain()
    assert money(counter, order) == ("settled", 4572, 4572, "succeeded", 4572)


def test_a_heavy_piece_takes_no_more_than_was_authorized(
    shop: Flask, scene: Scene, counter: Counter
) -> None:
    order = buy(Customer(shop.test_client(), scene), counter, chicken=1)
    close(counter, scene)
    day, preparer, driver, root = field(shop, scene, [order])
    preparer.post(f"{root}/lines/{day.lines[order, 'chicken']}", weight="2400", sure="1")
    driver.post(f"/driver/stops/{day.last}/serve", receiver="Jeanne")
    dispatch.drain()
    assert money(counter, order) == ("settled", 2608, 2608, "succeeded", 2608)


def test_what_is_refused_at_the_door_frees_the_card(
    shop: Flask, scene: Scene, counter: Counter
) -> None:
    order = buy(Customer(shop.test_client(), scene), counter, chicken=1)
    close(counter, scene)
    day, _preparer, driver, _root = field(shop, scene, [order])
    driver.post(f"/driver/stops/{day.last}/serve", receiver="Jeanne", refused=[order], note="Non")
    dispatch.drain()
    assert money(counter, order) == ("settled", 0, 0, "canceled", 0)


def test_nobody_there_takes_no_money_until_somebody_is(
    shop: Flask, scene: Scene, counter: Counter
) -> None:
    order = buy(Customer(shop.test_client(), scene), counter, honey=2)
    close(counter, scene)
    day, _preparer, driver, _root = field(shop, scene, [order])
    driver.post(f"/driver/stops/{day.last}/fail", note="Nobody there")
    dispatch.drain()
    assert money(counter, order)[:4] == ("firm", None, 0, "requires_capture")
    counter.wait(hours=1)
    driver.post(f"/driver/stops/{day.last}/serve", receiver="Jeanne")
    dispatch.drain()
    assert money(counter, order)[:3] == ("settled", 1900, 1900)
