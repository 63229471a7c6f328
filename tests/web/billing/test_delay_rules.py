"""A market keeps to its own dates from a day on; what was in force is never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.billing.models import MarketDelay
from shop.billing.queries import delays
from shop.orders.services import settlement
from tests.factories.desk_visits import Visitor
from tests.factories.fulfilment import CLOSED_AT, close, come_in, grant, hand_over, place_paid
from tests.factories.orders import NOW, Scene, make_scene
from tests.harness.application import clock_at

DELIVERED = date(2026, 11, 26)
RULE = {
    "kind": "perishable",
    "days": "10",
    "basis": "delivery",
    "source": "Accord avec les fermes",
    "valid_from": "2026-11-24",
}


@pytest.fixture
def now(app: Flask) -> Iterator[None]:
    with clock_at(app, NOW):
        yield


@pytest.fixture
def scene(session: Session, now: None) -> Scene:
    """One order that is delivered on the 26th."""
    made = make_scene(session)
    order_id = place_paid(session, made, {"chicken": 1})
    close(session, made)
    hand_over(session, made, order_id)
    settlement.prepare(session, order_id, at=CLOSED_AT)
    session.commit()
    return made


@pytest.fixture
def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    come_in(client, grant(session, Role.DESK, market_id=scene.market.id))
    return Visitor(client)


def page(scene: Scene) -> str:
    return f"/desk/{scene.market.slug}/delays"


def due_on(session: Session, scene: Scene) -> date:
    session.expire_all()
    (due,) = delays.watch(session, scene.market.id, NOW)
    return due.due_on


def test_a_rule_of_the_market_holds_from_its_day_on_and_ends_when_the_desk_says(
    session: Session, scene: Scene, clerk: Visitor
) -> None:
    law = due_on(session, scene)
    assert law == DELIVERED + timedelta(days=30)
    assert clerk.post(page(scene), **RULE).status_code == 303
    assert due_on(session, scene) == DELIVERED + timedelta(days=10)
    assert "Accord avec les fermes" in clerk.get(page(scene)).text
    rule_id = session.scalars(select(MarketDelay.id)).one()
    assert clerk.post(f"{page(scene)}/{rule_id}/end").status_code == 303
    assert due_on(session, scene) == law


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": "soon"}, "A number of days"),
        ({"days": "121"}, "Between 0 and 120"),
        ({"valid_from": "2026-11-23"}, "never changed"),
        ({"source": " "}, "which law or agreement"),
        ({"kind": "gold"}, "Please choose"),
    ],
)
def test_a_rule_that_cannot_be_is_shown_again_with_what_was_typed(
    wrong: dict[str, str], said: str, session: Session, scene: Scene, clerk: Visitor
) -> None:
    answer = clerk.post(page(scene), **RULE | wrong)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "Accord avec les fermes" in answer.text or "source" in wrong
    assert session.scalars(select(MarketDelay)).all() == []


def test_the_desk_of_another_market_changes_nothing_here(
    session: Session, scene: Scene, clerk: Visitor, client: FlaskClient
) -> None:
    assert clerk.post(page(scene), **RULE).status_code == 303
    rule_id = session.scalars(select(MarketDelay.id)).one()
    elsewhere = make_scene(session)
    come_in(client, grant(session, Role.DESK, market_id=elsewhere.market.id))
    other = Visitor(client)
    assert other.post(page(scene), **RULE).status_code in (403, 404)
    assert other.post(f"{page(elsewhere)}/{rule_id}/end").status_code == 422
    assert due_on(session, scene) == DELIVERED + timedelta(days=10)
