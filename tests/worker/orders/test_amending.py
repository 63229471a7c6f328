"""An order is changed before the sale closes; its money follows, and nothing is taken twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.catalog.models import Offer
from shop.catalog.services import allotment
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.models import Amendment, Order, OrderLine, Payment
from shop.orders.queries import accounts
from shop.orders.services.fulfilment import Picked
from tests.factories.fulfilment import buy, close, deliver_late, hand_over, set_fees
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import ASKS, BROKE, Counter
from tests.factories.visiting import Customer
from worker import amending as work
from worker import dispatch


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def scene(shop: Flask) -> Scene:
    with unit_of_work() as session:
        made = make_scene(session, allotted=10)
        set_fees(session, made)
    return made


@pytest.fixture
def customer(shop: Flask, scene: Scene) -> Customer:
    return Customer(shop.test_client(), scene)


def path_of(order_id: int) -> str:
    with reading() as session:
        return f"/orders/{session.get_one(Order, order_id).token}"


def change(customer: Customer, order_id: int, *, key: str = "", **wanted: int) -> TestResponse:
    amounts = {f"amount-{customer.scene.offers[name]}": n for name, n in wanted.items()}
    path = f"{path_of(order_id)}/change"
    return customer.post(path, key=key or str(uuid.uuid4()), **amounts)


def lines(scene: Scene, order_id: int) -> dict[str, int]:
    names = {offer: name for name, offer in scene.offers.items()}
    with reading() as session:
        assert allotment.check(session) == []
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        rows = session.execute(
            select(OrderLine.offer_id, OrderLine.ordered).where(OrderLine.order_id == order_id)
        )
        return {names[row.offer_id]: row.ordered for row in rows}


def stock(scene: Scene, name: str) -> tuple[int, int]:
    with reading() as session:
        row = session.execute(
            select(Offer.held, Offer.committed).where(Offer.id == scene.offers[name])
        ).one()
        return row.held, row.committed


def standing(order_id: int) -> tuple[int, list[tuple[str, int]]]:
    """The ceiling, and each payment with what it has reserved."""
    with reading() as session:
        rows = session.execute(
            select(Payment.state, Payment.authorized_cents)
            .where(Payment.order_id == order_id)
            .order_by(Payment.id)
        )
        ceiling = session.get_one(Order, order_id).ceiling_cents
        return ceiling, [(row.state, row.authorized_cents) for row in rows]


def held_at_provider(counter: Counter) -> list[int]:
    """What is reserved at the provider now, payment by payment."""
    with reading() as session:
        ids = session.scalars(select(Payment.intent_id).order_by(Payment.id)).all()
    seen = [counter.gateway.payment(one).capturable.cents for one in ids if one]
    return [cents for cents in seen if cents]


def reserve(customer: Customer, counter: Counter, order_id: int, card: str = "") -> None:
    answer = customer.post(f"{path_of(order_id)}/reserve")
    assert answer.status_code == 303
    counter.pay(answer.headers["Location"], card or "4242424242424242")


def test_more_is_reserved_on_the_same_payment_where_the_bank_allows_it(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    assert standing(order_id) == (4508, [("authorized", 4508)])
    answer = change(customer, order_id, chicken=1, honey=3, yogurt=2)
    assert answer.status_code == 303
    assert lines(scene, order_id) == {"chicken": 1, "honey": 3, "yogurt": 2}
    assert standing(order_id) == (4508 + 950 + 680, [("authorized", 6138)])
    assert held_at_provider(counter) == [6138]
    assert stock(scene, "honey") == (0, 3)
    dispatch.drain()
    assert any("order-amended" in key for key in counter.mailer.letters)


def test_where_it_does_not_a_new_reservation_takes_over_once_it_stands(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    counter.bench.turn(holds_grow=False)
    order_id = buy(customer, counter, chicken=1, honey=2)
    answer = change(customer, order_id, chicken=1, honey=4)
    assert answer.headers["Location"].endswith("/reserve")
    assert lines(scene, order_id) == {"chicken": 1, "honey": 2}
    assert stock(scene, "honey") == (2, 2)
    reserve(customer, counter, order_id)
    assert held_at_provider(counter) == [4508, 6408]
    counter.deliver(customer.client)
    dispatch.drain()
    assert lines(scene, order_id) == {"chicken": 1, "honey": 4}
    assert standing(order_id) == (6408, [("canceled", 4508), ("authorized", 6408)])
    assert held_at_provider(counter) == [6408]
    assert stock(scene, "honey") == (0, 4)


def test_less_takes_less_and_gives_the_goods_back(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    change(customer, order_id, chicken=0, honey=2)
    assert lines(scene, order_id) == {"honey": 2}
    assert stock(scene, "chicken") == (0, 0)
    assert standing(order_id) == (1900, [("authorized", 4508)])
    change(customer, order_id, chicken=1, honey=2)
    assert standing(order_id) == (4508, [("authorized", 4508)])
    change(customer, order_id, chicken=0, honey=2)
    with unit_of_work() as session:
        close(session, scene)
        hand_over(session, scene, order_id, {"honey": Picked(2)})
    dispatch.drain()
    with reading() as session:
        assert session.scalars(select(Payment.captured_cents)).all() == [1900]
    assert lines(scene, order_id) == {"honey": 2}


def test_a_kept_card_needs_no_new_payment(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    with unit_of_work() as session:
        deliver_late(session, scene)
    order_id = buy(customer, counter, chicken=1, honey=2)
    change(customer, order_id, chicken=1, honey=5)
    assert standing(order_id) == (7358, [("card_kept", 0)])
    with reading() as session:
        assert session.scalars(select(Payment.ceiling_cents)).one() == 7358


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"honey": 11}, "Miel de lavande"),
        ({"chicken": 0, "honey": 1}, "15,00"),
        ({"chicken": 0, "honey": 0}, "au moins un produit|at least one product"),
        ({"carrots": 150}, "Carottes"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    customer: Customer, counter: Counter, scene: Scene, wanted: dict[str, int], words: str
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    answer = change(customer, order_id, **{"chicken": 1, "honey": 2} | wanted)
    assert answer.status_code == 422
    assert any(word in answer.text for word in words.split("|"))
    assert lines(scene, order_id) == {"chicken": 1, "honey": 2}
    assert standing(order_id) == (4508, [("authorized", 4508)])
    assert stock(scene, "honey") == (0, 2)


def test_the_same_button_pressed_twice_is_one_change(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    key = str(uuid.uuid4())
    for _ in range(2):
        assert change(customer, order_id, key=key, chicken=1, honey=3).status_code == 303
    assert lines(scene, order_id) == {"chicken": 1, "honey": 3}
    assert held_at_provider(counter) == [5458]
    with reading() as session:
        assert session.scalars(select(Amendment.state)).all() == ["applied"]


def test_a_change_that_nobody_pays_lapses_and_the_order_stays(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    counter.bench.turn(holds_grow=False)
    order_id = buy(customer, counter, chicken=1, honey=2)
    change(customer, order_id, chicken=1, honey=4)
    answer = customer.post(f"{path_of(order_id)}/reserve")
    counter.pay(answer.headers["Location"], BROKE)
    counter.deliver(customer.client)
    dispatch.drain()
    counter.wait(minutes=21)
    work.lapse_amendments()
    work.lapse_amendments()
    dispatch.drain()
    assert lines(scene, order_id) == {"chicken": 1, "honey": 2}
    assert stock(scene, "honey") == (0, 2)
    assert standing(order_id) == (4508, [("authorized", 4508), ("canceled", 0)])
    assert held_at_provider(counter) == [4508]


def test_a_change_paid_when_its_time_was_over_is_made_and_a_lost_message_is_no_matter(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    counter.bench.turn(holds_grow=False)
    order_id = buy(customer, counter, chicken=1, honey=2)
    counter.bench.turn(webhooks_lose=-1)
    change(customer, order_id, chicken=1, honey=4)
    reserve(customer, counter, order_id)
    counter.wait(minutes=21)
    work.lapse_amendments()
    dispatch.drain()
    assert lines(scene, order_id) == {"chicken": 1, "honey": 4}
    assert held_at_provider(counter) == [6408]


def test_a_change_paid_after_the_closing_is_given_back_and_the_order_goes_on_as_it_was(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    counter.bench.turn(holds_grow=False)
    order_id = buy(customer, counter, chicken=1, honey=2)
    change(customer, order_id, chicken=1, honey=4)
    with unit_of_work() as session:
        close(session, scene)
    reserve(customer, counter, order_id)
    counter.deliver(customer.client)
    dispatch.drain()
    assert lines(scene, order_id) == {"chicken": 1, "honey": 2}
    assert stock(scene, "honey") == (0, 2)
    assert held_at_provider(counter) == [4508]
    assert change(customer, order_id, chicken=1, honey=1).status_code == 303
    assert lines(scene, order_id) == {"chicken": 1, "honey": 2}


def test_an_answer_that_was_lost_while_more_was_reserved_is_found_again(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    counter.bench.turn(lose_answers=1)
    key = str(uuid.uuid4())
    change(customer, order_id, key=key, chicken=1, honey=3)
    assert lines(scene, order_id) == {"chicken": 1, "honey": 2}
    assert held_at_provider(counter) == [5458]
    change(customer, order_id, key=key, chicken=1, honey=3)
    assert lines(scene, order_id) == {"chicken": 1, "honey": 3}
    assert standing(order_id) == (5458, [("authorized", 5458), ("canceled", 0)])
    assert held_at_provider(counter) == [5458]


# reservations that would lapse too early


def late_delivery(
    counter: Counter, customer: Customer, card: str = "", *, asked: bool = False
) -> int:
    """An order whose reservation ends before its delivery."""
    counter.bench.turn(hold_days=2)
    return buy(customer, counter, card=card or "4242424242424242", asked=asked, chicken=1, honey=2)


def test_a_reservation_that_would_lapse_is_made_again_in_time_and_the_old_one_freed(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = late_delivery(counter, customer)
    work.renew_reservations()
    assert standing(order_id) == (4508, [("authorized", 4508)])
    counter.wait(hours=20)
    work.renew_reservations()
    work.renew_reservations()
    counter.deliver(customer.client)
    dispatch.drain()
    assert standing(order_id) == (4508, [("canceled", 4508), ("authorized", 4508)])
    assert held_at_provider(counter) == [4508]
    with unit_of_work() as session:
        close(session, scene)
        hand_over(session, scene, order_id, {"chicken": Picked(1, weight_g=1234)})
    dispatch.drain()
    with reading() as session:
        assert session.get_one(Order, order_id).state == "settled"


def test_a_renewal_whose_answer_was_lost_is_found_again_after_two_days(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = late_delivery(counter, customer)
    counter.wait(hours=20)
    counter.bench.turn(lose_answers=1)
    work.renew_reservations()
    assert standing(order_id)[1] == [("authorized", 4508), ("created", 0)]
    counter.wait(hours=25)
    work.renew_reservations()
    dispatch.drain()
    assert standing(order_id)[1] == [("canceled", 4508), ("authorized", 4508)]
    assert held_at_provider(counter) == [4508]


def test_a_bank_that_wants_to_see_its_customer_gets_them_by_mail_before_the_hold_lapses(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = late_delivery(counter, customer, ASKS, asked=True)
    counter.wait(hours=20)
    work.renew_reservations()
    dispatch.drain()
    assert standing(order_id)[1] == [("authorized", 4508), ("created", 0)]
    (letter,) = [each for key, each in counter.mailer.letters.items() if "payment-renewal" in key]
    assert f"{path_of(order_id)}/reserve" in letter.text
    answer = customer.post(f"{path_of(order_id)}/reserve")
    counter.answer_bank(counter.pay(answer.headers["Location"], ASKS))
    counter.deliver(customer.client)
    dispatch.drain()
    assert standing(order_id)[1] == [("canceled", 4508), ("authorized", 4508)]


def test_a_hold_that_lapsed_all_the_same_leaves_the_card_to_be_charged_after_weighing(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = late_delivery(counter, customer)
    counter.wait(hours=20)
    counter.bench.turn(decline_next="insufficient_funds")
    work.renew_reservations()
    assert standing(order_id)[1] == [("authorized", 4508), ("failed", 0)]
    counter.wait(hours=40)
    counter.deliver(customer.client)
    dispatch.drain()
    assert standing(order_id)[1][-1] == ("card_kept", 0)
    with unit_of_work() as session:
        close(session, scene)
        made = hand_over(session, scene, order_id, {"chicken": Picked(1, weight_g=1234)})
    dispatch.drain()
    with reading() as session:
        assert session.get_one(Order, order_id).state == "settled"
        captured = session.scalars(select(Payment.captured_cents)).all()
        assert sum(captured) == made.final_cents
