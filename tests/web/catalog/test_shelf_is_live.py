"""The shelf keeps what it wrote, and never shows what is no longer true."""

from __future__ import annotations

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
