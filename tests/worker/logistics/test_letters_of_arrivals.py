"""One letter when the truck leaves; another one only when the first is no longer true."""

from __future__ import annotations

from datetime import timedelta

from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.models import Stop
from shop.logistics.services import arrivals, driving
from shop.logistics.services.arrivals import LETTER_TOPIC
from shop.orders.models import Order
from tests.factories.field import LEFT_AT, deed, make_day
from tests.factories.orders import make_scene
from tests.factories.paying import Counter
from worker.dispatch import drain
from worker.handlers import run
from worker.logistics import refresh_arrivals


def test_a_customer_hears_when_the_truck_comes_and_again_when_that_changes(
    counter: Counter,
) -> None:
    with counter.app.app_context():
        with unit_of_work() as session:
            day = make_day(session, make_scene(session))
            session.get_one(Order, day.orders[-1]).locale = "en"
        drain()
        counter.mailer.letters.clear()
        with unit_of_work() as session:
            driving.depart(session, day.round_id, driver_id=day.driver, at=LEFT_AT)
        drain()
        with unit_of_work() as session:
            order = session.get_one(Order, day.orders[-1])
            number, mail = order.number, order.contact_email
            arrivals.refresh(session, [day.round_id], at=LEFT_AT + timedelta(minutes=2))
        drain()
        with unit_of_work() as session:
            arrivals.tell_late(
                session, day.round_id, 60, driver_id=day.driver, reason="", at=LEFT_AT
            )
        drain()
        sent = [each for each in counter.mailer.letters.values() if number in each.subject]
        for count in (1, 2):
            run(LETTER_TOPIC, {"order_id": day.orders[-1], "count": count})
        assert len(counter.mailer.letters) == len(sent)
    first, second = sent
    assert {first.to, second.to} == {mail}
    assert "between " in first.subject
    assert first.subject != second.subject
    assert "has left" in first.text
    assert "no longer holds" in second.text


def test_no_letter_leaves_about_a_stop_that_was_served_meanwhile(counter: Counter) -> None:
    with counter.app.app_context():
        with unit_of_work() as session:
            day = make_day(session, make_scene(session))
        drain()
        counter.mailer.letters.clear()
        with unit_of_work() as session:
            driving.serve(
                session,
                day.last,
                deed(day),
                driver_id=day.driver,
                receiver="Yann",
                at=LEFT_AT + timedelta(minutes=50),
            )
        run(LETTER_TOPIC, {"order_id": day.orders[-1], "count": 1})
        assert not any("between" in each.subject for each in counter.mailer.letters.values())
        with reading() as session:
            assert session.get_one(Stop, day.last).state == "served"


def test_looking_again_by_the_clock_changes_nothing_on_a_day_without_rounds(
    counter: Counter,
) -> None:
    with counter.app.app_context():
        refresh_arrivals()
        refresh_arrivals()
    assert counter.mailer.letters == {}
