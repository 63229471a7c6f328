"""The desk shows where a home is when only its commune is known."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.catalog.domain.terms import OptionKind
from shop.infra.places.geocoding import PinBy
from shop.orders.models import Order
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.fulfilment import grant, place_paid
from tests.factories.orders import Scene, make_scene


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def order(session: Session, scene: Scene) -> Order:
    key = place_paid(session, scene, {"honey": 2})
    session.execute(
        update(Order)
        .where(Order.id == key)
        .values(option_kind=OptionKind.HOME, pickup_point_id=None, commune_insee="83023",
                lon=6.06, lat=43.40, pin_by=PinBy.COMMUNE)
    )  # fmt: skip
    session.expire_all()
    return session.get_one(Order, key)


@pytest.fixture
def desk(app: Flask, client: FlaskClient, session: Session, scene: Scene) -> Hand:
    return hand_of(app, grant(session, Role.DESK, market_id=scene.market.id))


def path(scene: Scene, order: Order) -> str:
    return f"/desk/{scene.market.slug}/orders/{order.number}"


def test_the_desk_and_the_customer_read_that_only_the_commune_is_known(
    desk: Hand, scene: Scene, order: Order
) -> None:
    assert "only the commune is known" in desk.read(path(scene, order))
    page = desk.read(f"/{scene.market.slug}/orders/{order.token}")
    assert "We know the commune, not the exact place of your door" in page


def test_the_desk_moves_the_pin(desk: Hand, session: Session, scene: Scene, order: Order) -> None:
    assert "the pin stands in the middle" in desk.read(f"{path(scene, order)}/pin")
    far = desk.post(f"{path(scene, order)}/pin", lon="2.35", lat="48.85")
    assert far.status_code == 422
    assert "This place is not in" in words_of(far)
    nothing = desk.post(f"{path(scene, order)}/pin", lon="x", lat="")
    assert nothing.status_code == 422
    answer = desk.post(f"{path(scene, order)}/pin", lon="6.0712", lat="43.4101")
    assert answer.status_code == 303
    session.expire_all()
    moved = session.get_one(Order, order.id)
    assert (moved.lon, moved.lat, moved.pin_by) == (6.0712, 43.4101, PinBy.PERSON)
    assert moved.pinned_at is not None
    assert "only the commune is known" not in desk.read(path(scene, order))


def test_what_was_delivered_stays_where_it_was(
    desk: Hand, session: Session, scene: Scene, order: Order
) -> None:
    session.execute(update(Order).where(Order.id == order.id).values(state="settled"))
    answer = desk.post(f"{path(scene, order)}/pin", lon="6.0712", lat="43.4101")
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(Order, order.id).lon == 6.06


def test_another_desk_moves_nothing(
    app: Flask, client: FlaskClient, session: Session, scene: Scene, order: Order
) -> None:
    elsewhere = make_scene(session).market
    stranger = hand_of(app, grant(session, Role.DESK, market_id=elsewhere.id))
    assert stranger.get(f"{path(scene, order)}/pin").status_code == 403
    assert stranger.post(f"{path(scene, order)}/pin", lon="6", lat="43").status_code == 403
    theirs = f"/desk/{elsewhere.slug}/orders/{order.number}/pin"
    assert stranger.post(theirs, lon="6", lat="43").status_code == 404
    session.expire_all()
    assert session.get_one(Order, order.id).lon == 6.06
