"""From the basket to the order, as a customer meets it; without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.catalog.models import DeliverySlot, Offer
from shop.orders.models import Basket, Order
from shop.orders.services import basket
from tests.factories.orders import NOW, Scene, make_person
from tests.factories.paying import Counter
from tests.factories.visiting import Customer


def test_a_basket_shows_estimate_ceiling_deposit_and_what_is_missing(customer: Customer) -> None:
    answer = customer.put(chicken=1, yogurt=2)
    assert answer.status_code == 303
    page = customer.get("/basket").text
    for words in ("22,68\u00a0€", "26,08\u00a0€", "0,40\u00a0€", "data-countdown"):
        assert words in page
    customer.put(chicken=0)
    # 6,40 € of goods: 8,60 € short of the relay's minimum; the deposit does not count.
    assert "8,60\u00a0€" in customer.get("/basket").text


def test_an_empty_basket_has_a_heading_and_a_way_to_the_shelf(customer: Customer) -> None:
    page = customer.get("/basket").text
    assert len(re.findall("<h1>", page)) == 1
    assert f'href="/{customer.scene.market.slug}/shelf"' in page


def test_too_much_is_said_at_the_line_with_what_was_typed(customer: Customer) -> None:
    customer.put(honey=2)
    answer = customer.post(
        "/basket/lines", offer_id=customer.scene.offers["honey"], quantity=500, page="basket"
    )
    assert answer.status_code == 422
    assert 'value="500"' in answer.text
    assert "line__error" in answer.text


def test_a_quantity_that_is_no_number_changes_nothing(customer: Customer, session: Session) -> None:
    customer.put(honey=2)
    answer = customer.post(
        "/basket/lines", offer_id=customer.scene.offers["honey"], quantity="-3", page="basket"
    )
    assert answer.status_code == 422
    session.expire_all()
    assert session.get_one(Offer, customer.scene.offers["honey"]).held == 2


def test_a_lapsed_basket_comes_back_at_one_press(
    customer: Customer, session: Session, counter: Counter
) -> None:
    customer.put(honey=2)
    counter.wait(minutes=31)
    basket.lapse_expired(session, counter.clock.now())
    session.commit()
    page = customer.get("/basket").text
    assert f"{customer.root}/basket/again" in page
    assert customer.post("/basket/again").status_code == 303
    assert f"{customer.root}/basket/again" not in customer.get("/basket").text


def test_only_ways_that_serve_the_commune_are_offered(customer: Customer) -> None:
    customer.put(honey=3)
    without = customer.get("/checkout/delivery").text
    assert f'value="{customer.scene.slots["home"]}"' not in without
    served = customer.get("/checkout/delivery?insee=83023").text
    assert f'value="{customer.scene.slots["home"]}"' in served
    far = customer.get("/checkout/delivery?insee=83137").text
    assert f'value="{customer.scene.slots["home"]}"' not in far
    assert f'value="{customer.scene.slots["relay"]}"' in far


def test_a_commune_is_found_by_name_or_postcode(customer: Customer) -> None:
    customer.put(honey=3)
    assert "insee=83023" in customer.get("/checkout/delivery?q=83170").text
    by_name = customer.get("/checkout/delivery?q=Camps-la-Source").text
    assert "Camps-la-Source" in by_name
    assert f'value="{customer.scene.slots["home"]}"' not in by_name


def test_a_home_outside_the_territory_cannot_be_forced(customer: Customer) -> None:
    customer.put(honey=3)
    assert customer.choose("home", insee="83137").status_code == 422


def test_below_the_minimum_the_delivery_says_what_is_missing(customer: Customer) -> None:
    customer.put(honey=1)
    answer = customer.choose("relay")
    assert answer.status_code == 422
    assert "5,50\u00a0€" in answer.text
    assert "15,00\u00a0€" in answer.text


def test_contact_refusals_stand_at_their_fields(customer: Customer) -> None:
    customer.put(honey=3)
    customer.choose("relay")
    answer = customer.introduce(email="jeanne", phone="12")
    assert answer.status_code == 422
    for words in ('id="email-error"', 'id="phone-error"', 'value="jeanne"', 'value="12"'):
        assert words in answer.text
    assert 'id="name-error"' not in answer.text


def test_a_home_wants_an_address(customer: Customer) -> None:
    customer.put(honey=3)
    assert customer.choose("home", insee="83023").status_code == 303
    assert 'id="address-error"' in customer.introduce().text
    assert customer.introduce(address="3 rue des Tilleuls").status_code == 303


def test_the_recap_says_before_ordering_what_the_law_wants(customer: Customer) -> None:
    customer.put(chicken=1, honey=1)
    customer.choose("relay")
    customer.introduce()
    customer.client.set_cookie("language", "fr")
    page = customer.get("/checkout/recap").text
    assert "≈ 22,68\u00a0€" in page
    assert "35,58\u00a0€" in page
    assert 'name="terms"' in page
    customer.client.set_cookie("language", "en")
    page = customer.get("/checkout/recap").text
    assert "charged by the weight on our scale" in page
    assert "Order with obligation to pay" in page
    assert "withdraw within 14 days" in page


def test_without_the_terms_there_is_no_order(customer: Customer, session: Session) -> None:
    customer.put(honey=2)
    customer.choose("relay")
    customer.introduce()
    answer = customer.confirm(nothing="")
    assert answer.status_code == 422
    assert 'id="terms-error"' in answer.text
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_pressing_twice_leads_to_the_same_card_page(customer: Customer, session: Session) -> None:
    customer.put(honey=2)
    customer.choose("relay")
    customer.introduce()
    basket_id = customer.basket_id()
    first, second = customer.confirm(basket_id), customer.confirm(basket_id)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert session.scalar(select(func.count()).select_from(Order)) == 1


def test_a_slot_that_filled_up_meanwhile_sends_back_to_the_delivery(
    customer: Customer, session: Session
) -> None:
    customer.put(honey=2)
    customer.choose("relay")
    customer.introduce()
    basket_id = customer.basket_id()
    session.execute(update(DeliverySlot).values(taken=DeliverySlot.capacity))
    session.commit()
    answer = customer.confirm(basket_id)
    assert answer.headers["Location"].endswith("/checkout/delivery")
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_nobody_else_sees_or_orders_a_basket(
    customer: Customer, scene: Scene, session: Session
) -> None:
    customer.put(honey=2)
    customer.choose("relay")
    customer.introduce()
    basket_id = customer.basket_id()
    stranger = Customer(customer.client.application.test_client(), scene)
    assert "Miel" not in stranger.get("/basket").text
    assert stranger.confirm(basket_id).status_code == 404
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_somebody_with_an_account_orders_in_their_own_name(
    customer: Customer, session: Session
) -> None:
    person_id = make_person(session, "Claire Aubanel", email="claire@exemple.fr")
    session.commit()
    customer.put(honey=1)
    with customer.client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = str(person_id), True
    customer.put(chicken=1)
    assert customer.get("/basket").status_code == 200
    customer.choose("relay")
    contact = customer.get("/checkout/contact").text
    assert 'value="Claire Aubanel"' in contact
    assert 'value="claire@exemple.fr"' in contact
    customer.introduce()
    assert customer.get("/checkout/delivery").status_code == 200
    assert customer.confirm().status_code == 303
    order = session.scalars(select(Order)).one()
    assert (order.person_id, order.goods_cents) == (person_id, 2268 + 950)


def test_after_the_closing_nothing_can_be_put_or_ordered(
    customer: Customer, counter: Counter, session: Session
) -> None:
    customer.put(honey=2)
    customer.choose("relay")
    customer.introduce()
    basket_id = customer.basket_id()
    session.execute(update(Basket).values(expires_at=NOW + timedelta(days=2)))
    session.commit()
    counter.wait(hours=15)
    assert customer.put(honey=3).status_code == 409
    answer = customer.confirm(basket_id)
    assert answer.headers["Location"].endswith("/basket")
    assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_the_way_back_never_leaves_the_site(customer: Customer) -> None:
    answer = customer.post(
        "/basket/lines",
        offer_id=customer.scene.offers["honey"],
        quantity=1,
        next="https://elsewhere.test/",
    )
    assert answer.headers["Location"] == "/"


def test_a_form_without_its_token_is_refused(client: FlaskClient, customer: Customer) -> None:
    answer = client.post(
        f"{customer.root}/basket/lines",
        data={"offer_id": customer.scene.offers["honey"], "quantity": 1},
    )
    assert answer.status_code == 422


def test_a_script_that_adds_gets_the_new_sum_and_clear_refusals(customer: Customer) -> None:
    customer.client.set_cookie("language", "en")
    door = customer.client.get("/account/sign-in").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', door)[0]
    sent = {"offer_id": customer.scene.offers["honey"], "csrf_token": token}
    headers = {"Accept": "application/json"}
    path = f"{customer.root}/basket/lines"
    added = customer.client.post(path, data=sent | {"quantity": 2}, headers=headers)
    assert (added.status_code, added.json["lines"], added.json["total"]) == (200, 1, "€19.00")
    refused = customer.client.post(path, data=sent | {"quantity": 200}, headers=headers)
    assert refused.status_code == 422
    assert "Miel de lavande" in refused.json["text"]
