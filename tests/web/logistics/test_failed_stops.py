"""The desk decides about what could not be delivered: called off, or sent once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.logistics.models import Stop, Vehicle
from shop.logistics.services import driving, picking
from shop.orders.models import Order
from tests.factories.field import LEFT_AT, PICKED_AT, Day, all_picked, deed
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.fulfilment import grant
from tests.factories.orders import make_scene


@pytest.fixture
def desk(app: Flask, session: Session, day: Day) -> Hand:
    return hand_of(app, grant(session, Role.DESK, market_id=day.scene.market.id))


@pytest.fixture
def failed(session: Session, day: Day) -> int:
    """The last door stayed shut, and the truck is back."""
    for order in day.orders:
        picking.record(session, all_picked(day, order), by=day.preparer, at=PICKED_AT)
    driving.fail(
        session, day.last, deed(day), driver_id=day.driver, note="Portail fermé", at=LEFT_AT
    )
    for stop_id in (day.farm, day.relay):
        driving.serve(
            session, stop_id, deed(day), driver_id=day.driver, receiver="Odile", at=LEFT_AT
        )
    return day.last


@pytest.fixture
def place(day: Day) -> str:
    return f"/desk/{day.scene.market.slug}/failed/"


def test_the_desk_reads_why_and_who_waits(desk: Hand, day: Day, failed: int, place: str) -> None:
    page = desk.read(place)
    assert "Portail fermé" in page
    assert "Léa Dupont" in page
    assert "Jeanne Martin" not in page


def test_calling_off_wants_a_reason_and_tells_the_customer(
    desk: Hand, session: Session, day: Day, failed: int, place: str
) -> None:
    order = str(day.orders[-1])
    answer = desk.post(f"{place}{failed}", order=order, do="off", why=" ")
    assert answer.status_code == 422
    assert "Say why in a few words" in words_of(answer)
    assert session.get_one(Order, day.orders[-1]).state == "firm"
    answer = desk.post(f"{place}{failed}", order=order, do="off", why="Votre portail était fermé.")
    assert answer.status_code == 303
    assert "Everything was delivered" in desk.read(place)
    session.expire_all()
    made = session.get_one(Order, day.orders[-1])
    assert (made.state, made.final_cents) == ("fulfilled", 0)
    page = desk.read(f"/{day.scene.market.slug}/orders/{made.token}")
    assert "This order could not be delivered" in page
    assert "Votre portail était fermé." in page
    assert "Nothing delivered, nothing charged" in page


def test_sending_again_says_what_is_missing_and_then_makes_a_round(
    desk: Hand, session: Session, day: Day, failed: int, place: str
) -> None:
    order = str(day.orders[-1])
    vehicle = session.scalars(
        select(Vehicle.id).where(Vehicle.market_id == day.scene.market.id)
    ).one()
    form = {
        "order": order, "do": "again", "day": "tomorrow", "starts_at": "", "ends_at": "18:30",
        "way": "new", "vehicle": str(vehicle), "driver": str(day.driver),
    }  # fmt: skip
    answer = desk.post(f"{place}{failed}", **form)
    assert answer.status_code == 422
    assert "Give an hour, such as 17:30." in words_of(answer)
    assert 'value="18:30"' in answer.text
    answer = desk.post(f"{place}{failed}", **{**form, "starts_at": "17:00", "driver": "0"})
    assert "Choose who drives." in words_of(answer)
    answer = desk.post(f"{place}{failed}", **{**form, "starts_at": "17:00"})
    assert answer.status_code == 303
    session.expire_all()
    stop = session.scalars(select(Stop).order_by(Stop.id.desc()).limit(1)).one()
    assert stop.name == "Au bout"
    assert stop.arrives_at.date() == (LEFT_AT + timedelta(days=1)).date()
    assert "Everything was delivered" in desk.read(place)
    answer = desk.post(f"{place}{failed}", **{**form, "starts_at": "17:00"})
    assert answer.status_code == 303
    assert "This was decided already." in desk.read(place)


def test_a_second_try_against_the_rules_is_told_in_words_and_sent_when_the_desk_insists(
    desk: Hand, session: Session, day: Day, failed: int, place: str
) -> None:
    vehicle = session.scalars(
        select(Vehicle.id).where(Vehicle.market_id == day.scene.market.id)
    ).one()
    form = {
        "order": str(day.orders[-1]), "do": "again", "day": "tomorrow", "starts_at": "22:00",
        "ends_at": "23:00", "way": "new", "vehicle": str(vehicle), "driver": str(day.driver),
    }  # fmt: skip
    answer = desk.post(f"{place}{failed}", **form)
    assert answer.status_code == 422
    assert "This breaks rules." in words_of(answer)
    assert "The hub is closed at 10:" in words_of(answer)
    assert 'value="22:00"' in answer.text
    assert session.scalars(select(func.count()).select_from(Stop)).one() == 3
    answer = desk.post(f"{place}{failed}", **form, sure="1")
    assert answer.status_code == 303
    assert session.scalars(select(func.count()).select_from(Stop)).one() == 4


def test_a_driver_no_longer_hands_over_where_the_goods_have_left(
    desk: Hand, driver: Hand, session: Session, day: Day, failed: int, place: str
) -> None:
    vehicle = session.scalars(
        select(Vehicle.id).where(Vehicle.market_id == day.scene.market.id)
    ).one()
    desk.post(
        f"{place}{failed}", order=str(day.orders[-1]), do="again", day="tomorrow",
        starts_at="17:00", ends_at="18:30", way="new", vehicle=str(vehicle),
        driver=str(day.driver),
    )  # fmt: skip
    page = driver.read(f"/driver/stops/{failed}")
    assert "The goods leave with another stop." in page
    assert "It is delivered" not in page


def test_nobody_but_this_desk_decides(
    app: Flask, driver: Hand, stranger: Hand, session: Session, day: Day, failed: int, place: str
) -> None:
    for hand in (driver, stranger):
        assert hand.get(place).status_code == 403
        answer = hand.post(f"{place}{failed}", order=str(day.orders[-1]), do="off", why="because")
        assert answer.status_code == 403
    assert session.get_one(Order, day.orders[-1]).state == "firm"


def test_a_stop_of_another_market_is_not_found(
    app: Flask, session: Session, stranger: Hand, day: Day, failed: int
) -> None:
    elsewhere = make_scene(session).market
    desk = hand_of(app, grant(session, Role.DESK, market_id=elsewhere.id))
    answer = desk.post(
        f"/desk/{elsewhere.slug}/failed/{failed}",
        order=str(day.orders[-1]),
        do="off",
        why="because",
    )
    assert answer.status_code == 404
    assert session.get_one(Order, day.orders[-1]).state == "firm"
