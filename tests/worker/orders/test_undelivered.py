"""An order that could not be handed over: the customer reads one letter, and pays nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.models import Order, Payment
from shop.orders.queries import accounts
from shop.orders.services import undelivered
from tests.factories.fulfilment import CLOSED_AT, buy, close, hand_over, set_fees
from tests.factories.orders import Scene, make_person, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch

LATER = CLOSED_AT + timedelta(days=3)


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


@pytest.fixture
def order_id(shop: Flask, counter: Counter, scene: Scene) -> int:
    made = buy(Customer(shop.test_client(), scene), counter, chicken=1, honey=2)
    with unit_of_work() as session:
        close(session, scene)
    dispatch.drain()
    counter.mailer.letters.clear()
    return made


def subjects(counter: Counter) -> list[str]:
    dispatch.drain()
    return [mail.message_id.split(".")[0].lstrip("<") for mail in counter.mailer.letters.values()]


def test_a_given_up_order_frees_the_hold_and_is_told_in_one_letter(
    counter: Counter, order_id: int
) -> None:
    with unit_of_work() as session:
        desk = make_person(session, "Delphine Marcellin")
        undelivered.give_up(session, order_id, why="Le portail était fermé.", at=LATER, by=desk)
    assert subjects(counter) == ["order-not-delivered"]
    (letter,) = counter.mailer.letters.values()
    assert "Le portail était fermé." in letter.text
    assert "Le portail était fermé." in (letter.html or "")
    with reading() as session:
        order = session.get_one(Order, order_id)
        assert (order.state, order.final_cents) == ("settled", 0)
        payments = session.query(Payment).filter_by(order_id=order_id).all()
        assert [(each.state, each.captured_cents) for each in payments] == [("canceled", 0)]
        assert [proof.name for proof in accounts.prove(session) if not proof.holds] == []


def test_an_order_that_comes_again_is_announced_and_then_charged(
    counter: Counter, scene: Scene, order_id: int
) -> None:
    with unit_of_work() as session:
        undelivered.promise_again(
            session, order_id, starts_at=LATER, ends_at=LATER + timedelta(hours=1)
        )
    assert subjects(counter) == ["order-again"]
    with unit_of_work() as session:
        final = hand_over(session, scene, order_id, at=LATER).final_cents
    assert subjects(counter) == ["order-again", "capture-receipt"]
    with reading() as session:
        payments = session.query(Payment).filter_by(order_id=order_id).all()
        assert [each.captured_cents for each in payments] == [final]


def test_an_hour_that_changed_once_more_is_told_once(counter: Counter, order_id: int) -> None:
    hour = timedelta(hours=1)
    with unit_of_work() as session:
        undelivered.promise_again(session, order_id, starts_at=LATER, ends_at=LATER + hour)
        undelivered.promise_again(
            session, order_id, starts_at=LATER + hour, ends_at=LATER + 2 * hour
        )
    assert subjects(counter) == ["order-again"]
