"""Money taken by hand: in the journal and in the ledger, once, sealed, never above what is due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from shop.billing.domain.journal import Period
from shop.billing.errors import CounterRefused, DayClosed, TakingRefused
from shop.billing.queries import till as read
from shop.billing.services import till
from shop.catalog.domain.terms import SpotWay, TaxClass
from shop.kernel.money import Money
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import TooMuch, WayRefused
from shop.orders.models import OrderLine
from shop.orders.queries import accounts, tenders
from tests.factories.fulfilment import set_fees
from tests.factories.orders import Scene, make_person, make_scene
from tests.factories.tills import (
    DAY,
    accept,
    delivered_on_spot,
    desk_till,
    settle,
    somebody,
    taking,
)


@pytest.fixture
def scene(session: Session) -> Scene:
    made = make_scene(session)
    accept(session, made)
    set_fees(session, made)
    return made


def proven(session: Session) -> list[str]:
    return [proof.name for proof in accounts.prove(session) if not proof.holds]


def test_cash_and_a_cheque_together_settle_an_order(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    assert tenders.standing(session, order_id).to_collect == Money(1900)
    box, who = desk_till(session, scene), somebody(session)
    assert till.take(session, box, taking(order_id, 900), who)
    assert settle(session, order_id) == "fulfilled"
    assert till.take(session, box, taking(order_id, 1000, SpotWay.CHEQUE), who)
    assert settle(session, order_id) == "settled"
    market = scene.market.id
    assert accounts.balance(session, AccountKind.CASH, market) == Money(900)
    assert accounts.balance(session, AccountKind.CHEQUES, market) == Money(1000)
    assert accounts.balance(session, AccountKind.CUSTOMER, order_id) == Money.zero()
    assert proven(session) == []
    day = read.day(session, box, DAY)
    assert [(entry.sequence, entry.amount.cents) for entry in day.entries] == [(1, 900), (2, 1000)]
    assert day.entries[1].details["cheque"]["number"] == "0001234"
    assert read.check(session, box) == []


def test_a_form_that_is_sent_twice_takes_money_once(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    box, who = desk_till(session, scene), somebody(session)
    once = taking(order_id, 900, key="the-form")
    assert till.take(session, box, once, who)
    assert not till.take(session, box, once, who)
    assert tenders.standing(session, order_id).spot == Money(900)
    assert len(read.day(session, box, DAY).entries) == 1


def test_nobody_pays_more_than_is_due(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    box, who = desk_till(session, scene), somebody(session)
    with pytest.raises(TooMuch):
        till.take(session, box, taking(order_id, 1901), who)
    till.take(session, box, taking(order_id, 1900), who)
    with pytest.raises(TooMuch):
        till.take(session, box, taking(order_id, 1), who)


def test_meal_vouchers_stop_at_the_day_s_limit_over_all_orders(
    session: Session, scene: Scene
) -> None:
    person_id = make_person(session)
    first = delivered_on_spot(session, scene, {"honey": 2}, person_id=person_id)
    second = delivered_on_spot(session, scene, {"honey": 3}, person_id=person_id)
    box, who = desk_till(session, scene), somebody(session)
    till.take(session, box, taking(first, 1900, SpotWay.MEAL_PAPER), who)
    with pytest.raises(TakingRefused) as refused:
        till.take(session, box, taking(second, 601, SpotWay.MEAL_CARD), who)
    assert refused.value.facts["most"] == 600
    till.take(session, box, taking(second, 600, SpotWay.MEAL_CARD), who)
    tomorrow = somebody(session, DAY + timedelta(days=1))
    assert till.take(session, box, taking(second, 2250 - 1, SpotWay.MEAL_CARD), tomorrow)


def test_meal_vouchers_do_not_pay_for_wine(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2, "yogurt": 1})
    session.execute(
        update(OrderLine)
        .where(OrderLine.order_id == order_id, OrderLine.offer_id == scene.offers["honey"])
        .values(tax_class=TaxClass.FULL)
    )
    box, who = desk_till(session, scene), somebody(session)
    with pytest.raises(TakingRefused) as refused:
        till.take(session, box, taking(order_id, 400, SpotWay.MEAL_PAPER), who)
    assert refused.value.facts["most"] == 320


def test_a_way_that_the_place_does_not_accept_is_refused_except_at_the_desk(
    session: Session, scene: Scene
) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    accept(session, scene, SpotWay.CASH)
    box, who = desk_till(session, scene), somebody(session)
    with pytest.raises(WayRefused):
        till.take(session, box, taking(order_id, 100, SpotWay.CHEQUE), who)
    assert till.take(session, box, taking(order_id, 100, SpotWay.CHEQUE), who, any_way=True)


def test_a_counter_entry_makes_a_settled_order_owed_again(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    box, who = desk_till(session, scene), somebody(session)
    till.take(session, box, taking(order_id, 1900), who)
    assert settle(session, order_id) == "settled"
    assert till.counter(session, box, 1, "it was a cheque", who, key="c1")
    assert not till.counter(session, box, 1, "it was a cheque", who, key="c1")
    with pytest.raises(CounterRefused):
        till.counter(session, box, 1, "again", who, key="c2")
    session.expire_all()
    found = tenders.standing(session, order_id)
    assert (found.state, found.to_collect) == ("fulfilled", Money(1900))
    till.take(session, box, taking(order_id, 1900, SpotWay.CHEQUE), who)
    assert settle(session, order_id) == "settled"
    assert proven(session) == []
    assert read.check(session, box) == []


def test_a_closed_day_takes_nothing_more(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    box, who = desk_till(session, scene), somebody(session)
    till.take(session, box, taking(order_id, 900), who)
    assert till.close(
        session, box, Period.DAY, DAY, at=who.at, by=who.person_id, counted=Money(880), note="…"
    )
    assert not till.close(session, box, Period.DAY, DAY, at=who.at)
    (closing,) = read.closings(session, box)
    assert (closing.expected, closing.difference) == (Money(900), Money(-20))
    with pytest.raises(DayClosed), session.begin_nested():
        till.take(session, box, taking(order_id, 1000), who)
    later = somebody(session, DAY + timedelta(days=1))
    till.take(session, box, taking(order_id, 1000), later)
    assert read.check(session, box) == []


def test_months_and_years_are_closed_with_the_grand_total(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 3})
    box = desk_till(session, scene)
    for day, cents in ((date(2026, 11, 27), 500), (date(2026, 12, 30), 700)):
        till.take(session, box, taking(order_id, cents), somebody(session, day))
    today = date(2027, 1, 2)
    till.take(session, box, taking(order_id, 800), somebody(session, today))
    assert till.close_past(session, box, today, at=somebody(session, today).at) == 5
    assert till.close_past(session, box, today, at=somebody(session, today).at) == 0
    found = {
        (row.label, row.total.cents, row.perpetual.cents) for row in read.closings(session, box)
    }
    assert found == {
        ("2026-11-27", 500, 500),
        ("2026-12-30", 700, 1200),
        ("2026-11", 500, 500),
        ("2026-12", 700, 1200),
        ("2026", 1200, 1200),
    }
    assert read.check(session, box) == []


def test_a_row_that_was_tampered_with_is_named(session: Session, scene: Scene) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    box, who = desk_till(session, scene), somebody(session)
    for cents in (500, 600, 700):
        till.take(session, box, taking(order_id, cents), who)
    session.execute(text("ALTER TABLE till_entries DISABLE TRIGGER till_entries_append_only"))
    session.execute(text("UPDATE till_entries SET amount_cents = 60 WHERE sequence = 2"))
    session.execute(text("ALTER TABLE till_entries ENABLE TRIGGER till_entries_append_only"))
    assert [(broken.record, broken.why) for broken in read.check(session, box)] == [
        ("entry 2", "was changed after it was sealed")
    ]
