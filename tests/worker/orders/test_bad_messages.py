"""What claims to come from the provider and is not what it seems: refused, logged, harmless."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.infra.inbox import InboxMessage
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.models import LedgerEntry, Order, Payment
from shop.orders.ports import ForeignCurrency, KeyReused, PaymentRequest
from shop.orders.queries import accounts
from shop.simulators.stripe.delivery import sign
from tests.factories.fulfilment import buy
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch


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


def everything() -> tuple[list[str], list[tuple[str, int]], int]:
    """States of orders and payments, and how many entries the ledger has."""
    with reading() as session:
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        rows = session.execute(select(Payment.state, Payment.captured_cents).order_by(Payment.id))
        return (
            list(session.scalars(select(Order.state).order_by(Order.id))),
            [(row.state, row.captured_cents) for row in rows],
            session.scalar(select(func.count()).select_from(LedgerEntry)) or 0,
        )


def post(customer: Customer, payload: bytes, signature: str) -> int:
    answer = customer.client.post(
        "/hooks/stripe", data=payload, headers={"Stripe-Signature": signature}
    )
    return answer.status_code


def forged(counter: Counter, payload: bytes) -> str:
    return sign(payload, "whsec_somebody_else", counter.clock.now())


def old(counter: Counter, payload: bytes) -> str:
    secret = counter.bench.simulator.config.webhook_secret
    return sign(payload, secret, counter.clock.now() - timedelta(minutes=6))


def from_tomorrow(counter: Counter, payload: bytes) -> str:
    secret = counter.bench.simulator.config.webhook_secret
    return sign(payload, secret, counter.clock.now() + timedelta(minutes=6))


def none(counter: Counter, payload: bytes) -> str:
    return ""


@pytest.mark.parametrize("signature", [forged, old, from_tomorrow, none])
def test_a_message_without_a_sound_signature_of_now_is_not_kept(
    customer: Customer,
    counter: Counter,
    signature: Callable[[Counter, bytes], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    counter.pay(customer.order(chicken=1))
    before = everything()
    (letter, *_rest) = counter.bench.webhooks()
    assert post(customer, letter.payload, signature(counter, letter.payload)) == 400
    dispatch.drain()
    assert everything() == before
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(InboxMessage)) == 0
    assert "event_refused" in capsys.readouterr().out


def about(**thing: Any) -> bytes:
    event = {
        "id": "evt_strange",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1_795_000_000,
        "type": "payment_intent.succeeded",
        "data": {"object": {"object": "payment_intent", "metadata": {}, **thing}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
    }
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    "payload",
    [
        about(id="pi_nobody_knows", amount=1, currency="eur"),
        b'{"id": "evt_1", "object": "event"}',
        b"[]",
        b"not json",
    ],
    ids=["unknown intent", "half an event", "a list", "no json"],
)
def test_a_signed_message_about_nothing_we_know_changes_nothing(
    customer: Customer, counter: Counter, payload: bytes
) -> None:
    counter.pay(customer.order(chicken=1))
    before = everything()
    assert post(customer, payload, counter.bench.sign(payload)) in (200, 400)
    dispatch.drain()
    assert everything() == before


def test_a_message_that_lies_about_state_and_amount_only_makes_us_look(
    customer: Customer, counter: Counter
) -> None:
    customer.order(chicken=1)
    with reading() as session:
        intent_id = session.scalars(select(Payment.intent_id)).one()
    before = everything()
    payload = about(id=intent_id, status="succeeded", amount=1, currency="usd", amount_received=1)
    assert post(customer, payload, counter.bench.sign(payload)) == 200
    dispatch.drain()
    assert everything() == before == (["awaiting_payment"], [("created", 0)], 0)


def test_money_in_another_currency_pays_nothing(customer: Customer, counter: Counter) -> None:
    counter.pay(customer.order(chicken=1))
    with reading() as session:
        intent_id = str(session.scalars(select(Payment.intent_id)).one())
    with counter.bench.simulator.desk.books() as books:
        intent = books.find(intent_id)
        assert intent is not None
        books.save(intent | {"currency": "usd"})
    before = everything()
    with pytest.raises(ForeignCurrency):
        counter.gateway.payment(intent_id)
    counter.deliver(customer.client)
    dispatch.drain()
    assert everything() == before


def test_a_key_that_was_used_with_another_body_moves_no_money(
    customer: Customer, counter: Counter
) -> None:
    order_id = buy(customer, counter, chicken=1)
    with reading() as session:
        order = session.get_one(Order, order_id)
        payment = session.scalars(select(Payment)).one()
        key = f"{order.token}-{payment.id}-create"
    with pytest.raises(KeyReused):
        counter.gateway.open_payment(PaymentRequest(key, Money(1)))
    assert counter.gateway.payment(str(payment.intent_id)).capturable == Money(2608)
