"""Goods come in: who prepares or sits at the desk counts what each farm brought."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.orders.models import PurchaseOrder, PurchaseOrderLine
from tests.factories.field import Day
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.fulfilment import asked_lines, grant, purchase_of


@pytest.fixture
def place(day: Day) -> str:
    return f"/receipts/{day.scene.market.slug}/"


@pytest.fixture
def purchase(session: Session, day: Day) -> int:
    return purchase_of(session, day.scene.producers[1])


@pytest.fixture
def honey(session: Session, day: Day, purchase: int) -> int:
    return asked_lines(session, purchase)[day.scene.offers["honey"]][0]


def test_a_preparer_sees_who_is_to_be_counted_and_counts(
    preparer: Hand, session: Session, place: str, purchase: int, honey: int
) -> None:
    assert "Farms counted 0 / 2" in preparer.read(place)
    page = preparer.read(f"{place}{purchase}")
    assert "expected: 4 pieces" in page
    answer = preparer.post(f"{place}{purchase}", **{f"brought-{honey}": "4"})
    assert answer.status_code == 303
    assert "Farms counted 1 / 2" in preparer.read(place)
    session.expire_all()
    assert session.get_one(PurchaseOrder, purchase).state == "collected"
    assert session.get_one(PurchaseOrderLine, honey).received == 4


def test_what_cannot_be_kept_is_said_at_its_box_with_what_was_typed(
    preparer: Hand, session: Session, place: str, purchase: int, honey: int
) -> None:
    typed = {f"brought-{honey}": "many", f"lot-{honey}": "M 7", f"use_by-{honey}": "soon"}
    answer = preparer.post(f"{place}{purchase}", **typed)
    assert answer.status_code == 422
    assert "Please give a number; 0 when nothing came." in words_of(answer)
    assert "This is not a day." in words_of(answer)
    assert 'value="M 7"' in answer.text
    answer = preparer.post(f"{place}{purchase}", **{f"brought-{honey}": "3"})
    assert answer.status_code == 422
    assert "Less than promised: say why." in words_of(answer)
    assert session.get_one(PurchaseOrderLine, honey).received is None


def test_nothing_came_is_one_press(
    preparer: Hand, session: Session, place: str, purchase: int, honey: int
) -> None:
    answer = preparer.post(f"{place}{purchase}", nothing="1", why="damaged")
    assert answer.status_code == 303
    session.expire_all()
    assert session.get_one(PurchaseOrderLine, honey).received == 0


def test_the_desk_counts_too(
    app: Flask, session: Session, day: Day, place: str, purchase: int, honey: int
) -> None:
    desk = hand_of(app, grant(session, Role.DESK, market_id=day.scene.market.id))
    assert desk.post(f"{place}{purchase}", **{f"brought-{honey}": "4"}).status_code == 303
    assert "Counted already." in desk.read(f"{place}{purchase}")


def test_nobody_else_counts(
    app: Flask, driver: Hand, stranger: Hand, session: Session, place: str, purchase: int,
    honey: int,
) -> None:  # fmt: skip
    for hand in (driver, stranger):
        assert hand.get(place).status_code == 403
        assert hand.get(f"{place}{purchase}").status_code == 403
        answer = hand.post(f"{place}{purchase}", **{f"brought-{honey}": "0"})
        assert answer.status_code == 403
    assert app.test_client().get(place).status_code == 302
    assert session.get_one(PurchaseOrderLine, honey).received is None


def test_a_purchase_order_of_another_market_is_not_found(
    app: Flask, session: Session, stranger: Hand, day: Day, purchase: int
) -> None:
    from_here = f"/receipts/{day.scene.market.slug}/999999"
    hand = hand_of(app, grant(session, Role.DESK, market_id=day.scene.market.id))
    assert hand.get(from_here).status_code == 404
