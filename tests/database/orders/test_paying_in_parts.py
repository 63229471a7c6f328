"""Credit, vouchers, donations and accounts pay what they should, and the ledger proves it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.infra.outbox import OutboxMessage
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.tenders import move_postings
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import (
    AccountRefused,
    PurseTooSmall,
    TooMuch,
    VoucherRefused,
    WayRefused,
)
from shop.orders.models import Order, Payment
from shop.orders.queries import accounts as books
from shop.orders.queries import contracts as contract_list
from shop.orders.queries import credit as credit_of
from shop.orders.queries import organisations, tenders
from shop.orders.services import accounts, contracts, credit, ledger, place_order, purses, vouchers
from shop.orders.services.accounts import Terms
from shop.orders.services.contracts import Agreed
from shop.orders.services.tenders import Wish
from shop.orders.services.vouchers import Wanted
from tests.factories.fulfilment import set_fees
from tests.factories.orders import NOW, Scene, make_order, make_person, make_scene
from tests.factories.tills import ON_SPOT, accept, deliver, give_credit, settle

TODAY = NOW.date()


@pytest.fixture
def scene(session: Session) -> Scene:
    made = make_scene(session)
    set_fees(session, made)
    return made


def proven(session: Session) -> list[str]:
    return [proof.name for proof in books.prove(session) if not proof.holds]


def state(session: Session, order_id: int) -> str:
    session.expire_all()
    return session.scalars(select(Order.state).where(Order.id == order_id)).one()


def card_ceiling(session: Session, order_id: int) -> int | None:
    return session.scalar(select(Payment.ceiling_cents).where(Payment.order_id == order_id))


def test_credit_makes_the_card_hold_less(session: Session, scene: Scene) -> None:
    person_id = make_person(session)
    give_credit(session, scene, person_id, 700)
    made = make_order(session, scene, {"honey": 2}, person_id=person_id, wish=Wish(use_credit=True))
    assert card_ceiling(session, made.order_id) == 1200
    assert credit_of.balance(session, scene.market.id, person_id) == Money.zero()
    assert tenders.standing(session, made.order_id).for_card == Money(1200)
    place_order.cancel(session, made.order_id, at=NOW, reason="changed their mind")
    assert credit_of.balance(session, scene.market.id, person_id) == Money(700)
    assert proven(session) == []


def test_credit_of_another_market_pays_nothing_here(session: Session, scene: Scene) -> None:
    person_id = make_person(session)
    other = make_scene(session)
    give_credit(session, other, person_id, 5000)
    made = make_order(session, scene, {"honey": 2}, person_id=person_id, wish=Wish(use_credit=True))
    assert card_ceiling(session, made.order_id) == 1900


def test_an_order_that_credit_pays_whole_needs_no_card_and_gets_the_rest_back(
    session: Session, scene: Scene
) -> None:
    person_id = make_person(session)
    give_credit(session, scene, person_id, 5000)
    made = make_order(
        session, scene, {"chicken": 1}, person_id=person_id, wish=Wish(use_credit=True)
    )
    assert (state(session, made.order_id), card_ceiling(session, made.order_id)) == ("placed", None)
    assert credit_of.balance(session, scene.market.id, person_id) == Money(5000 - 2608)
    deliver(session, scene, made.order_id)
    final = session.scalars(select(Order.final_cents).where(Order.id == made.order_id)).one()
    assert state(session, made.order_id) == "settled"
    assert credit_of.balance(session, scene.market.id, person_id) == Money(5000 - (final or 0))
    assert proven(session) == []


def test_the_database_refuses_to_overdraw_a_purse(session: Session, scene: Scene) -> None:
    person_id = make_person(session)
    give_credit(session, scene, person_id, 100)
    with pytest.raises(PurseTooSmall), session.begin_nested():
        purses.take(
            session,
            purses.credit_of(person_id),
            Money(101),
            market_id=scene.market.id,
            target=Account(AccountKind.MARKET, scene.market.id),
            key="too-much",
            kind="test",
        )
    ledger.enter(
        session,
        "around",
        "test",
        move_postings(
            purses.credit_of(person_id), Account(AccountKind.MARKET, scene.market.id), Money(101)
        ),
        market_id=scene.market.id,
    )
    with pytest.raises(DBAPIError, match="overdrawn"):
        session.connection().exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_desk_gives_credit_with_a_reason_once(session: Session, scene: Scene) -> None:
    person_id, by = make_person(session), make_person(session, "Delphine Bureau")
    for _ in range(2):
        credit.give(session, scene.market.id, person_id, Money(500), reason="late", key="f", by=by)
    (found,) = credit_of.of_person(session, person_id)
    assert (found.balance, found.movements[0].reason) == (Money(500), "late")
    with pytest.raises(WayRefused):
        credit.give(session, scene.market.id, person_id, Money(500), reason=" ", key="g", by=by)


def granted(session: Session, scene: Scene, cents: int, *, solidarity: bool = False) -> str:
    token = vouchers.grant(
        session,
        scene.market.id,
        Wanted(Money(cents), "Famille Roux"),
        reason="help",
        by=make_person(session),
        today=TODAY,
        at=NOW,
        solidarity=solidarity,
    )
    return vouchers.card(session, token).code


def test_a_voucher_pays_first_then_credit_then_the_card(session: Session, scene: Scene) -> None:
    person_id = make_person(session)
    give_credit(session, scene, person_id, 300)
    code = granted(session, scene, 1000)
    spoken = f"{code[:4].lower()}-{code[4:8]}-{code[8:]}"
    wish = Wish(codes=(spoken,), use_credit=True)
    made = make_order(session, scene, {"honey": 2}, person_id=person_id, wish=wish)
    assert card_ceiling(session, made.order_id) == 600
    with pytest.raises(VoucherRefused) as refused:
        make_order(session, scene, {"honey": 2}, wish=Wish(codes=(code,)))
    assert refused.value.facts["reason"] == "empty"


def test_a_voucher_past_its_day_is_refused_and_ends(session: Session, scene: Scene) -> None:
    code = granted(session, scene, 1000)
    late = TODAY + timedelta(days=366)
    assert vouchers.of_market(session, scene.market.id)[0].valid_until < late
    with pytest.raises(VoucherRefused) as refused:
        make_order(session, scene, {"honey": 2}, wish=Wish(codes=("nothing",)))
    assert refused.value.facts["reason"] == "unknown"
    assert vouchers.end_past(session, scene.market.id, late, at=NOW) == 1
    with pytest.raises(VoucherRefused):
        make_order(session, scene, {"honey": 2}, wish=Wish(codes=(code,)))
    assert proven(session) == []


def test_donations_of_paid_orders_fill_the_fund_and_vouchers_empty_it(
    session: Session, scene: Scene
) -> None:
    person_id = make_person(session)
    give_credit(session, scene, person_id, 10_000)
    wish = Wish(use_credit=True, donation=Money(600))
    made = make_order(session, scene, {"honey": 2}, person_id=person_id, wish=wish)
    assert credit_of.fund(session, scene.market.id) == Money.zero()
    deliver(session, scene, made.order_id)
    assert state(session, made.order_id) == "settled"
    assert credit_of.fund(session, scene.market.id) == Money(600)
    assert credit_of.balance(session, scene.market.id, person_id) == Money(10_000 - 1900 - 600)
    with pytest.raises(PurseTooSmall), session.begin_nested():
        granted(session, scene, 700, solidarity=True)
    granted(session, scene, 600, solidarity=True)
    assert credit_of.fund(session, scene.market.id) == Money.zero()
    assert proven(session) == []


def test_on_the_spot_is_only_for_places_that_accept_it(session: Session, scene: Scene) -> None:
    with pytest.raises(WayRefused), session.begin_nested():
        make_order(session, scene, {"honey": 2}, wish=ON_SPOT)
    accept(session, scene)
    made = make_order(session, scene, {"honey": 2}, wish=Wish(on_spot=True, spot=Money(500)))
    assert card_ceiling(session, made.order_id) == 1400
    found = tenders.standing(session, made.order_id)
    assert (found.to_collect, found.for_card) == (Money(500), Money(1400))


TERMS = Terms(
    "Cantine des Tilleuls", "73282932000074", "cantine@exemple.fr", "", "1 rue", "83170",
    "Brignoles", 30, 5000,
)  # fmt: skip


def test_a_canteen_orders_on_account_up_to_its_limit_and_pays_later(
    session: Session, scene: Scene
) -> None:
    cook, stranger = make_person(session, "Paul Cuisine"), make_person(session)
    canteen = accounts.register(session, scene.market.id, TERMS)
    accounts.join(session, canteen, cook)
    wish = Wish(organisation_id=canteen)
    with pytest.raises(AccountRefused), session.begin_nested():
        make_order(session, scene, {"honey": 2}, person_id=stranger, wish=wish)
    made = make_order(session, scene, {"honey": 3}, person_id=cook, wish=wish)
    assert (state(session, made.order_id), card_ceiling(session, made.order_id)) == ("placed", None)
    with pytest.raises(AccountRefused) as refused, session.begin_nested():
        make_order(session, scene, {"honey": 3}, person_id=cook, wish=wish)
    assert refused.value.facts == {"reason": "limit", "left": 5000 - 2850}
    deliver(session, scene, made.order_id)
    assert state(session, made.order_id) == "settled"
    due_on = date(2026, 11, 26) + timedelta(days=30)
    account = organisations.account(session, canteen, due_on + timedelta(days=31))
    assert (account.owed, account.ages[2], account.claims[0].due_on) == (
        Money(2850),
        Money(2850),
        due_on,
    )
    for _ in range(2):
        accounts.receive(
            session, canteen, Money(850), received_on=due_on, reference="VIR", key="k", by=cook
        )
    assert organisations.account(session, canteen, due_on).owed == Money(2000)
    with pytest.raises(TooMuch):
        accounts.receive(
            session, canteen, Money(2001), received_on=due_on, reference="VIR", key="l", by=cook
        )
    assert books.balance(session, AccountKind.RECEIVABLE, canteen) == Money(2000)
    assert proven(session) == []


def test_reminders_go_out_when_overdue_and_not_every_day(session: Session, scene: Scene) -> None:
    cook = make_person(session)
    canteen = accounts.register(session, scene.market.id, TERMS)
    accounts.join(session, canteen, cook)
    made = make_order(
        session, scene, {"honey": 3}, person_id=cook, wish=Wish(organisation_id=canteen)
    )
    deliver(session, scene, made.order_id)
    due_on = date(2026, 11, 26) + timedelta(days=30)
    sent = [
        accounts.remind(session, due_on + timedelta(days=late)) for late in (0, 1, 2, 10, 11, 12)
    ]
    assert sent == [0, 1, 0, 0, 1, 0]
    letters = session.scalar(
        select(func.count()).where(OutboxMessage.topic == accounts.MAIL_REMINDER)
    )
    assert letters == 2


def test_a_season_contract_is_recorded_and_never_held(session: Session, scene: Scene) -> None:
    farm = scene.producers[0]
    weeks = tuple(TODAY + timedelta(weeks=week) for week in range(1, 11))
    key = contracts.sign(
        session,
        scene.market.id,
        Agreed(farm, "Panier de légumes", Money(1533), "Anne Petit", weeks, weeks[:3]),
        TODAY,
        at=NOW,
    )
    (found,) = contract_list.contracts(session, producer_id=farm)
    assert [part.amount.cents for part in found.instalments] == [5110, 5110, 5110]
    assert contracts.receive(session, key, 1, on=TODAY, by=make_person(session), bank="CA")
    assert not contracts.receive(session, key, 1, on=TODAY, by=make_person(session))
    contracts.transfer(
        session, key, to_name="Luc Grand", to_email="", to_phone="", from_day=weeks[4], note="",
        by=make_person(session),
    )  # fmt: skip
    (found,) = contract_list.contracts(session, producer_id=farm)
    assert (found.member_name, found.received) == ("Luc Grand", Money(5110))
    assert books.balance(session, AccountKind.DIRECT_DUE, key) == Money(10_220)
    assert books.balance(session, AccountKind.PRODUCER, farm) == Money.zero()
    assert proven(session) == []


def test_cash_at_the_relay_and_card_for_the_rest_pay_one_order(
    session: Session, scene: Scene
) -> None:
    accept(session, scene)
    made = make_order(session, scene, {"honey": 2}, wish=Wish(on_spot=True, spot=Money(500)))
    assert settle(session, made.order_id) == "awaiting_payment"
    assert tenders.standing(session, made.order_id).outstanding == Money(1900)
