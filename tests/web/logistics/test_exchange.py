"""The desk plans the orders of another platform, and nobody else sees them."""

from __future__ import annotations

import html
import io
import json
import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from shop.accounts.domain.roles import Role
from shop.adapters.dfc_orders import DfcExchange
from shop.catalog.models import Market
from shop.infra.outbox import OutboxMessage
from shop.logistics.domain.exchange.routes import routes_of
from shop.logistics.domain.exchange.summary import summary_of
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.models import ExchangeRun
from shop.logistics.queries import exchange as queries
from shop.logistics.services import exchange
from tests.factories.field import LEFT_AT, Day
from tests.factories.field_visits import Hand, forget_the_last_visitor, hand_of, words_of
from tests.factories.fulfilment import grant
from tests.factories.orders import make_scene
from tests.factories.outside_orders import content, document, named

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def desk(app: Flask, session: Session, day: Day) -> Hand:
    return hand_of(app, grant(session, Role.DESK, market_id=day.scene.market.id))


@pytest.fixture
def door(session: Session, day: Day) -> str:
    return f"/desk/{session.get_one(Market, day.scene.market.id).slug}/exchange/"


def bring(hand: Hand, door: str, given: bytes, **typed: str) -> TestResponse:
    found = _TOKEN.search(hand.get("/account/sign-in").text)
    assert found is not None
    fields = {"fleet": "theirs", "minutes": "5", "seconds": "3", **typed}
    file = FileStorage(io.BytesIO(given), "commandes.json", content_type="application/json")
    data = {**fields, "csrf_token": found[1], "file": file}
    boundary, body = encode_multipart(MultiDict(data))
    forget_the_last_visitor()
    return hand.client.post(
        door, data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )


def planned(session: Session, run_id: int) -> None:
    """What the worker does with it."""
    asked = exchange.start(session, run_id, at=LEFT_AT)
    assert asked is not None
    orders = DfcExchange().read(asked.content)
    day, used = queries.outside_day(
        session, asked.market_id, orders, fleet="theirs", service_s=300, now=LEFT_AT
    )
    routes = routes_of(day, solve(day.problem, StopRule(iterations=30), 1))
    written = DfcExchange().write(orders, routes)
    exchange.finish(session, run_id, summary_of(orders, routes, used), written, at=LEFT_AT)
    session.flush()
    session.expire_all()


def test_a_file_is_read_kept_and_handed_to_the_planner(
    desk: Hand, door: str, session: Session
) -> None:
    answer = bring(desk, door, content(document()))
    assert answer.status_code == 303
    run = session.scalars(select(ExchangeRun)).one()
    assert answer.location == f"{door}{run.id}"
    assert (run.state, run.name, run.orders, run.lines) == ("queued", "commandes.json", 1, 2)
    assert (run.service_s, run.seconds, run.fleet) == (300, 3, "theirs")
    message = session.scalars(
        select(OutboxMessage).where(OutboxMessage.topic == exchange.EXCHANGE_TOPIC)
    ).one()
    assert message.payload == {"exchange_run_id": run.id}
    assert "Finding the routes" in desk.read(f"{door}{run.id}")
    assert desk.get(f"{door}{run.id}/progress").json["state"] == "running"  # type: ignore[index]
    assert desk.get(f"{door}{run.id}/routes.jsonld").status_code == 404
    assert "commandes.json" in desk.read(door)


def test_routes_are_shown_and_taken_away_as_linked_data(
    desk: Hand, door: str, session: Session
) -> None:
    bring(desk, door, content(document()))
    run_id = session.scalars(select(ExchangeRun.id)).one()
    planned(session, run_id)
    page = desk.read(f"{door}{run_id}")
    assert "Route 1" in page
    assert "estimated distances" in page
    assert "A-17" in page
    assert "Product 1 · 1.5 kg" in page
    assert desk.get(f"{door}{run_id}/progress").json["state"] == "done"  # type: ignore[index]
    drawn = desk.get(f"{door}{run_id}/map.geojson").json
    assert drawn is not None
    assert drawn["features"][0]["geometry"]["type"] == "LineString"
    answer = desk.get(f"{door}{run_id}/routes.jsonld")
    assert answer.mimetype == "application/ld+json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="routes-{run_id}.jsonld"'
    kinds = [each["@type"] for each in json.loads(answer.data)["@graph"]]
    assert kinds.count("dfc-b:Shipment") == 2


def test_what_is_wrong_with_a_file_comes_back_with_the_order_and_the_line(
    desk: Hand, door: str, session: Session
) -> None:
    found = document()
    del named(found, "line/2")["dfc-b:hasQuantity"]["dfc-b:hasUnit"]
    named(found, "line/1")["dfc-b:hasQuantity"]["dfc-b:value"] = "-4"
    answer = bring(desk, door, content(found), minutes="7")
    assert answer.status_code == 422
    page = words_of(answer)
    assert "2 things to correct" in page
    assert "order A-17, line https://autre.exemple.fr/line/2: the quantity has no unit" in page
    assert "the quantity “-4” is not above zero" in page
    assert 'value="7"' in answer.text
    assert session.scalar(select(func.count()).select_from(ExchangeRun)) == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"", "Please choose a file."),
        (b'{"a": \n', "This is no JSON: it breaks off or goes wrong in line 2."),
        (b"[]", "No word of the Data Food Consortium is in this file."),
        (b'{"@context": "https://example.org/c"}', "https://example.org/c, which we do not know"),
        (b" " * 1_000_001, "This file is too large: one megabyte at most."),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_the_field(
    desk: Hand, door: str, given: bytes, told: str
) -> None:
    answer = bring(desk, door, given)
    assert answer.status_code == 422
    assert told in html.unescape(answer.text)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"minutes": "soon"}, "Type a whole number."),
        ({"minutes": "999"}, "Between 0 and 240."),
        ({"seconds": "1"}, "Between 2 and 120."),
        ({"fleet": "mine"}, "Choose one of them."),
    ],
)
def test_figures_nobody_can_mean_are_refused_at_their_field(
    desk: Hand, door: str, typed: dict[str, str], told: str, session: Session
) -> None:
    answer = bring(desk, door, content(document()), **typed)
    assert answer.status_code == 422
    assert told in words_of(answer)
    assert session.scalar(select(func.count()).select_from(ExchangeRun)) == 0


def test_a_file_is_deleted_with_all_that_was_found(desk: Hand, door: str, session: Session) -> None:
    bring(desk, door, content(document()))
    run_id = session.scalars(select(ExchangeRun.id)).one()
    planned(session, run_id)
    assert desk.post(f"{door}{run_id}/forget").status_code == 303
    session.expire_all()
    assert session.scalars(select(ExchangeRun)).all() == []
    assert desk.get(f"{door}{run_id}").status_code == 404


def test_only_the_last_twenty_files_are_kept(door: str, session: Session, day: Day) -> None:
    orders = DfcExchange().read(content(document()))
    for number in range(exchange.KEPT + 2):
        exchange.ask(
            session, day.scene.market.id, f"{number}", b"{}", orders, exchange.Wishes(), by=None
        )
    names = [run.name for run in queries.recent(session, day.scene.market.id)]
    assert names == [str(number) for number in range(exchange.KEPT + 1, 1, -1)]


def test_others_neither_see_nor_bring_nor_delete_files(
    app: Flask, desk: Hand, driver: Hand, preparer: Hand, door: str, session: Session
) -> None:
    bring(desk, door, content(document()))
    run_id = session.scalars(select(ExchangeRun.id)).one()
    elsewhere = make_scene(session).market
    neighbor = hand_of(app, grant(session, Role.DESK, market_id=elsewhere.id))
    for hand in (driver, preparer, neighbor):
        for path in ("", f"{run_id}", f"{run_id}/routes.jsonld", f"{run_id}/map.geojson"):
            assert hand.get(f"{door}{path}").status_code == 403
        assert bring(hand, door, content(document())).status_code == 403
        assert hand.post(f"{door}{run_id}/forget").status_code == 403
    other = f"/desk/{elsewhere.slug}/exchange/{run_id}"
    assert neighbor.get(other).status_code == 404
    assert neighbor.get(f"{other}/routes.jsonld").status_code == 404
    assert neighbor.post(f"{other}/forget").status_code == 404
    assert session.scalar(select(func.count()).select_from(ExchangeRun)) == 1
