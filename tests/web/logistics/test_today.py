"""The desk's first page says in figures where somebody has to act."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.infra.clock import SetClock
from shop.logistics.services import driving
from tests.factories.field import LEFT_AT, Day, deed
from tests.factories.field_visits import Hand, hand_of
from tests.factories.fulfilment import answer_with, grant, purchase_of


@pytest.fixture
def desk(app: Flask, session: Session, day: Day) -> Hand:
    return hand_of(app, grant(session, Role.DESK, market_id=day.scene.market.id))


def test_a_closed_sale_says_who_is_silent_what_lacks_and_what_was_not_delivered(
    desk: Hand, session: Session, day: Day, clock: SetClock
) -> None:
    page = desk.read(f"/desk/{day.scene.market.slug}/")
    assert "Orders 2 Sales" in page
    assert "Farms that have not answered 2 of 2 farms" in page
    assert "Farms to count 2 Something lacks 0 Failed stops 0 Delivered, unpaid 0" in page
    answer_with(
        session,
        purchase_of(session, day.scene.producers[1]),
        {day.scene.offers["honey"]: 3},
        at=clock.now(),
    )
    driving.fail(session, day.last, deed(day), driver_id=day.driver, note="Closed", at=LEFT_AT)
    page = desk.read(f"/desk/{day.scene.market.slug}/")
    assert "Farms that have not answered 1 of 2 farms" in page
    assert "Something lacks 1 Failed stops 1" in page


def test_each_figure_leads_to_where_to_act(desk: Hand, day: Day) -> None:
    slug, code = day.scene.market.slug, day.scene.cycle.code
    page = desk.get(f"/desk/{slug}/").text
    for path in (
        f"/desk/{slug}/orders?cycle={code}",
        f"/desk/{slug}/purchases?cycle={code}",
        f"/receipts/{slug}/?cycle={code}",
        f"/desk/{slug}/orders?cycle={code}&amp;state=short",
        f"/desk/{slug}/orders?cycle={code}&amp;state=unpaid",
        f"/desk/{slug}/failed/",
    ):
        assert f'href="{path}"' in page
        assert desk.get(path.replace("&amp;", "&")).status_code == 200


def test_the_average_basket_is_what_is_expected_of_one_order(desk: Hand, day: Day) -> None:
    page = desk.read(f"/desk/{day.scene.market.slug}/")
    assert "Sales €102.56 as weighed, else as estimated Average basket €51.28" in page


def test_nobody_else_sees_the_day(app: Flask, driver: Hand, stranger: Hand, day: Day) -> None:
    for hand in (driver, stranger):
        assert hand.get(f"/desk/{day.scene.market.slug}/").status_code == 403
    assert app.test_client().get(f"/desk/{day.scene.market.slug}/").status_code == 302
