"""What the worker does for payments and baskets, each done twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.catalog.models import DeliverySlot, Offer
from shop.catalog.services import allotment
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.domain.terms import OperationState
from shop.orders.models import Basket, Order, Payment, PaymentOperation
from shop.orders.queries.basket import Visitor
from shop.orders.services import basket
from tests.factories.orders import NOW, Scene, make_order, make_scene
from tests.factories.paying import ASKS, GOOD, Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker import orders as work


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def scene(shop: Flask) -> Scene:
    with unit_of_work() as session:
        return make_scene(session)


@pytest.fixture
def customer(shop: Flask, scene: Scene) -> Customer:
    return Customer(shop.test_client(), scene)


def states() -> tuple[str, str]:
    with reading() as session:
        row = session.execute(
            select(Order.state, Payment.state.label("payment")).join(
                Payment, Payment.order_id == Order.id
            )
        ).one()
        return row.state, row.payment


def stock(scene: Scene, name: str) -> tuple[int, int]:
    with reading() as session:
        assert allotment.check(session) == []
        row = session.execute(
            select(Offer.held, Offer.committed).where(Offer.id == scene.offers[name])
        ).one()
        return row.held, row.committed


def intent(counter: Counter) -> str:
    with reading() as session:
        intent_id = session.scalars(select(Payment.intent_id)).one()
    assert intent_id is not None
    return str(counter.gateway.payment(intent_id).status)


def test_messages_twice_and_out_of_order_make_one_paid_order(
    customer: Customer, counter: Counter
) -> None:
    counter.bench.turn(webhooks_double=True, webhooks_reverse=True)
    counter.pay(customer.order(chicken=1))
    counter.wait(minutes=1)
    counter.deliver(customer.client)
    dispatch.drain()
    counter.deliver(customer.client)
    dispatch.drain()
    assert states() == ("placed", "authorized")
    assert list(counter.mailer.letters) == [next(iter(counter.mailer.letters))]


def test_a_lost_message_is_made_up_for_by_the_clock(customer: Customer, counter: Counter) -> None:
    counter.bench.turn(webhooks_lose=-1)
    counter.pay(customer.order(chicken=1))
    work.refresh_pending_payments()
    work.refresh_pending_payments()
    assert states() == ("placed", "authorized")


def test_the_confirmation_says_what_was_agreed_in_the_readers_language(
    customer: Customer, counter: Counter
) -> None:
    customer.client.set_cookie("language", "en")
    counter.pay(customer.order(chicken=1, yogurt=2))
    work.refresh_pending_payments()
    dispatch.drain()
    (letter,) = counter.mailer.letters.values()
    with reading() as session:
        order = session.scalars(select(Order)).one()
    assert letter.to == "jeanne@exemple.fr"
    assert letter.message_id == f"<order-confirmation.{order.number}@localhost>"
    for words in (
        order.number,
        "Poulet fermier",
        "at most €26.08",
        "Point relay",
        "version 2026-10",
        f"http://localhost{customer.root}/orders/{order.token}",
    ):
        assert words in letter.text
        assert words in letter.html


def test_nobody_pays_and_the_goods_and_the_place_are_free_again(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    customer.order(chicken=2)
    assert stock(scene, "chicken") == (0, 2)
    counter.wait(minutes=19)
    work.cancel_unpaid_orders()
    assert states() == ("awaiting_payment", "created")
    counter.wait(minutes=1)
    work.cancel_unpaid_orders()
    work.cancel_unpaid_orders()
    assert states() == ("canceled", "canceled")
    assert stock(scene, "chicken") == (0, 0)
    assert intent(counter) == "canceled"
    with reading() as session:
        assert set(session.scalars(select(DeliverySlot.taken))) == {0}
    dispatch.drain()
    assert len(counter.mailer.letters) == 1


def test_paid_at_the_last_moment_is_paid(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    card_page = customer.order(chicken=2)
    counter.wait(minutes=21)
    counter.pay(card_page)
    work.cancel_unpaid_orders()
    assert states() == ("placed", "authorized")
    assert stock(scene, "chicken") == (0, 2)


def test_who_still_answers_the_bank_when_time_is_over_is_let_go_at_the_provider_first(
    customer: Customer, counter: Counter
) -> None:
    bank_page = counter.pay(customer.order(chicken=1), ASKS)
    counter.wait(minutes=21)
    work.cancel_unpaid_orders()
    assert states() == ("canceled", "canceled")
    counter.answer_bank(bank_page)
    counter.deliver(customer.client)
    dispatch.drain()
    assert states() == ("canceled", "canceled")
    assert intent(counter) == "canceled"


def test_a_provider_that_is_away_keeps_the_order_until_it_answers(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    customer.order(chicken=2)
    counter.wait(minutes=21)
    counter.bench.turn(outage=True)
    work.cancel_unpaid_orders()
    assert states() == ("awaiting_payment", "created")
    assert stock(scene, "chicken") == (0, 2)
    counter.bench.turn(outage=False)
    work.cancel_unpaid_orders()
    assert states() == ("canceled", "canceled")


def test_money_that_comes_for_an_order_that_is_gone_is_freed(
    customer: Customer, counter: Counter
) -> None:
    card_page = customer.order(chicken=1)
    with unit_of_work() as session:
        session.execute(update(Order).values(state="canceled"))
    counter.pay(card_page)
    counter.deliver(customer.client)
    dispatch.drain()
    dispatch.drain()
    assert states() == ("canceled", "canceled")
    assert intent(counter) == "canceled"


def test_another_amount_than_agreed_is_refused_and_freed(
    customer: Customer, counter: Counter
) -> None:
    card_page = customer.order(chicken=1)
    with unit_of_work() as session:
        session.execute(update(Payment).values(ceiling_cents=Payment.ceiling_cents + 100))
    counter.pay(card_page, GOOD)
    counter.deliver(customer.client)
    dispatch.drain()
    assert states() == ("awaiting_payment", "failed")
    assert intent(counter) == "canceled"
    with reading() as session:
        assert session.scalars(select(Payment.last_error)).one() == "mismatch"


def test_a_payment_of_another_order_pays_nothing(customer: Customer, counter: Counter) -> None:
    first = customer.order(chicken=1)
    customer.order(chicken=1)
    with unit_of_work() as session:
        mine, other = session.scalars(select(Payment).order_by(Payment.id))
        stolen, mine.intent_id = mine.intent_id, None
        session.flush()
        other.intent_id = stolen
    counter.pay(first)
    with reading() as session:
        payment_id = session.scalars(select(Payment.id).order_by(Payment.id.desc())).first()
    assert payment_id is not None
    work.refresh_payment(payment_id)
    with reading() as session:
        assert set(session.scalars(select(Order.state))) == {"awaiting_payment"}


def test_every_call_to_the_provider_was_noted(customer: Customer, counter: Counter) -> None:
    customer.order(chicken=1)
    counter.wait(minutes=21)
    work.cancel_unpaid_orders()
    with reading() as session:
        notes = session.execute(
            select(PaymentOperation.kind, PaymentOperation.state).order_by(PaymentOperation.id)
        ).all()
    assert [tuple(note) for note in notes] == [
        ("create", OperationState.DONE),
        ("cancel", OperationState.DONE),
    ]


def test_baskets_lapse_by_the_clock(shop: Flask, counter: Counter, scene: Scene) -> None:
    with unit_of_work() as session:
        for amount in (2, 3):
            basket.set_lines(
                session,
                Visitor(),
                scene.market,
                scene.cycle,
                {scene.offers["honey"]: amount},
                NOW + timedelta(minutes=amount),
            )
    counter.wait(minutes=32)
    work.expire_baskets()
    work.expire_baskets()
    assert stock(scene, "honey") == (3, 0)
    with reading() as session:
        assert sorted(session.scalars(select(Basket.state))) == ["lapsed", "open"]


def test_an_unpaid_order_without_a_payment_at_the_provider_ends_too(
    shop: Flask, counter: Counter, scene: Scene
) -> None:
    with unit_of_work() as session:
        make_order(session, scene, {"chicken": 1})
    counter.wait(minutes=21)
    work.cancel_unpaid_orders()
    assert states() == ("canceled", "canceled")
