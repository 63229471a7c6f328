"""One order and all that may become of it: the hands of the customer, the desk and the world."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import stripe
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.adapters.stripe_gateway import API_VERSION
from shop.billing.domain.payout import PayoutMethod
from shop.billing.models import Payout
from shop.billing.queries import proofs
from shop.billing.services import payouts
from shop.infra import outbox
from shop.infra.outbox import OutboxMessage
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayError, ShopError
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, RefundReason, RefundWay
from shop.orders.errors import OrderNotPayable
from shop.orders.models import Dispute, Order, Payment
from shop.orders.queries import accounts, amendments
from shop.orders.queries import refunds as left
from shop.orders.services import debits, owing, payments, refunds
from shop.orders.services.fulfilment import Picked
from shop.orders.services.refunds import Wish
from shop.orders.views import amending
from shop.orders.views.paying import open_payment
from tests.factories.fulfilment import close, hand_over
from tests.factories.orders import Scene, make_order
from tests.factories.paying import Counter
from tests.factories.stages import Stage, Stages
from worker import amending as changes
from worker import dispatch, disputes, orders, settlement
from worker import inbox as messages
from worker.payouts import settle_cycle

SDK_KEY = "sk_sim_tests"
HONEY_CENTS, CHICKEN_CENTS_PER_KG = 950, 1890
MANDATE = {
    "customer_acceptance": {
        "type": "online",
        "online": {"ip_address": "127.0.0.1", "user_agent": "test"},
    }
}


class Happenings:
    """What may happen to one order, and what must hold whatever happened."""

    counter: Counter
    stages: Stages
    stage: Stage

    def __init__(self) -> None:
        self.sdk = stripe.StripeClient(
            SDK_KEY, stripe_version=API_VERSION, http_client=self.counter.bench.http_client
        )
        self.letters: list[tuple[bytes, str]] = []
        self.proved: tuple[int, int] = (-1, -1)
        self.looked: tuple[int, tuple[str, amendments.Waiting | None]] = -1, ("", None)
        self.order_id = 0
        self.highest = 0
        """The most that the customer has seen and agreed to, in cents."""
        self.delivered: dict[int, int] = defaultdict(int)
        """What was handed over of each farm's goods, in cents, by our own reckoning."""

    @property
    def scene(self) -> Scene:
        """Where the order was made."""
        return self.stage.scene

    # what the customer does

    def buy(self, honey: int) -> None:
        with unit_of_work() as session:
            made = make_order(session, self.scene, {"chicken": 1, "honey": honey})
        self.order_id = made.order_id
        self.notice()

    def choose_debit(self) -> None:
        open_payment(self.order_id)
        with unit_of_work() as session:
            debits.choose(session, self.order_id, by_debit=True, now=self.counter.clock.at)

    def pay(self, card: str) -> None:
        with suppress(GatewayError, OrderNotPayable):
            self.confirm(open_payment(self.order_id), card)

    def amend(self, chicken: int, honey: int, key: str) -> None:
        offers = self.scene.offers
        wanted = {offers["chicken"]: chicken, offers["honey"]: honey}
        with suppress(ShopError):
            amending.ask(self.order_id, wanted, str(uuid.uuid5(uuid.NAMESPACE_DNS, key)))
        self.notice()

    def confirm_change(self, card: str) -> None:
        waiting = self.waiting()
        assert waiting is not None
        with suppress(ShopError):
            self.confirm(amending.open_larger(waiting.payment_id, waiting.amendment_id), card)

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

    # what the desk and the preparers do

    def close_the_sale(self) -> None:
        with unit_of_work() as session, suppress(ShopError):
            close(session, self.scene, at=self.counter.clock.at)

    def weigh_and_deliver(self, weight_g: int, pots: int, *, refused: bool = False) -> None:
        with reading() as session:
            ordered = amendments.amounts(session, self.order_id)
        names = {offer: name for name, offer in self.scene.offers.items()}
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
                self.scene,
                self.order_id,
                picked,
                at=self.counter.clock.at,
                refused=refused,
            )
        if refused:
            return
        farm, beekeeper = self.scene.producers
        if "chicken" in picked and picked["chicken"].amount:
            self.delivered[farm] += (weight_g * CHICKEN_CENTS_PER_KG + 500) // 1000
        if "honey" in picked:
            self.delivered[beekeeper] += picked["honey"].amount * HONEY_CENTS

    def refund(self, percent: int, key: str) -> None:
        with reading() as session:
            most = left.left(session, self.order_id)
        lines = {line.id: Money(line.left.cents * percent // 100) for line in most.lines}
        wish = Wish(RefundReason.DAMAGED, RefundWay.CARD, lines)
        with suppress(ShopError), unit_of_work() as session:
            refunds.ask(session, self.order_id, wish, key=key, at=self.counter.clock.at)

    def settle_with_producers(self) -> None:
        settle_cycle(self.scene.cycle.id)

    def pay_producers(self, method: PayoutMethod) -> None:
        at = self.counter.clock.at
        with suppress(ShopError), unit_of_work() as session:
            payouts.decide(session, self.scene.market.id, method, execute_on=at.date(), at=at)

    def the_bank_answers(self, *, executes: bool) -> None:
        at, market_id = self.counter.clock.at, self.scene.market.id
        with unit_of_work() as session:
            waiting = session.scalars(
                select(Payout).where(
                    Payout.market_id == market_id,
                    Payout.method == PayoutMethod.SEPA,
                    Payout.state.in_(("noted", "sent")),
                )
            ).all()
            for payout in waiting:
                payouts.note_sent(session, payout.batch_id, at=at, by=None)
                if executes:
                    payouts.confirm(session, market_id, [payout.id], at=at, by=None)
                else:
                    payouts.refuse_from_bank(
                        session, market_id, payout.id, at=at, why="AC04", by=None
                    )

    # what the world does

    def do(self, deed: str, which: int) -> None:
        if found := self.intents():
            wanted = {"deed": deed, "id": found[which % len(found)]["id"]}
            self.counter.bench.browser.post("/_control/deeds", json=wanted)

    def fetch_letters(self) -> None:
        self.letters += [
            (letter.payload, letter.signature) for letter in self.counter.bench.webhooks()
        ]

    def hear(self, payload: bytes, signature: str) -> None:
        with suppress(GatewayError):
            event = self.counter.gateway.read_event(payload, signature)
            with unit_of_work() as session:
                payments.keep_event(session, event)

    def jobs(self) -> None:
        for job in (
            orders.refresh_pending_payments,
            orders.cancel_unpaid_orders,
            changes.lapse_amendments,
            changes.renew_reservations,
            settlement.refresh_owed_payments,
            disputes.refresh_debits,
            disputes.refresh_open_disputes,
            messages.hear_lost_messages,
        ):
            job()

    def work(self) -> int:
        """Do what waits in the outbox, each once; letters to people are left out. How much."""
        tried: set[int] = set()
        while True:
            with unit_of_work() as session:
                waiting = session.execute(
                    select(OutboxMessage.id, OutboxMessage.topic)
                    .where(OutboxMessage.done_at.is_(None))
                    .order_by(OutboxMessage.id)
                ).all()
                fresh = [row for row in waiting if row.id not in tried]
                mails = [row.id for row in fresh if row.topic.startswith("mail.")]
                todo = [row.id for row in fresh if not row.topic.startswith("mail.")]
                if mails:
                    self.is_done(session, mails)
                if todo:
                    # What failed before is tried again now, whatever the real clock says.
                    outbox.replay(session, todo)
            if not todo:
                return len(tried)
            for message_id in todo:
                dispatch.handle(message_id)
            tried |= set(todo)

    def is_done(self, session: Session, messages: list[int]) -> None:
        session.execute(
            update(OutboxMessage).where(OutboxMessage.id.in_(messages)).values(done_at=func.now())
        )

    # what must hold

    def check(self) -> None:
        """Prove everything, unless nothing was written since it was proved."""
        now = (self.stages.writes, self.counter.bench.simulator.store.changes())
        if now != self.proved:
            self.prove()
            self.proved = now

    def prove(self) -> None:
        """The books prove themselves; nobody pays twice; nobody is paid for nothing."""
        with reading() as session:
            every = [*accounts.prove(session), *proofs.prove(session)]
            noted = session.scalar(
                select(func.coalesce(func.sum(Payment.captured_cents), 0)).where(
                    Payment.order_id == self.order_id
                )
            )
            by_bank = session.scalar(
                select(func.coalesce(func.sum(Payout.amount_cents), 0)).where(
                    Payout.market_id == self.scene.market.id,
                    Payout.method == PayoutMethod.SEPA,
                    Payout.state != "refused",
                )
            )
        assert [proof for proof in every if not proof.holds] == []
        with self.provider() as books:
            taken = [i for i in books.all_of("payment_intent") if i["amount_received"]]
            assert int(noted or 0) <= sum(intent["amount_received"] for intent in taken)
            assert all(intent["amount_received"] <= self.highest for intent in taken)
            assert sum(kept_of(books, intent) for intent in taken) <= self.highest
            farm, beekeeper = self.scene.producers
            assert sent_to_accounts(books) <= self.delivered[farm]
        assert int(by_bank or 0) <= self.delivered[beekeeper]

    def calm_down(self) -> None:
        """The provider is well again and the worker catches up: nothing is left hanging."""
        self.counter.bench.turn(
            outage=False,
            outage_of="",
            lose_answers=0,
            decline_next="",
            webhooks_lose=0,
            hold_days=7,
        )
        for _round in range(6):
            self.counter.clock.at += timedelta(minutes=25)
            self.fetch_letters()
            heard = len(self.letters)
            for letter in self.letters:
                self.hear(*letter)
            self.letters.clear()
            self.jobs()
            if not self.work() and not heard and self.state() != "awaiting_payment":
                break
        self.check()
        self.nothing_hangs()

    def nothing_hangs(self) -> None:
        """Our books and the provider's say the same; holds and shares are where they belong."""
        with reading() as session:
            provider = accounts.balance(session, AccountKind.PROVIDER).cents
            secured = session.scalars(
                select(Payment.intent_id).where(Payment.state == "authorized")
            ).all()
            open_disputes = set(
                session.scalars(
                    select(Dispute.provider_ref).where(Dispute.state.in_(("open", "under_review")))
                )
            )
            standing = payouts.standings(session, self.scene.market.id)
            failing = session.execute(
                select(OutboxMessage.topic, OutboxMessage.last_error).where(
                    OutboxMessage.done_at.is_(None)
                )
            ).all()
        with self.provider() as books:
            intents = list(books.all_of("payment_intent"))
            here = sum(kept_of(books, intent) for intent in intents)
            contested = list(books.all_of("dispute"))
            sent = sent_to_accounts(books)
        assert failing == []
        assert provider == here - sent
        held = {str(intent["id"]) for intent in intents if intent["amount_capturable"]}
        assert held <= set(secured)
        assert self.state() != "awaiting_payment"
        undecided = {each["id"] for each in contested if each["status"] not in ("won", "lost")}
        assert undecided == open_disputes
        farm = standing.get(self.scene.producers[0])
        # What a farm was sent too much before its customer got money back is taken back.
        assert farm is None or not farm.carried or not sent

    # how

    @contextmanager
    def provider(self) -> Iterator[Any]:
        """The provider's own books."""
        with self.counter.bench.simulator.desk.books() as books:
            yield books

    def intents(self) -> list[dict[str, Any]]:
        with self.provider() as books:
            return list(books.all_of("payment_intent"))

    def state(self) -> str:
        return self.seen()[0]

    def waiting(self) -> amendments.Waiting | None:
        return self.seen()[1]

    def seen(self) -> tuple[str, amendments.Waiting | None]:
        """The order and its change that waits, looked at again when something was written."""
        if not self.order_id:
            return "", None
        if self.looked[0] != self.stages.writes:
            with reading() as session:
                state = session.scalars(select(Order.state)).one()
                waiting = amendments.waiting(session, self.order_id)
            self.looked = self.stages.writes, (state, waiting)
        return self.looked[1]

    def notice(self) -> None:
        """The customer has seen this ceiling, and agreed to it."""
        with reading() as session:
            order = session.get_one(Order, self.order_id)
            self.highest = max(self.highest, order.ceiling_cents)
            waiting = amendments.waiting(session, self.order_id)
        if waiting is not None and waiting.ceiling is not None:
            self.highest = max(self.highest, waiting.ceiling.cents)

    def confirm(self, secret: str, means: str) -> None:
        """Give the provider a card, or an account with a mandate."""
        thing_id = secret.partition("_secret_")[0]
        params: dict[str, Any] = {"return_url": "https://exemple.fr/retour"}
        with suppress(stripe.StripeError):
            if means.startswith("FR"):
                params |= {"payment_method": self.account(means), "mandate_data": MANDATE}
            else:
                params["payment_method"] = means
            if thing_id.startswith("seti"):
                self.sdk.v1.setup_intents.confirm(thing_id, params)  # type: ignore[arg-type]
            else:
                self.sdk.v1.payment_intents.confirm(thing_id, params)  # type: ignore[arg-type]

    def account(self, iban: str) -> str:
        made = self.sdk.v1.payment_methods.create(
            {
                "type": "sepa_debit",
                "sepa_debit": {"iban": iban},
                "billing_details": {"name": "Jeanne Martin", "email": "jeanne@exemple.fr"},
            }
        )
        return made.id


def kept_of(books: Any, intent: dict[str, Any]) -> int:
    """What the shop has of a payment: taken, not given back, not voided, not taken by the bank."""
    charge = books.find(intent["latest_charge"]) if intent["latest_charge"] else None
    if charge is None or charge["status"] != "succeeded" or not charge["captured"]:
        return 0
    taken_back = sum(
        int(each["amount"])
        for each in books.all_of("dispute", intent["id"])
        if each["status"] != "won"
    )
    return int(charge["amount_captured"]) - int(charge["amount_refunded"]) - taken_back


def sent_to_accounts(books: Any) -> int:
    """What producers have at the provider: sent and not taken back."""
    return sum(
        int(each["amount"]) - int(each["amount_reversed"]) for each in books.all_of("transfer")
    )
