"""Vouchers with the worker: paid once, told once, sent with their paper, given up when unpaid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import Transition
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.models import Voucher
from shop.orders.queries import accounts, credit
from shop.orders.services import purses
from tests.factories.field_visits import forget_the_last_visitor, words_of
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from tests.factories.vouchers import KEY, WANTED, buy_voucher, card_page
from worker import dispatch
from worker.vouchers import give_up_unpaid_vouchers


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def customer(shop: Flask) -> Customer:
    with unit_of_work() as session:
        scene: Scene = make_scene(session)
    return Customer(shop.test_client(), scene)


def only_voucher() -> Voucher:
    with reading() as session:
        return session.scalars(select(Voucher)).one()


def left() -> Money:
    voucher = only_voucher()
    with reading() as session:
        return purses.left(session, purses.voucher_of(voucher.id), voucher.market_id)


def sound() -> bool:
    with reading() as session:
        return all(proof.holds for proof in accounts.prove(session))


def test_a_voucher_is_paid_by_card_once_however_often_one_comes_back(
    customer: Customer, counter: Counter
) -> None:
    there = buy_voucher(customer, counter)
    voucher = only_voucher()
    assert there == f"{customer.root}/voucher/{voucher.token}"
    assert (voucher.state, voucher.value_cents, left()) == ("active", 2500, Money(2500))
    counter.deliver(customer.client)
    dispatch.drain()
    assert customer.get(f"/voucher/{voucher.token}/return").status_code == 303
    assert left() == Money(2500)
    with reading() as session:
        moves = select(Transition.event).where(Transition.subject == "voucher")
        assert session.scalars(moves).all() == ["activate"]
    page = words_of(customer.client.get(there))
    assert "25,00 €" in page
    assert "Odile" in page
    assert sound()


def test_the_letter_brings_the_code_and_the_paper(customer: Customer, counter: Counter) -> None:
    buy_voucher(customer, counter)
    voucher = only_voucher()
    dispatch.drain()
    (letter,) = counter.mailer.letters.values()
    spoken = "-".join(voucher.code[at : at + 4] for at in (0, 4, 8))
    assert letter.to == "jeanne@exemple.fr"
    assert spoken in letter.text
    assert letter.attachments[0].content[:5] == b"%PDF-"
    paper = customer.get(f"/voucher/{voucher.token}/voucher.pdf")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")


def test_what_the_provider_tells_is_enough_when_nobody_comes_back(
    customer: Customer, counter: Counter
) -> None:
    answer = customer.post("/vouchers", **WANTED)
    counter.pay(card_page(customer, answer.headers["Location"]))
    assert only_voucher().state == "waiting"
    counter.deliver(customer.client)
    counter.deliver(customer.client)
    dispatch.drain()
    assert (only_voucher().state, left()) == ("active", Money(2500))
    with reading() as session:
        mails = select(OutboxMessage.topic).where(OutboxMessage.topic.like("mail.%"))
        assert session.scalars(mails).all() == ["mail.voucher"]


def test_a_gift_to_the_fund_is_no_code_and_fills_the_fund(
    customer: Customer, counter: Counter
) -> None:
    customer.client.set_cookie("language", "en")
    there = buy_voucher(customer, counter, whom="fund", value="40")
    voucher = only_voucher()
    assert (voucher.kind, voucher.state, voucher.recipient) == ("donation", "ended", "")
    with reading() as session:
        assert credit.fund(session, customer.scene.market.id) == Money(4000)
    forget_the_last_visitor()
    page = words_of(customer.client.get(there))
    assert "€40.00 are in the solidarity fund" in page
    assert voucher.code not in page
    assert customer.post("/vouchers/find", code=voucher.code).status_code == 422
    assert customer.get(f"/voucher/{voucher.token}/voucher.pdf").status_code == 404
    dispatch.drain()
    (letter,) = counter.mailer.letters.values()
    assert letter.attachments == ()
    assert sound()


def test_a_voucher_that_nobody_pays_ends_and_one_that_was_paid_unseen_does_not(
    customer: Customer, counter: Counter
) -> None:
    customer.post("/vouchers", **WANTED)
    answer = customer.post("/vouchers", **{**WANTED, "key": KEY.replace("1", "2")})
    counter.pay(card_page(customer, answer.headers["Location"]))
    with reading() as session:
        made = session.scalars(select(Voucher.created_at)).all()
    counter.clock.at = max(counter.clock.at, *made) + timedelta(hours=25)
    for _ in range(2):
        give_up_unpaid_vouchers()
    with reading() as session:
        states = session.scalars(select(Voucher.state).order_by(Voucher.id)).all()
    assert states == ["ended", "active"]
