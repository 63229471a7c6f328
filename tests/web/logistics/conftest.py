"""A day in the field, seen through the pages of who works there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.accounts.services import people
from shop.infra.clock import SetClock
from shop.orders.models import Order
from tests.factories.field import LEFT_AT, Day, make_day
from tests.factories.field_visits import Hand, hand_of
from tests.factories.fulfilment import grant
from tests.factories.orders import make_scene
from tests.harness.application import clock_at


@pytest.fixture(autouse=True)
def clock(app: Flask, client: FlaskClient) -> Iterator[SetClock]:
    with clock_at(app, LEFT_AT) as made:
        yield made


@pytest.fixture
def day(session: Session) -> Day:
    return make_day(session, make_scene(session))


@pytest.fixture
def preparer(app: Flask, day: Day) -> Hand:
    return hand_of(app, day.preparer)


@pytest.fixture
def driver(app: Flask, day: Day) -> Hand:
    return hand_of(app, day.driver)


@pytest.fixture
def point_id(session: Session, day: Day) -> int:
    found = session.get_one(Order, day.orders[0]).pickup_point_id
    assert found is not None
    return found


@pytest.fixture
def host(app: Flask, session: Session, point_id: int) -> Hand:
    return hand_of(app, grant(session, Role.RELAY_HOST, pickup_point_id=point_id))


@pytest.fixture
def stranger(app: Flask, session: Session) -> Hand:
    """Who prepares, drives and hosts at another market."""
    other = make_day(session, make_scene(session))
    point = session.get_one(Order, other.orders[0]).pickup_point_id
    person = grant(session, Role.PREPARER, market_id=other.scene.market.id)
    from_there = hand_of(app, person)
    people.grant(session, person, Role.DRIVER, market_id=other.scene.market.id)
    people.grant(session, person, Role.RELAY_HOST, pickup_point_id=point)
    return from_there
