"""Rounds that leave the site: navigation, calendars, loading sheets."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.catalog.models import Cycle, Market
from shop.infra.places.geocoding import PinBy
from shop.logistics.domain.gpx import NAMESPACE
from shop.logistics.models import CalendarFeed, Stop
from shop.orders.models import Order
from tests.factories.field import Day
from tests.factories.field_visits import Hand, hand_of
from tests.factories.fulfilment import grant

IN = {"g": NAMESPACE}
ADDRESS = re.compile(r'value="http://localhost(/driver/calendar/[\w-]+\.ics)"')


@pytest.fixture
def desk(app: Flask, session: Session, day: Day) -> Hand:
    return hand_of(app, grant(session, Role.DESK, market_id=day.scene.market.id))


def rounds_of(session: Session, day: Day) -> str:
    cycle = session.get_one(Cycle, day.scene.cycle.id)
    market = session.get_one(Market, cycle.market_id)
    return f"/desk/{market.slug}/rounds/{cycle.code}"


def test_a_driver_opens_the_round_in_a_navigation_app(driver: Hand, day: Day) -> None:
    answer = driver.get(f"/driver/rounds/{day.round_id}/round.gpx")
    assert answer.status_code == 200
    assert answer.mimetype == "application/gpx+xml"
    root = ElementTree.fromstring(answer.data)
    names = [each.text for each in root.findall("g:rte/g:rtept/g:name", IN)]
    assert len(names) == 5
    assert names[0] == names[-1]
    assert [name.split(" · ")[0] for name in names[1:-1] if name] == ["1", "2", "3"]


def test_nobody_else_takes_the_round_away(stranger: Hand, preparer: Hand, day: Day) -> None:
    assert stranger.get(f"/driver/rounds/{day.round_id}/round.gpx").status_code == 404
    assert preparer.get(f"/driver/rounds/{day.round_id}/round.gpx").status_code in (403, 404)


def test_a_driver_s_calendar_opens_without_signing_in(
    app: Flask, driver: Hand, day: Day, session: Session
) -> None:
    page = driver.post("/driver/calendar", do="make")
    assert page.status_code == 303
    found = ADDRESS.search(driver.get("/driver/calendar").text)
    assert found is not None
    assert ADDRESS.search(driver.get("/driver/calendar").text) is None
    kept = session.scalars(select(CalendarFeed)).one()
    assert kept.token not in found[1]
    answer = app.test_client().get(found[1])
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert f"UID:round-{day.round_id}@carriole" in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_address_that_was_taken_back_opens_nothing(
    app: Flask, driver: Hand, day: Day, session: Session
) -> None:
    driver.post("/driver/calendar", do="make")
    first = ADDRESS.search(driver.get("/driver/calendar").text)
    driver.post("/driver/calendar", do="make")
    second = ADDRESS.search(driver.get("/driver/calendar").text)
    assert first is not None
    assert second is not None
    stranger = app.test_client()
    assert stranger.get(first[1]).status_code == 404
    assert stranger.get(second[1]).status_code == 200
    driver.post("/driver/calendar", do="revoke")
    assert stranger.get(second[1]).status_code == 404
    assert stranger.get("/driver/calendar/guessed.ics").status_code == 404


def test_a_calendar_says_nothing_of_customers_phones_and_codes(
    app: Flask, driver: Hand, day: Day, session: Session
) -> None:
    order = session.get_one(Order, day.orders[-1])
    order.door_code = "A1B2"
    session.flush()
    driver.post("/driver/calendar", do="make")
    found = ADDRESS.search(driver.get("/driver/calendar").text)
    assert found is not None
    text = app.test_client().get(found[1]).text
    assert "A1B2" not in text
    assert order.contact_phone not in text


def test_the_desk_loads_the_last_stop_first(desk: Hand, day: Day, session: Session) -> None:
    page = desk.read(rounds_of(session, day) + "/loading")
    last, relay = session.get_one(Stop, day.last), session.get_one(Stop, day.relay)
    assert page.index(last.name) < page.index(relay.name)
    assert session.get_one(Stop, day.farm).name not in page
    paper = desk.get(rounds_of(session, day) + "/loading.pdf")
    assert paper.mimetype == "application/pdf"
    assert desk.get(rounds_of(session, day) + "/loading-1.pdf").status_code == 200
    assert desk.get(rounds_of(session, day) + "/loading-99.pdf").status_code == 404
    assert desk.get(rounds_of(session, day) + "/round-1.gpx").mimetype == "application/gpx+xml"


def test_the_desk_of_another_market_sees_no_loading(
    app: Flask, session: Session, driver: Hand, day: Day
) -> None:
    for path in ("/loading", "/loading.pdf", "/round-1.gpx"):
        assert driver.get(rounds_of(session, day) + path).status_code == 403


def test_navigation_goes_to_the_pin_or_by_the_address(
    driver: Hand, day: Day, session: Session
) -> None:
    stop = session.get_one(Stop, day.last)
    page = driver.get(f"/driver/stops/{stop.id}").text
    assert f'href="geo:{stop.lat:.6f},{stop.lon:.6f}?q=' in page
    assert "https://maps.apple.com/?daddr=" in page
    order = session.get_one(Order, day.orders[-1])
    order.pin_by = PinBy.COMMUNE
    session.flush()
    vague = driver.get(f"/driver/stops/{stop.id}").text
    assert 'href="geo:0,0?q=' in vague
    assert "navigation goes by the address" in vague
