"""Many choose the same hour at once: no more is promised than the trucks can bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.catalog.errors import SlotFull
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.domain.desk.board import read_board
from shop.logistics.models import PromisePlan, Vehicle
from shop.logistics.services import promises
from shop.orders.models import Order
from shop.orders.queries import demand
from shop.orders.queries.basket import Visitor
from shop.orders.services import basket, place_order
from tests.factories.orders import Scene, fill_in, make_order, make_scene
from tests.factories.paying import Counter
from tests.factories.planned import make_fleet

BUYERS = 8
ROOM = 5
"""Orders that the only van can carry at a time: a whole crate each."""


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


def at_once(shop: Flask, deeds: list[Callable[[], bool]]) -> list[bool]:
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], bool]) -> bool:
        with shop.app_context():
            barrier.wait()
            return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def order(scene: Scene, counter: Counter, kept: basket.Kept) -> bool:
    try:
        with unit_of_work() as session:
            place_order.place(
                session,
                Visitor(token=kept.token),
                scene.market,
                scene.cycle,
                kept.basket_id,
                language="fr",
                terms_accepted=True,
                now=counter.clock.now(),
                advisor=promises.RoundAdvisor(),
            )
    except SlotFull:
        return False
    return True


def test_eight_who_confirm_at_once_get_no_more_than_the_van_can_bring(
    shop: Flask, counter: Counter
) -> None:
    now = counter.clock.now()
    with unit_of_work() as session:
        scene = make_scene(session, allotted=10_000)
        first, second = make_fleet(session, scene.market.id)
        room = {"chilled": {"kg": 15 * ROOM, "crates": ROOM}}
        session.execute(update(Vehicle).where(Vehicle.id == first).values(capacity=room))
        session.execute(update(Vehicle).where(Vehicle.id == second).values(retired_at=now))
        make_order(session, scene, {"honey": 3}, slot="home", at=now)
    with unit_of_work() as session:
        first_load = demand.order_loads(session, scene.cycle.id, promises.PROMISED)[0]
        whole_crate = max(3, 3000 // sum(first_load.fill.values()))
        assert promises.refresh(session, scene.cycle.id, at=now)
        wanted = {scene.offers["honey"]: whole_crate}
        baskets = []
        for _ in range(BUYERS):
            kept = basket.set_lines(session, Visitor(), scene.market, scene.cycle, wanted, now)
            fill_in(session, scene, kept.basket_id, slot="home")
            baskets.append(kept)
    answers = at_once(shop, [lambda kept=kept: order(scene, counter, kept) for kept in baskets])  # type: ignore[misc]
    assert 1 <= sum(answers) < BUYERS
    with unit_of_work() as session:
        assert promises.refresh(session, scene.cycle.id, at=now)
    with reading() as session:
        board = read_board(
            session.scalars(
                select(PromisePlan.board).where(PromisePlan.cycle_id == scene.cycle.id)
            ).one()
        )
        orders = session.scalars(select(Order.id).where(Order.cycle_id == scene.cycle.id)).all()
    assert len(orders) == sum(answers) + 1
    assert {f"home:{key}" for key in orders} <= set(board.stops())
