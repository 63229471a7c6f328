"""Everybody who waits for a truck sees the same honest interval; nobody else sees any."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.logistics.models import RoundDelay, StopEstimate
from shop.logistics.services import driving
from shop.orders.models import Order
from tests.factories.field import LEFT_AT, Day
from tests.factories.field_visits import Hand, hand_of
from tests.factories.fulfilment import grant
from tests.factories.orders import make_person

BETWEEN = re.compile(r"between (\d+:\d\d.[AP]M) and (\d+:\d\d.[AP]M)")


@pytest.fixture
def gone(session: Session, day: Day) -> Day:
    driving.depart(session, day.round_id, driver_id=day.driver, at=LEFT_AT)
    return day


def page_of(session: Session, day: Day, order_id: int) -> str:
    token = session.get_one(Order, order_id).token
    return f"/{day.scene.market.slug}/orders/{token}"


def test_a_customer_at_home_reads_between_when_and_when(
    app: Flask, session: Session, gone: Day
) -> None:
    visitor = hand_of(app, make_person(session))
    page = visitor.read(page_of(session, gone, gone.orders[-1]))
    assert BETWEEN.search(page)
    assert "With you between" in page
    assert "It holds eight times in ten" in page


def test_a_customer_of_a_relay_reads_when_the_truck_reaches_it(
    app: Flask, session: Session, gone: Day
) -> None:
    visitor = hand_of(app, make_person(session))
    page = visitor.read(page_of(session, gone, gone.orders[0]))
    assert "The truck should reach the pick-up point between" in page


def test_before_a_round_is_given_to_a_driver_nothing_is_said(
    app: Flask, session: Session, day: Day
) -> None:
    visitor = hand_of(app, make_person(session))
    assert not BETWEEN.search(visitor.read(page_of(session, day, day.orders[-1])))


def test_the_host_and_the_desk_read_the_same_interval_as_the_driver(
    app: Flask, session: Session, gone: Day, driver: Hand, host: Hand, point_id: int
) -> None:
    found = BETWEEN.search(host.read(f"/relay/{point_id}/"))
    assert found is not None
    first, last = found.groups()
    assert f"{first} – {last}" in driver.read(f"/driver/rounds/{gone.round_id}")
    desk = hand_of(app, grant(session, Role.DESK, market_id=gone.scene.market.id))
    assert f"{first} – {last}" in desk.read(f"/desk/{gone.scene.market.slug}/rounds/")


def test_a_driver_who_is_late_says_so_with_one_thumb(
    app: Flask, session: Session, gone: Day, driver: Hand
) -> None:
    answer = driver.post(f"/driver/rounds/{gone.round_id}/late", minutes="30", reason="bouchon")
    assert answer.status_code == 303
    assert "You said: 30 minutes late" in driver.read(f"/driver/rounds/{gone.round_id}")
    desk = hand_of(app, grant(session, Role.DESK, market_id=gone.scene.market.id))
    page = desk.read(f"/desk/{gone.scene.market.slug}/rounds/")
    assert "30 min late, says the driver" in page
    assert "bouchon" in page
    driver.post(f"/driver/rounds/{gone.round_id}/late", minutes="0")
    assert "I am late" in driver.read(f"/driver/rounds/{gone.round_id}")


@pytest.mark.parametrize("minutes", ["-5", "601", "soon", ""])
def test_a_delay_that_cannot_be_meant_is_refused(
    session: Session, gone: Day, driver: Hand, minutes: str
) -> None:
    driver.post(f"/driver/rounds/{gone.round_id}/late", minutes=minutes)
    assert "Say how many minutes" in driver.read(f"/driver/rounds/{gone.round_id}")
    assert session.scalars(select(RoundDelay)).all() == []


def test_somebody_else_cannot_make_a_round_late(
    app: Flask, session: Session, gone: Day, preparer: Hand, host: Hand, stranger: Hand
) -> None:
    before = session.scalars(select(StopEstimate.expected_at).order_by(StopEstimate.id)).all()
    other = hand_of(app, grant(session, Role.DRIVER, market_id=gone.scene.market.id))
    path = f"/driver/rounds/{gone.round_id}/late"
    assert other.post(path, minutes="30").status_code == 404
    assert preparer.post(path, minutes="30").status_code == 403
    assert host.post(path, minutes="30").status_code == 403
    assert stranger.post(path, minutes="30").status_code in (403, 404)
    session.expire_all()
    after = session.scalars(select(StopEstimate.expected_at).order_by(StopEstimate.id)).all()
    assert after == before
