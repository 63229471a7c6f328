"""Bank debits that take days and come back, and payments that their holders contest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, RefundReason, RefundWay
from shop.orders.errors import RefundRefused
from shop.orders.models import Dispute, Order, Payment
from shop.orders.queries import accounts
from shop.orders.queries import refunds as left
from shop.orders.services import refunds
from shop.orders.services.fulfilment import Picked
from tests.factories.fulfilment import CLOSED_AT, buy, close, hand_over, set_fees
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker import disputes as work

ARRIVES = "FR14 2004 1010 0505 0001 3M02 606"
FAILS = "FR84 2004 1010 0505 0001 3M02 607"
COMES_BACK = "FR57 2004 1010 0505 0001 3M02 608"
CONTESTED = "4000000000000259"


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
def customer(shop: Flask, scene: Scene) -> Customer:
    return Customer(shop.test_client(), scene)


def by_debit(customer: Customer, counter: Counter, iban: str) -> int:
    """Order, choose the bank debit, give the mandate, get the goods: 42.32 € are asked for."""
    customer.order(chicken=1, honey=2)
    with reading() as session:
        order = session.scalars(select(Order).order_by(Order.id.desc())).first()
    assert order is not None
    path = f"/orders/{order.token}/pay"
    assert customer.post(f"{path}/by", way="debit").status_code == 303
    page = customer.get(path).text
    address = page.split('href="http://simulator.test')[1].split('"')[0].replace("&amp;", "&")
    counter.pay_by_debit(f"http://simulator.test{address}", iban)
    counter.deliver(customer.client)
    dispatch.drain()
    assert standing(order.id) == ("placed", ["canceled", "card_kept"])
    deliver(customer.scene, order.id)
    return order.id


def deliver(scene: Scene, order_id: int) -> None:
    with unit_of_work() as session:
        close(session, scene)
        picked = {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)}
        assert hand_over(session, scene, order_id, picked).final_cents == 4232
    dispatch.drain()


def standing(order_id: int) -> tuple[str, list[str]]:
    with reading() as session:
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        states = session.scalars(
            select(Payment.state).where(Payment.order_id == order_id).order_by(Payment.id)
        ).all()
        return session.get_one(Order, order_id).state, list(states)


def balance(kind: AccountKind, owner_id: int | None = None) -> int:
    with reading() as session:
        return accounts.balance(session, kind, owner_id).cents


def listen(counter: Counter, customer: Customer) -> None:
    counter.deliver(customer.client)
    dispatch.drain()


def letters(counter: Counter, start: str) -> list[str]:
    return [
        letter.text for key, letter in counter.mailer.letters.items() if key[1:].startswith(start)
    ]


def test_a_debit_takes_days_and_the_order_is_settled_when_the_bank_has_answered(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = by_debit(customer, counter, ARRIVES)
    assert standing(order_id) == ("fulfilled", ["canceled", "processing"])
    assert balance(AccountKind.PROVIDER) == 0
    assert balance(AccountKind.CUSTOMER, order_id) == 4232
    counter.wait(days=6)
    work.refresh_debits()
    work.refresh_debits()
    listen(counter, customer)
    assert standing(order_id) == ("settled", ["canceled", "captured"])
    assert balance(AccountKind.PROVIDER) == 4232


def test_a_debit_that_fails_sends_the_customer_a_link_to_pay_by_card(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = by_debit(customer, counter, FAILS)
    counter.wait(days=6)
    listen(counter, customer)
    assert standing(order_id) == ("fulfilled", ["canceled", "failed"])
    assert balance(AccountKind.CUSTOMER, order_id) == 4232
    (letter,) = letters(counter, "payment-owed.")
    path = next(word for word in letter.split() if word.endswith("/owed"))
    answer = customer.post(path.removeprefix(f"http://localhost{customer.root}"))
    counter.pay(answer.headers["Location"])
    listen(counter, customer)
    assert standing(order_id) == ("settled", ["canceled", "failed", "captured"])


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_debit_that_is_sent_back_opens_the_order_again_and_is_paid_once_more(
    customer: Customer, counter: Counter, scene: Scene, by_hand: bool
) -> None:
    order_id = by_debit(customer, counter, ARRIVES if by_hand else COMES_BACK)
    counter.wait(days=6)
    listen(counter, customer)
    if by_hand:
        assert standing(order_id) == ("settled", ["canceled", "captured"])
        with reading() as session:
            taken = session.scalars(
                select(Payment.taken_ref).where(Payment.taken_ref.is_not(None))
            ).one()
        counter.do("send_back", str(taken))
        listen(counter, customer)
    assert standing(order_id) == ("fulfilled", ["canceled", "returned"])
    assert balance(AccountKind.PROVIDER) == 0
    assert balance(AccountKind.CUSTOMER, order_id) == 4232
    (letter,) = letters(counter, "payment-owed.")
    assert "renvoyé" in letter or "sent back" in letter
    path = next(word for word in letter.split() if word.endswith("/owed"))
    answer = customer.post(path.removeprefix(f"http://localhost{customer.root}"))
    counter.pay(answer.headers["Location"])
    listen(counter, customer)
    assert standing(order_id) == ("settled", ["canceled", "returned", "captured"])
    assert balance(AccountKind.PROVIDER) == 4232
    assert balance(AccountKind.CUSTOMER, order_id) == 0


@pytest.mark.parametrize(
    ("end", "state", "provider", "platform"), [("win", "won", 4232, 0), ("lose", "lost", 0, 4232)]
)
def test_a_contested_card_payment_is_followed_to_its_end(
    customer: Customer,
    counter: Counter,
    scene: Scene,
    end: str,
    state: str,
    provider: int,
    platform: int,
) -> None:
    order_id = buy(customer, counter, card=CONTESTED, chicken=1, honey=2)
    deliver(scene, order_id)
    before = balance(AccountKind.PLATFORM)
    counter.bench.turn(webhooks_double=True, webhooks_reverse=True)
    counter.wait(minutes=1)
    listen(counter, customer)
    with reading() as session:
        dispute = session.scalars(select(Dispute)).one()
        assert (dispute.state, dispute.amount_cents) == ("open", 4232)
        assert dispute.evidence_by is not None
        intent_id = session.scalars(select(Payment.intent_id)).one()
    assert standing(order_id) == ("settled", ["captured"])
    assert balance(AccountKind.PROVIDER) == 0
    assert balance(AccountKind.DISPUTED, order_id) == 4232
    with reading() as session:
        wish = refunds.whole(left.left(session, order_id), RefundReason.LATE, RefundWay.CARD)
    with unit_of_work() as session, pytest.raises(RefundRefused):
        refunds.ask(session, order_id, wish, key="no", at=CLOSED_AT)
    counter.bench.turn(webhooks_lose=-1)
    counter.do(end, str(intent_id))
    work.refresh_open_disputes()
    work.refresh_open_disputes()
    with reading() as session:
        assert session.scalars(select(Dispute.state)).one() == state
        assert accounts.balance(session, AccountKind.DISPUTED, order_id) == Money.zero()
    assert standing(order_id) == ("settled", ["captured"])
    assert balance(AccountKind.PROVIDER) == provider
    assert balance(AccountKind.PLATFORM) - before == platform
