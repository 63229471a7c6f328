"""Settle a large sale: 5,000 orders of 12 lines among 300 producers, as the worker does."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from flask import Flask
from flask_babel import gettext as _

from shop.bench.large_sale import FIRST, LINES, ORDERS, PRODUCERS, resident_mb, rows
from shop.bench.result import Result
from shop.bench.stage import Stage
from shop.billing.queries import settlements
from shop.billing.services import settlement_papers, settling
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.queries import accounts

PAPERS = 20

MONEY = f"""
INSERT INTO ledger_accounts (id, kind, owner_id)
  SELECT {FIRST} + n, 'producer', {FIRST} + n FROM generate_series(1, {PRODUCERS}) n
  UNION ALL SELECT {FIRST}, 'market', {FIRST}
  UNION ALL SELECT 2 * {FIRST} + n, 'customer', {FIRST} + n FROM generate_series(1, {ORDERS}) n;
INSERT INTO ledger_entries (id, key, kind, market_id, order_id, facts)
  SELECT {FIRST} + n, 'sale:' || ({FIRST} + n), 'sale', {FIRST}, {FIRST} + n,
    jsonb_build_object('shares', (SELECT jsonb_agg(jsonb_build_object('producer_id',
      s.producer_id, 'goods_cents', 1000, 'fees_cents', jsonb_build_object('market', 150),
      'taxes_cents', jsonb_build_object('market', 25)))
      FROM seller_orders s WHERE s.order_id = {FIRST} + n))
  FROM generate_series(1, {ORDERS}) n;
INSERT INTO ledger_postings (entry_id, account_id, amount_cents)
  SELECT s.order_id, s.producer_id, -850 FROM seller_orders s WHERE s.id > {FIRST}
  UNION ALL SELECT {FIRST} + n, {FIRST}, -150 * {LINES} FROM generate_series(1, {ORDERS}) n
  UNION ALL SELECT {FIRST} + n, 2 * {FIRST} + n, 1000 * {LINES}
    FROM generate_series(1, {ORDERS}) n;
"""  # noqa: S608 - numbers of ours only
"""What each producer is owed by a large sale, and who paid it."""


def measure(made: Stage, app: Flask) -> list[Result]:
    """Time and memory of settling, of printing statements, and of proving the ledger."""
    with made.database() as connection:
        connection.execute(rows(orders="settled", cycle="closed"))
        connection.execute(MONEY)
        connection.execute("ANALYZE")
    with app.app_context():
        before = resident_mb()
        began = time.perf_counter()
        with unit_of_work() as session:
            done = settling.settle(session, FIRST, at=datetime.now(UTC), tell=False)
        took_s = time.perf_counter() - began
        peak = resident_mb()
        printed_s, pages_kb = _print(app)
        began = time.perf_counter()
        with reading() as session:
            proofs = [proof for proof in accounts.prove(session) if proof.name.startswith("prod")]
        proved_s = time.perf_counter() - began
    return [
        Result(
            13,
            f"settlement of {ORDERS} orders × {LINES} lines, {PRODUCERS} producers",
            floor="",
            ours=f"{took_s:.1f} s, {done.postings / took_s:.0f} postings/s,"
            f" memory {before} → {peak} MB",
            ratio="",
            must=f"{PRODUCERS} statements",
            ok=done.statements == PRODUCERS and done.postings == ORDERS * LINES,
            facts={"seconds": took_s, "before_mb": before, "peak_mb": peak},
        ),
        Result(
            14,
            f"{PAPERS} of its statements as PDF and spreadsheet",
            floor="",
            ours=f"{printed_s / PAPERS:.2f} s each, {pages_kb} kB",
            ratio="",
            must="",
            ok=True,
            facts={"seconds": printed_s},
        ),
        Result(
            15,
            "all proofs of the ledger on it",
            floor="",
            ours=f"{proved_s:.1f} s",
            ratio="",
            must="producers are owed their lines",
            ok=all(proof.holds for proof in proofs),
            facts={"seconds": proved_s},
        ),
    ]


def _print(app: Flask) -> tuple[float, int]:
    size = 0
    began = time.perf_counter()
    with reading() as session, app.test_request_context():
        for card in settlements.of_cycle(session, FIRST)[:PAPERS]:
            page = settlements.by_id(session, card.id)
            papers = settlement_papers.papers(session, page, "fr", _)
            size += len(papers.pdf()) + len(papers.xlsx())
    return time.perf_counter() - began, size // PAPERS // 1024
