"""Vouchers bought by card: for somebody, for the fund; looked at, printed, spent."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.models import Voucher
from shop.orders.queries import accounts as books
from shop.orders.services import purses
from tests.factories.field_visits import hand_of
from tests.factories.orders import make_person, make_scene
from tests.factories.paying import BROKE, GOOD, Counter
from tests.factories.visiting import Customer
from tests.factories.vouchers import WANTED, buy_voucher, card_page


def only_voucher(session: Session) -> Voucher:
    session.expire_all()
    return session.scalars(select(Voucher)).one()


def left(session: Session, voucher: Voucher) -> Money:
    return purses.left(session, purses.voucher_of(voucher.id), voucher.market_id)


def test_the_sale_of_a_voucher_owes_no_tax_and_the_order_that_it_pays_does(
    customer: Customer, counter: Counter, session: Session
) -> None:
    buy_voucher(customer, counter)
    assert books.balances(session, AccountKind.TAX) == {}


def test_the_button_pressed_twice_makes_one_voucher_and_one_payment(
    customer: Customer, counter: Counter, session: Session
) -> None:
    first = customer.post("/vouchers", **WANTED)
    second = customer.post("/vouchers", **WANTED)
    assert first.headers["Location"] == second.headers["Location"]
    pages = {card_page(customer, first.headers["Location"]) for _ in range(2)}
    assert len(pages) == 1
    assert only_voucher(session).state == "waiting"


def test_a_declined_card_is_told_and_may_be_tried_again(
    customer: Customer, counter: Counter, session: Session
) -> None:
    customer.client.set_cookie("language", "en")
    answer = customer.post("/vouchers", **WANTED)
    page = card_page(customer, answer.headers["Location"])
    counter.pay(page, BROKE)
    voucher = only_voucher(session)
    there = customer.get(f"/voucher/{voucher.token}/return")
    assert there.headers["Location"].endswith("/pay")
    assert "does not hold enough" in customer.client.get(there.headers["Location"]).text
    assert (only_voucher(session).state, left(session, voucher)) == ("waiting", Money.zero())
    counter.pay(page, GOOD)
    customer.get(f"/voucher/{voucher.token}/return")
    assert only_voucher(session).state == "active"


def test_what_is_left_is_found_by_the_code_as_people_type_it(
    customer: Customer, counter: Counter, session: Session
) -> None:
    buy_voucher(customer, counter)
    voucher = only_voucher(session)
    spoken = " - ".join(voucher.code[at : at + 4] for at in (0, 4, 8)).lower()
    found = customer.post("/vouchers/find", code=spoken)
    assert found.headers["Location"].endswith(voucher.token)
    wrong = customer.post("/vouchers/find", code="AAAA-BBBB")
    assert wrong.status_code == 422
    assert 'value="AAAA-BBBB"' in wrong.text


def test_an_unpaid_voucher_of_another_market_or_of_nobody_is_not_found(
    customer: Customer, counter: Counter, session: Session, app: Flask
) -> None:
    customer.post("/vouchers", **WANTED)
    voucher = only_voucher(session)
    assert customer.get(f"/voucher/{voucher.token}").status_code == 404
    assert customer.post("/vouchers/find", code=voucher.code).status_code == 422
    other = make_scene(session)
    stranger = hand_of(app, make_person(session))
    assert stranger.get(f"/{other.market.slug}/voucher/{voucher.token}/pay").status_code == 404
    assert stranger.get(f"/{other.market.slug}/voucher/nothing").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"value": "4.99"}, "A voucher is worth 5 to 200 euros."),
        ({"value": "200.01"}, "A voucher is worth 5 to 200 euros."),
        ({"value": "much"}, "Please type an amount, as 5 or 5.50."),
        ({"email": "nobody"}, "Please give an address to which we can write."),
    ],
)
def test_what_cannot_be_is_told_at_the_field_and_what_was_typed_stays(
    customer: Customer, session: Session, wrong: dict[str, str], said: str
) -> None:
    customer.client.set_cookie("language", "en")
    answer = customer.post("/vouchers", **{**WANTED, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Odile"' in answer.text
    assert session.scalar(select(Voucher.id)) is None
