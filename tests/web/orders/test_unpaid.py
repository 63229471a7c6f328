"""Whoever leaves the payment page finds the order again, pays it or gives it up."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.models import Offer
from shop.orders.models import Order
from tests.factories.orders import Scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch


@pytest.fixture(autouse=True)
def english(customer: Customer) -> None:
    customer.client.set_cookie("language", "en")


def drain(app: Flask) -> None:
    with app.app_context():
        dispatch.drain()


def only_order(session: Session) -> Order:
    session.expire_all()
    return session.scalars(select(Order)).one()


@pytest.mark.parametrize("page", ["/", "/basket"])
def test_an_unpaid_order_is_found_again_without_an_account(
    customer: Customer, session: Session, page: str
) -> None:
    customer.order(chicken=1)
    order = only_order(session)
    seen = customer.get(page).text
    assert f"Your order {order.number} waits for its payment" in seen
    assert f'href="{customer.root}/orders/{order.token}/pay"' in seen


def test_another_visitor_does_not_see_it(app: Flask, customer: Customer, session: Session) -> None:
    customer.order(chicken=1)
    order = only_order(session)
    stranger = app.test_client()
    assert order.number not in stranger.get(f"{customer.root}/").text


def test_a_paid_order_is_not_asked_for_again(
    customer: Customer, counter: Counter, session: Session
) -> None:
    back = counter.pay(customer.order(chicken=1))
    customer.client.get(back.removeprefix("http://localhost"))
    assert only_order(session).state == "placed"
    assert "waits for its payment" not in customer.get("/").text


def test_time_that_is_over_is_not_told(
    customer: Customer, counter: Counter, session: Session
) -> None:
    customer.order(chicken=1)
    counter.clock.at = only_order(session).pay_by
    assert "waits for its payment" not in customer.get("/").text


def test_an_order_that_is_given_up_gives_its_goods_back_and_costs_nothing(
    app: Flask, customer: Customer, scene: Scene, session: Session
) -> None:
    customer.order(chicken=1)
    order = only_order(session)
    answer = customer.post(f"/orders/{order.token}/give-up")
    assert answer.status_code == 303
    drain(app)
    assert only_order(session).state == "canceled"
    offer = session.get_one(Offer, scene.offers["chicken"])
    assert (offer.held, offer.committed) == (0, 0)
    assert "waits for its payment" not in customer.get("/").text


def test_a_card_that_was_accepted_wins_over_giving_up(
    app: Flask, customer: Customer, counter: Counter, session: Session
) -> None:
    counter.pay(customer.order(chicken=1))
    order = only_order(session)
    customer.post(f"/orders/{order.token}/give-up")
    drain(app)
    assert only_order(session).state == "placed"
    assert customer.post(f"/orders/{order.token}/give-up").status_code == 303
    assert only_order(session).state == "placed"
