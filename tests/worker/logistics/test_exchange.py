"""The worker finds routes for the orders of another platform, once however often it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from shop.adapters.dfc_orders import DfcExchange
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.queries import exchange as queries
from shop.logistics.services import exchange
from shop.logistics.services.exchange import Wishes
from tests.factories.orders import Scene, make_scene
from tests.factories.outside_orders import content, document
from tests.factories.paying import Counter
from tests.factories.planned import make_fleet
from worker import dispatch
from worker.exchange import plan_exchange


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def scene(shop: Flask) -> Scene:
    with unit_of_work() as session:
        return make_scene(session)


def asked(scene: Scene, given: bytes, fleet: str = "theirs") -> int:
    orders = DfcExchange().read(content(document()))
    with unit_of_work() as session:
        return exchange.ask(
            session,
            scene.market.id,
            "commandes.json",
            given,
            orders,
            Wishes(fleet, 300, 2),
            by=None,
        )


def test_routes_are_found_kept_and_not_looked_for_again(scene: Scene) -> None:
    run_id = asked(scene, content(document()))
    dispatch.drain()
    with reading() as session:
        card, result = queries.by_id(session, scene.market.id, run_id)
        written = queries.written(session, scene.market.id, run_id)
    assert card.state == "done"
    assert result is not None
    assert result.unserved == []
    (route,) = result.routes
    assert [len(stop.lines) for stop in route.stops if stop.takes] == [1, 1]
    assert route.stops[-1].place == "1 rue relay, 83170 Brignoles"
    assert result.roads["roads"] == {
        "source": "great_circle",
        "data_date": "",
        "pairs": 6,
        "estimated": 6,
    }
    plan_exchange(run_id)
    with reading() as session:
        assert queries.written(session, scene.market.id, run_id) == written


def test_our_vehicles_leave_from_our_hub(scene: Scene) -> None:
    with unit_of_work() as session:
        make_fleet(session, scene.market.id)
    run_id = asked(scene, content(document()), "ours")
    dispatch.drain()
    with reading() as session:
        _card, result = queries.by_id(session, scene.market.id, run_id)
        written = queries.written(session, scene.market.id, run_id)
    assert result is not None
    assert result.unserved == []
    assert b'"dfc-b:basedAt": "urn:uuid:' in written


def test_a_market_without_a_hub_has_no_vehicles_to_send(scene: Scene) -> None:
    run_id = asked(scene, content(document()), "ours")
    dispatch.drain()
    with reading() as session:
        card, result = queries.by_id(session, scene.market.id, run_id)
    assert (card.state, card.error, result) == ("failed", "hub_missing", None)


def test_a_file_thrown_away_meanwhile_is_left_alone(scene: Scene) -> None:
    run_id = asked(scene, content(document()))
    with unit_of_work() as session:
        exchange.forget(session, scene.market.id, run_id)
    dispatch.drain()
    plan_exchange(run_id)
    with reading() as session:
        assert queries.recent(session, scene.market.id) == []
