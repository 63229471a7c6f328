"""Where the door of a home is, on the way to the order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.adapters.http_json import JsonServer
from shop.adapters.national_geocoder import NationalGeocoder
from shop.infra.places import communes
from shop.infra.places.geocoding import Geocoder, PinBy
from shop.infra.ports import plug
from shop.orders.models import Basket, Order
from tests.factories.geocoder_server import GeocoderServer
from tests.factories.road_servers import RoadServer, serving
from tests.factories.visiting import Customer
from tests.harness.application import PORTS

BRIGNOLES = communes.by_postcode("83170")[0]
SURE = "12 rue de la République"
DOUBTFUL = "rue du Four"


class NoCache:
    def get(self, name: str) -> None:
        return None

    def setex(self, name: str, time: int, value: str) -> None:
        return None


@pytest.fixture
def geocoder(app: Flask) -> Iterator[RoadServer]:
    usual = dict(app.extensions[PORTS])
    with serving(GeocoderServer(limit=0)) as server:
        http = JsonServer(server.url, pause=server.pauses.append)
        plug(app, {Geocoder: NationalGeocoder(http, NoCache())})
        yield server
    app.extensions[PORTS].update(usual)


@pytest.fixture
def at_home(customer: Customer) -> Customer:
    """Somebody who has chosen home delivery in Brignoles, and reads English."""
    customer.client.set_cookie("language", "en")
    customer.put(honey=3)
    assert customer.choose("home", insee="83023").status_code == 303
    return customer


def basket_of(session: Session) -> Basket:
    session.expire_all()
    return session.scalars(select(Basket)).one()


def step(answer: object) -> str:
    return str(answer.headers["Location"]).rsplit("/", 1)[-1]  # type: ignore[attr-defined]


def test_an_address_that_is_sure_asks_nothing(
    at_home: Customer, geocoder: RoadServer, session: Session
) -> None:
    assert step(at_home.introduce(address=SURE)) == "recap"
    basket = basket_of(session)
    assert (basket.lon, basket.lat, basket.pin_by) == (6.0612, 43.4058, PinBy.ADDRESS)
    assert "Your door was found" in at_home.get("/checkout/recap").text
    assert at_home.confirm().status_code == 303
    order = session.scalars(select(Order)).one()
    assert (order.lon, order.lat, order.pin_by) == (6.0612, 43.4058, PinBy.ADDRESS)


def test_a_doubtful_address_lets_the_customer_choose(
    at_home: Customer, geocoder: RoadServer, session: Session
) -> None:
    assert step(at_home.introduce(address=DOUBTFUL)) == "pin"
    basket = basket_of(session)
    assert (basket.lon, basket.lat, basket.pin_by) == (
        BRIGNOLES.lon,
        BRIGNOLES.lat,
        PinBy.COMMUNE,
    )
    page = at_home.get("/checkout/pin").text
    assert "Rue du Four 83170 Brignoles" in page
    assert "La Celle" not in page
    assert step(at_home.post("/checkout/pin", spot="6.0631,43.4049")) == "recap"
    basket = basket_of(session)
    assert (basket.lon, basket.lat, basket.pin_by) == (6.0631, 43.4049, PinBy.PERSON)


def test_a_pin_set_by_hand_stays_when_the_contact_is_sent_again(
    at_home: Customer, geocoder: RoadServer, session: Session
) -> None:
    at_home.introduce(address=DOUBTFUL)
    at_home.post("/checkout/pin", lon="6.07", lat="43.41", spot="")
    assert step(at_home.introduce(address=DOUBTFUL)) == "recap"
    at_home.choose("home", insee="83023")
    assert basket_of(session).pin_by is PinBy.PERSON
    assert step(at_home.introduce(address=SURE)) == "recap"
    assert basket_of(session).pin_by is PinBy.ADDRESS


def test_a_pin_elsewhere_is_refused_at_the_map(
    at_home: Customer, geocoder: RoadServer, session: Session
) -> None:
    at_home.introduce(address=DOUBTFUL)
    answer = at_home.post("/checkout/pin", lon="2.35", lat="48.85", spot="")
    assert answer.status_code == 422
    assert "This place is not in Brignoles." in answer.text
    assert 'value="48.85"' in answer.text
    assert basket_of(session).pin_by is PinBy.COMMUNE


def test_a_silent_geocoder_costs_nobody_their_order(
    at_home: Customer, geocoder: RoadServer, session: Session
) -> None:
    geocoder.busy = 99
    assert step(at_home.introduce(address=SURE)) == "pin"
    assert basket_of(session).pin_by is PinBy.COMMUNE
    assert at_home.confirm().status_code == 303


def test_without_a_geocoder_the_recap_asks_for_the_pin_and_the_order_goes_on(
    at_home: Customer, session: Session
) -> None:
    assert step(at_home.introduce(address=SURE)) == "recap"
    recap = at_home.get("/checkout/recap").text
    assert "the pin stands in the middle of Brignoles" in recap
    assert "checkout/pin" in recap
    assert at_home.confirm().status_code == 303


def test_without_a_home_there_is_no_pin_to_set(customer: Customer) -> None:
    customer.put(honey=3)
    customer.choose("relay")
    customer.introduce()
    assert step(customer.get("/checkout/pin")) == "contact"
    assert step(customer.post("/checkout/pin", lon="6.07", lat="43.41")) == "contact"


def test_nobody_else_moves_the_pin(
    app: Flask, at_home: Customer, geocoder: RoadServer, session: Session
) -> None:
    at_home.introduce(address=DOUBTFUL)
    other = Customer(app.test_client(), at_home.scene)
    assert step(other.post("/checkout/pin", lon="6.07", lat="43.41")) == "contact"
    assert basket_of(session).pin_by is PinBy.COMMUNE
