"""Pay otherwise than by card: on the recap, at the relay, at the desk's till."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.accounts.models import Grant
from shop.catalog.domain.terms import SpotWay
from shop.kernel.money import Money
from shop.orders.models import Order
from shop.orders.queries import tenders
from shop.orders.services import contracts
from shop.orders.services.contracts import Agreed
from shop.orders.services.tenders import Wish
from tests.factories.field_visits import hand_of, words_of
from tests.factories.fulfilment import CLOSED_AT
from tests.factories.orders import NOW, Scene, make_order, make_person, make_scene
from tests.factories.tills import accept, delivered_on_spot, give_credit, settle, take
from tests.factories.visiting import Customer
from tests.harness.application import clock_at


@pytest.fixture
def scene(session: Session) -> Scene:
    made = make_scene(session)
    accept(session, made)
    return made


def test_an_order_to_be_paid_on_the_spot_needs_no_card(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    with clock_at(app, NOW):
        customer = Customer(app.test_client(), scene)
        customer.put(honey=2)
        customer.choose("relay")
        customer.introduce()
        assert 'name="spot"' in customer.get("/checkout/recap").text
        answer = customer.confirm(terms="1", spot="1")
    assert answer.status_code == 303, answer.text
    session.expire_all()
    order = session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).one()
    assert (order.state, order.spot_cents) == ("placed", 1900)


def test_rounding_up_adds_the_cents_that_were_shown(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    with clock_at(app, NOW):
        customer = Customer(app.test_client(), scene)
        customer.put(chicken=1)
        customer.choose("relay")
        customer.introduce()
        assert 'name="round_up" value="32"' in customer.get("/checkout/recap").text
        assert customer.confirm(terms="1", round_up="32").status_code == 303
    order = session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).one()
    assert (order.donation_cents, order.estimate_cents) == (32, 2268)


def test_the_order_page_names_what_paid_and_what_is_still_to_be_paid_on_the_spot(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    buyer = make_person(session, "Jeanne Martin")
    give_credit(session, scene, buyer, 500)
    wish = Wish(use_credit=True, on_spot=True, spot=Money(400), donation=Money(100))
    made = make_order(session, scene, {"honey": 2}, person_id=buyer, wish=wish)
    path = f"/{scene.market.slug}/orders/{made.token}"
    with clock_at(app, NOW):
        page = hand_of(app, buyer).read(path)
    for said in (
        "For the solidarity fund €1.00",
        "Paid with your credit €5.00",
        "To pay on the spot €4.00",
        "To be paid by card €11.00",
    ):
        assert said in page
    assert "Paid by card" not in page


def test_what_was_paid_on_the_spot_is_never_called_paid_by_card(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    token = session.scalars(select(Order.token).where(Order.id == order_id)).one()
    path = f"/{scene.market.slug}/orders/{token}"
    with clock_at(app, CLOSED_AT + timedelta(days=2)):
        somebody_else = hand_of(app, make_person(session))
        before = somebody_else.read(path)
        assert "To pay on the spot: €19.00" in before
        assert "Still to be paid" not in before
        take(session, scene, order_id, 900, SpotWay.CASH)
        take(session, scene, order_id, 1000, SpotWay.CHEQUE)
        settle(session, order_id)
        after = somebody_else.read(path)
    assert "Paid in cash €9.00 Paid by cheque €10.00" in after
    assert "card" not in after.partition("Sum")[2].partition("Terms")[0]


def test_a_wrong_code_is_told_and_nothing_is_ordered(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    with clock_at(app, NOW):
        customer = Customer(app.test_client(), scene)
        customer.put(honey=2)
        customer.choose("relay")
        customer.introduce()
        answer = customer.confirm(terms="1", code="NOTHING")
    assert answer.status_code == 422
    assert 'value="NOTHING"' in answer.text
    assert session.scalar(select(Order.id)) is None


def test_the_host_takes_what_is_to_be_collected_once(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    point_id = session.scalars(select(Order.pickup_point_id).where(Order.id == order_id)).one()
    host, stranger = make_person(session, "Odile Relais"), make_person(session)
    session.add(Grant(person_id=host, role=Role.RELAY_HOST, pickup_point_id=point_id))
    session.flush()
    path = f"/desk/{scene.market.slug}/till/point/{point_id}/orders/{order_id}"
    key = "11111111-1111-4111-8111-111111111111"
    with clock_at(app, CLOSED_AT + timedelta(days=2)):
        assert "To collect: €19.00" in hand_of(app, host).read(f"/relay/{point_id}/")
        said = {"amount": "19,00", "way": "cash", "key": key}
        assert hand_of(app, stranger).post(path, **said).status_code == 403
        for _ in range(2):
            assert hand_of(app, host).post(path, **said).status_code == 303
        assert "Paid on the spot: €19.00" in hand_of(app, host).read(f"/relay/{point_id}/")
    assert tenders.standing(session, order_id).spot.cents == 1900


def test_the_desk_takes_corrects_and_closes_the_day(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    order_id = delivered_on_spot(session, scene, {"honey": 2})
    number = session.scalars(select(Order.number).where(Order.id == order_id)).one()
    person_id, stranger = make_person(session, "Delphine Bureau"), make_person(session)
    session.add(Grant(person_id=person_id, role=Role.DESK, market_id=scene.market.id))
    session.flush()
    root = f"/desk/{scene.market.slug}/till"
    with clock_at(app, CLOSED_AT + timedelta(days=2)):
        desk = hand_of(app, person_id)
        assert hand_of(app, stranger).get(root).status_code == 403
        no_cheque = desk.post(f"{root}/desk/take", order=number, amount="19", way="cheque")
        assert no_cheque.status_code == 422
        assert "A cheque needs its number and its bank." in words_of(no_cheque)
        assert (
            desk.post(f"{root}/desk/take", order=number, amount="19", way="cash").status_code == 303
        )
        back = desk.post(f"{root}/desk/counter", sequence="1", reason="it was a cheque")
        assert back.status_code == 303
        page = desk.read(root)
        assert "taken back by no. 2" in page
        assert "The journal is as it was sealed." in page
        assert desk.post(f"{root}/desk/close", counted="0").status_code == 303
        late = desk.post(f"{root}/desk/take", order=number, amount="19", way="cash")
        assert late.status_code == 422
        assert desk.get(f"{root}/desk/archive.zip").data[:2] == b"PK"
        for period in ("day/2026-11-26", "month/2026-11", "year/2026"):
            assert desk.get(f"{root}/desk/{period}.pdf").data[:5] == b"%PDF-"
            assert hand_of(app, stranger).get(f"{root}/desk/{period}.pdf").status_code == 403
        for nothing in ("day/2020-01-01", "week/2026-48", "day/x"):
            assert desk.get(f"{root}/desk/{nothing}.pdf").status_code == 404
    assert tenders.standing(session, order_id).spot.cents == 0


def test_the_desk_gives_credit_and_the_customer_reads_it(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    buyer = make_person(session, "Jeanne Martin")
    order_id = delivered_on_spot(session, scene, {"honey": 2}, person_id=buyer)
    number = session.scalars(select(Order.number).where(Order.id == order_id)).one()
    person_id, stranger = make_person(session, "Delphine Bureau"), make_person(session)
    session.add(Grant(person_id=person_id, role=Role.DESK, market_id=scene.market.id))
    session.flush()
    root = f"/desk/{scene.market.slug}/credits"
    with clock_at(app, CLOSED_AT + timedelta(days=2)):
        desk = hand_of(app, person_id)
        assert hand_of(app, stranger).get(root).status_code == 403
        given = {"order": number, "amount": "5", "reason": "late"}
        assert desk.post(f"{root}/goodwill", **given).status_code == 303
        assert desk.post(f"{root}/goodwill", order=number, amount="5").status_code == 422
        poor = desk.post(f"{root}/voucher", value="20", reason="help", solidarity="1")
        assert "The solidarity fund holds less than that." in words_of(poor)
        assert desk.post(f"{root}/voucher", value="20", reason="help").status_code == 303
        canteen = {
            "name": "Cantine", "siret": "732 829 320 00074", "email": "c@exemple.fr",
            "address": "1 rue", "postcode": "83170", "commune": "Brignoles", "limit": "500",
            "member": number,
        }  # fmt: skip
        wrong = {**canteen, "siret": "73282932000075"}
        assert desk.post(f"{root}/organisation", **wrong).status_code == 422
        assert desk.post(f"{root}/organisation", **canteen).status_code == 303
        code = {"code": "AIDE26", "reason": "students", "amount": "5", "uses": "3"}
        for _ in range(2):
            assert desk.post(f"{root}/discount", **code).status_code == 303
        assert desk.post(f"{root}/discount", **{**code, "amount": ""}).status_code == 422
        assert "AIDE26 students €5.00 0 / 3" in desk.read(root)
        assert hand_of(app, stranger).post(f"{root}/discount", **code).status_code == 403
        assert "Cantine €0.00" in desk.read(root)
        assert "€20.00" in desk.read(root)
        assert "€5.00" in hand_of(app, buyer).read("/account/credit")
        assert "€5.00" not in hand_of(app, stranger).read("/account/credit")


def test_a_farm_notes_its_instalments_and_no_other_farm_does(
    app: Flask, session: Session, client: object, scene: Scene
) -> None:
    farm, other = scene.producers
    farmer, neighbour = make_person(session, "Camille Roux"), make_person(session)
    session.add(Grant(person_id=farmer, role=Role.PRODUCER, producer_id=farm))
    session.add(Grant(person_id=neighbour, role=Role.PRODUCER, producer_id=other))
    days = (NOW.date() + timedelta(days=7), NOW.date() + timedelta(days=14))
    agreed = Agreed(farm, "Panier", Money(1500), "Anne Petit", days, days)
    key = contracts.sign(session, scene.market.id, agreed, NOW.date(), at=NOW)
    with clock_at(app, NOW):
        path = f"/contracts/{key}/instalments/1"
        assert hand_of(app, neighbour).post(f"/producer/{farm}{path}").status_code == 403
        assert hand_of(app, neighbour).post(f"/producer/{other}{path}").status_code == 404
        assert hand_of(app, farmer).post(f"/producer/{farm}{path}").status_code == 303
        page = hand_of(app, farmer).read(f"/producer/{farm}/contracts")
    assert "€15.00 of €30.00 received" in page
