"""Customers hear when the truck comes at another hour, once for each hour."""

from __future__ import annotations

from datetime import timedelta

from shop.infra import outbox
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.models import Stop
from shop.logistics.services.publishing import CUSTOMER_TOPIC
from shop.orders.models import Order
from tests.factories.field import make_day
from tests.factories.orders import make_scene
from tests.factories.paying import Counter
from worker.dispatch import drain


def test_a_customer_hears_of_a_new_hour_once(counter: Counter) -> None:
    with counter.app.app_context():
        with unit_of_work() as session:
            day = make_day(session, make_scene(session))
            order_id = day.orders[-1]
        drain()
        with reading() as session:
            number = session.get_one(Order, order_id).number
        counter.mailer.letters.clear()
        tell(day.last, order_id, later=timedelta())
        tell(day.last, order_id, later=timedelta(minutes=40))
        subjects = [mail.subject for mail in counter.mailer.letters.values()]
    assert len(subjects) == 2
    assert all(number in subject for subject in subjects)
    assert subjects[0] != subjects[1]


def tell(stop_id: int, order_id: int, *, later: timedelta) -> None:
    """The stop comes so much later, and its customer is told twice."""
    with unit_of_work() as session:
        stop = session.get_one(Stop, stop_id)
        stop.arrives_at += later
        key = f"{CUSTOMER_TOPIC}:{order_id}:{stop.arrives_at.timestamp()}"
        outbox.post(session, CUSTOMER_TOPIC, key=key, order_id=order_id)
        outbox.post(session, CUSTOMER_TOPIC, key=key, order_id=order_id)
    drain()
