"""A sale of 5,000 orders of 12 lines among 300 producers, copied from rows of the demo."""

from __future__ import annotations

import resource

ORDERS, LINES, PRODUCERS = 5_000, 12, 300
FIRST = 1_000_000
"""Key of its market and its cycle; those of its other rows come after it."""


def rows(*, orders: str, cycle: str) -> str:
    """Statements that write the sale, its orders and its cycle in these states."""
    return f"""
    INSERT INTO markets SELECT (jsonb_populate_record(NULL::markets, to_jsonb(m)
      || jsonb_build_object('id', {FIRST}, 'slug', 'bench'))).*
      FROM markets m ORDER BY m.id LIMIT 1;
    INSERT INTO cycles SELECT (jsonb_populate_record(NULL::cycles, to_jsonb(c)
      || jsonb_build_object('id', {FIRST}, 'market_id', {FIRST}, 'state', '{cycle}'))).*
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
         'basket_id', {FIRST} + n, 'market_id', {FIRST}, 'cycle_id', {FIRST},
         'state', '{orders}'))).*
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
    """  # noqa: S608 - numbers and words of ours only


def resident_mb() -> int:
    """The most memory that this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
