"""Whatever is asked in whatever order, and whatever answers are lost, the sums stay right."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from shop.kernel.errors import GatewayError
from shop.kernel.money import Money
from shop.orders.ports import CaptureRequest, IntentStatus, RefundRequest
from tests.unit.simulators.conftest import Rig

CARDS = (
    "4242424242424242",
    "4000000000000002",
    "4000002760003184",
    "4000000000000259",
    "4000000000005126",
)
CENTS = st.integers(50, 9_000)


class Customers(RuleBasedStateMachine):
    """People pay, banks answer, the shop captures and gives back, time passes, lines break."""

    payments = Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.rig = Rig()
        self.ids: list[str] = []

    def teardown(self) -> None:
        self.rig.bench.close()

    @rule(target=payments, cents=CENTS)
    def open_payment(self, cents: int) -> str:
        opened = self.rig.opened(cents)
        self.ids.append(opened.id)
        return opened.client_secret

    @rule(secret=payments, number=st.sampled_from(CARDS))
    def type_a_card(self, secret: str, number: str) -> None:
        form = {"return_url": "https://exemple.fr/", "number": number}
        form |= {"expiry": "12/39", "cvc": "123"}
        assert self.rig.bench.browser.post(f"/pay/{secret}", data=form).status_code in (303, 402)

    @rule(secret=payments, decision=st.sampled_from(["accept", "refuse", "expire"]))
    def answer_the_bank(self, secret: str, decision: str) -> None:
        answer = self.rig.bench.browser.post(f"/3ds/{secret}", data={"decision": decision})
        assert answer.status_code in (200, 303)

    @rule(secret=payments, cents=CENTS, lost=st.booleans())
    def capture(self, secret: str, cents: int, lost: bool) -> None:
        request = CaptureRequest(self.rig.key(), intent_of(secret), Money(cents))
        self.ask_until_known(lambda: self.rig.gateway.capture(request), lost=lost)

    @rule(secret=payments, cents=CENTS, lost=st.booleans())
    def refund(self, secret: str, cents: int, lost: bool) -> None:
        request = RefundRequest(self.rig.key(), intent_of(secret), Money(cents))
        self.ask_until_known(lambda: self.rig.gateway.refund(request), lost=lost)

    @rule(secret=payments)
    def cancel(self, secret: str) -> None:
        key = self.rig.key()
        self.ask_until_known(lambda: self.rig.gateway.cancel(intent_of(secret), key), lost=False)

    @rule(secret=payments, deed=st.sampled_from(["dispute", "win", "lose", "expire"]))
    def provoke(self, secret: str, deed: str) -> None:
        wanted = {"deed": deed, "id": intent_of(secret)}
        assert self.rig.bench.browser.post("/_control/deeds", json=wanted).status_code < 500

    @rule(days=st.sampled_from([0.5, 1.0, 4.0, 8.0]))
    def wait(self, days: float) -> None:
        self.rig.clock.pass_days(days)

    def ask_until_known(self, ask: object, *, lost: bool) -> None:
        assert callable(ask)
        self.rig.bench.turn(lose_answers=int(lost))
        for _ in range(2 if lost else 1):
            try:
                ask()
            except GatewayError:
                continue
        self.rig.bench.turn(lose_answers=0)

    @invariant()
    def nobody_pays_more_than_they_agreed_to(self) -> None:
        for intent_id in self.ids:
            payment = self.rig.gateway.payment(intent_id)
            assert Money.zero() <= payment.refunded <= payment.received <= payment.amount
            assert (payment.capturable == payment.amount) is (
                payment.status is IntentStatus.REQUIRES_CAPTURE
            )
            assert bool(payment.received) is (payment.status is IntentStatus.SUCCEEDED)

    @invariant()
    def the_balance_is_the_sum_of_its_movements(self) -> None:
        since = datetime(2026, 1, 1, tzinfo=UTC)
        entries = self.rig.gateway.balance_entries(since, since.replace(year=2100))
        balance = self.rig.gateway.balance()
        assert balance.available + balance.pending == Money.total(entry.net for entry in entries)
        assert all(entry.net == entry.amount - entry.fee for entry in entries)


def intent_of(secret: str) -> str:
    return secret.partition("_secret_")[0]


TestAnyOrder = Customers.TestCase
TestAnyOrder.settings = settings(max_examples=15, stateful_step_count=20)
