"""A change of an order, against the closing, against itself, and against somebody else's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from shop.catalog.services import allotment
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.models import Amendment, Order, OrderLine, Payment, PurchaseOrderLine
from shop.orders.queries import accounts
from shop.orders.views import amending
from tests.factories.fulfilment import buy, close
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter, counter_of
from tests.factories.visiting import Customer
from tests.races.orders.test_settlement_races import at_once


@pytest.fixture
def counter(committed_app: Flask) -> Iterator[Counter]:
    with counter_of(committed_app) as made, committed_app.app_context():
        yield made


@pytest.fixture
def scene(counter: Counter) -> Scene:
    with unit_of_work() as session:
        return make_scene(session, allotted=6)


def bought(counter: Counter, scene: Scene, **wanted: int) -> int:
    """An order that is paid; in a context of its own, as each browser has."""
    customer = Customer(counter.app.test_client(), scene)
    (order_id,) = at_once(counter.app, [lambda: buy(customer, counter, **wanted)])
    assert isinstance(order_id, int), order_id
    return order_id


def pots(order_id: int, scene: Scene) -> int:
    with reading() as session:
        assert allotment.check(session) == []
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        return session.scalars(
            select(OrderLine.ordered).where(
                OrderLine.order_id == order_id, OrderLine.offer_id == scene.offers["honey"]
            )
        ).one()


def change(scene: Scene, order_id: int, honey: int, key: str = "") -> str:
    wanted = {scene.offers["chicken"]: 1, scene.offers["honey"]: honey}
    return amending.ask(order_id, wanted, key or str(uuid.uuid4())).state


def test_the_same_change_from_four_hands_is_made_once(counter: Counter, scene: Scene) -> None:
    order_id, key = bought(counter, scene, chicken=1, honey=2), str(uuid.uuid4())
    answers = at_once(counter.app, [lambda: change(scene, order_id, 3, key)] * 4)
    assert "applied" in answers
    assert pots(order_id, scene) == 3
    with reading() as session:
        assert session.scalars(select(Amendment.state)).all() == ["applied"]
        reserved = session.scalars(
            select(Payment.authorized_cents).where(Payment.state == "authorized")
        ).all()
        assert reserved == [5458]


def test_two_orders_that_grow_never_take_more_than_there_is(counter: Counter, scene: Scene) -> None:
    first = bought(counter, scene, chicken=1, honey=2)
    second = bought(counter, scene, chicken=1, honey=2)
    at_once(
        counter.app,
        [lambda: change(scene, first, 4), lambda: change(scene, second, 4)],
    )
    assert sorted((pots(first, scene), pots(second, scene))) == [2, 4]


def test_what_farms_are_asked_for_at_the_closing_is_what_orders_hold(
    counter: Counter, scene: Scene
) -> None:
    order_id = bought(counter, scene, chicken=1, honey=2)

    def close_it() -> None:
        with unit_of_work() as session:
            close(session, scene)

    at_once(counter.app, [lambda: change(scene, order_id, 4), close_it])
    with reading() as session:
        assert session.get_one(Order, order_id).state == "firm"
        asked = session.scalars(
            select(PurchaseOrderLine.ordered).where(
                PurchaseOrderLine.offer_id == scene.offers["honey"]
            )
        ).one()
    assert asked == pots(order_id, scene)
