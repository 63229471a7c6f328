import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.web import locale


@pytest.mark.parametrize(
    ("header", "cookie", "language"),
    [
        ("", None, "fr"),
        ("de", None, "fr"),
        ("en-GB,en;q=0.9", None, "en"),
        ("fr-CA,en;q=0.5", None, "fr"),
        ("en", "fr", "fr"),
        ("fr", "en", "en"),
        ("en", "xx", "en"),
    ],
)
def test_the_language_is_the_chosen_one_then_the_one_of_the_browser_then_french(
    bare_site: Flask, header: str, cookie: str | None, language: str
) -> None:
    headers = {"Accept-Language": header}
    if cookie:
        headers["Cookie"] = f"{locale.COOKIE}={cookie}"
    with bare_site.test_request_context(headers=headers):
        assert locale.chosen_language() == language


def test_outside_a_request_the_language_is_french() -> None:
    assert locale.chosen_language() == "fr"


def test_choosing_a_language_keeps_it_and_comes_back_to_the_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/language/en?next=/panier?etape%3D2")
    assert (answer.status_code, answer.location) == (303, "/panier?etape=2")
    cookie = visitor.get_cookie(locale.COOKIE)
    assert cookie is not None
    assert (cookie.value, cookie.http_only, cookie.max_age) == ("en", True, locale.YEAR_S)


def test_a_language_the_site_does_not_speak_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/language/xx").status_code == 404


@pytest.mark.parametrize(
    "target",
    [None, "", "https://ailleurs.fr/", "//ailleurs.fr", "/\\ailleurs.fr", "panier", "\t//a.fr"],
)
def test_nobody_is_led_to_another_site(target: str | None) -> None:
    assert locale.local_path(target) == "/"


def test_a_path_of_this_site_is_kept_with_its_question() -> None:
    assert locale.local_path("/marche?q=figue") == "/marche?q=figue"
