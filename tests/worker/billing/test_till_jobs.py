"""What the clock does for tills and accounts, however often it runs."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from shop.adapters.memory_mailer import MemoryMailer
from shop.billing.queries import till as read
from shop.billing.services import till
from shop.infra.clock import Clock, SetClock
from shop.infra.ports import plug
from shop.orders.ports import Mailer
from shop.orders.services import accounts
from shop.orders.services.accounts import Terms
from shop.orders.services.tenders import Wish
from tests.factories.fulfilment import CLOSED_AT
from tests.factories.orders import make_order, make_person, make_scene
from tests.factories.tills import (
    accept,
    deliver,
    delivered_on_spot,
    desk_till,
    somebody,
    taking,
)
from tests.harness.application import PORTS
from worker import billing_till


def test_a_day_that_nobody_closed_is_closed_once_by_the_clock(app: Flask, session: Session) -> None:
    scene = make_scene(session)
    accept(session, scene)
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    box = desk_till(session, scene)
    till.take(session, box, taking(order_id, 500), somebody(session))
    session.commit()
    usual = dict(app.extensions[PORTS])
    plug(app, {Clock: SetClock(CLOSED_AT + timedelta(days=4))})
    try:
        with app.app_context():
            for _ in range(2):
                billing_till.close_tills()
    finally:
        app.extensions[PORTS].update(usual)
    session.expire_all()
    assert [row.label for row in read.closings(session, box)] == ["2026-11-26"]
    assert read.check(session, box) == []


def test_a_reminder_names_what_is_overdue(app: Flask, session: Session) -> None:
    scene = make_scene(session)
    cook = make_person(session)
    canteen = accounts.register(
        session,
        scene.market.id,
        Terms(
            "Cantine", "73282932000074", "c@exemple.fr", "", "1 rue", "83170", "Brignoles", 30, 9000
        ),
    )
    accounts.join(session, canteen, cook)
    wish = Wish(organisation_id=canteen)
    made = make_order(session, scene, {"honey": 3}, person_id=cook, wish=wish)
    deliver(session, scene, made.order_id)
    session.commit()
    mailer = MemoryMailer()
    usual = dict(app.extensions[PORTS])
    plug(app, {Mailer: mailer})
    try:
        with app.app_context():
            billing_till.send_account_reminder(canteen, "2027-01-05")
            billing_till.send_account_reminder(canteen, "2026-12-01")
    finally:
        app.extensions[PORTS].update(usual)
    (letter,) = mailer.letters.values()
    assert letter.to == "c@exemple.fr"
    assert made.number in letter.text
    assert "28,50" in letter.text
