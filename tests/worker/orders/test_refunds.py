"""Money is given back once for what was wrong, wherever the worker was cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.infra.outbox import OutboxMessage
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, RefundReason, RefundWay
from shop.orders.errors import RefundRefused, RefundTooLarge
from shop.orders.models import Order, OrderLine, Payment, Refund
from shop.orders.queries import accounts
from shop.orders.queries import refunds as queries
from shop.orders.services import refunds
from shop.orders.services.fulfilment import Picked
from shop.orders.services.refunds import RefundCall, Wish
from tests.factories.fulfilment import CLOSED_AT, buy, close, hand_over, set_fees
from tests.factories.orders import Scene, make_person, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker.refunds import give_back

AT = CLOSED_AT + timedelta(days=3)
REFUND_FAILS = "4000000000005126"
REFUND_LATER = "4000000000007726"


class PowerCut(RuntimeError):
    """The worker dies here."""


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


def settled(customer: Customer, counter: Counter, card: str = "4242424242424242") -> int:
    """1.234 kg of chicken for 23.32 €, two pots of honey for 19.00 €: paid."""
    order_id = buy(customer, counter, card=card, chicken=1, honey=2)
    with unit_of_work() as session:
        close(session, customer.scene)
        picked = {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)}
        assert hand_over(session, customer.scene, order_id, picked).final_cents == 4232
    dispatch.drain()
    return order_id


def lines(scene: Scene, order_id: int) -> dict[str, int]:
    names = {offer: name for name, offer in scene.offers.items()}
    with reading() as session:
        rows = session.execute(
            select(OrderLine.offer_id, OrderLine.id).where(OrderLine.order_id == order_id)
        )
        return {names[row.offer_id]: row.id for row in rows}


def wish(scene: Scene, order_id: int, way: RefundWay = RefundWay.CARD, **cents: int) -> Wish:
    known = lines(scene, order_id)
    return Wish(
        reason=RefundReason.DAMAGED,
        way=way,
        lines={known[name]: Money(amount) for name, amount in cents.items()},
        note="Un pot cassé",
    )


def ask(order_id: int, wanted: Wish, key: str = "once") -> int:
    with unit_of_work() as session:
        return refunds.ask(session, order_id, wanted, key=key, at=AT)


def standing(order_id: int) -> tuple[list[str], int]:
    with reading() as session:
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        states = session.scalars(select(Refund.state).order_by(Refund.id)).all()
        given = session.scalars(
            select(Payment.refunded_cents).where(
                Payment.order_id == order_id, Payment.state == "captured"
            )
        ).one()
        return list(states), given


def given_at_provider(counter: Counter, order_id: int) -> int:
    with reading() as session:
        intent_id = session.scalars(
            select(Payment.intent_id).where(
                Payment.order_id == order_id, Payment.state == "captured"
            )
        ).one()
    assert intent_id is not None
    return counter.gateway.payment(intent_id).refunded.cents


def balance(kind: AccountKind, owner_id: int | None = None) -> int:
    with reading() as session:
        return accounts.balance(session, kind, owner_id).cents


def prepared(refund_id: int) -> RefundCall:
    with unit_of_work() as session:
        call = refunds.prepare(session, refund_id, AT)
    assert call is not None
    return call


def cut_before_noting(counter: Counter, refund_id: int) -> None:
    with suppress(PowerCut), unit_of_work() as session:
        refunds.prepare(session, refund_id, AT)
        raise PowerCut


def cut_after_noting(counter: Counter, refund_id: int) -> None:
    prepared(refund_id)


def cut_before_the_call(counter: Counter, refund_id: int) -> None:
    counter.bench.turn(outage=True)
    with pytest.raises(GatewayUnavailable):
        give_back(refund_id)
    counter.bench.turn(outage=False)


def cut_before_the_answer(counter: Counter, refund_id: int) -> None:
    counter.bench.turn(lose_answers=1)
    with pytest.raises(GatewayUnavailable):
        give_back(refund_id)


def cut_after_the_call(counter: Counter, refund_id: int) -> None:
    counter.gateway.refund(prepared(refund_id).request)


def cut_after_the_call_and_resumed_after_two_days(counter: Counter, refund_id: int) -> None:
    cut_after_the_call(counter, refund_id)
    counter.wait(days=2)


def cut_while_recording(counter: Counter, refund_id: int) -> None:
    seen = counter.gateway.refund(prepared(refund_id).request)
    with suppress(PowerCut), unit_of_work() as session:
        refunds.record(session, refund_id, seen, AT)
        raise PowerCut


def cut_after_recording(counter: Counter, refund_id: int) -> None:
    give_back(refund_id)


def cut_after_the_call_and_its_message_came_first(counter: Counter, refund_id: int) -> None:
    cut_after_the_call(counter, refund_id)
    counter.deliver(counter.app.test_client())


CUTS: list[Callable[[Counter, int], None]] = [
    cut_before_noting,
    cut_after_noting,
    cut_before_the_call,
    cut_before_the_answer,
    cut_after_the_call,
    cut_after_the_call_and_resumed_after_two_days,
    cut_while_recording,
    cut_after_recording,
    cut_after_the_call_and_its_message_came_first,
]


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.__name__)
def test_a_refund_that_was_cut_anywhere_is_resumed_and_given_once(
    customer: Customer, counter: Counter, scene: Scene, cut: Callable[[Counter, int], None]
) -> None:
    order_id = settled(customer, counter)
    refund_id = ask(order_id, wish(scene, order_id, honey=950))
    cut(counter, refund_id)
    dispatch.drain()
    give_back(refund_id)
    counter.deliver(customer.client)
    dispatch.drain()
    assert standing(order_id) == (["done"], 950)
    assert given_at_provider(counter, order_id) == 950
    assert balance(AccountKind.PROVIDER) == 4232 - 950
    letters = [key for key in counter.mailer.letters if "order-refunded" in key]
    assert len(letters) == 1
    assert "Un pot cassé" in counter.mailer.letters[letters[0]].text


def test_the_producer_and_the_fees_give_their_parts_back_to_the_cent(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter)
    bees = scene.producers[1]
    assert balance(AccountKind.PRODUCER, bees) == -(1900 - 38 - 285)
    for number, cents in enumerate((333, 617, 950)):
        ask(order_id, wish(scene, order_id, honey=cents), key=f"step {number}")
        dispatch.drain()
    assert standing(order_id) == (["done"] * 3, 1900)
    assert balance(AccountKind.PRODUCER, bees) == 0
    assert balance(AccountKind.PLATFORM) == -47
    assert balance(AccountKind.MARKET, scene.market.id) == -350
    assert balance(AccountKind.PRODUCER, scene.producers[0]) == -(2332 - 47 - 350)


def test_a_whole_order_is_given_back_and_nothing_is_left_on_any_account(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter)
    with unit_of_work() as session:
        everything = refunds.whole(
            queries.left(session, order_id), RefundReason.LATE, RefundWay.CARD
        )
        refunds.ask(session, order_id, everything, key="all", at=AT)
    dispatch.drain()
    assert standing(order_id) == (["done"], 4232)
    with reading() as session:
        for kind in AccountKind:
            assert all(not amount for amount in accounts.balances(session, kind).values())


def test_no_more_is_given_back_than_was_billed_or_is_left(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter)
    with pytest.raises(RefundTooLarge):
        ask(order_id, wish(scene, order_id, honey=1901))
    ask(order_id, wish(scene, order_id, honey=1000), key="first")
    with pytest.raises(RefundTooLarge) as refused:
        ask(order_id, wish(scene, order_id, honey=901), key="second")
    assert refused.value.facts["left"] == 900
    with pytest.raises(RefundTooLarge):
        ask(order_id, wish(scene, order_id, honey=-1), key="third")
    dispatch.drain()
    assert standing(order_id) == (["done"], 1000)


def test_the_same_button_pressed_twice_is_one_refund(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter)
    wanted = wish(scene, order_id, honey=950)
    assert ask(order_id, wanted, key="button") == ask(order_id, wanted, key="button")
    dispatch.drain()
    assert standing(order_id) == (["done"], 950)


def test_an_order_that_is_not_paid_gives_nothing_back(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    with pytest.raises(RefundRefused):
        ask(order_id, wish(scene, order_id, honey=1))


def test_credit_is_given_at_once_to_a_person_with_an_account_only(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter)
    with pytest.raises(RefundRefused):
        ask(order_id, wish(scene, order_id, RefundWay.CREDIT, honey=950))
    with unit_of_work() as session:
        person_id = make_person(session)
        session.execute(update(Order).where(Order.id == order_id).values(person_id=person_id))
    ask(order_id, wish(scene, order_id, RefundWay.CREDIT, honey=950))
    assert standing(order_id) == (["done"], 0)
    assert balance(AccountKind.CREDIT, person_id) == -950
    assert balance(AccountKind.PROVIDER) == 4232
    assert given_at_provider(counter, order_id) == 0


def test_a_refund_that_the_bank_sends_back_is_taken_out_of_the_books_again(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter, REFUND_FAILS)
    ask(order_id, wish(scene, order_id, honey=950))
    dispatch.drain()
    assert standing(order_id) == (["done"], 950)
    counter.wait(days=2)
    counter.deliver(customer.client)
    dispatch.drain()
    assert standing(order_id) == (["refused"], 0)
    assert balance(AccountKind.PROVIDER) == 4232
    assert balance(AccountKind.PRODUCER, scene.producers[1]) == -(1900 - 38 - 285)
    ask(order_id, wish(scene, order_id, honey=1900), key="again")


def test_a_refund_that_the_provider_refuses_changes_nothing(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter)
    refund_id = ask(order_id, wish(scene, order_id, honey=950))
    with reading() as session:
        intent_id = session.scalars(select(Payment.intent_id)).one()
    with counter.bench.simulator.desk.books() as books:
        intent = books.find(str(intent_id))
        assert intent is not None
        charge = books.find(intent["latest_charge"])
        assert charge is not None
        books.save(charge | {"disputed": True})
    dispatch.drain()
    assert standing(order_id) == (["refused"], 0)
    with reading() as session:
        assert session.get_one(Refund, refund_id).error == "charge_disputed"


def test_a_refund_is_announced_to_whoever_listens(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = settled(customer, counter)
    refund_id = ask(order_id, wish(scene, order_id, honey=950))
    dispatch.drain()
    with reading() as session:
        told = session.execute(
            select(OutboxMessage.topic, OutboxMessage.payload).where(
                OutboxMessage.topic.in_(("orders.settled", "orders.refunded"))
            )
        ).all()
    assert sorted(tuple(row) for row in told) == [
        ("orders.refunded", {"order_id": order_id, "refund_id": refund_id}),
        ("orders.settled", {"order_id": order_id, "nth": 1}),
    ]
