"""A producer at their door: products, files and offers, and nobody else's."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import worker.tasks  # noqa: F401  (declares the handlers)
from shop.accounts.domain.roles import Role
from shop.catalog.models import Offer, Producer, Product, SheetImport
from tests.factories.catalog import make_shelves, make_worker
from tests.factories.desk_visits import Visitor
from tests.factories.orders import NOW, Scene, make_scene
from tests.harness.application import clock_at
from worker.dispatch import drain

WEEK = """Référence;Nom;Catégorie;Prix TTC;Unité;Stock
TOM;Tomates anciennes;Légumes;4,20;kg;80
FAI;Faisselle;Du troupeau;2,90;500 g;24
MYS;Mystère;Légumes;beaucoup;kg;
"""


@pytest.fixture(autouse=True)
def clock(app: Flask) -> Iterator[None]:
    """The hour at which the scene sells."""
    with clock_at(app, NOW):
        yield


@pytest.fixture
def scene(session: Session) -> Scene:
    make_shelves(session)
    return make_scene(session)


@pytest.fixture
def farmer(client: FlaskClient, session: Session, scene: Scene) -> Visitor:
    email = make_worker(session, Role.PRODUCER, producer_id=scene.producers[0])
    session.commit()
    return Visitor(client).sign_in(email)


def base(scene: Scene) -> str:
    return f"/producer/{scene.producers[0]}"


def bring(farmer: Visitor, scene: Scene, text: str, name: str = "semaine.csv") -> str:
    answer = farmer.post(f"{base(scene)}/files", file=(io.BytesIO(text.encode()), name))
    assert answer.status_code == 303
    return str(answer.location)


def test_the_only_farm_is_opened_at_once(farmer: Visitor, scene: Scene) -> None:
    answer = farmer.get("/producer/")
    assert (answer.status_code, answer.location) == (302, f"{base(scene)}/")
    assert "Ferme des Avens" in farmer.get(answer.location).text


def test_a_file_is_shown_before_anything_is_written_then_taken_in(
    app: Flask, farmer: Visitor, scene: Scene, session: Session
) -> None:
    before = session.scalar(select(func.count()).select_from(Product))
    where = bring(farmer, scene, WEEK)
    assert farmer.get(f"{where}/progress").json == {
        "state": "running",
        "text": "We are reading your file.",
    }
    with app.app_context():
        drain()
    assert farmer.get(f"{where}/progress").json == {"state": "done"}
    page = farmer.get(where).text
    assert "“beaucoup” is not a price." in page
    assert "“Du troupeau”" in page
    assert session.scalar(select(func.count()).select_from(Product)) == before
    refused = farmer.post(f"{where}/take-in")
    assert refused.status_code == 422
    assert "Choose a category." in refused.text
    assert farmer.post(f"{where}/take-in", category__1="cremerie").status_code == 303
    with app.app_context():
        drain()
    assert "2 new products" in farmer.get(where).text
    assert session.scalar(select(func.count()).select_from(Product)) == (before or 0) + 2
    assert farmer.post(f"{where}/take-in").status_code == 303
    with app.app_context():
        drain()
    assert session.scalar(select(func.count()).select_from(Product)) == (before or 0) + 2


def test_a_column_nobody_knows_is_pointed_at(
    app: Flask, farmer: Visitor, scene: Scene, session: Session
) -> None:
    where = bring(farmer, scene, "Bidule;Machin;Catégorie\nTomates;4,20;Légumes\n")
    with app.app_context():
        drain()
    assert "We did not find these columns" in farmer.get(where).text
    fields = {"column__0": "name", "column__1": "price", "column__2": "category"}
    assert farmer.post(f"{where}/columns", heading_row="1", **fields).status_code == 303
    with app.app_context():
        drain()
    assert "Write 1 product" in farmer.get(where).text


def test_a_file_that_is_no_table_says_why(app: Flask, farmer: Visitor, scene: Scene) -> None:
    where = bring(farmer, scene, "%PDF-1.7", "liste.pdf")
    with app.app_context():
        drain()
    assert "This is not a spreadsheet." in farmer.get(where).text


def test_no_file_chosen_is_said_at_the_field(farmer: Visitor, scene: Scene) -> None:
    answer = farmer.post(f"{base(scene)}/files")
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


def test_the_model_comes_back_without_a_change(
    app: Flask, farmer: Visitor, scene: Scene, session: Session
) -> None:
    answer = farmer.get(f"{base(scene)}/products.xlsx")
    tab = load_workbook(io.BytesIO(answer.data)).active
    assert tab is not None
    assert [row[1] for row in tab.iter_rows(min_row=2, values_only=True) if row[1]] == [
        "Carottes",
        "Poulet fermier",
        "Yaourt de brebis",
    ]
    again = farmer.post(f"{base(scene)}/files", file=(io.BytesIO(answer.data), "modele.xlsx"))
    with app.app_context():
        drain()
    found = session.scalars(select(SheetImport).order_by(SheetImport.id.desc()).limit(1)).one()
    assert again.location.endswith(str(found.id))
    assert found.outcome is not None
    assert found.outcome["counts"] == {
        "new": 0, "changed": 0, "unchanged": 3, "gone": 0, "retired": 0, "problems": 0,
    }  # fmt: skip


def test_a_product_is_made_by_hand_and_what_is_wrong_is_said_at_its_field(
    farmer: Visitor, scene: Scene, session: Session
) -> None:
    shelves = make_shelves(session)
    said = {
        "name": "Tomme de brebis",
        "category_id": str(shelves["cremerie"]),
        "sold_by": "piece",
        "price": "24,90",
        "price_unit": "gram",
        "content_unit": "g",
        "storage": "",
        "vat": "",
        "allotment": "12",
    }
    refused = farmer.post(f"{base(scene)}/products/new", **said)
    assert refused.status_code == 422
    assert "say what a piece usually weighs" in refused.text
    assert 'value="24,90"' in refused.text
    answer = farmer.post(f"{base(scene)}/products/new", **said, nominal_g="900")
    assert answer.status_code == 303
    made = session.scalars(select(Product).where(Product.name == "Tomme de brebis")).one()
    assert (made.price_cents, made.nominal_g, made.usual_allotment) == (2490, 900, 12)
    path = f"{base(scene)}/products/{made.id}"
    assert farmer.post(path, **{**said, "nominal_g": "800"}).status_code == 303
    assert farmer.post(f"{path}/retire").status_code == 303
    session.expire_all()
    made = session.get_one(Product, made.id)
    assert made.nominal_g == 800
    assert made.retired_at is not None


def test_a_product_has_an_english_name_and_tells_what_changed(
    farmer: Visitor, scene: Scene, session: Session
) -> None:
    shelves = make_shelves(session)
    said = {
        "name": "Tomme de brebis",
        "name_en": "Ewe’s milk tomme",
        "category_id": str(shelves["cremerie"]),
        "sold_by": "piece",
        "price": "24,90",
        "price_unit": "piece",
        "content_unit": "g",
        "storage": "",
        "vat": "",
        "allotment": "12",
    }
    assert farmer.post(f"{base(scene)}/products/new", **said).status_code == 303
    made = session.scalars(select(Product).where(Product.name == "Tomme de brebis")).one()
    assert made.name_en == "Ewe’s milk tomme"
    assert "ewe" in made.search_text
    path = f"{base(scene)}/products/{made.id}"
    assert 'value="Ewe’s milk tomme"' in farmer.get(path).text
    farmer.post(path, **{**said, "price": "26,50", "name_en": ""})
    session.expire_all()
    made = session.get_one(Product, made.id)
    assert (made.price_cents, made.name_en) == (2650, None)
    assert "ewe" not in made.search_text
    page = farmer.get(path).text.replace("\u00a0", " ")
    told = page.split("What changed", 1)[1]
    assert "€24.90" in told
    assert "€26.50" in told
    assert "Name in English" in told
    assert told.index("Name in English") < told.index("€24.90") < told.rindex("new")


def test_a_farm_chooses_the_language_of_its_letters(
    farmer: Visitor, scene: Scene, session: Session
) -> None:
    assert farmer.post(f"{base(scene)}/language", language="xx").status_code == 422
    assert farmer.post(f"{base(scene)}/language", language="en").status_code == 303
    session.expire_all()
    key = int(base(scene).rsplit("/", 1)[1])
    assert session.get_one(Producer, key).language == "en"
    assert 'value="en" selected' in farmer.get(f"{base(scene)}/").text


def test_prices_are_changed_in_the_list_all_or_none(
    farmer: Visitor, scene: Scene, session: Session
) -> None:
    offer = session.get_one(Offer, scene.offers["yogurt"])
    product = offer.product_id
    wrong = farmer.post(
        f"{base(scene)}/products", **{f"price-{product}": "cher", f"allotment-{product}": "5"}
    )
    assert wrong.status_code == 422
    assert "This is not a price." in wrong.text
    assert 'value="cher"' in wrong.text
    right = {f"price-{product}": "3,40", f"allotment-{product}": "40"}
    assert farmer.post(f"{base(scene)}/products", **right).status_code == 303
    session.expire_all()
    row = session.get_one(Product, product)
    assert (row.price_cents, row.usual_allotment) == (340, 40)


def test_what_is_ordered_cannot_be_taken_away(
    farmer: Visitor, scene: Scene, session: Session
) -> None:
    offer = session.get_one(Offer, scene.offers["yogurt"])
    offer.held = 7
    session.commit()
    answer = farmer.post(
        f"{base(scene)}/cycles/{scene.cycle.id}/offers", **{f"allotted-{offer.id}": "6"}
    )
    assert answer.status_code == 422
    assert "7\u00a0pieces is ordered or in baskets already" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/products", "/products/new", "/files", "/products.xlsx", "/files/1"]
)
def test_the_pages_of_another_farm_are_closed(farmer: Visitor, scene: Scene, path: str) -> None:
    assert farmer.get(f"/producer/{scene.producers[1]}{path}").status_code == 403


def test_products_files_and_offers_of_another_farm_are_out_of_reach(
    app: Flask, farmer: Visitor, scene: Scene, session: Session
) -> None:
    honey = session.get_one(Offer, scene.offers["honey"])
    cycle = f"{base(scene)}/cycles/{scene.cycle.id}/offers"
    assert farmer.get(f"{base(scene)}/products/{honey.product_id}").status_code == 404
    assert farmer.post(f"{base(scene)}/products/{honey.product_id}/retire").status_code == 404
    taken = {f"price-{honey.product_id}": "1"}
    assert farmer.post(f"{base(scene)}/products", **taken).status_code == 404
    assert farmer.post(f"{cycle}/{honey.id}/withdraw").status_code == 404
    elsewhere = make_scene(session)
    session.commit()
    foreign = f"{base(scene)}/cycles/{elsewhere.cycle.id}/offer-usual"
    assert farmer.post(foreign).status_code == 404
    where = bring(farmer, scene, WEEK)
    stranger = make_worker(session, Role.PRODUCER, producer_id=scene.producers[1])
    session.commit()
    other = Visitor(app.test_client()).sign_in(stranger)
    number = where.rpartition("/")[2]
    there = f"/producer/{scene.producers[1]}/files/{number}"
    for path in ("", "/progress"):
        assert other.get(there + path).status_code == 404
    for path in ("/take-in", "/columns", "/discard"):
        assert other.post(there + path).status_code == 404


def test_a_visitor_is_sent_to_the_door(client: FlaskClient, scene: Scene) -> None:
    answer = client.get(f"{base(scene)}/products")
    assert answer.status_code == 302
    assert "/account/sign-in" in answer.location
