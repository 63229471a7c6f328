"""An order is settled when its customer owes nothing, and announced each time that comes true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

import worker.tasks  # noqa: F401 - the handlers declare themselves
from shop.billing.models import IssuedInvoice, Settlement
from shop.catalog.domain.terms import SpotWay
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.lifecycle import IllegalTransition
from shop.kernel.money import Money
from shop.orders.domain.lifecycles import ORDER
from shop.orders.models import Order
from shop.orders.services import tenders
from tests.factories.billing import know_sellers
from tests.factories.fulfilment import CLOSED_AT, close, hand_over, set_fees
from tests.factories.orders import Scene, make_order, make_person, make_scene
from tests.factories.paying import Counter
from tests.factories.tills import ON_SPOT, accept
from worker import dispatch
from worker.payouts import settle_cycle

AT = CLOSED_AT + timedelta(days=4)
DUE = Money(1900)


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def scene(shop: Flask) -> Scene:
    with unit_of_work() as session:
        made = make_scene(session)
        set_fees(session, made)
        know_sellers(session, made)
        accept(session, made)
    return made


@pytest.fixture
def order_id(scene: Scene, counter: Counter) -> int:
    """Two pots of honey, handed over, to be paid on the spot and not paid yet."""
    with unit_of_work() as session:
        made = make_order(session, scene, {"honey": 2}, wish=ON_SPOT)
    with unit_of_work() as session:
        close(session, scene)
        hand_over(session, scene, made.order_id)
    dispatch.drain()
    counter.clock.at = AT
    return made.order_id


def take(order_id: int, key: str) -> None:
    with unit_of_work() as session:
        tenders.take_on_spot(session, order_id, SpotWay.CASH, DUE, key=key)


def undo(order_id: int, key: str) -> None:
    with unit_of_work() as session:
        by = make_person(session)
        tenders.undo_on_spot(session, order_id, SpotWay.CASH, DUE, key=key, at=AT, by=by)


def state(order_id: int) -> str:
    with reading() as session:
        return session.get_one(Order, order_id).state


def invoices(order_id: int) -> int:
    with reading() as session:
        rows = session.scalars(select(IssuedInvoice.id).where(IssuedInvoice.order_id == order_id))
        return len(rows.all())


def test_a_statement_does_not_settle_what_its_customer_still_owes(
    scene: Scene, order_id: int
) -> None:
    settle_cycle(scene.cycle.id)
    with reading() as session:
        assert session.scalars(select(Settlement.producer_id)).all() == [scene.producers[1]]
    assert state(order_id) == "fulfilled"
    take(order_id, "one")
    dispatch.drain()
    assert state(order_id) == "settled"


def test_an_order_is_settled_before_any_statement_is_written(scene: Scene, order_id: int) -> None:
    take(order_id, "one")
    dispatch.drain()
    assert state(order_id) == "settled"
    with reading() as session:
        assert session.scalars(select(Settlement)).all() == []


@pytest.mark.parametrize("before", ["awaiting_payment", "placed", "firm", "canceled", "settled"])
def test_only_what_was_handed_over_can_be_settled(before: str) -> None:
    with pytest.raises(IllegalTransition):
        ORDER.after(before, "settle")


def test_an_order_that_was_reopened_before_anybody_heard_is_announced_again(order_id: int) -> None:
    take(order_id, "one")
    # The worker settles the order; before it writes the invoice, the money turns out to be false.
    with unit_of_work() as session:
        capture = dispatch.outbox.due(session)
    for message in capture:
        dispatch.handle(message)
    assert state(order_id) == "settled"
    undo(order_id, "back")
    dispatch.drain()
    assert (state(order_id), invoices(order_id)) == ("fulfilled", 0)
    take(order_id, "two")
    dispatch.drain()
    assert (state(order_id), invoices(order_id)) == ("settled", 1)
