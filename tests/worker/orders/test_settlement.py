"""Money is taken once for what was delivered, wherever the worker was cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.infra.outbox import OutboxMessage
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, OperationKind, OperationState, ShortageReason
from shop.orders.models import LedgerEntry, Order, Payment, PaymentOperation
from shop.orders.ports import CaptureRequest, KeptMethodCharge
from shop.orders.queries import accounts
from shop.orders.services import settlement
from shop.orders.services.fulfilment import Picked
from shop.orders.services.settlement import MoneyCall
from tests.factories.fulfilment import (
    CLOSED_AT,
    Delivered,
    buy,
    close,
    deliver_late,
    hand_over,
    set_fees,
)
from tests.factories.orders import NOW, Scene, make_scene
from tests.factories.paying import ASKS, Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker.settlement import capture_payment, refresh_owed_payments

KEPT_THEN_DECLINED = "4000000000000341"


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


def kept_late(scene: Scene) -> None:
    with unit_of_work() as session:
        deliver_late(session, scene)


def delivered(
    scene: Scene, order_id: int, picked: dict[str, Picked], *, refused: bool = False
) -> Delivered:
    with unit_of_work() as session:
        close(session, scene)
        return hand_over(session, scene, order_id, picked, refused=refused)


def weighed(scene: Scene, order_id: int) -> Delivered:
    """1.234 kg of chicken at 18.90 and two pots of honey at 9.50."""
    made = delivered(scene, order_id, {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)})
    assert made.final_cents == 2332 + 1900
    return made


@dataclass(frozen=True)
class Standing:
    """Where an order and its payments stand."""

    order: str
    payments: list[str]
    captured: int

    @classmethod
    def of(cls, order_id: int) -> Standing:
        with reading() as session:
            rows = session.execute(
                select(Payment.state, Payment.captured_cents)
                .where(Payment.order_id == order_id)
                .order_by(Payment.id)
            ).all()
            return cls(
                session.get_one(Order, order_id).state,
                [row.state for row in rows],
                sum(row.captured_cents for row in rows),
            )


def taken_at_provider(counter: Counter) -> list[int]:
    """What the provider really took, capture by capture, in cents."""
    seen = {}
    for event in counter.gateway.events_since(NOW - timedelta(days=1)):
        if event.kind == "payment_intent.succeeded":
            view = counter.gateway.payment(event.object_id)
            seen[view.id] = view.received.cents
    return list(seen.values())


def books_are_sound(order_id: int, cents: int) -> None:
    with reading() as session:
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
        assert accounts.balance(session, AccountKind.PROVIDER) == Money(cents)
        assert accounts.balance(session, AccountKind.CUSTOMER, order_id) == Money.zero()
        sales = session.scalar(
            select(func.count()).where(LedgerEntry.kind == "sale", LedgerEntry.order_id == order_id)
        )
        assert sales == 1


def letters_about(counter: Counter, start: str) -> list[str]:
    return [
        letter.text for key, letter in counter.mailer.letters.items() if key[1:].startswith(start)
    ]


def prepared(order_id: int) -> MoneyCall:
    with unit_of_work() as session:
        call = settlement.prepare(session, order_id, at=CLOSED_AT)
    assert call is not None
    return call


def cut_before_noting(counter: Counter, order_id: int) -> None:
    with suppress(PowerCut), unit_of_work() as session:
        settlement.prepare(session, order_id, at=CLOSED_AT)
        raise PowerCut


def cut_after_noting(counter: Counter, order_id: int) -> None:
    prepared(order_id)


def cut_before_the_call(counter: Counter, order_id: int) -> None:
    counter.bench.turn(outage=True)
    with pytest.raises(GatewayUnavailable):
        capture_payment(order_id)
    counter.bench.turn(outage=False)


def cut_before_the_answer(counter: Counter, order_id: int) -> None:
    counter.bench.turn(lose_answers=1)
    with pytest.raises(GatewayUnavailable):
        capture_payment(order_id)


def cut_after_the_call(counter: Counter, order_id: int) -> None:
    _call(counter, prepared(order_id))


def cut_after_the_call_and_resumed_after_two_days(counter: Counter, order_id: int) -> None:
    """The provider has forgotten the key by then: our mark on the payment is found instead."""
    cut_after_the_call(counter, order_id)
    counter.wait(days=2)


def cut_while_recording(counter: Counter, order_id: int) -> None:
    call = prepared(order_id)
    outcome = _call(counter, call)
    with suppress(PowerCut), unit_of_work() as session:
        settlement.record(session, call, outcome, at=CLOSED_AT)
        raise PowerCut


def cut_after_recording(counter: Counter, order_id: int) -> None:
    capture_payment(order_id)


def cut_after_the_call_and_its_message_came_first(counter: Counter, order_id: int) -> None:
    _call(counter, prepared(order_id))
    counter.deliver(counter.app.test_client())


def marked(call: MoneyCall) -> dict[str, str]:
    return {"order": call.order_number, "payment": str(call.payment_id)}


def _call(counter: Counter, call: MoneyCall):  # type: ignore[no-untyped-def]
    if call.kind is OperationKind.CAPTURE:
        assert call.intent_id is not None
        return counter.gateway.capture(
            CaptureRequest(call.key, call.intent_id, call.amount, metadata=marked(call))
        )
    return counter.gateway.charge_kept(
        KeptMethodCharge(
            key=call.key,
            amount=call.amount,
            customer_id=call.customer_id or "",
            method_id=call.method_id or "",
            metadata=marked(call),
            description=call.order_number,
            transfer_group=call.order_number,
        )
    )


Cut = Callable[[Counter, int], None]
CUTS = [
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


@pytest.mark.parametrize("keeps", [False, True], ids=["held", "kept"])
@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.__name__)
def test_a_capture_that_was_cut_anywhere_is_resumed_and_done_once(
    customer: Customer, counter: Counter, scene: Scene, cut: Cut, keeps: bool
) -> None:
    if keeps:
        kept_late(scene)
    order_id = buy(customer, counter, chicken=1, honey=2)
    made = weighed(scene, order_id)
    cut(counter, order_id)
    dispatch.drain()
    capture_payment(order_id)
    counter.deliver(customer.client)
    dispatch.drain()
    assert Standing.of(order_id) == Standing("settled", ["captured"], made.final_cents)
    assert taken_at_provider(counter) == [made.final_cents]
    books_are_sound(order_id, made.final_cents)
    with reading() as session:
        calls = session.execute(
            select(
                PaymentOperation.kind, PaymentOperation.state, PaymentOperation.amount_cents
            ).where(PaymentOperation.kind != OperationKind.CREATE)
        ).all()
    kind = OperationKind.CHARGE if keeps else OperationKind.CAPTURE
    assert [tuple(call) for call in calls] == [(kind, OperationState.DONE, made.final_cents)]
    assert len(letters_about(counter, "capture-receipt.")) == 1


def test_never_more_than_announced_however_heavy(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=1)
    made = delivered(scene, order_id, {"chicken": Picked(1, weight_g=2400)})
    assert made.final_cents == 2608 + 950
    dispatch.drain()
    assert Standing.of(order_id) == Standing("settled", ["captured"], 3558)
    with reading() as session:
        payment = session.scalars(select(Payment)).one()
        assert payment.captured_cents <= payment.authorized_cents <= payment.ceiling_cents
    books_are_sound(order_id, 3558)


@pytest.mark.parametrize("keeps", [False, True], ids=["held", "kept"])
def test_what_was_refused_at_the_door_costs_nothing(
    customer: Customer, counter: Counter, scene: Scene, keeps: bool
) -> None:
    if keeps:
        kept_late(scene)
    order_id = buy(customer, counter, chicken=1, honey=2)
    assert delivered(scene, order_id, {}, refused=True).final_cents == 0
    dispatch.drain()
    capture_payment(order_id)
    counter.deliver(customer.client)
    dispatch.drain()
    assert Standing.of(order_id) == Standing("settled", ["canceled"], 0)
    assert taken_at_provider(counter) == []
    books_are_sound(order_id, 0)
    (letter,) = letters_about(counter, "capture-receipt.")
    assert "rien n’est débité" in letter or "nothing is charged" in letter


def test_a_hold_that_ended_before_we_noted_it_settles_an_order_of_nothing(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    delivered(scene, order_id, {}, refused=True)
    call = prepared(order_id)
    assert call.intent_id is not None
    counter.gateway.cancel(call.intent_id, call.key)
    counter.deliver(customer.client)
    dispatch.drain()
    assert Standing.of(order_id).order == "settled"
    books_are_sound(order_id, 0)


def test_a_refused_charge_leaves_the_order_delivered_and_unpaid_with_a_link_to_pay(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    kept_late(scene)
    order_id = buy(customer, counter, card=KEPT_THEN_DECLINED, chicken=1, honey=2)
    made = weighed(scene, order_id)
    dispatch.drain()
    capture_payment(order_id)
    dispatch.drain()
    assert Standing.of(order_id) == Standing("fulfilled", ["failed"], 0)
    with reading() as session:
        owed = accounts.balance(session, AccountKind.CUSTOMER, order_id)
        assert owed == Money(made.final_cents)
        assert [proof for proof in accounts.prove(session) if not proof.holds] == []
    (letter,) = letters_about(counter, "payment-owed.")
    address = next(word for word in letter.split() if word.endswith("/owed"))
    pay_it(customer, counter, address.removeprefix("http://localhost"))
    assert Standing.of(order_id) == Standing("settled", ["failed", "captured"], made.final_cents)
    books_are_sound(order_id, made.final_cents)
    assert taken_at_provider(counter) == [made.final_cents]


def pay_it(
    customer: Customer, counter: Counter, path: str, *, card: str = "4242424242424242"
) -> None:
    page = customer.client.get(path)
    assert page.status_code == 200
    answer = customer.post(path.removeprefix(customer.root))
    assert answer.status_code == 303
    back = counter.pay(answer.headers["Location"], card)
    if card == ASKS:
        counter.answer_bank(back)
    counter.deliver(customer.client)
    dispatch.drain()


def test_a_bank_that_wants_to_see_its_customer_gets_them_by_mail(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    kept_late(scene)
    order_id = buy(customer, counter, card=ASKS, asked=True, chicken=1, honey=2)
    made = weighed(scene, order_id)
    dispatch.drain()
    capture_payment(order_id)
    assert Standing.of(order_id) == Standing("fulfilled", ["failed", "created"], 0)
    (letter,) = letters_about(counter, "payment-owed.")
    with reading() as session:
        waiting = session.scalars(
            select(Payment).where(Payment.state == "created", Payment.order_id == order_id)
        ).one()
        assert waiting.intent_id is not None
        assert counter.gateway.payment(waiting.intent_id).amount == Money(made.final_cents)
    address = next(word for word in letter.split() if word.endswith("/owed"))
    pay_it(customer, counter, address.removeprefix("http://localhost"), card=ASKS)
    assert Standing.of(order_id) == Standing("settled", ["failed", "captured"], made.final_cents)
    assert taken_at_provider(counter) == [made.final_cents]
    books_are_sound(order_id, made.final_cents)


def test_what_is_paid_late_is_seen_by_the_clock_when_the_message_is_lost(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    kept_late(scene)
    order_id = buy(customer, counter, card=KEPT_THEN_DECLINED, chicken=1, honey=2)
    made = weighed(scene, order_id)
    dispatch.drain()
    counter.bench.turn(webhooks_lose=-1)
    with reading() as session:
        token = session.get_one(Order, order_id).token
    pay_it(customer, counter, f"{customer.root}/orders/{token}/owed")
    assert Standing.of(order_id).order == "fulfilled"
    refresh_owed_payments()
    refresh_owed_payments()
    dispatch.drain()
    assert Standing.of(order_id) == Standing("settled", ["failed", "captured"], made.final_cents)


def test_a_hold_that_lapsed_is_refused_and_asked_for_again(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    weighed(scene, order_id)
    counter.wait(days=9)
    dispatch.drain()
    assert Standing.of(order_id) == Standing("fulfilled", ["failed"], 0)
    assert len(letters_about(counter, "payment-owed.")) == 1


def test_the_receipt_says_what_was_weighed_what_lacked_and_what_was_paid(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    customer.client.set_cookie("language", "en")
    order_id = buy(customer, counter, chicken=1, honey=2, yogurt=3)
    delivered(
        scene,
        order_id,
        {
            "chicken": Picked(1, weight_g=1234),
            "honey": Picked(0, reason=ShortageReason.DAMAGED),
            "yogurt": Picked(3),
        },
    )
    dispatch.drain()
    (letter,) = letters_about(counter, "capture-receipt.")
    for words in (
        "Poulet fermier: 1\u00a0piece, 1.234\u00a0kg × €18.90/kg – €23.32",
        "Miel de lavande: none of 2\u00a0pieces",
        "Yaourt de brebis: 3\u00a0pieces – €9.60",
        "Deposits, given back with the containers: €0.60",
        "Delivered: €33.52",
        "Paid by card: €33.52",
        "Your card was charged €33.52.",
    ):
        assert words in letter


def test_one_delivery_asks_for_its_money_once(
    customer: Customer, counter: Counter, scene: Scene
) -> None:
    order_id = buy(customer, counter, chicken=1, honey=2)
    weighed(scene, order_id)
    with reading() as session:
        asked = session.scalars(
            select(OutboxMessage.key).where(OutboxMessage.topic == "orders.capture_payment")
        ).all()
    assert asked == [f"capture:{order_id}"]
