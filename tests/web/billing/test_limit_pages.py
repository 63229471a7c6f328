"""The desk sees how far its way to sell is from what the law allows; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.catalog.domain.selling import SalesModel
from shop.catalog.models import MarketProducer
from shop.orders.services import settlement
from shop.orders.services.fulfilment import Picked
from tests.factories.billing import sell_by
from tests.factories.desk_visits import Visitor
from tests.factories.fulfilment import CLOSED_AT, close, come_in, grant, hand_over, place_paid
from tests.factories.orders import Scene, make_scene
from tests.harness.application import clock_at


@pytest.fixture
def now(app: Flask) -> Iterator[None]:
    # The database writes the instant of an entry by its own clock.
    with clock_at(app, datetime.now(UTC)):
        yield


def sold(session: Session, model: SalesModel) -> Scene:
    """23.32 € of the first farm and 19.00 € of the other, under a model."""
    made = make_scene(session)
    sell_by(session, made, model)
    order_id = place_paid(session, made, {"chicken": 1, "honey": 2})
    close(session, made)
    hand_over(session, made, order_id, {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)})
    settlement.prepare(session, order_id, at=CLOSED_AT)
    session.commit()
    return made


def page(scene: Scene) -> str:
    return f"/desk/{scene.market.slug}/limits"


def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    come_in(client, grant(session, Role.DESK, market_id=scene.market.id))
    return Visitor(client)


def test_a_farm_that_resells_too_much_is_told(
    client: FlaskClient, session: Session, now: None
) -> None:
    scene = sold(session, SalesModel.FARM_RESALE)
    shown = clerk(client, session, scene).get(page(scene)).text
    for said in ("A limit is passed", "19.00", "23.32", "CGI, art. 75"):
        assert said in shown, said


def test_a_producers_shop_counts_its_members_as_the_desk_says(
    client: FlaskClient, session: Session, now: None
) -> None:
    scene = sold(session, SalesModel.PRODUCERS_SHOP)
    visitor = clerk(client, session, scene)
    assert "Every limit is kept" in visitor.get(page(scene)).text
    answer = visitor.post(f"{page(scene)}/members", member=str(scene.producers[0]))
    assert answer.status_code == 303
    session.expire_all()
    assert session.scalars(
        select(MarketProducer.producer_id).where(
            MarketProducer.market_id == scene.market.id, MarketProducer.is_member
        )
    ).all() == [scene.producers[0]]
    assert "A limit is passed" in visitor.get(page(scene)).text


def test_a_marketplace_has_no_limit_and_strangers_see_nothing(
    client: FlaskClient, session: Session, now: None
) -> None:
    scene = sold(session, SalesModel.MARKETPLACE)
    assert "No limit concerns this market" in clerk(client, session, scene).get(page(scene)).text
    elsewhere = make_scene(session)
    other = clerk(client, session, elsewhere)
    assert other.get(page(scene)).status_code in (403, 404)
    assert other.post(f"{page(scene)}/members", member="1").status_code in (403, 404)
