"""Whatever happens in whatever order: the books prove themselves, nobody pays twice or too much."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import stripe
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, update
from sqlalchemy.orm import sessionmaker

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.adapters.stripe_gateway import API_VERSION
from shop.catalog.models import DeliverySlot
from shop.infra import outbox
from shop.infra.outbox import OutboxMessage
from shop.infra.unit_of_work import Questions, Sessions, reading, unit_of_work
from shop.kernel.errors import GatewayError, ShopError
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, RefundReason, RefundWay
from shop.orders.errors import OrderNotPayable
from shop.orders.models import Order, Payment
from shop.orders.queries import accounts, amendments
from shop.orders.queries import refunds as left
from shop.orders.services import owing, payments, refunds
from shop.orders.services.fulfilment import Picked
from shop.orders.services.refunds import Wish
from shop.orders.views import amending
from shop.orders.views.paying import open_payment
from tests.factories.fulfilment import close, deliver_late, hand_over, set_fees
from tests.factories.orders import NOW, Scene, make_order, make_scene
from tests.factories.paying import Counter, counter_of
from tests.harness.application import SESSIONS, engine_of
from worker import amending as changes
from worker import dispatch, disputes, orders, settlement
from worker import inbox as messages

CARDS = st.sampled_from(
    [
        "pm_card_visa",
        "pm_card_visa",
        "pm_card_visa",
        "pm_card_chargeDeclined",
        "pm_card_chargeCustomerFail",
        "pm_card_authenticationRequired",
        "pm_card_createDispute",
        "pm_card_refundFail",
    ]
)
SDK_KEY = "sk_sim_tests"


class Happenings(RuleBasedStateMachine):
    """One order, from its basket to the last dispute, with a provider that misbehaves."""

    counter: Counter
    scene: Scene
    late: Scene

    def __init__(self) -> None:
        super().__init__()
        self.connection = engine_of(self.counter.app).connect()
        self.outer = self.connection.begin()
        self.usual = self.counter.app.extensions[SESSIONS]
        taking_part: dict[str, Any] = {
            "bind": self.connection,
            "join_transaction_mode": "create_savepoint",
            "expire_on_commit": False,
        }
        self.counter.app.extensions[SESSIONS] = Sessions(
            writing=sessionmaker(**taking_part),
            reading=sessionmaker(class_=Questions, **taking_part),
        )
        self.counter.clock.at = NOW
        with self.counter.bench.simulator.store.transaction() as books:
            for table in ("things", "keys", "timers", "letters", "switches"):
                books.execute(f"DELETE FROM {table}")
        self.sdk = stripe.StripeClient(
            SDK_KEY, stripe_version=API_VERSION, http_client=self.counter.bench.http_client
        )
        self.letters: list[tuple[bytes, str]] = []
        self.highest = 0
        self.place = self.scene

    def teardown(self) -> None:
        try:
            if self.highest:
                self.calm_down()
        finally:
            self.counter.app.extensions[SESSIONS] = self.usual
            self.outer.rollback()
            self.connection.close()

    # what people do

    @initialize(
        late=st.booleans(),
        honey=st.integers(2, 4),
        card=CARDS,
        reached=st.sampled_from(["basket", "paid", "paid", "delivered", "settled", "settled"]),
    )
    def order(self, late: bool, honey: int, card: str, reached: str) -> None:
        """An order that has come so far without trouble, so that the rest may have some."""
        self.place = self.late if late else self.scene
        with unit_of_work() as session:
            made = make_order(session, self.place, {"chicken": 1, "honey": honey})
        self.order_id = made.order_id
        self.notice()
        if reached == "basket":
            return
        self.confirm(open_payment(self.order_id), card)
        self.time_passes_and_the_worker_works(0)
        if reached == "paid" or self.state() != "placed":
            return
        self.close_the_sale()
        self.weigh_and_deliver(1234, honey, refused=False)
        if reached == "settled":
            self.work()

    @precondition(lambda self: self.state() == "awaiting_payment")
    @rule(card=CARDS)
    def pay(self, card: str) -> None:
        with suppress(GatewayError, OrderNotPayable):
            self.confirm(open_payment(self.order_id), card)

    @precondition(lambda self: self.state() == "placed")
    @rule(chicken=st.integers(0, 2), honey=st.integers(0, 6), key=st.sampled_from(["a", "b", "c"]))
    def amend(self, chicken: int, honey: int, key: str) -> None:
        offers = self.place.offers
        wanted = {offers["chicken"]: chicken, offers["honey"]: honey}
        with suppress(ShopError):
            amending.ask(self.order_id, wanted, str(uuid.uuid5(uuid.NAMESPACE_DNS, key)))
        self.notice()

    @precondition(lambda self: self.waiting() is not None)
    @rule(card=CARDS)
    def confirm_change(self, card: str) -> None:
        waiting = self.waiting()
        assert waiting is not None
        with suppress(ShopError):
            self.confirm(amending.open_larger(waiting.payment_id, waiting.amendment_id), card)

    @precondition(lambda self: self.state() == "placed")
    @rule()
    def close_the_sale(self) -> None:
        with unit_of_work() as session, suppress(ShopError):
            close(session, self.place, at=self.counter.clock.at)

    @precondition(lambda self: self.state() == "firm")
    @rule(weight_g=st.integers(700, 2600), pots=st.integers(0, 4), refused=st.booleans())
    def weigh_and_deliver(self, weight_g: int, pots: int, refused: bool) -> None:
        with reading() as session:
            ordered = amendments.amounts(session, self.order_id)
        names = {offer: name for name, offer in self.place.offers.items()}
        picked = {
            names[offer]: (
                Picked(min(amount, 1), weight_g=weight_g)
                if names[offer] == "chicken"
                else Picked(min(amount, pots))
            )
            for offer, amount in ordered.items()
        }
        with unit_of_work() as session:
            hand_over(
                session,
                self.place,
                self.order_id,
                picked,
                at=self.counter.clock.at,
                refused=refused,
            )

    @precondition(lambda self: self.state() == "fulfilled")
    @rule(card=CARDS)
    def pay_what_is_owed(self, card: str) -> None:
        with suppress(GatewayError, OrderNotPayable):
            with unit_of_work() as session:
                opening = owing.prepare(session, self.order_id)
            secret = opening.client_secret
            if secret is None:
                seen = self.counter.gateway.open_payment(opening.payment)
                secret = seen.client_secret
                with unit_of_work() as session:
                    payments.record_opening(
                        session, opening.payment_id, seen, None, self.counter.clock.at
                    )
            self.confirm(secret, card)

    @precondition(lambda self: self.state() == "settled")
    @rule(percent=st.sampled_from([10, 50, 100, 101]), key=st.sampled_from(["r1", "r2", "r3"]))
    def refund(self, percent: int, key: str) -> None:
        with reading() as session:
            most = left.left(session, self.order_id)
        lines = {line.id: Money(line.left.cents * percent // 100) for line in most.lines}
        wish = Wish(RefundReason.DAMAGED, RefundWay.CARD, lines)
        with suppress(ShopError), unit_of_work() as session:
            refunds.ask(session, self.order_id, wish, key=key, at=self.counter.clock.at)

    # what the world does

    @rule(deed=st.sampled_from(["dispute", "win", "lose", "expire"]), which=st.integers(0, 5))
    def something_happens(self, deed: str, which: int) -> None:
        found = self.intents()
        if found:
            wanted = {"deed": deed, "id": found[which % len(found)]["id"]}
            self.counter.bench.browser.post("/_control/deeds", json=wanted)

    @rule(
        switch=st.sampled_from(
            [
                {"lose_answers": 1},
                {"decline_next": "insufficient_funds"},
                {"decline_next": "authentication_required"},
                {"outage": True},
                {"outage": False},
                {"holds_grow": False},
                {"hold_days": 2},
                {"webhooks_double": True},
            ]
        )
    )
    def the_provider_misbehaves(self, switch: dict[str, object]) -> None:
        self.counter.bench.turn(**switch)

    @rule(data=st.data(), again=st.booleans())
    def a_letter_arrives(self, data: st.DataObject, again: bool) -> None:
        self.fetch_letters()
        if not self.letters:
            return
        place = data.draw(st.integers(0, len(self.letters) - 1))
        self.hear(*self.letters[place])
        if not again:
            del self.letters[place]

    @rule()
    def a_letter_is_lost(self) -> None:
        self.fetch_letters()
        del self.letters[:1]

    @rule(hours=st.sampled_from([0, 0, 1, 20, 30]))
    def time_passes_and_the_worker_works(self, hours: int) -> None:
        self.counter.clock.at += timedelta(hours=hours)
        self.jobs()
        self.work()

    # what must hold

    @invariant()
    def the_books_prove_themselves(self) -> None:
        if not self.highest:
            return
        with reading() as session:
            wrong = [proof for proof in accounts.prove(session) if not proof.holds]
            noted = session.scalar(
                select(func.coalesce(func.sum(Payment.captured_cents), 0)).where(
                    Payment.order_id == self.order_id
                )
            )
        assert wrong == []
        taken = [intent for intent in self.intents() if intent["amount_received"]]
        assert int(noted or 0) <= sum(intent["amount_received"] for intent in taken)
        assert all(intent["amount_received"] <= self.highest for intent in taken)

    @invariant()
    def nobody_pays_twice(self) -> None:
        if not self.highest:
            return
        assert sum(self.kept_of(intent) for intent in self.intents()) <= self.highest

    # how

    def kept_of(self, intent: dict[str, object]) -> int:
        """What the shop has of a payment for good: taken, not given back, not voided."""
        with self.counter.bench.simulator.desk.books() as books:
            charge = books.find(str(intent["latest_charge"])) if intent["latest_charge"] else None
        if charge is None:
            return 0
        return int(charge["amount_captured"]) - int(charge["amount_refunded"])

    def intents(self) -> list[dict[str, object]]:
        with self.counter.bench.simulator.desk.books() as books:
            return list(books.all_of("payment_intent"))

    def state(self) -> str:
        if not self.highest:
            return ""
        with reading() as session:
            return str(session.scalars(select(Order.state)).one())

    def waiting(self) -> amendments.Waiting | None:
        if not self.highest:
            return None
        with reading() as session:
            return amendments.waiting(session, self.order_id)

    def notice(self) -> None:
        """The customer has seen this ceiling, and agreed to it."""
        with reading() as session:
            order = session.get_one(Order, self.order_id)
            self.highest = max(self.highest, order.ceiling_cents)
            waiting = amendments.waiting(session, self.order_id)
        if waiting is not None and waiting.ceiling is not None:
            self.highest = max(self.highest, waiting.ceiling.cents)

    def confirm(self, secret: str, card: str) -> None:
        thing_id = secret.partition("_secret_")[0]
        params = {"payment_method": card, "return_url": "https://exemple.fr/retour"}
        with suppress(stripe.StripeError):
            if thing_id.startswith("seti"):
                self.sdk.v1.setup_intents.confirm(thing_id, params)  # type: ignore[arg-type]
            else:
                self.sdk.v1.payment_intents.confirm(thing_id, params)  # type: ignore[arg-type]

    def fetch_letters(self) -> None:
        self.letters += [
            (letter.payload, letter.signature) for letter in self.counter.bench.webhooks()
        ]

    def hear(self, payload: bytes, signature: str) -> None:
        with suppress(GatewayError):
            event = self.counter.gateway.read_event(payload, signature)
            with unit_of_work() as session:
                payments.keep_event(session, event)
        self.work()

    def jobs(self) -> None:
        for job in (
            orders.refresh_pending_payments,
            orders.cancel_unpaid_orders,
            changes.lapse_amendments,
            changes.renew_reservations,
            settlement.refresh_owed_payments,
            disputes.refresh_open_disputes,
            messages.hear_lost_messages,
        ):
            job()

    def work(self) -> None:
        """Do what waits in the outbox once; letters to people are left out."""
        for _round in range(4):
            with unit_of_work() as session:
                session.execute(
                    update(OutboxMessage)
                    .where(OutboxMessage.topic.startswith("mail."))
                    .values(done_at=func.now())
                )
                waiting = outbox.due(session)
            if not waiting:
                return
            for message_id in waiting:
                dispatch.handle(message_id)

    def calm_down(self) -> None:
        """The provider is well again and the worker catches up: nothing is left hanging."""
        self.counter.bench.turn(
            outage=False, lose_answers=0, decline_next="", webhooks_lose=0, hold_days=7
        )
        for _round in range(3):
            self.counter.clock.at += timedelta(minutes=25)
            with unit_of_work() as session:
                outbox.replay(session)
            self.fetch_letters()
            for letter in self.letters:
                self.hear(*letter)
            self.letters.clear()
            self.jobs()
            self.work()
        self.the_books_prove_themselves()
        self.nobody_pays_twice()
        with reading() as session:
            provider = accounts.balance(session, AccountKind.PROVIDER).cents
            secured = session.scalars(
                select(Payment.intent_id).where(Payment.state == "authorized")
            ).all()
        here = sum(self.kept_of(intent) for intent in self.intents())
        with self.counter.bench.simulator.desk.books() as books:
            away = sum(
                int(dispute["amount"])
                for dispute in books.all_of("dispute")
                if dispute["status"] != "won"
            )
        assert provider == here - away
        held = {str(intent["id"]) for intent in self.intents() if intent["amount_capturable"]}
        assert held <= set(secured)
        assert self.state() != "awaiting_payment"


@pytest.fixture
def world(committed_app: Flask) -> Iterator[type[Happenings]]:
    """A provider and two scenes: delivery within the hold, and long after it."""
    with counter_of(committed_app) as counter, committed_app.app_context():
        with unit_of_work() as session:
            scenes = [make_scene(session), make_scene(session)]
            deliver_late(session, scenes[1])
            for scene in scenes:
                set_fees(session, scene)
                session.execute(
                    update(DeliverySlot)
                    .where(DeliverySlot.cycle_id == scene.cycle.id)
                    .values(cutoff_at=NOW + timedelta(days=2))
                )

        class Machine(Happenings):
            pass

        Machine.counter, Machine.scene, Machine.late = counter, scenes[0], scenes[1]
        yield Machine


def played(machine: type[Happenings], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
            # A failing run says every step it took; making it shorter would take minutes.
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )


def test_nobody_pays_twice_or_too_much_whatever_happens(world: type[Happenings]) -> None:
    played(world, 40, 8)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_nobody_pays_twice_or_too_much_whatever_happens_for_long(world: type[Happenings]) -> None:
    played(world, 2000, 30)
