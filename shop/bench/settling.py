"""Settle a large sale: 5,000 orders of 12 lines among 300 producers, as the worker does."""

from __future__ import annotations

import resource
import time
from datetime import UTC, datetime

from flask import Flask
from flask_babel import gettext as _

from shop.bench.result import Result
from shop.bench.stage import Stage
from shop.billing.queries import settlements
from shop.billing.services import settlement_papers, settling
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.queries import accounts

ORDERS, LINES, PRODUCERS = 5_000, 12, 300
FIRST = 1_000_000
"""Keys of the rows that are made begin after it."""
PAPERS = 20

ROWS = f"""
INSERT INTO markets SELECT (jsonb_populate_record(NULL::markets, to_jsonb(m)
  || jsonb_build_object('id', {FIRST}, 'slug', 'bench'))).* FROM markets m ORDER BY m.id LIMIT 1;
INSERT INTO cycles SELECT (jsonb_populate_record(NULL::cycles, to_jsonb(c)
  || jsonb_build_object('id', {FIRST}, 'market_id', {FIRST}))).*
  FROM cycles c WHERE c.state = 'closed' ORDER BY c.delivers_on LIMIT 1;
INSERT INTO producers SELECT (jsonb_populate_record(NULL::producers, to_jsonb(p)
  || jsonb_build_object('id', {FIRST} + n, 'slug', 'bench-' || n))).*
  FROM (SELECT * FROM producers ORDER BY id LIMIT 1) p, generate_series(1, {PRODUCERS}) n;
INSERT INTO products SELECT (jsonb_populate_record(NULL::products, to_jsonb(p)
  || jsonb_build_object('id', {FIRST} + n, 'producer_id', {FIRST} + n))).*
  FROM (SELECT * FROM products ORDER BY id LIMIT 1) p, generate_series(1, {PRODUCERS}) n;
INSERT INTO offers SELECT (jsonb_populate_record(NULL::offers, to_jsonb(o)
  || jsonb_build_object('id', {FIRST} + n, 'cycle_id', {FIRST}, 'product_id', {FIRST} + n))).*
  FROM (SELECT * FROM offers ORDER BY id LIMIT 1) o, generate_series(1, {PRODUCERS}) n;
INSERT INTO baskets SELECT (jsonb_populate_record(NULL::baskets, to_jsonb(b)
  || jsonb_build_object('id', {FIRST} + n, 'token', gen_random_uuid(), 'market_id', {FIRST},
     'cycle_id', {FIRST}))).*
  FROM (SELECT * FROM baskets ORDER BY id LIMIT 1) b, generate_series(1, {ORDERS}) n;
INSERT INTO orders SELECT (jsonb_populate_record(NULL::orders, to_jsonb(o)
  || jsonb_build_object('id', {FIRST} + n, 'token', gen_random_uuid(), 'number', 'B' || n,
     'basket_id', {FIRST} + n, 'market_id', {FIRST}, 'cycle_id', {FIRST}, 'state', 'settled'))).*
  FROM (SELECT * FROM orders WHERE state = 'settled' ORDER BY id LIMIT 1) o,
       generate_series(1, {ORDERS}) n;
INSERT INTO seller_orders (id, order_id, producer_id, producer_name, model)
  SELECT {FIRST} + n * {LINES} + j, {FIRST} + n, {FIRST} + 1 + (n * {LINES} + j) % {PRODUCERS},
         'bench', 'marketplace'
  FROM generate_series(1, {ORDERS}) n, generate_series(0, {LINES} - 1) j;
INSERT INTO order_lines SELECT (jsonb_populate_record(NULL::order_lines, to_jsonb(l)
  || jsonb_build_object('id', s.id, 'order_id', s.order_id, 'seller_order_id', s.id,
     'offer_id', s.producer_id, 'product_id', s.producer_id, 'producer_id', s.producer_id,
     'ordered', 1, 'confirmed', 1, 'picked', 1, 'delivered', 1, 'estimate_cents', 1000,
     'ceiling_cents', 1000, 'billed_cents', 1000, 'shortage', NULL))).*
  FROM (SELECT * FROM order_lines ORDER BY id LIMIT 1) l,
       (SELECT * FROM seller_orders WHERE id > {FIRST}) s;
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
"""A large sale, copied from rows of the demo; every posting and every line is there."""


def measure(made: Stage, app: Flask) -> list[Result]:
    """Time and memory of settling, of printing statements, and of proving the ledger."""
    with made.database() as connection:
        connection.execute(ROWS)
        connection.execute("ANALYZE")
        connection.commit()
    with app.app_context():
        before = _resident_mb()
        began = time.perf_counter()
        with unit_of_work() as session:
            done = settling.settle(session, FIRST, at=datetime.now(UTC), tell=False)
        took_s = time.perf_counter() - began
        peak = _resident_mb()
        printed_s, pages_kb = _print(app)
        began = time.perf_counter()
        with reading() as session:
            proofs = [proof for proof in accounts.prove(session) if proof.name.startswith("prod")]
        proved_s = time.perf_counter() - began
    return [
        Result(
            11,
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
            12,
            f"{PAPERS} of its statements as PDF and spreadsheet",
            floor="",
            ours=f"{printed_s / PAPERS:.2f} s each, {pages_kb} kB",
            ratio="",
            must="",
            ok=True,
            facts={"seconds": printed_s},
        ),
        Result(
            13,
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


def _resident_mb() -> int:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
