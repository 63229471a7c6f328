"""Where trucks stop is shown on a map by who knows the place: the farm's gate, the relay's door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.catalog.models import PickupPoint, Producer
from tests.factories.catalog import make_worker
from tests.factories.desk_visits import Visitor
from tests.factories.orders import NOW, Scene, make_scene
from tests.harness.application import clock_at

NEAR = {"lon": "6,0701", "lat": "43,4102"}
"""A field of Brignoles."""


@pytest.fixture(autouse=True)
def clock(app: Flask) -> Iterator[None]:
    with clock_at(app, NOW):
        yield


@pytest.fixture
def scene(session: Session) -> Scene:
    scene = make_scene(session)
    farm = session.get_one(Producer, scene.producers[0])
    farm.commune, farm.postcode, farm.commune_insee = "Brignoles", "83170", "83023"
    session.commit()
    return scene


def signed_in(client: FlaskClient, session: Session, role: Role, **place: int) -> Visitor:
    email = make_worker(session, role, **place)
    session.commit()
    return Visitor(client).sign_in(email)


def gate_of(session: Session, scene: Scene) -> tuple[float, float]:
    session.expire_all()
    farm = session.get_one(Producer, scene.producers[0])
    return farm.lon, farm.lat


def test_a_producer_shows_where_the_gate_is(
    client: FlaskClient, session: Session, scene: Scene
) -> None:
    farmer = signed_in(client, session, Role.PRODUCER, producer_id=scene.producers[0])
    path = f"/producer/{scene.producers[0]}/gate"
    assert "data-pin" in farmer.get(path).text
    assert farmer.post(path, **NEAR).status_code == 303
    assert gate_of(session, scene) == (6.0701, 43.4102)
    assert 'value="6.0701"' in farmer.get(path).text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"lon": "2.35", "lat": "48.85"}, "This place is not in Brignoles."),
        ({"lon": "", "lat": ""}, "Please set the pin, or type both coordinates."),
    ],
)
def test_a_gate_elsewhere_is_refused(
    client: FlaskClient, session: Session, scene: Scene, typed: dict[str, str], told: str
) -> None:
    farmer = signed_in(client, session, Role.PRODUCER, producer_id=scene.producers[0])
    client.set_cookie("language", "en")
    before = gate_of(session, scene)
    answer = farmer.post(f"/producer/{scene.producers[0]}/gate", **typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert gate_of(session, scene) == before


def test_nobody_else_moves_the_gate(client: FlaskClient, session: Session, scene: Scene) -> None:
    before = gate_of(session, scene)
    neighbor = signed_in(client, session, Role.PRODUCER, producer_id=scene.producers[1])
    assert neighbor.get(f"/producer/{scene.producers[0]}/gate").status_code in (403, 404)
    answer = neighbor.post(f"/producer/{scene.producers[0]}/gate", **NEAR)
    assert answer.status_code in (403, 404)
    assert gate_of(session, scene) == before


def test_the_desk_moves_the_pin_of_a_relay_within_its_commune(
    client: FlaskClient, session: Session, scene: Scene
) -> None:
    clerk = signed_in(client, session, Role.DESK, market_id=scene.market.id)
    client.set_cookie("language", "en")
    said = {
        "kind": "relay",
        "name": "Épicerie du Caramy",
        "host_name": "Lise",
        "phone": "04 94 00 00 00",
        "address": "2 place Caramy",
        "postcode": "83170",
        "commune": "Brignoles",
        "hours_fr": "17 h",
        "hours_en": "5 pm",
        "crate_capacity": "40",
        "deliver_from": "15:00",
        "deliver_until": "17:00",
        "service_minutes": "10",
    }
    places = f"/desk/{scene.market.slug}/delivery/places"
    assert clerk.post(f"{places}/new", **said).status_code == 303
    point = session.scalars(select(PickupPoint).where(PickupPoint.name == said["name"])).one()
    path = f"{places}/{point.id}"
    assert "data-pin" in clerk.get(path).text
    assert clerk.post(path, **said, **NEAR).status_code == 303
    session.expire_all()
    assert (point.lon, point.lat) == (6.0701, 43.4102)
    far = clerk.post(path, **said, lon="2.35", lat="48.85")
    assert far.status_code == 422
    assert "This place is not in Brignoles." in far.text
    session.expire_all()
    assert (point.lon, point.lat) == (6.0701, 43.4102)
