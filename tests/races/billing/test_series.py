"""Many hands issue at once: every number is given once, and none is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.billing.models import InvoiceSeries, IssuedInvoice
from shop.billing.services import invoicing
from shop.infra.unit_of_work import reading, unit_of_work
from tests.factories.billing import ISSUED_AT, finish, know_sellers, plain
from tests.factories.fulfilment import close, place_paid
from tests.factories.orders import make_scene

HANDS, ORDERS = 8, 24


class PowerCut(RuntimeError):
    """A hand stops in the middle of its transaction."""


@pytest.fixture
def shop(committed_app: Flask) -> Iterator[Flask]:
    with committed_app.app_context():
        yield committed_app


@pytest.fixture
def order_ids(shop: Flask) -> list[int]:
    with unit_of_work() as session:
        scene = make_scene(session)
        know_sellers(session, scene)
        found = [
            place_paid(session, scene, {"honey": 1, "yogurt": 1}, slot="drive")
            for _ in range(ORDERS)
        ]
        close(session, scene)
        for order_id in found:
            finish(session, scene, order_id)
    return found


def test_numbers_have_no_gap_when_many_issue_at_once_and_some_fail(
    shop: Flask, order_ids: list[int]
) -> None:
    barrier = Barrier(HANDS)

    def issue(hand: int) -> None:
        """Each hand tries every order, in its own direction; a third of its tries is cut."""
        barrier.wait()
        mine = order_ids if hand % 2 else order_ids[::-1]
        for turn, order_id in enumerate(mine):
            with shop.app_context():
                try:
                    with unit_of_work() as session:
                        invoicing.issue_for_orders(
                            session, [order_id], at=ISSUED_AT, translate=plain
                        )
                        if (turn + hand) % 3 == 0:
                            raise PowerCut
                except PowerCut:
                    continue

    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(issue, range(HANDS)))
    with reading() as session:
        rows = session.execute(
            select(
                IssuedInvoice.series_id,
                func.count(),
                func.count(IssuedInvoice.sequence.distinct()),
                func.min(IssuedInvoice.sequence),
                func.max(IssuedInvoice.sequence),
            ).group_by(IssuedInvoice.series_id)
        ).all()
        last = dict(session.execute(select(InvoiceSeries.id, InvoiceSeries.last_number)).all())
    assert len(rows) == 3
    for series_id, count, distinct, first, highest in rows:
        assert (count, distinct, first, highest) == (ORDERS, ORDERS, 1, ORDERS)
        assert last[series_id] == ORDERS
