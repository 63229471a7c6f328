"""The frame around pages is kept, and still belongs to the page and the person."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from tests.factories.catalog import make_worker
from tests.factories.desk_visits import Visitor
from tests.factories.orders import make_scene


def test_each_page_is_the_one_to_come_back_to(client: FlaskClient, session: Session) -> None:
    slug = make_scene(session).market.slug
    for page in (f"/{slug}/shelf?q=a%26b", f"/{slug}/producers", f"/{slug}/shelf?q=a%26b"):
        text = client.get(page, headers={"Accept-Language": "fr"}).text
        back = page.replace("%", "%25").replace("?", "?").replace("=", "%3D")
        assert f'href="/language/en?next={back}"' in text
        assert f"/sign-in?next={back}" in text
        here = page.split("?")[0]
        assert text.count('aria-current="page"') == 1
        assert f'<a href="{here}" aria-current="page">' in text


def test_what_a_visitor_sees_is_not_what_somebody_with_an_account_sees(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    scene = make_scene(session)
    page = f"/{scene.market.slug}/producers"
    assert "/sign-in?next=" in client.get(page).text
    email = make_worker(session, Role.PRODUCER, producer_id=scene.producers[0])
    session.commit()
    known = Visitor(app.test_client()).sign_in(email).get(page).text
    assert "/sign-in?next=" not in known
    assert "/sign-out" in known
    assert "/sign-out" not in client.get(page).text
