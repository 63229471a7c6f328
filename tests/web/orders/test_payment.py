"""Paying an order: accepted, declined, confirmed by the bank; and what messages can do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.catalog.models import DeliverySlot
from shop.infra.inbox import InboxMessage
from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import Transition
from shop.orders.models import Order, Payment, PaymentOperation
from tests.factories.orders import NOW, make_order, make_person, make_scene
from tests.factories.paying import ASKS, BROKE, GOOD, Counter
from tests.factories.visiting import Customer


def only_order(session: Session) -> Order:
    session.expire_all()
    return session.scalars(select(Order)).one()


def only_payment(session: Session) -> Payment:
    session.expire_all()
    return session.scalars(select(Payment)).one()


def follow(customer: Customer, address: str) -> str:
    """Go where the provider sends the customer back to; where the shop sends them then."""
    answer = customer.client.get(address.removeprefix("http://localhost"))
    return str(answer.headers.get("Location", ""))


def test_an_accepted_card_reserves_the_ceiling_and_confirms_the_order(
    customer: Customer, counter: Counter, session: Session
) -> None:
    card_page = customer.order(chicken=1, honey=1)
    assert only_order(session).state == "awaiting_payment"
    there = follow(customer, counter.pay(card_page))
    order, payment = only_order(session), only_payment(session)
    assert there == f"{customer.root}/orders/{order.token}"
    assert (order.state, order.placed_at) == ("placed", NOW)
    assert (payment.state, payment.authorized_cents) == ("authorized", 2608 + 950)
    page = customer.client.get(there).text
    assert order.number in page


def test_the_confirmation_is_asked_for_once(
    customer: Customer, counter: Counter, session: Session
) -> None:
    back = counter.pay(customer.order(chicken=1))
    for _ in range(3):
        follow(customer, back)
    topics = session.scalars(
        select(OutboxMessage.topic).where(OutboxMessage.topic.like("mail.%"))
    ).all()
    assert topics == ["mail.order_confirmation"]


def test_a_refused_card_leaves_the_order_and_may_be_tried_again(
    customer: Customer, counter: Counter, session: Session
) -> None:
    card_page = customer.order(chicken=1)
    counter.pay(card_page, BROKE)
    order = only_order(session)
    there = follow(customer, f"{customer.root}/orders/{order.token}/return")
    assert there.endswith("/pay")
    customer.client.set_cookie("language", "en")
    page = customer.client.get(there).text
    assert "does not hold enough" in page
    assert only_order(session).state == "awaiting_payment"
    follow(customer, counter.pay(card_page, GOOD))
    assert only_order(session).state == "placed"
    assert only_payment(session).last_error is None


@pytest.mark.parametrize(("yes", "state"), [(True, "placed"), (False, "awaiting_payment")])
def test_the_bank_may_ask_who_is_there(
    customer: Customer, counter: Counter, session: Session, yes: bool, state: str
) -> None:
    bank_page = counter.pay(customer.order(chicken=1), ASKS)
    assert "/3ds/" in bank_page
    follow(customer, counter.answer_bank(bank_page, yes=yes))
    assert only_order(session).state == state


def test_a_delivery_in_a_week_keeps_the_card_instead(
    customer: Customer, counter: Counter, session: Session
) -> None:
    session.execute(
        update(DeliverySlot).values(
            starts_at=NOW + timedelta(days=8), ends_at=NOW + timedelta(days=8, hours=2)
        )
    )
    session.commit()
    follow(customer, counter.pay(customer.order(chicken=1)))
    payment = only_payment(session)
    assert (payment.state, payment.authorized_cents) == ("card_kept", 0)
    assert payment.method_ref is not None
    assert payment.customer_ref is not None
    assert only_order(session).state == "placed"


def test_what_the_address_says_of_the_payment_is_not_believed(
    customer: Customer, session: Session
) -> None:
    customer.order(chicken=1)
    order = only_order(session)
    answer = customer.get(f"/orders/{order.token}/return?redirect_status=succeeded")
    assert answer.status_code == 200
    assert only_order(session).state == "awaiting_payment"


def test_the_page_that_waits_asks_until_it_is_decided(
    customer: Customer, counter: Counter, session: Session
) -> None:
    card_page = customer.order(chicken=1)
    token = only_order(session).token
    assert customer.get(f"/orders/{token}/status").json["state"] == "running"
    follow(customer, counter.pay(card_page))
    report = customer.get(f"/orders/{token}/status").json
    assert (report["state"], report["url"]) == ("done", f"{customer.root}/orders/{token}")


def test_messages_are_kept_once_and_answered_at_once(
    customer: Customer, counter: Counter, session: Session
) -> None:
    counter.bench.turn(webhooks_double=True, webhooks_reverse=True)
    counter.pay(customer.order(chicken=1))
    counter.wait(minutes=1)
    answers = counter.deliver(customer.client)
    assert len(answers) >= 4
    assert set(answers) == {200}
    kept = session.scalar(select(func.count()).select_from(InboxMessage))
    assert kept == len(answers) // 2
    # Nothing is believed before somebody has looked.
    assert only_order(session).state == "awaiting_payment"


def test_a_forged_message_is_refused(client: FlaskClient, counter: Counter) -> None:
    answer = client.post(
        "/hooks/stripe",
        data=b'{"id": "evt_1", "type": "payment_intent.succeeded"}',
        headers={"Stripe-Signature": "t=1,v1=00"},
    )
    assert answer.status_code == 400


def test_a_provider_that_is_away_loses_no_order(
    customer: Customer, counter: Counter, session: Session
) -> None:
    customer.put(chicken=1)
    customer.choose("relay")
    customer.introduce()
    counter.bench.turn(outage=True)
    answer = customer.confirm()
    assert answer.headers["Location"].endswith("/pay")
    assert customer.client.get(answer.headers["Location"]).status_code == 502
    counter.bench.turn(outage=False)
    page = customer.client.get(answer.headers["Location"])
    assert page.status_code == 200
    assert "http://simulator.test/pay/" in page.text
    assert only_order(session).state == "awaiting_payment"


def test_an_answer_lost_on_the_way_opens_no_second_payment(
    customer: Customer, counter: Counter, session: Session
) -> None:
    customer.put(chicken=1)
    customer.choose("relay")
    customer.introduce()
    counter.bench.turn(lose_answers=1)
    pay = customer.confirm().headers["Location"]
    assert customer.client.get(pay).status_code == 502
    assert customer.client.get(pay).status_code == 200
    with counter.bench.simulator.desk.books() as books:
        intents = books.connection.execute(
            "SELECT count(*) FROM things WHERE id LIKE 'pi_%'"
        ).fetchone()[0]
    assert intents == 1
    assert session.scalar(select(func.count()).select_from(PaymentOperation)) == 1


def test_an_order_is_seen_by_its_link_only(customer: Customer, counter: Counter) -> None:
    back = counter.pay(customer.order(chicken=1))
    link = follow(customer, back)
    stranger = customer.client.application.test_client()
    assert stranger.get(link).status_code == 200
    assert stranger.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 404
    assert stranger.get(f"{customer.root}/orders/1").status_code == 404
    assert stranger.get(f"{customer.root}/orders/N99-709").status_code == 404


def test_the_link_of_one_market_opens_nothing_in_another(
    customer: Customer, counter: Counter, session: Session
) -> None:
    link = follow(customer, counter.pay(customer.order(chicken=1)))
    token = link.rpartition("/")[2]
    other = make_scene(session).market.slug
    session.commit()
    assert customer.client.get(f"/{other}/orders/{token}").status_code == 404


def test_an_order_page_is_kept_by_no_cache(customer: Customer, counter: Counter) -> None:
    link = follow(customer, counter.pay(customer.order(chicken=1)))
    headers = customer.client.get(link).headers
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_steps_of_an_order_are_written_down(
    customer: Customer, counter: Counter, session: Session
) -> None:
    follow(customer, counter.pay(customer.order(chicken=1)))
    moves = session.execute(
        select(Transition.subject, Transition.event).order_by(Transition.id)
    ).all()
    assert [tuple(move) for move in moves] == [
        ("basket", "order"),
        ("payment", "authorize"),
        ("order", "secure"),
    ]


def test_my_orders_are_mine_alone(customer: Customer, session: Session) -> None:
    mine, theirs = make_person(session), make_person(session)
    my_order = make_order(session, customer.scene, person_id=mine)
    their_order = make_order(session, customer.scene, person_id=theirs)
    session.commit()
    assert customer.client.get("/account/orders").status_code == 302
    with customer.client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = str(mine), True
    page = customer.client.get("/account/orders").text
    assert my_order.number in page
    assert their_order.number not in page
