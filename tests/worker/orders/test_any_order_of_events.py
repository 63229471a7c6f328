"""Whatever happens in whatever order: the books prove themselves, nobody pays twice or too much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from shop.billing.domain.payout import PayoutMethod
from shop.billing.services import payouts, settling
from shop.billing.services.payouts import PayeeEntry
from shop.catalog.models import DeliverySlot
from shop.infra.unit_of_work import unit_of_work
from shop.orders.ports import PayeeRequest
from tests.factories.fulfilment import deliver_late, set_fees
from tests.factories.happenings import Happenings
from tests.factories.orders import NOW, Scene, make_scene
from tests.factories.paying import counter_of
from tests.factories.stages import Stage, Stages

IBAN, MARKET_IBAN = "FR1420041010050500013M02606", "FR7630006000011234567890189"
ARRIVES, FAILS, CONTESTED = (
    "FR1420041010050500013M02606",
    "FR8420041010050500013M02607",
    "FR5720041010050500013M02608",
)
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
STARTS = st.sampled_from(
    [
        ("hold", "pm_card_visa", "ordered"),
        ("kept", "pm_card_visa", "ordered"),
        ("debit", ARRIVES, "ordered"),
        ("hold", "pm_card_visa", "paid"),
        ("kept", "pm_card_visa", "paid"),
        ("kept", "pm_card_chargeCustomerFail", "paid"),
        ("debit", ARRIVES, "delivered"),
        ("debit", CONTESTED, "delivered"),
        ("debit", FAILS, "delivered"),
        ("hold", "pm_card_visa", "delivered"),
        ("hold", "pm_card_refundFail", "settled"),
        ("hold", "pm_card_bypassPending", "settled"),
        ("hold", "pm_card_bypassPending", "paid out"),
        ("kept", "pm_card_visa", "paid out"),
    ]
)
STEPS = ["ordered", "paid", "delivered", "settled", "paid out"]
DAYS = {"hold": 3, "kept": 9, "debit": 9}
"""How long after the order its goods are handed over."""


class Machine(Happenings, RuleBasedStateMachine):
    """One order, from its basket to the last dispute, with a provider that misbehaves."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        Happenings.__init__(self)
        self.ends = ExitStack()

    def teardown(self) -> None:
        with self.ends:
            if self.order_id:
                self.calm_down()

    @initialize(start=STARTS)
    def order(self, start: tuple[str, str, str]) -> None:
        """An order that has come so far without trouble, so that the rest may have some."""
        stage = self.stages.build(start, lambda stage: self.play(stage, *start))
        self.ends.enter_context(self.stages.played(stage))
        self.stage, self.order_id = stage, stage.facts["order_id"]
        self.highest = stage.facts["highest"]
        self.delivered |= stage.facts["delivered"]

    def play(self, stage: Stage, way: str, means: str, reached: str) -> None:
        """Bring an order as far as that."""
        self.stage = stage
        far = STEPS.index(reached)
        with unit_of_work() as session:
            if way != "hold":
                deliver_late(session, stage.scene)
        self.set_payees()
        self.buy(2)
        if way == "debit":
            self.choose_debit()
        if far >= 1:
            self.pay(means)
            self.jobs()
            self.work()
        if far >= 2:
            self.close_the_sale()
            self.counter.clock.at += timedelta(days=DAYS[way])
            self.weigh_and_deliver(1234, 2)
        if far >= 3:
            self.work()
        if far >= 4:
            self.settle_with_producers()
            self.counter.clock.at += timedelta(days=8)
            for method in PayoutMethod:
                self.pay_producers(method)
            self.work()
        stage.facts |= {
            "order_id": self.order_id,
            "highest": self.highest,
            "delivered": dict(self.delivered),
        }

    def set_payees(self) -> None:
        """One farm is paid by the provider, the other by the bank."""
        farm, beekeeper = self.scene.producers
        ref = self.counter.gateway.open_payee(PayeeRequest(f"payee-{farm}", "ferme@exemple.fr"))
        with unit_of_work() as session:
            own = settling.rules_of(session, self.scene.market.id)
            own.account_holder, own.iban = "Marché du Var", MARKET_IBAN
            transfer = PayeeEntry(PayoutMethod.TRANSFER, "Ferme", account_ref=ref)
            payouts.note_payee(session, farm, transfer)
            payouts.note_payee(session, beekeeper, PayeeEntry(PayoutMethod.SEPA, "Rucher", IBAN))

    # what people do

    @precondition(lambda self: self.state() == "awaiting_payment")
    @rule(card=CARDS)
    def pays(self, card: str) -> None:
        self.pay(card)

    @precondition(lambda self: self.state() == "placed")
    @rule(chicken=st.integers(0, 2), honey=st.integers(0, 6), key=st.sampled_from(["a", "b", "c"]))
    def amends(self, chicken: int, honey: int, key: str) -> None:
        self.amend(chicken, honey, key)

    @precondition(lambda self: self.waiting() is not None)
    @rule(card=CARDS)
    def confirms_change(self, card: str) -> None:
        self.confirm_change(card)

    @precondition(lambda self: self.state() == "placed")
    @rule()
    def sale_closes(self) -> None:
        self.close_the_sale()

    @precondition(lambda self: self.state() == "firm")
    @rule(weight_g=st.integers(700, 2600), pots=st.integers(0, 4), refused=st.booleans())
    def is_weighed_and_delivered(self, weight_g: int, pots: int, refused: bool) -> None:
        self.weigh_and_deliver(weight_g, pots, refused=refused)

    @precondition(lambda self: self.state() == "fulfilled")
    @rule(card=CARDS)
    def pays_what_is_owed(self, card: str) -> None:
        self.pay_what_is_owed(card)

    @precondition(lambda self: self.state() == "settled")
    @rule(percent=st.sampled_from([10, 50, 100, 101]), key=st.sampled_from(["r1", "r2", "r3"]))
    def is_refunded(self, percent: int, key: str) -> None:
        self.refund(percent, key)

    @precondition(lambda self: bool(self.delivered))
    @rule()
    def producers_get_statements(self) -> None:
        self.settle_with_producers()

    @precondition(lambda self: bool(self.delivered))
    @rule(method=st.sampled_from(PayoutMethod))
    def producers_are_paid(self, method: PayoutMethod) -> None:
        self.pay_producers(method)

    @precondition(lambda self: bool(self.delivered))
    @rule(executes=st.booleans())
    def bank_answers(self, executes: bool) -> None:
        self.the_bank_answers(executes=executes)

    # what the world does

    @rule(
        deed=st.sampled_from(["dispute", "win", "lose", "expire", "settle", "send_back"]),
        which=st.integers(0, 5),
    )
    def something_happens(self, deed: str, which: int) -> None:
        self.do(deed, which)

    @rule(
        switch=st.sampled_from(
            [
                {"lose_answers": 1},
                {"decline_next": "insufficient_funds"},
                {"decline_next": "authentication_required"},
                {"outage": True},
                {"outage": False},
                {"outage_of": "transfers"},
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
        self.work()
        if not again:
            del self.letters[place]

    @rule()
    def a_letter_is_lost(self) -> None:
        self.fetch_letters()
        del self.letters[:1]

    @rule(hours=st.sampled_from([0, 0, 1, 20, 30, 150]))
    def time_passes_and_the_worker_works(self, hours: int) -> None:
        self.counter.clock.at += timedelta(hours=hours)
        self.jobs()
        self.work()

    @invariant()
    def everything_is_proved(self) -> None:
        if self.order_id:
            self.check()


@pytest.fixture
def machine(committed_app: Flask) -> Iterator[type[Machine]]:
    """A provider, and stages to start from: delivery within the hold, and long after it."""
    with counter_of(committed_app) as counter, committed_app.app_context():

        class Playing(Machine):
            pass

        Playing.counter = counter
        Playing.stages = Stages(counter, set_scene)
        yield Playing
        Playing.stages.close()


def set_scene() -> Scene:
    with unit_of_work() as session:
        scene = make_scene(session)
        set_fees(session, scene)
        session.execute(
            update(DeliverySlot)
            .where(DeliverySlot.cycle_id == scene.cycle.id)
            .values(cutoff_at=NOW + timedelta(days=2))
        )
    return scene


def played(machine: type[Machine], examples: int, steps: int, *, start: int) -> None:
    run_state_machine_as_test(
        seed(start)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            # A failing run says every step it took; making it shorter would take minutes.
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )


@pytest.mark.timeout(900)
def test_nobody_pays_twice_or_too_much_whatever_happens(machine: type[Machine]) -> None:
    played(machine, 200, 8, start=1)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("start", range(20))
def test_nobody_pays_twice_or_too_much_whatever_happens_for_long(
    machine: type[Machine], start: int
) -> None:
    played(machine, 100, 12, start=100 + start)
