"""What provider and bank say is kept once, and a person says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.billing.domain.bank_line import BankLine
from shop.billing.errors import AmountsDiffer
from shop.billing.models import MoneyMovement, Payout
from shop.billing.queries import proofs
from shop.billing.services import payouts, provider_movements, reconciling, settling
from shop.billing.services.payouts import PayeeEntry, PayoutMethod
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.queries import accounts
from shop.orders.services.fulfilment import Picked
from tests.factories.fulfilment import CLOSED_AT, buy, close, hand_over
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch
from worker.payouts import read_provider, settle_cycle

AT = CLOSED_AT + timedelta(days=4)
TAKEN, FEE = 4232, 163
"""The card is not a European one: 3.25 % of 42.32 € is 1.38 €, and 0.25 €."""


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def scene(shop: Flask) -> Scene:
    with unit_of_work() as session:
        return make_scene(session)


@pytest.fixture
def sold(shop: Flask, scene: Scene, counter: Counter) -> int:
    order_id = buy(Customer(shop.test_client(), scene), counter, chicken=1, honey=2)
    with unit_of_work() as session:
        close(session, scene)
        picked = {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)}
        assert hand_over(session, scene, order_id, picked).final_cents == TAKEN
    dispatch.drain()
    counter.clock.at = AT
    return order_id


def balance(kind: AccountKind, owner_id: int | None = None) -> int:
    with reading() as session:
        return accounts.balance(session, kind, owner_id).cents


def missing(counter: Counter) -> Money:
    gateway = counter.gateway
    entries = gateway.balance_entries(AT - timedelta(days=30), AT + timedelta(days=1))
    with reading() as session:
        return provider_movements.difference(session, gateway.balance(), entries)


def test_the_providers_fees_are_entered_once_and_its_balance_is_the_ledgers(
    scene: Scene, sold: int, counter: Counter
) -> None:
    assert missing(counter) == Money.zero()
    read_provider()
    read_provider()
    assert balance(AccountKind.COSTS, scene.market.id) == FEE
    assert balance(AccountKind.PROVIDER) == TAKEN - FEE
    assert missing(counter) == Money.zero()
    held = counter.gateway.balance()
    assert held.available + held.pending == Money(TAKEN - FEE)


def test_a_charge_waits_for_a_person_who_says_which_capture_it_is(scene: Scene, sold: int) -> None:
    read_provider()
    with reading() as session:
        (found,) = reconciling.differences(session, scene.market.id)
    assert (found.amount, found.suggestions[0].is_exact) == (Money(TAKEN), True)
    with unit_of_work() as session:
        assert reconciling.accept_exact(session, scene.market.id, at=AT, by=None) == 1
        assert reconciling.accept_exact(session, scene.market.id, at=AT, by=None) == 0
    with reading() as session:
        assert reconciling.differences(session, scene.market.id) == []


def read_bank(scene: Scene, *lines: BankLine, content: bytes = b"file") -> tuple[int, int]:
    with unit_of_work() as session:
        return reconciling.note_bank(
            session,
            scene.market.id,
            lines,
            name="banque.xml",
            kind="camt.053",
            content=content,
            at=AT,
            by=None,
        )


def decided(scene: Scene) -> list[Payout]:
    settle_cycle(scene.cycle.id)
    with unit_of_work() as session:
        own = settling.rules_of(session, scene.market.id)
        own.account_holder, own.iban = "Marché du Var", "FR7630006000011234567890189"
        for producer_id in scene.producers:
            entry = PayeeEntry(PayoutMethod.SEPA, "Ferme", "FR1420041010050500013M02606")
            payouts.note_payee(session, producer_id, entry)
        payouts.decide(session, scene.market.id, PayoutMethod.SEPA, execute_on=AT.date(), at=AT)
    with reading() as session:
        return list(session.scalars(select(Payout).order_by(Payout.id)))


def test_the_bank_confirms_payouts_and_reading_its_file_again_changes_nothing(
    scene: Scene, sold: int
) -> None:
    one, two = decided(scene)
    lines = [
        BankLine(AT.date(), Money(-each.amount_cents), each.reference, each.holder, "")
        for each in (one, two)
    ]
    cost = BankLine(AT.date(), Money(-450), "", "", "FRAIS DE TENUE")
    assert read_bank(scene, *lines, cost) == (3, 3)
    assert read_bank(scene, *lines, cost) == (3, 0)
    assert read_bank(scene, *lines, cost, content=b"the same, saved again") == (3, 0)
    with unit_of_work() as session:
        assert reconciling.accept_exact(session, scene.market.id, at=AT, by=None) == 2
    with reading() as session:
        states = session.scalars(select(Payout.state)).all()
        (left,) = reconciling.differences(session, scene.market.id)
    assert states == ["paid", "paid"]
    assert balance(AccountKind.TRANSIT, scene.market.id) == 0
    assert (left.amount, left.suggestions) == (Money(-450), ())
    with unit_of_work() as session:
        reconciling.book_cost(
            session, scene.market.id, left.id, "frais de la banque", at=AT, by=None
        )
    assert balance(AccountKind.COSTS, scene.market.id) == 450
    with reading() as session:
        assert (
            session.scalar(
                select(func.count()).select_from(MoneyMovement).where(MoneyMovement.state == "open")
            )
            == 0
        )
        every = [*accounts.prove(session), *proofs.prove(session)]
        assert [proof for proof in every if not proof.holds] == []


def test_another_amount_is_never_absorbed(scene: Scene, sold: int) -> None:
    payout, _other = decided(scene)
    line = BankLine(AT.date(), Money(-payout.amount_cents - 1), payout.reference, "", "")
    read_bank(scene, line)
    with reading() as session:
        (found,) = reconciling.differences(session, scene.market.id)
    assert found.suggestions[0].candidate.key == f"payout:{payout.id}"
    with pytest.raises(AmountsDiffer), unit_of_work() as session:
        reconciling.accept(
            session, scene.market.id, found.id, f"payout:{payout.id}", at=AT, by=None
        )
    with reading() as session:
        assert session.get_one(Payout, payout.id).state == "noted"
