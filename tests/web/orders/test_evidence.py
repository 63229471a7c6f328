"""The desk answers a bank with what we know, once and in time; nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.logistics.domain.terms import HandoverKind
from shop.logistics.models import Handover
from shop.orders.models import Dispute, DisputeAnswer, Order, Payment
from shop.orders.services.fulfilment import Picked
from tests.factories.desk_visits import Visitor
from tests.factories.fulfilment import buy, close, come_in, grant, hand_over
from tests.factories.orders import NOW, Scene, make_scene
from tests.factories.paying import Counter
from tests.factories.visiting import Customer
from worker import dispatch, disputes

CONTESTED = "4000000000000259"
KEY = "5b1b2c3e-0000-4000-8000-000000000009"


@pytest.fixture
def contested(customer: Customer, counter: Counter, scene: Scene, session: Session) -> Dispute:
    """A chicken of 1.234 kg, handed to Paul Martin, charged, and contested at the bank."""
    with counter.app.app_context():
        order_id = buy(customer, counter, card=CONTESTED, chicken=1)
        close(session, scene)
        hand_over(session, scene, order_id, {"chicken": Picked(1, weight_g=1234)})
        handed = Handover(
            key=KEY,
            order_id=order_id,
            kind=HandoverKind.SERVED,
            receiver="Paul Martin",
            device_at=NOW + timedelta(days=3, hours=7),
        )
        session.add(handed)
        session.commit()
        dispatch.drain()
        counter.deliver(customer.client)
        dispatch.drain()
    session.expire_all()
    return session.scalars(select(Dispute)).one()


@pytest.fixture
def clerk(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    come_in(client, grant(session, Role.DESK, market_id=scene.market.id))
    return Visitor(client)


@pytest.fixture
def page(scene: Scene, contested: Dispute) -> str:
    return f"/desk/{scene.market.slug}/money/disputes/{contested.id}"


def typed(text: str = "She was there.", **more: str) -> dict[str, str]:
    return {"customer_name": "Jeanne Martin", "uncategorized_text": text, "read": "1", **more}


def work(counter: Counter) -> None:
    with counter.app.app_context():
        dispatch.drain()


def test_the_page_gathers_lines_weights_the_receiver_and_the_letters(
    page: str, clerk: Visitor
) -> None:
    shown = clerk.get(page)
    assert shown.status_code == 200
    for said in ("Poulet fermier", "weighed 1.234", "23.32", "Paul Martin", "Confirmation"):
        assert said in shown.text, said


def test_what_is_handed_in_arrives_at_the_provider_once(
    page: str, clerk: Visitor, counter: Counter, session: Session, contested: Dispute
) -> None:
    assert clerk.post(page, **typed()).status_code == 303
    assert clerk.post(page, **typed("Otherwise.")).status_code == 409
    work(counter)
    work(counter)
    session.expire_all()
    answer = session.scalars(select(DisputeAnswer)).one()
    assert (answer.state, answer.said["uncategorized_text"]) == ("sent", "She was there.")
    assert session.scalars(select(Dispute.state)).one() == "under_review"
    with counter.bench.simulator.desk.books() as books:
        (there,) = books.all_of("dispute")
    assert there["evidence"]["uncategorized_text"] == "She was there."
    assert there["evidence_details"]["submission_count"] == 1
    assert "She was there." in clerk.get(page).text


def test_nothing_is_handed_in_unread_empty_or_too_long(
    page: str, clerk: Visitor, session: Session
) -> None:
    assert clerk.post(page, **typed(read="")).status_code == 422
    assert clerk.post(page, read="1", uncategorized_text=" ").status_code == 422
    long = clerk.post(page, **typed(customer_name="x" * 201))
    assert (long.status_code, "x" * 201 in long.text) == (422, True)
    assert session.scalars(select(DisputeAnswer)).all() == []


def test_a_bank_that_listens_no_more_is_not_answered(
    page: str, clerk: Visitor, session: Session, contested: Dispute, counter: Counter
) -> None:
    assert contested.evidence_by is not None
    counter.clock.at = contested.evidence_by
    assert clerk.post(page, **typed()).status_code == 409
    assert "does not listen any more" in clerk.get(page).text
    assert session.scalars(select(DisputeAnswer)).all() == []


def test_a_refused_answer_is_shown_and_may_be_said_otherwise(
    page: str, clerk: Visitor, counter: Counter, session: Session
) -> None:
    assert clerk.post(page, **typed()).status_code == 303
    intent_id = session.scalars(select(Payment.intent_id)).one()
    counter.do("lose", str(intent_id))
    work(counter)
    session.expire_all()
    assert session.scalars(select(DisputeAnswer.state)).one() == "refused"
    assert "already closed" in clerk.get(page).text


def test_the_desk_is_warned_once_three_days_before_the_last_moment(
    page: str, counter: Counter, session: Session, contested: Dispute
) -> None:
    assert contested.evidence_by is not None

    def warned() -> list[str]:
        with counter.app.app_context():
            disputes.warn_of_disputes()
            dispatch.drain()
        return [letter.text for key, letter in counter.mailer.letters.items() if ".due" in str(key)]

    counter.clock.at = contested.evidence_by - timedelta(days=3, minutes=1)
    assert warned() == []
    counter.wait(minutes=2)
    (letter,) = warned()
    assert page in letter
    assert len(warned()) == 1


@pytest.mark.parametrize("where", ["other market", "customer", "stranger"])
def test_nobody_else_reads_or_answers_it(
    where: str, page: str, client: FlaskClient, session: Session
) -> None:
    if where == "other market":
        elsewhere = make_scene(session)
        come_in(client, grant(session, Role.DESK, market_id=elsewhere.market.id))
    elif where == "customer":
        come_in(client, grant(session, Role.PRODUCER, producer_id=make_scene(session).producers[0]))
    visitor = Visitor(client)
    answers = {visitor.get(page).status_code, visitor.post(page, **typed()).status_code}
    assert answers <= {302, 303, 401, 403, 404}, answers
    assert session.scalars(select(DisputeAnswer)).all() == []


def test_the_dispute_of_another_market_is_not_found(
    contested: Dispute, client: FlaskClient, session: Session
) -> None:
    elsewhere = make_scene(session)
    come_in(client, grant(session, Role.DESK, market_id=elsewhere.market.id))
    page = f"/desk/{elsewhere.market.slug}/money/disputes/{contested.id}"
    assert Visitor(client).get(page).status_code == 404
    assert session.scalars(select(Order)).all() != []
