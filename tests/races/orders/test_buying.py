"""Many at once: nothing is sold twice, nothing is paid twice, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import func, select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.catalog.errors import AllotmentExhausted
from shop.catalog.models import DeliverySlot, Offer
from shop.catalog.services import allotment
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import Conflict
from shop.orders.models import Order, Payment
from shop.orders.queries.basket import Visitor
from shop.orders.services import basket, place_order
from tests.factories.orders import Scene, fill_in, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker import orders as work

T = TypeVar("T")


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


def make(shop: Flask, **facts: int) -> Scene:
    with unit_of_work() as session:
        return make_scene(session, **facts)


def at_once(shop: Flask, deeds: list[Callable[[], T]]) -> list[T | Conflict]:
    """Begin all of them at the same moment; what each answered, or why it was refused."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], T]) -> T | Conflict:
        with shop.app_context():
            barrier.wait()
            try:
                return deed()
            except Conflict as refusal:
                return refusal

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def buy(scene: Scene, counter: Counter, name: str, amount: int = 1) -> int:
    """One buyer from the shelf to the order."""
    now = counter.clock.now()
    with unit_of_work() as session:
        kept = basket.set_lines(
            session, Visitor(), scene.market, scene.cycle, {scene.offers[name]: amount}, now
        )
        fill_in(session, scene, kept.basket_id)
    return order(scene, counter, kept)


def order(scene: Scene, counter: Counter, kept: basket.Kept) -> int:
    with unit_of_work() as session:
        return place_order.place(
            session,
            Visitor(token=kept.token),
            scene.market,
            scene.cycle,
            kept.basket_id,
            language="fr",
            terms_accepted=True,
            now=counter.clock.now(),
        ).order_id


def test_twenty_buyers_of_seven_make_seven_orders(shop: Flask, counter: Counter) -> None:
    scene = make(shop, allotted=7)
    answers = at_once(shop, [lambda: buy(scene, counter, "chicken")] * 20)
    refused = [answer for answer in answers if isinstance(answer, AllotmentExhausted)]
    assert len(refused) == 13
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 7
        offer = session.get_one(Offer, scene.offers["chicken"])
        assert (offer.held, offer.committed) == (0, 7)
        assert allotment.check(session) == []


def test_twelve_orders_for_five_places_fill_five(shop: Flask, counter: Counter) -> None:
    scene = make(shop, capacity=5)
    answers = at_once(shop, [lambda: buy(scene, counter, "chicken")] * 12)
    assert sum(isinstance(answer, int) for answer in answers) == 5
    with reading() as session:
        assert session.get_one(DeliverySlot, scene.slots["relay"]).taken == 5
        # Refused orders keep their baskets: what those hold is still theirs.
        offer = session.get_one(Offer, scene.offers["chicken"])
        assert (offer.held, offer.committed) == (7, 5)


def test_pressing_ten_times_makes_one_order(shop: Flask, counter: Counter) -> None:
    scene = make(shop)
    with unit_of_work() as session:
        kept = basket.set_lines(
            session,
            Visitor(),
            scene.market,
            scene.cycle,
            {scene.offers["chicken"]: 2},
            counter.clock.now(),
        )
        fill_in(session, scene, kept.basket_id)
    answers = at_once(shop, [lambda: order(scene, counter, kept)] * 10)
    assert len(set(answers)) == 1
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Order)) == 1
        assert session.get_one(Offer, scene.offers["chicken"]).committed == 2


def test_a_basket_lapses_or_is_ordered_never_both(shop: Flask, counter: Counter) -> None:
    scene = make(shop)
    now = counter.clock.now()
    kept = []
    for _ in range(6):
        with unit_of_work() as session:
            made = basket.set_lines(
                session, Visitor(), scene.market, scene.cycle, {scene.offers["chicken"]: 1}, now
            )
            fill_in(session, scene, made.basket_id)
            kept.append(made)
    counter.wait(minutes=30)
    deeds: list[Callable[[], int | None]] = [
        *(lambda one=one: order(scene, counter, one) for one in kept),
        *([work.expire_baskets] * 3),
    ]
    answers = at_once(shop, deeds)
    ordered = sum(isinstance(answer, int) for answer in answers)
    work.expire_baskets()
    with reading() as session:
        offer = session.get_one(Offer, scene.offers["chicken"])
        assert (offer.held, offer.committed) == (0, ordered)
        assert session.scalar(select(func.count()).select_from(Order)) == ordered
        assert allotment.check(session) == []


def test_baskets_in_any_order_never_block_each_other_for_good(
    shop: Flask, counter: Counter
) -> None:
    scene = make(shop, allotted=30)
    names = list(scene.offers)
    now = counter.clock.now()

    def change(number: int) -> int:
        visitor = Visitor()
        kept = None
        for step in range(4):
            turned = names[(number + step) % 4 :] + names[: (number + step) % 4]
            wanted = {
                scene.offers[name]: ((number + step + index) % 3)
                * (100 if name == "carrots" else 1)
                for index, name in enumerate(turned)
            }
            with unit_of_work() as session:
                kept = basket.set_lines(session, visitor, scene.market, scene.cycle, wanted, now)
            visitor = Visitor(token=kept.token)
        return kept.basket_id if kept else 0

    answers = at_once(shop, [lambda number=number: change(number) for number in range(10)])
    assert all(isinstance(answer, int | AllotmentExhausted) for answer in answers)
    with reading() as session:
        assert allotment.check(session) == []


def test_the_customer_and_the_message_come_back_together(shop: Flask, counter: Counter) -> None:
    scene = make(shop)
    customer = Customer(shop.test_client(), scene)
    back = counter.pay(customer.order(chicken=1)).removeprefix("http://localhost")
    counter.deliver(customer.client)

    def return_page() -> int:
        return shop.test_client().get(back).status_code

    def message() -> int:
        return dispatch.drain()

    at_once(shop, [return_page, message, return_page, message, work.refresh_pending_payments])
    dispatch.drain()
    with reading() as session:
        assert session.scalars(select(Order.state)).one() == "placed"
        assert session.scalars(select(Payment.state)).one() == "authorized"
    assert len(counter.mailer.letters) == 1


def test_paying_and_giving_up_at_the_same_moment_agree_in_the_end(
    shop: Flask, counter: Counter
) -> None:
    scene = make(shop)
    customer = Customer(shop.test_client(), scene)
    card_page = customer.order(chicken=1)
    counter.wait(minutes=20)

    def pay() -> int:
        counter.pay(card_page)
        return dispatch.drain()

    at_once(shop, [pay, work.cancel_unpaid_orders, work.cancel_unpaid_orders])
    counter.deliver(customer.client)
    dispatch.drain()
    work.cancel_unpaid_orders()
    with reading() as session:
        order_state = session.scalars(select(Order.state)).one()
        payment = session.scalars(select(Payment)).one()
        committed = session.get_one(Offer, scene.offers["chicken"]).committed
        assert allotment.check(session) == []
    seen = counter.gateway.payment(str(payment.intent_id)).status
    assert (order_state, payment.state, seen, committed) in {
        ("placed", "authorized", "requires_capture", 1),
        ("canceled", "canceled", "canceled", 0),
    }
