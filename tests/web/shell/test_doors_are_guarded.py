"""Behind every door of work stands somebody who asks for the role: tried on every address."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shop.accounts.domain.roles import Role
from tests.factories.catalog import make_worker
from tests.factories.desk_visits import Visitor
from tests.factories.orders import Scene, make_scene

DOORS = ("/desk/", "/producer/", "/picker/", "/driver/", "/relay/", "/receipts/")
OWN = {"desk.home", "producer.home", "picker.home", "driver.home", "relay.home"}
"""First pages, where each person is led to what is theirs."""


def addresses(app: Flask, scene: Scene) -> list[tuple[str, str, str]]:
    """Endpoint, method and address of everything behind a door, with keys of ``scene``."""
    given = {"market": scene.market.slug, "producer_id": scene.producers[0], "code": "2026-48"}
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(DOORS) or rule.endpoint in OWN:
            continue
        values = {name: given.get(name, _any(rule, name)) for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, values)
        methods = (rule.methods or set()) & {"GET", "POST"}
        found += [(rule.endpoint, method, path) for method in sorted(methods)]
    return found


def _any(rule: Rule, name: str) -> str | int:
    return 1 if type(rule._converters[name]).__name__ == "IntegerConverter" else "x"


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def test_a_visitor_opens_no_door_of_work(app: Flask, client: FlaskClient, scene: Scene) -> None:
    visitor = Visitor(client)
    opened = {}
    asked = addresses(app, scene)
    for endpoint, method, path in asked:
        answer = visitor.get(path) if method == "GET" else visitor.post(path)
        led_to_sign_in = answer.status_code == 302 and "/sign-in" in str(answer.location)
        if not led_to_sign_in and answer.status_code not in (401, 403, 404, 405):
            opened[f"{method} {endpoint}"] = answer.status_code
    assert opened == {}
    assert len(asked) > 100


def test_who_works_at_another_market_opens_no_door_here(
    app: Flask, client: FlaskClient, session: Session, scene: Scene
) -> None:
    elsewhere = make_scene(session)
    email = make_worker(session, Role.DESK, market_id=elsewhere.market.id)
    session.commit()
    stranger = Visitor(client).sign_in(email)
    opened = {}
    for endpoint, method, path in addresses(app, scene):
        answer = stranger.get(path) if method == "GET" else stranger.post(path)
        if answer.status_code not in (401, 403, 404, 405):
            opened[f"{method} {endpoint}"] = answer.status_code
    assert opened == {}
