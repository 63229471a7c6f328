"""Five thousand invoices of one cycle: issued and printed in minutes, with little memory."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.billing.models import InvoiceFile, InvoiceRun, InvoiceSeries, IssuedInvoice
from shop.billing.services import invoice_runs
from shop.infra.unit_of_work import reading, unit_of_work
from tests.factories.billing import finish, know_sellers
from tests.factories.fulfilment import CLOSED_AT, close, place_paid
from tests.factories.orders import make_scene
from worker.billing import issue_cycle

ORDERS = 2500
"""Of two sellers each."""

MINUTES = 10
MORE_MEMORY_MB = 300


@pytest.fixture
def shop(committed_app: Flask) -> Iterator[Flask]:
    with committed_app.app_context():
        yield committed_app


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_cycle_of_five_thousand_invoices_takes_minutes(shop: Flask) -> None:
    with unit_of_work() as session:
        scene = make_scene(session, allotted=ORDERS * 2, capacity=ORDERS)
        know_sellers(session, scene)
    found = []
    for start in range(0, ORDERS, 100):
        with unit_of_work() as session:
            found += [
                place_paid(session, scene, {"honey": 1, "yogurt": 2})
                for _ in range(start, start + 100)
            ]
    with unit_of_work() as session:
        close(session, scene)
    for start in range(0, ORDERS, 100):
        with unit_of_work() as session:
            for order_id in found[start : start + 100]:
                finish(session, scene, order_id)
    with unit_of_work() as session:
        run_id = invoice_runs.ask(session, scene.market.id, scene.cycle.id, at=CLOSED_AT)
    before, began = _memory_mb(), monotonic()
    issue_cycle(run_id)
    spent = monotonic() - began
    with reading() as session:
        run = session.get_one(InvoiceRun, run_id)
        size = session.scalar(select(func.sum(func.length(InvoiceFile.pdf)))) or 0
        assert (run.state, run.issued, run.files_done) == ("done", 2 * ORDERS, 2 * ORDERS)
        assert session.scalar(select(func.count()).select_from(IssuedInvoice)) == 2 * ORDERS
        assert session.scalars(select(InvoiceSeries.last_number)).all() == [ORDERS, ORDERS]
    print(
        f"\n{2 * ORDERS} invoices in {spent:.0f} s, {_memory_mb() - before} MB more,"
        f" {size / 1e6:.0f} MB of files"
    )
    assert spent < MINUTES * 60
    assert _memory_mb() - before < MORE_MEMORY_MB


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
