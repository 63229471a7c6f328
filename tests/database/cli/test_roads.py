"""``carriole prepare-roads``: which servers answer, and what is kept of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.adapters.http_json import JsonServer
from shop.adapters.osrm_roads import OsrmRoads
from shop.adapters.road_sources import RoadSources
from shop.catalog.models import Market
from shop.cli.roads import prepare_roads
from shop.demo import market as demo_market
from shop.demo.catalogue import fill
from shop.demo.rows import Rows
from shop.infra.ports import plug
from shop.logistics.ports import RoadMatrix
from shop.logistics.queries.places import standing_places
from tests.factories.road_servers import OsrmServer, RoadServer, serving
from tests.harness.application import PORTS


@pytest.fixture
def market(session: Session) -> str:
    rows = Rows()
    fill(rows, demo_market.lay(rows))
    rows.write(session)
    return "paniers-du-var"


@pytest.fixture
def osrm(app: Flask) -> Iterator[RoadServer]:
    usual = dict(app.extensions[PORTS])
    with serving(OsrmServer(limit=100, data_version="2026-11-20")) as made:
        source = OsrmRoads(JsonServer(made.url, pause=made.pauses.append))
        plug(app, {RoadMatrix: RoadSources([source])})
        yield made
    app.extensions[PORTS].update(usual)


def test_the_places_of_every_week_are_asked_for_once(
    app: Flask, session: Session, market: str, osrm: RoadServer
) -> None:
    run = app.test_cli_runner()
    first = run.invoke(prepare_roads, ["--json"])
    assert first.exit_code == 0, first.output
    said = json.loads(first.output)
    found = session.scalars(select(Market)).one()
    count = len({*standing_places(session, found.id)})
    assert said["sources"] == [{"source": "osrm", "map": "2026-11-20"}]
    assert said["markets"][market]["asked"] == count * (count - 1)
    assert said["markets"][market]["failed"] == 0
    again = json.loads(run.invoke(prepare_roads, ["--json", "--forget"]).output)
    assert again["markets"][market]["asked"] == 0
    assert again["forgotten"] == 0


def test_a_server_that_is_named_and_silent_is_status_one(
    app: Flask, market: str, osrm: RoadServer
) -> None:
    osrm.busy = 999
    ended = app.test_cli_runner().invoke(prepare_roads, [])
    assert ended.exit_code == 1
    assert "does not answer" in ended.output
    assert "distances are estimated" in ended.output


def test_without_a_server_it_says_so(app: Flask, market: str) -> None:
    ended = app.test_cli_runner().invoke(prepare_roads, [])
    assert ended.exit_code == 0
    assert "nobody (distances are estimated)" in ended.output
