"""The relay host's list, and what a scanned crate opens for whom."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.logistics.models import Crate, Handover, Stop
from shop.logistics.services import driving
from shop.orders.models import Order
from tests.factories.field import LEFT_AT, Day, deed
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.orders import make_person


def bring(session: Session, day: Day) -> None:
    driving.serve(session, day.relay, deed(day), driver_id=day.driver, receiver="Odile", at=LEFT_AT)


def fetched(session: Session) -> int:
    statement = select(func.count()).where(Handover.stop_id.is_(None))
    return session.scalar(statement) or 0


def code_of(session: Session, order_id: int) -> str:
    return session.scalars(select(Crate.code).where(Crate.order_id == order_id)).one()


def test_the_host_sees_who_comes_and_when_the_truck_does(
    host: Hand, session: Session, day: Day
) -> None:
    page = host.read("/relay/")
    assert "The truck is expected on" in page
    assert "2 to come 0 fetched 2 crates" in page
    assert page.index("Léa Dupont") < page.index("Jeanne Martin")
    bring(session, day)
    assert "The truck came at" in host.read("/relay/")


@pytest.mark.parametrize("words", ["martin", "JEANNE"])
def test_the_host_finds_a_surname(host: Hand, day: Day, point_id: int, words: str) -> None:
    page = host.read(f"/relay/{point_id}/?q={words}")
    assert "Jeanne Martin" in page
    assert "Léa Dupont" not in page


def test_a_number_or_a_crate_is_found_too(
    host: Hand, session: Session, day: Day, point_id: int
) -> None:
    code = code_of(session, day.orders[0])
    for words in (code, code.rsplit("-", 1)[0].lower().replace("-", "")):
        assert "Jeanne Martin" in host.read(f"/relay/{point_id}/?q={words}")


def test_an_order_is_handed_over_once_to_whoever_was_sent(
    host: Hand, session: Session, day: Day, point_id: int
) -> None:
    bring(session, day)
    path = f"/relay/{point_id}/orders/{day.orders[0]}/hand-over"
    key = str(uuid.uuid4())
    for again in (key, key, str(uuid.uuid4())):
        assert host.post(path, receiver="Le voisin", key=again).status_code == 303
    assert fetched(session) == 1
    page = host.read(f"/relay/{point_id}/")
    assert "1 to come 1 fetched" in page
    assert "Already fetched" in page
    assert "Le voisin, " in page


def test_nothing_is_handed_over_without_a_name(
    host: Hand, session: Session, day: Day, point_id: int
) -> None:
    answer = host.post(f"/relay/{point_id}/orders/{day.orders[0]}/hand-over", receiver="")
    assert answer.status_code == 422
    assert "Please write who took it." in words_of(answer)
    assert fetched(session) == 0


def test_the_list_is_printed(host: Hand, day: Day, point_id: int) -> None:
    assert host.get(f"/relay/{point_id}/list.pdf").data.startswith(b"%PDF")


def test_the_host_of_another_point_sees_and_does_nothing(
    stranger: Hand, session: Session, day: Day, point_id: int
) -> None:
    assert stranger.get(f"/relay/{point_id}/").status_code == 403
    assert stranger.get(f"/relay/{point_id}/list.pdf").status_code == 403
    path = f"/relay/{point_id}/orders/{day.orders[0]}/hand-over"
    assert stranger.post(path, receiver="Me").status_code == 403
    home = stranger.get("/relay/").headers["Location"]
    assert (
        stranger.post(f"{home}orders/{day.orders[0]}/hand-over", receiver="Me").status_code == 404
    )
    assert fetched(session) == 0


def test_a_crate_opens_the_page_of_who_scans_it(
    app: Flask,
    session: Session,
    day: Day,
    point_id: int,
    preparer: Hand,
    driver: Hand,
    host: Hand,
) -> None:
    order = session.get_one(Order, day.orders[0])
    buyer = make_person(session)
    order.person_id = buyer
    session.flush()
    code = code_of(session, order.id)
    market = day.scene.market.slug
    seen = {
        name: who.get(f"/c/{code.lower()}").headers.get("Location")
        for name, who in {
            "preparer": preparer,
            "driver": driver,
            "host": host,
            "buyer": hand_of(app, buyer),
        }.items()
    }
    assert seen == {
        "preparer": f"/picker/{market}/{day.scene.cycle.code}/orders/{order.id}",
        "driver": f"/driver/stops/{day.relay}",
        "host": f"/relay/{point_id}/?cycle={day.scene.cycle.code}&q={order.number}",
        "buyer": f"/{market}/orders/{order.token}",
    }


def test_a_crate_says_nothing_to_anybody_else(
    client: FlaskClient, session: Session, day: Day, stranger: Hand
) -> None:
    code = code_of(session, day.orders[0])
    assert stranger.get(f"/c/{code}").status_code == 404
    for asked in (code, "Z99-999-1"):
        answer = client.get(f"/c/{asked}")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/account/sign-in?next=/c/{asked}"


def test_a_code_that_no_crate_has_is_not_found(preparer: Hand, day: Day) -> None:
    assert preparer.get("/c/Z99-999-1").status_code == 404


def test_a_past_sale_without_a_round_waits_for_no_truck(
    host: Hand, session: Session, day: Day, point_id: int
) -> None:
    session.execute(update(Stop).values(pickup_point_id=None))
    session.expire_all()
    assert "No truck is planned yet." in host.read(f"/relay/{point_id}/")
    session.execute(
        update(Order).where(Order.cycle_id == day.scene.cycle.id).values(state="settled")
    )
    session.expire_all()
    assert "No truck is planned yet." not in host.read(f"/relay/{point_id}/")
