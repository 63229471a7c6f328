"""Two tablets, two phones, one line, one stop: the last word counts, everything once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.infra.outbox import OutboxMessage
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import Conflict
from shop.logistics.models import Handover, PickingEntry
from shop.logistics.services import driving, picking
from shop.logistics.services.picking import Said
from shop.orders.models import Order, OrderLine
from tests.factories.field import LEFT_AT, PICKED_AT, Day, all_picked, deed, make_day, said
from tests.factories.orders import make_scene
from tests.factories.paying import Counter


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def day(shop: Flask) -> Day:
    with unit_of_work() as session:
        return make_day(session, make_scene(session), orders=3)


def at_once(shop: Flask, deeds: list[Callable[[], object]]) -> list[object]:
    """Begin all of them at the same moment; what each answered, or why it was refused."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        with shop.app_context():
            barrier.wait()
            try:
                return deed()
            except Conflict as refusal:
                return refusal

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def say(*entries: Said) -> int:
    with unit_of_work() as session:
        return picking.record(session, entries, by=None, at=PICKED_AT)


def serve(day: Day, key: uuid.UUID) -> bool:
    with unit_of_work() as session:
        return driving.serve(
            session, day.relay, deed(day, key), driver_id=day.driver, receiver="Odile", at=LEFT_AT
        )


def test_of_two_tablets_on_one_line_the_entry_kept_last_is_the_one_that_counts(
    shop: Flask, day: Day
) -> None:
    line = day.lines[day.orders[0], "chicken"]
    for _ in range(5):
        entries = [said(line, 1, weight) for weight in (1100, 1200, 1300, 1400)]
        at_once(shop, [lambda entry=entry: say(entry) for entry in entries])  # type: ignore[misc]
        with reading() as session:
            last = session.scalars(
                select(PickingEntry.weight_g).order_by(PickingEntry.id.desc()).limit(1)
            ).one()
            row = session.get_one(OrderLine, line)
            assert row.picked_g == last


def test_an_entry_that_arrives_from_many_sides_at_once_is_kept_once(shop: Flask, day: Day) -> None:
    entry = said(day.lines[day.orders[0], "chicken"], 1, 1234)
    answers = at_once(shop, [lambda: say(entry)] * 6)
    assert sorted(answers) == [0, 0, 0, 0, 0, 1]  # type: ignore[type-var]


def test_lines_of_the_same_orders_in_any_order_never_block_each_other(
    shop: Flask, day: Day
) -> None:
    every = [entry for order in day.orders for entry in all_picked(day, order)]
    there, back = every, list(reversed([said(e.line_id, e.amount, e.weight_g) for e in every]))
    assert at_once(shop, [lambda: say(*there), lambda: say(*back)]) == [12, 12]


def test_a_stop_served_from_two_phones_is_served_once(shop: Flask, day: Day) -> None:
    key = uuid.uuid4()
    answers = at_once(
        shop, [lambda: serve(day, key), lambda: serve(day, key), lambda: serve(day, uuid.uuid4())]
    )
    assert sorted(answers) == [False, False, True]  # type: ignore[type-var]
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Handover)) == 2


def test_weighing_and_handing_over_at_once_leaves_one_price(shop: Flask, day: Day) -> None:
    order = day.orders[0]
    entry = said(day.lines[order, "chicken"], 1, 1234)
    at_once(shop, [lambda: say(entry), lambda: serve(day, uuid.uuid4())])
    with reading() as session:
        line = session.get_one(OrderLine, entry.line_id)
        kept = session.scalar(select(func.count()).select_from(PickingEntry))
        assert (kept, line.billed_cents) in [(1, 2332), (0, 2268)]
        assert line.delivered == line.picked == 1
        assert session.get_one(Order, order).final_cents == (line.billed_cents or 0) + 2860
        asked = select(func.count()).where(OutboxMessage.topic == "orders.capture_payment")
        assert session.scalar(asked) == 2


def test_truck_and_host_hand_over_at_once_and_the_money_is_asked_for_once(
    shop: Flask, day: Day
) -> None:
    order_id = day.orders[0]
    with reading() as session:
        point = session.get_one(Order, order_id).pickup_point_id
    assert point is not None

    def fetch() -> bool:
        with unit_of_work() as session:
            return driving.hand_over_at_point(
                session, order_id, deed(day), pickup_point_id=point, receiver="Léa", at=LEFT_AT
            )

    answers = at_once(shop, [fetch, fetch, lambda: serve(day, uuid.uuid4())])
    assert sorted(answers[:2]) == [False, True]  # type: ignore[type-var]
    assert answers[2] is True
    with reading() as session:
        assert session.get_one(Order, order_id).state == "fulfilled"
        asked = select(func.count()).where(OutboxMessage.key == f"capture:{order_id}")
        assert session.scalar(asked) == 1
