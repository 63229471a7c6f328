import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from shop.web import shell
from shop.web.shell import Link, Shell

ERRORS = [403, 404, 409, 422, 429, 500, 502, 503]


@pytest.mark.parametrize(
    ("path", "address", "here"),
    [
        ("/var/etal", "/var/etal", True),
        ("/var/etal/tomate", "/var/etal", True),
        ("/var/etalage", "/var/etal", False),
        ("/var/etal", "/var/etal?q=figue", True),
        ("/var/etal", "/", False),
        ("/", "/", True),
        ("/var/panier", "/var", False),
    ],
)
def test_a_link_knows_whether_one_is_there(
    bare_site: Flask, path: str, address: str, *, here: bool
) -> None:
    with bare_site.test_request_context(path):
        assert Link("Étal", address).is_current is here


def test_the_column_of_the_desk_keeps_its_order_under_each_heading() -> None:
    a, b, c = Link("A", "/a", group="x"), Link("B", "/b", group="y"), Link("C", "/c", group="x")
    assert Shell(side=(a, b, c)).side_groups == [("x", [a, c]), ("y", [b])]


def test_a_page_says_who_is_there_where_one_can_go_and_that_payment_is_simulated(
    bare_site: Flask,
) -> None:
    with bare_site.test_request_context("/fermes", headers={"Accept-Language": "en"}):
        page = render_template("base.html")
    assert '<html lang="en">' in page
    assert "Demonstration: payment and mails are simulated" in page
    assert '<a class="skip" href="#content">' in page
    assert '<a href="/fermes" aria-current="page">Les fermes</a>' in page
    assert "Claire Fabre" in page
    assert "€42.10" in page
    assert '<a href="/mentions">Mentions légales</a>' in page
    assert '<form method="post" action="/sortie">' in page
    assert 'href="/language/fr?next=/fermes"' in page


@pytest.mark.parametrize("status", ERRORS)
def test_every_refusal_has_a_page_with_one_heading_and_a_way_out(
    bare_site: Flask, status: int
) -> None:
    with bare_site.test_request_context("/panier"):
        page = render_template(f"errors/{status}.html", code=None, facts={})
    assert page.count("<h1>") == 1
    assert 'class="button" href="/"' in page


@pytest.mark.parametrize("status", [500, 503])
def test_the_page_for_a_breakdown_asks_nothing_of_what_broke(status: int) -> None:
    def broken() -> Shell:
        raise RuntimeError("the database is away")

    app = Flask("shop", static_folder=None, template_folder="web/templates")
    shell.register(app, broken)
    with app.test_request_context("/"):
        assert "<h1>" in render_template(f"errors/{status}.html")


def test_outlines_are_the_communes_in_the_box_the_largest_first(visitor: FlaskClient) -> None:
    answer = visitor.get("/outlines.json?box=5.90,43.05,6.20,43.20")
    places = answer.get_json()
    assert places[0][0] == "Toulon"
    assert all(5.9 <= lon <= 6.2 and 43.05 <= lat <= 43.2 for _, lon, lat, _ in places)
    people = [place[3] for place in places]
    assert people == sorted(people, reverse=True)


@pytest.mark.parametrize(
    "box", ["", "1,2,3", "a,b,c,d", "6,43,5,44", "0,40,9,50", "nan,43,6,44", "5,43,inf,44"]
)
def test_a_box_that_is_none_or_too_wide_is_refused(visitor: FlaskClient, box: str) -> None:
    assert visitor.get(f"/outlines.json?box={box}").status_code == 400
