"""People with an account keep a card with consent, pay with it, and throw it away."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.orders.models import Order, PaymentCustomer, SavedCard
from tests.factories.fulfilment import come_in
from tests.factories.orders import Scene, make_person
from tests.factories.paying import ASKS, Counter
from tests.factories.visiting import Customer
from worker import dispatch


@pytest.fixture
def jeanne(client: FlaskClient, session: Session) -> int:
    person_id = make_person(session)
    come_in(client, person_id)
    return person_id


def newest(session: Session) -> Order:
    session.expire_all()
    return session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).one()


def kept(session: Session) -> list[SavedCard]:
    session.expire_all()
    return list(session.scalars(select(SavedCard).order_by(SavedCard.id)))


def post(customer: Customer, path: str, **fields: str) -> str:
    """A form that is not under the market; where one is sent then."""
    whole = Customer(customer.client, customer.scene)
    door = whole.client.get("/account/cards").text
    token = door.split('name="csrf_token" value="')[1].split('"')[0]
    answer = whole.client.post(path, data={**fields, "csrf_token": token})
    assert answer.status_code in (302, 303), answer.status_code
    return str(answer.headers["Location"])


def add(customer: Customer, counter: Counter, card: str = "4242424242424242") -> None:
    back = counter.pay(post(customer, "/account/cards/add"), card)
    if card == ASKS:
        back = counter.answer_bank(back)
    assert customer.client.get(back.removeprefix("http://localhost")).status_code == 303


def test_a_card_typed_for_an_order_is_kept_when_its_owner_asks_for_it(
    jeanne: int, customer: Customer, counter: Counter, session: Session
) -> None:
    page = customer.order(chicken=1)
    order = newest(session)
    assert customer.post(f"/orders/{order.token}/pay/keep", keep="1").status_code == 303
    counter.pay(page)
    with counter.app.app_context():
        counter.deliver(customer.client)
        dispatch.drain()
    (card,) = kept(session)
    assert (card.person_id, card.last4, card.forgotten_at) == (jeanne, "4242", None)
    assert "···· 4242" in customer.client.get("/account/cards").text


def test_without_asking_nothing_is_kept(
    jeanne: int, customer: Customer, counter: Counter, session: Session
) -> None:
    counter.pay(customer.order(chicken=1))
    with counter.app.app_context():
        counter.deliver(customer.client)
        dispatch.drain()
    assert newest(session).state == "placed"
    assert kept(session) == []


def test_a_kept_card_pays_the_next_order_with_one_button(
    jeanne: int, customer: Customer, counter: Counter, session: Session
) -> None:
    add(customer, counter)
    (card,) = kept(session)
    customer.order(chicken=1)
    order = newest(session)
    assert "···· 4242" in customer.get(f"/orders/{order.token}/pay").text
    answer = customer.post(f"/orders/{order.token}/pay/with", card=str(card.id))
    assert answer.status_code == 303
    customer.client.get(answer.headers["Location"])
    assert newest(session).state == "placed"
    assert session.scalars(select(PaymentCustomer.person_id)).all() == [jeanne]


def test_a_bank_may_want_to_see_the_owner_of_a_kept_card(
    jeanne: int, customer: Customer, counter: Counter, session: Session
) -> None:
    add(customer, counter, ASKS)
    (card,) = kept(session)
    customer.order(chicken=1)
    order = newest(session)
    answer = customer.post(f"/orders/{order.token}/pay/with", card=str(card.id))
    assert "/3ds/" in answer.headers["Location"]
    back = counter.answer_bank(answer.headers["Location"])
    customer.client.get(back.removeprefix("http://localhost"))
    assert newest(session).state == "placed"


def test_a_card_is_chosen_and_thrown_away_by_its_owner_only(
    jeanne: int,
    customer: Customer,
    counter: Counter,
    client: FlaskClient,
    session: Session,
    scene: Scene,
) -> None:
    add(customer, counter)
    add(customer, counter, "5555555555554444")
    visa, master = kept(session)
    counter.wait(minutes=1)
    post(customer, f"/account/cards/{visa.id}/choose")
    page = client.get("/account/cards").text
    assert page.index("···· 4242") < page.index("···· 4444")
    come_in(client, make_person(session, "Paul Roux"))
    for deed in ("choose", "forget"):
        token = client.get("/account/cards").text.split('name="csrf_token" value="')[1]
        answer = client.post(
            f"/account/cards/{visa.id}/{deed}", data={"csrf_token": token.split('"')[0]}
        )
        assert answer.status_code == 404
    come_in(client, jeanne)
    post(customer, f"/account/cards/{visa.id}/forget")
    customer_ref = session.scalars(select(PaymentCustomer.customer_ref)).one()
    assert len(counter.gateway.kept_methods(customer_ref)) == 2
    with counter.app.app_context():
        dispatch.drain()
    assert [card.last4 for card in counter.gateway.kept_methods(customer_ref)] == ["4444"]
    assert "4242" not in client.get("/account/cards").text
    assert master.forgotten_at is None
