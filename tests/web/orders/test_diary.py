"""An order in its customer's calendar."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders.models import Order
from tests.factories.fulfilment import place_paid
from tests.factories.orders import Scene
from tests.factories.visiting import Customer


def test_an_order_that_stands_is_an_appointment(
    customer: Customer, scene: Scene, session: Session
) -> None:
    order = session.get_one(Order, place_paid(session, scene, {"honey": 3}))
    page = customer.get(f"/orders/{order.token}").text
    assert f"/orders/{order.token}/calendar.ics" in page
    answer = customer.get(f"/orders/{order.token}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    assert f"UID:order-{order.token}@carriole" in answer.text.replace("\r\n ", "")
    assert f"DTSTART:{order.slot_starts_at:%Y%m%dT%H%M%SZ}" in answer.text


def test_an_order_that_is_not_paid_has_no_appointment(
    app: Flask, customer: Customer, session: Session
) -> None:
    customer.order(honey=3)
    order = session.scalars(select(Order)).one()
    assert customer.get(f"/orders/{order.token}/calendar.ics").status_code == 404
    assert customer.get("/orders/nothing/calendar.ics").status_code == 404
