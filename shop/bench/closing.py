"""Measures 11 and 12: the night of a large sale that closes, and all its sheets on paper."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context

from flask import Flask

from shop.bench.large_sale import FIRST, LINES, ORDERS, PRODUCERS, resident_mb, rows
from shop.bench.pages import create_in_process
from shop.bench.result import Result
from shop.bench.stage import Stage
from shop.infra.ports import port
from shop.infra.printing import Printer
from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics import papers
from shop.logistics.queries.cycle_goods import cycle_goods
from shop.logistics.services import crates
from shop.orders.services import closing, purchasing

CLOSING_S = 20.0
SHEETS_S, SHEETS_MB = 60.0, 500


def measure(made: Stage, app: Flask) -> list[Result]:
    """Time of what the worker does when the sale closes; time and memory of its sheets."""
    with made.database() as connection:
        connection.execute(rows(orders="placed", cycle="closed"))
        connection.execute("ANALYZE")
    return [_closing(app), _sheets(made)]


def _closing(app: Flask) -> Result:
    at = datetime.now(UTC)
    with app.app_context():
        began = time.perf_counter()
        with unit_of_work() as session:
            firm = closing.confirm_orders(session, FIRST, at=at)
            issued = purchasing.issue(session, FIRST, at=at)
        took_s = time.perf_counter() - began
        with unit_of_work() as session:
            boxes = crates.make_crates(session, FIRST)
        boxed_s = time.perf_counter() - began - took_s
    return Result(
        11,
        f"closing {ORDERS} orders × {LINES} lines, {PRODUCERS} producers",
        floor="",
        ours=f"{took_s:.1f} s; {boxes} crates numbered in {boxed_s:.1f} s more",
        ratio="",
        must=f"{PRODUCERS} purchase orders, ≤ {CLOSING_S:.0f} s",
        ok=len(firm) == ORDERS and len(issued) == PRODUCERS and took_s <= CLOSING_S,
        facts={"seconds": took_s, "crates_seconds": boxed_s},
    )


def _sheets(made: Stage) -> Result:
    # A process of its own: its memory is that of the sheets, not of what was measured before.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        took_s, cpu_s, size, peak = pool.submit(_print, made).result()
    return Result(
        12,
        "its picking sheets and labels as PDF",
        floor="",
        ours=f"{took_s:.1f} s ({cpu_s:.1f} s CPU), {size / 1e6:.1f} MB of paper, memory {peak} MB",
        ratio="",
        must=f"≤ {SHEETS_S:.0f} s, {SHEETS_MB} MB",
        ok=took_s <= SHEETS_S and peak <= SHEETS_MB,
        facts={"seconds": took_s, "cpu_seconds": cpu_s, "bytes": size, "peak_mb": peak},
    )


def _print(made: Stage) -> tuple[float, float, int, int]:
    app = create_in_process(made)
    size = 0
    began, computed = time.perf_counter(), time.process_time()
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        with reading() as session:
            goods = cycle_goods(session, FIRST, printed_at=datetime.now(UTC))
        printer = port(Printer)
        for paper in (papers.picking(goods, how) for how in papers.WAYS_TO_PICK):
            size += len(printer.bind(paper.document, paper.sheets))
        paper = papers.labels(goods)
        size += len(printer.bind(paper.document, paper.sheets))
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - computed
    return took_s, cpu_s, size, resident_mb()
