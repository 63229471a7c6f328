"""The shelf keeps what it wrote, and never shows what is no longer true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.catalog.models import Category, Offer, Producer, Product
from tests.factories.orders import NOW, Scene, make_offer, make_scene
from tests.harness.application import clock_at

Look = Callable[..., str]


@pytest.fixture
def scene(app: Flask, session: Session) -> Iterator[Scene]:
    with clock_at(app, NOW):
        yield make_scene(session)


@pytest.fixture
def look(client: FlaskClient, session: Session, scene: Scene) -> Look:
    """Ask the shelf after what was written so far."""

    def ask(**narrowed: str) -> str:
        session.flush()
        answer = client.get(
            f"/{scene.market.slug}/shelf",
            query_string=narrowed,
            headers={"Accept-Language": "fr"},
        )
        assert answer.status_code == 200
        return answer.text

    return ask


def test_a_price_and_what_is_left_are_those_of_this_moment(
    look: Look, session: Session, scene: Scene
) -> None:
    assert "9,50" in look()
    offer = session.get_one(Offer, scene.offers["honey"])
    offer.price_cents = 1120
    page = look()
    assert "11,20" in page
    assert "9,50" not in page
    offer.held = offer.allotted
    assert "Épuisé" in look()


def test_what_is_left_of_loose_goods_is_said_by_weight(
    client: FlaskClient, session: Session, scene: Scene
) -> None:
    carrots = session.get_one(Offer, scene.offers["carrots"])
    carrots.held = carrots.allotted - 300
    session.flush()
    page = client.get(f"/{scene.market.slug}/shelf", headers={"Accept-Language": "en"}).text
    assert "Only 300\u00a0g left" in page
    assert "Only 3 left" not in page


def test_a_new_offer_stands_there_at_once_and_a_withdrawn_one_is_gone(
    look: Look, session: Session, scene: Scene
) -> None:
    assert "Confiture de figues" not in look()
    made = make_offer(
        session, scene.cycle.id, scene.producers[0], "Confiture de figues", price_cents=480
    )
    assert "Confiture de figues" in look()
    session.get_one(Offer, made).withdrawn_at = NOW
    assert "Confiture de figues" not in look()


def test_a_new_name_of_a_product_a_farm_or_a_category_is_shown_at_once(
    look, session, scene
) -> None:  # type: ignore[no-untyped-def]
    look()
    product = session.get_one(Product, session.get_one(Offer, scene.offers["honey"]).product_id)
    product.name = "Miel de châtaignier"
    assert "Miel de châtaignier" in look()
    session.get_one(Producer, product.producer_id).name = "Les Abeilles de Lou"
    assert "Les Abeilles de Lou" in look()
    session.execute(
        update(Category).where(Category.id == product.category_id).values(name_fr="Du rucher")
    )
    assert "Du rucher" in look()


def test_the_shelf_is_narrowed_by_farm_by_category_and_by_words(
    look: Look, session: Session, scene: Scene
) -> None:
    farm = session.get_one(Producer, scene.producers[1])
    page = look(producer=farm.slug)
    assert "Miel de lavande" in page
    assert "Poulet fermier" not in page
    assert "Poulet fermier" in look(q="POULET")
    assert "Miel de lavande" not in look(q="POULET")
    assert "Poulet fermier" not in look(q="100%")
    assert "Poulet fermier" not in look(producer=farm.slug, q="poulet")


def test_a_kept_page_changes_with_the_clock_alone(
    app: Flask, client: FlaskClient, session: Session, scene: Scene
) -> None:
    session.commit()
    shelf = f"/{scene.market.slug}/shelf"
    product = _product_url(client, shelf)
    for page in (shelf, product):
        assert 'name="offer_id"' in client.get(page).text
    with clock_at(app, scene.cycle.closes_at):
        for page in (shelf, product):
            assert 'name="offer_id"' not in client.get(page).text


def test_the_page_of_a_product_is_of_this_moment(
    client: FlaskClient, session: Session, scene: Scene
) -> None:
    session.commit()
    url = _product_url(client, f"/{scene.market.slug}/shelf?q=miel")
    french = {"Accept-Language": "fr"}
    assert "9,50" in client.get(url, headers=french).text
    offer = session.get_one(Offer, scene.offers["honey"])
    offer.price_cents = 1120
    product = session.get_one(Product, offer.product_id)
    product.description = "Récolté à la main sur le plateau."
    session.get_one(Producer, product.producer_id).commune = "Aups"
    session.get_one(Category, product.category_id).name_fr = "Du rucher"
    session.commit()
    page = client.get(url, headers=french).text
    assert "11,20" in page
    assert "9,50" not in page
    for words in ("Récolté à la main sur le plateau.", "Aups", "Du rucher"):
        assert words in page
    offer.held = offer.allotted
    session.commit()
    assert "Épuisé" in client.get(url, headers=french).text
    assert "Sold out" in client.get(url, headers={"Accept-Language": "en"}).text


def test_each_visitor_gets_a_guard_of_their_own(app: Flask, session: Session, scene: Scene) -> None:
    session.commit()
    guards = [
        re.findall(
            r'name="csrf_token" value="([^"]+)"',
            app.test_client().get(f"/{scene.market.slug}/shelf").text,
        )
        for _ in range(3)
    ]
    assert all(len(set(mine)) == 1 for mine in guards)
    assert len({mine[0] for mine in guards}) == 3


def test_a_message_for_one_visitor_is_told_to_them_once(
    app: Flask, session: Session, scene: Scene
) -> None:
    session.commit()
    shelf = f"/{scene.market.slug}/shelf"
    buyer, other = app.test_client(), app.test_client()
    assert "flashes" not in other.get(shelf).text
    with buyer.session_transaction() as kept:
        kept["_flashes"] = [("good", "Only for the buyer")]
    assert "Only for the buyer" in buyer.get(shelf).text
    assert "Only for the buyer" not in other.get(shelf).text
    assert "Only for the buyer" not in buyer.get(shelf).text


def _product_url(client: FlaskClient, page: str) -> str:
    found = re.search(r'href="(/[^"]+/products/[^"]+)"', client.get(page).text)
    assert found is not None
    return found[1]
