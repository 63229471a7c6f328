"""The desk gives money back, the desk of another market does not."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.orders.domain.terms import RefundReason, RefundWay
from shop.orders.models import Order, OrderLine, Refund, RefundLine
from shop.orders.services.fulfilment import Picked
from tests.factories.desk_visits import Visitor
from tests.factories.fulfilment import buy, close, come_in, grant, hand_over
from tests.factories.orders import Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch


@pytest.fixture
def paid(customer: Customer, counter: Counter, scene: Scene, session: Session) -> Order:
    with counter.app.app_context():
        order_id = buy(customer, counter, chicken=1, honey=2)
        close(session, scene)
        hand_over(
            session, scene, order_id, {"chicken": Picked(1, weight_g=1234), "honey": Picked(2)}
        )
        dispatch.drain()
    session.expire_all()
    return session.get_one(Order, order_id)


@pytest.fixture
def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    come_in(client, grant(session, Role.DESK, market_id=scene.market.id))
    return Visitor(client)


def honey(session: Session, scene: Scene, order: Order) -> int:
    return session.scalars(
        select(OrderLine.id).where(
            OrderLine.order_id == order.id, OrderLine.offer_id == scene.offers["honey"]
        )
    ).one()


def test_the_desk_gives_back_a_part_of_a_line_with_a_reason(
    paid: Order, clerk: Visitor, scene: Scene, session: Session
) -> None:
    line_id = honey(session, scene, paid)
    page = f"/desk/{scene.market.slug}/orders/{paid.number}/refund"
    shown = clerk.get(page)
    assert shown.status_code == 200
    assert "Miel de lavande" in shown.text
    said = {
        "key": "5b1b2c3e-0000-4000-8000-000000000001",
        "reason": "damaged",
        "way": "card",
        "note": "Pot cassé",
        f"line-{line_id}": "9,50",
    }
    for _ in range(2):
        answer = clerk.post(page, **said)
        assert (answer.status_code, answer.location) == (303, page.removesuffix("/refund"))
    refund = session.scalars(select(Refund)).one()
    assert (refund.amount_cents, refund.reason, refund.way) == (
        950,
        RefundReason.DAMAGED,
        RefundWay.CARD,
    )
    about = session.execute(select(RefundLine.order_line_id, RefundLine.amount_cents)).all()
    assert [tuple(row) for row in about] == [(line_id, 950)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"line": "abc"}, "An amount like 4,50."),
        ({"line": "19,01"}, "At most €19.00 can be given back."),
        ({"line": ""}, "Nothing is given back yet"),
        ({"line": "1", "reason": ""}, "Please say why"),
        ({"line": "1", "way": "credit"}, "The customer has no account"),
    ],
)
def test_what_cannot_be_given_back_comes_back_with_what_was_typed(
    paid: Order, clerk: Visitor, scene: Scene, session: Session, said: dict[str, str], words: str
) -> None:
    page = f"/desk/{scene.market.slug}/orders/{paid.number}/refund"
    fields = {"reason": "damaged", "way": "card", "note": "Pot cassé", **said}
    fields[f"line-{honey(session, scene, paid)}"] = fields.pop("line")
    answer = clerk.post(page, **fields)
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert "Pot cassé" in answer.text
    assert session.scalars(select(Refund)).all() == []


def test_another_market_and_its_customer_give_nothing_back(
    paid: Order, client: FlaskClient, scene: Scene, session: Session
) -> None:
    page = f"/desk/{scene.market.slug}/orders/{paid.number}/refund"
    elsewhere = make_scene(session).market.id
    said = {"reason": "damaged", "way": "card", "whole": "1"}
    assert Visitor(client).get(page).status_code in (302, 303, 401, 403)
    come_in(client, grant(session, Role.DESK, market_id=elsewhere))
    assert Visitor(client).get(page).status_code == 403
    assert Visitor(client).post(page, **said).status_code == 403
    assert session.scalars(select(Refund)).all() == []
