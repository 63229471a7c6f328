"""From the delivery to the producer's account: settled once, paid once, taken back once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.billing.domain.payout import PayoutMethod
from shop.billing.errors import CycleNotSettleable, NothingToPay
from shop.billing.models import (
    Payout,
    PayoutReversal,
    Settlement,
    SettlementPosting,
    SettlementRules,
)
from shop.billing.ports import CreditTransferWriter
from shop.billing.queries import proofs, settlements
from shop.billing.services import payouts, settling
from shop.billing.services.payouts import PayeeEntry
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind, RefundReason, RefundWay
from shop.orders.models import OrderLine
from shop.orders.ports import PayeeRequest
from shop.orders.queries import accounts
from shop.orders.services import refunds
from shop.orders.services.fulfilment import Picked
from shop.orders.services.refunds import Wish
from tests.factories.fulfilment import CLOSED_AT, buy, close, hand_over, set_fees
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker.payouts import reverse_payout, send_payout, settle_cycle

AT = CLOSED_AT + timedelta(days=4)
IBAN, MARKET_IBAN = "FR1420041010050500013M02606", "FR7630006000011234567890189"
CHICKEN, HONEY = 2332, 1900
CHICKEN_NET = CHICKEN - 47 - 350
HONEY_NET = HONEY - 38 - 285


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
def sold(shop: Flask, scene: Scene, counter: Counter) -> int:
    """An order: 1.234 kg of chicken of one farm, two pots of honey of another; paid."""
    order_id = buy(Customer(shop.test_client(), scene), counter, chicken=1, honey=2)
    with unit_of_work() as session:
        close(session, scene)
        picked = {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)}
        assert hand_over(session, scene, order_id, picked).final_cents == CHICKEN + HONEY
    dispatch.drain()
    counter.clock.at = AT
    return order_id


def statements(scene: Scene) -> dict[int, Settlement]:
    with reading() as session:
        rows = session.scalars(select(Settlement).where(Settlement.cycle_id == scene.cycle.id))
        return {row.producer_id: row for row in rows}


def owed(producer_id: int) -> int:
    with reading() as session:
        return -accounts.balance(session, AccountKind.PRODUCER, producer_id).cents


def books_are_sound() -> None:
    with reading() as session:
        every = [*accounts.prove(session), *proofs.prove(session)]
        assert [proof for proof in every if not proof.holds] == []


def pay_by_transfer(scene: Scene, counter: Counter) -> list[int]:
    """Both farms have accounts at the provider; decide to pay them. Keys of the payouts."""
    refs = [
        counter.gateway.open_payee(PayeeRequest(f"payee-{key}", "ferme@exemple.fr"))
        for key in scene.producers
    ]
    with unit_of_work() as session:
        for producer_id, ref in zip(scene.producers, refs, strict=True):
            entry = PayeeEntry(PayoutMethod.TRANSFER, "Ferme", account_ref=ref)
            payouts.note_payee(session, producer_id, entry)
        payouts.decide(session, scene.market.id, PayoutMethod.TRANSFER, execute_on=AT.date(), at=AT)
    with reading() as session:
        return list(session.scalars(select(Payout.id).order_by(Payout.id)))


def decide_sepa(scene: Scene) -> int:
    with unit_of_work() as session:
        own = settling.rules_of(session, scene.market.id)
        own.account_holder, own.iban = "Marché du Var", MARKET_IBAN
        for producer_id in scene.producers:
            entry = PayeeEntry(PayoutMethod.SEPA, "Ferme des Avens", IBAN)
            payouts.note_payee(session, producer_id, entry)
        return payouts.decide(
            session, scene.market.id, PayoutMethod.SEPA, execute_on=AT.date(), at=AT
        )


def test_a_statement_tells_every_line_and_adds_up_to_the_ledger(scene: Scene, sold: int) -> None:
    settle_cycle(scene.cycle.id)
    settle_cycle(scene.cycle.id)
    farm, beekeeper = scene.producers
    told = statements(scene)
    assert {key: row.closing_cents for key, row in told.items()} == {
        farm: CHICKEN_NET,
        beekeeper: HONEY_NET,
    }
    assert sorted(row.rank for row in told.values()) == [1, 2]
    assert owed(farm) == CHICKEN_NET
    with reading() as session:
        (sale,) = settlements.by_id(session, told[farm].id).content.sales
    (line,) = sale.lines
    assert (line.product, line.ordered, line.delivered, line.weighed_g, line.billed_cents) == (
        "Poulet fermier",
        1,
        1,
        1234,
        CHICKEN,
    )
    assert (sale.fees_cents, sale.net_cents) == ({"platform": 47, "market": 350}, CHICKEN_NET)


def test_a_statement_can_never_be_changed(scene: Scene, sold: int) -> None:
    settle_cycle(scene.cycle.id)
    with (
        pytest.raises(DBAPIError, match="append-only"),
        unit_of_work() as session,
    ):
        session.scalars(select(Settlement).limit(1)).one().closing_cents = 1


def test_a_cycle_that_sells_or_is_not_delivered_is_not_settled(scene: Scene) -> None:
    with unit_of_work() as session, pytest.raises(CycleNotSettleable) as refused:
        settling.settle(session, scene.cycle.id, at=AT)
    assert refused.value.facts["reason"] == "open"
    with unit_of_work() as session:
        close(session, scene)
    with unit_of_work() as session, pytest.raises(CycleNotSettleable) as refused:
        settling.settle(session, scene.cycle.id, at=CLOSED_AT)
    assert refused.value.facts["reason"] == "not_delivered"


def test_the_clock_settles_when_the_market_says_so(scene: Scene, sold: int) -> None:
    with unit_of_work() as session:
        session.add(SettlementRules(market_id=scene.market.id, settle_after_days=1))
    with reading() as session:
        delivered = CLOSED_AT + timedelta(days=2)
        assert settling.due(session, delivered) == []
        assert settling.due(session, delivered + timedelta(days=1)) == [scene.cycle.id]
    settle_cycle(scene.cycle.id)
    with reading() as session:
        assert settling.due(session, AT) == []


def test_each_producer_gets_the_statement_by_mail_as_paper_and_spreadsheet(
    scene: Scene, sold: int, counter: Counter
) -> None:
    settle_cycle(scene.cycle.id)
    dispatch.drain()
    letters = [letter for letter in counter.mailer.letters.values() if "RV" in letter.subject]
    assert len(letters) == 2
    for letter in letters:
        kinds = [each.filename.rpartition(".")[2] for each in letter.attachments]
        assert kinds == ["pdf", "xlsx"]
        assert letter.attachments[0].content.startswith(b"%PDF")


def test_nothing_is_paid_before_it_is_settled_and_never_twice(
    scene: Scene, sold: int, counter: Counter
) -> None:
    with pytest.raises(NothingToPay):
        pay_by_transfer(scene, counter)
    settle_cycle(scene.cycle.id)
    made = pay_by_transfer(scene, counter)
    assert len(made) == 2
    dispatch.drain()
    assert [owed(key) for key in scene.producers] == [0, 0]
    with pytest.raises(NothingToPay), unit_of_work() as session:
        payouts.decide(session, scene.market.id, PayoutMethod.TRANSFER, execute_on=AT.date(), at=AT)
    settle_cycle(scene.cycle.id)
    books_are_sound()


CUTS: list[tuple[str, str]] = [
    ("before the call", "transfer"),
    ("after the call", "transfer"),
    ("before the note", "pay"),
    ("after the note", "pay"),
]


@pytest.mark.parametrize(("where", "step"), CUTS)
def test_a_transfer_that_is_cut_anywhere_is_made_once(
    where: str, step: str, scene: Scene, sold: int, counter: Counter
) -> None:
    settle_cycle(scene.cycle.id)
    payout_id, _other = pay_by_transfer(scene, counter)
    ref: str | None = None
    with suppress(PowerCut), unit_of_work() as session:
        call = payouts.transfer_call(session, payout_id, at=AT)
        assert call is not None
    if where != "before the call":
        ref = counter.gateway.transfer(call.request).id
    if step == "pay":
        with suppress(PowerCut), unit_of_work() as session:
            payouts.pay(session, payout_id, at=AT, provider_ref=ref)
            if where == "before the note":
                raise PowerCut
    send_payout(payout_id)
    send_payout(payout_id)
    with reading() as session:
        payout = session.get_one(Payout, payout_id)
        assert (payout.state, payout.amount_cents) == ("paid", CHICKEN_NET)
    movements = counter.gateway.balance_entries(AT - timedelta(days=9), AT + timedelta(days=1))
    sent = [entry.amount.cents for entry in movements if entry.kind == "transfer"]
    assert sent == [-CHICKEN_NET]
    books_are_sound()


def test_a_transfer_that_is_refused_is_owed_again_and_may_be_paid_again(
    scene: Scene, sold: int, counter: Counter
) -> None:
    settle_cycle(scene.cycle.id)
    farm = scene.producers[0]
    with unit_of_work() as session:
        entry = PayeeEntry(PayoutMethod.TRANSFER, "Ferme", account_ref="acct_unknown")
        payouts.note_payee(session, farm, entry)
        payouts.decide(session, scene.market.id, PayoutMethod.TRANSFER, execute_on=AT.date(), at=AT)
    dispatch.drain()
    with reading() as session:
        refused = session.scalars(select(Payout)).one()
        standing = payouts.standings(session, scene.market.id)[farm]
    assert (refused.state, standing.payable) == ("refused", Money(CHICKEN_NET))
    books_are_sound()


def refund(order_id: int, cents: int, key: str) -> None:
    with unit_of_work() as session:
        line = session.scalars(
            select(OrderLine.id).where(
                OrderLine.order_id == order_id, OrderLine.product_name == "Poulet fermier"
            )
        ).one()
        wish = Wish(RefundReason.DAMAGED, RefundWay.CARD, {line: Money(cents)})
        refunds.ask(session, order_id, wish, key=key, at=AT)
    dispatch.drain()


def test_a_refund_after_the_payout_reverses_the_transfer_and_stands_on_the_next_statement(
    scene: Scene, sold: int, counter: Counter
) -> None:
    settle_cycle(scene.cycle.id)
    frozen = {key: row.digest for key, row in statements(scene).items()}
    pay_by_transfer(scene, counter)
    dispatch.drain()
    refund(sold, 1000, "one")
    farm = scene.producers[0]
    with reading() as session:
        (reversal,) = session.scalars(select(PayoutReversal)).all()
        assert (reversal.state, reversal.amount_cents) == ("paid", 1000 - 20 - 150)
        assert session.scalar(select(func.count()).select_from(SettlementPosting)) == 2
    reverse_payout(reversal.id)
    assert owed(farm) == 0
    assert {key: row.digest for key, row in statements(scene).items()} == frozen
    books_are_sound()


def test_what_a_producer_paid_by_the_bank_owes_is_carried_over(scene: Scene, sold: int) -> None:
    settle_cycle(scene.cycle.id)
    batch = decide_sepa(scene)
    with unit_of_work() as session:
        ids = session.scalars(select(Payout.id).where(Payout.batch_id == batch)).all()
        assert payouts.confirm(session, scene.market.id, ids, at=AT, by=None) == 2
    refund(sold, 1000, "one")
    with reading() as session:
        standing = payouts.standings(session, scene.market.id)[scene.producers[0]]
        assert session.scalars(select(PayoutReversal)).all() == []
    assert (standing.payable, standing.carried) == (Money.zero(), Money(830))
    books_are_sound()


def test_the_file_for_the_bank_is_valid_the_same_each_time_and_gapless(
    scene: Scene, sold: int
) -> None:
    settle_cycle(scene.cycle.id)
    batch = decide_sepa(scene)
    with unit_of_work() as session:
        order = payouts.bank_file(session, scene.market.id, batch)
        payouts.note_sent(session, batch, at=AT, by=None)
    made = port(CreditTransferWriter).write(order)
    assert made == port(CreditTransferWriter).write(order)
    assert order.message_id.endswith("-S2026-00001")
    assert [each.amount.cents for each in order.transfers] == [CHICKEN_NET, HONEY_NET]
    text = made.decode()
    assert f"<CtrlSum>{(CHICKEN_NET + HONEY_NET) / 100:.2f}</CtrlSum>" in text
    with unit_of_work() as session:
        payout_id = session.scalars(select(Payout.id).order_by(Payout.id)).first()
        assert payout_id is not None
        payouts.refuse_from_bank(session, scene.market.id, payout_id, at=AT, why="AC04", by=None)
    assert owed(scene.producers[0]) == CHICKEN_NET
    again = decide_sepa(scene)
    with reading() as session:
        assert payouts.bank_file(session, scene.market.id, again).message_id.endswith("-00002")
    books_are_sound()


def test_a_provider_that_is_away_leaves_the_payout_noted(
    scene: Scene, sold: int, counter: Counter
) -> None:
    settle_cycle(scene.cycle.id)
    payout_id, _other = pay_by_transfer(scene, counter)
    counter.bench.turn(outage=True)
    with pytest.raises(GatewayUnavailable):
        send_payout(payout_id)
    counter.bench.turn(outage=False)
    send_payout(payout_id)
    with reading() as session:
        assert session.get_one(Payout, payout_id).state == "paid"
