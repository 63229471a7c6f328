"""Measures 6 to 10: what happens to scarce goods when hundreds of people want them at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random

from flask import Flask

from shop.bench.buyers import Buyer
from shop.bench.load import Load, Visitor, all_once, note
from shop.bench.purchases import LINES, relay_slots, shelf_of
from shop.bench.result import Result
from shop.bench.stage import Stage
from shop.bench.target import PAYING_TAKES_S
from shop.catalog.services import allotment
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.services import basket

PIECES = 100
SCARCE_CENTS = 2000
"""One piece is enough for a delivery."""
P95_MS = 2000.0


def measure(made: Stage, app: Flask, market: str) -> list[Result]:
    """Each rush, then whether everything adds up."""
    return [
        _rush(made, app, market),
        _payment_page(made, app, market),
        _random_baskets(made, app, market),
        _confirmations(made, app, market),
        _sums(made, app),
    ]


def scarce(made: Stage, count: int, pieces: int) -> list[int]:
    """Make ``count`` offers of single pieces, of which ``pieces`` are left, worth a delivery."""
    with made.database() as connection:
        rows = connection.execute(
            "UPDATE offers SET allotted = held + committed + %s, price_cents = %s WHERE id IN"
            " (SELECT o.id FROM offers o JOIN cycles c ON c.id = o.cycle_id"
            "  JOIN products p ON p.id = o.product_id"
            "  WHERE c.state = 'open' AND p.order_unit = 'piece' AND p.price_unit = 'piece'"
            "  AND o.allotted > 1000000 ORDER BY o.id LIMIT %s) RETURNING id",
            [pieces, SCARCE_CENTS, count],
        ).fetchall()
    return sorted(int(row[0]) for row in rows)


def sold(made: Stage, offer_ids: list[int], since: datetime) -> tuple[int, int, int]:
    """Pieces in orders since then, pieces left, and offers that promise more than they have."""
    with made.database() as connection:
        ordered = connection.execute(
            "SELECT coalesce(sum(l.ordered), 0) FROM order_lines l JOIN orders o"
            " ON o.id = l.order_id WHERE l.offer_id = ANY(%s) AND o.created_at >= %s"
            " AND o.state <> 'canceled'",
            [offer_ids, since],
        ).fetchone()
        left = connection.execute(
            "SELECT sum(allotted - held - committed),"
            " count(*) FILTER (WHERE held + committed > allotted) FROM offers WHERE id = ANY(%s)",
            [offer_ids],
        ).fetchone()
    if ordered is None or left is None:
        return (0, 0, 0)
    return (int(ordered[0]), int(left[0]), int(left[1]))


class _Crowd:
    """Visitors who have looked at the shelf: they share the guard of its forms, not a basket."""

    def __init__(self, made: Stage, market: str, count: int) -> None:
        first = Visitor(made.shop_port)
        first.get(f"/{market}/shelf")
        chance, slots = Random(count), relay_slots(made)
        self.buyers: list[Buyer] = []
        for _ in range(count):
            visitor = Visitor(made.shop_port)
            visitor.cookies, visitor.guard = dict(first.cookies), first.guard
            self.buyers.append(Buyer(visitor, market, chance.choice(slots)))
        first.close()

    def all(self, work: Callable[[Buyer], bool], at_once: int) -> Load:
        """Everybody does ``work`` once; what they were answered is counted and forgotten."""
        load = all_once([partial(work, buyer) for buyer in self.buyers], at_once)
        note(load, [buyer.visitor for buyer in self.buyers])
        for buyer in self.buyers:
            buyer.visitor.seen.clear()
        return load


def _buy(offer_id: int, buyer: Buyer) -> bool:
    if not buyer.add([(offer_id, 1)]):
        return False
    buyer.prepare()
    return buyer.confirm()


def _buy_and_pay(offer_id: int, buyer: Buyer) -> bool:
    return _buy(offer_id, buyer) and buyer.open_card_page()


def _rush(made: Stage, app: Flask, market: str) -> Result:
    (offer_id,) = scarce(made, 1, PIECES)
    since = datetime.now(UTC)
    load = _Crowd(made, market, 1000).all(partial(_buy, offer_id), 200)
    count, left, oversold = sold(made, [offer_id], since)
    p95_ms = load.percentile_ms(95)
    ok = count == PIECES and not left and not oversold
    return Result(
        6,
        "stock 100, 1000 buyers, 200 at once",
        floor="",
        ours=f"{count} sold, {load.server_errors} × 5xx, p95 {p95_ms:.0f} ms",
        ratio="",
        must=f"{PIECES} sold, no 5xx, p95 ≤ {P95_MS:.0f} ms",
        ok=ok and not load.server_errors and p95_ms <= P95_MS,
        facts={"sold": count, "server_errors": load.server_errors, "p95_ms": p95_ms},
    )


def _payment_page(made: Stage, app: Flask, market: str) -> Result:
    """Sixty hold goods and walk away; when their time is over others get and pay them."""
    (offer_id,) = scarce(made, 1, PIECES)
    since = datetime.now(UTC)
    gone = _Crowd(made, market, 60)
    walked_away = gone.all(lambda buyer: buyer.add([(offer_id, 1)]), 60)
    crowd = _Crowd(made, market, 240)
    first = crowd.all(partial(_buy_and_pay, offer_id), 240)
    freed = _let_go(made, app, [offer_id])
    crowd.buyers = [buyer for buyer in crowd.buyers if not buyer.token]
    bought = _Crowd(made, market, 0)
    second = crowd.all(partial(_buy_and_pay, offer_id), 240)
    bought.buyers = _payers(made, market, [offer_id], since)
    time.sleep(PAYING_TAKES_S)
    paid = bought.all(Buyer.come_back_paid, 100)
    count, left, oversold = sold(made, [offer_id], since)
    errors = sum(each.server_errors for each in (walked_away, first, second, paid))
    ok = count == paid.done == PIECES and freed == walked_away.done == 60 and not left
    return Result(
        7,
        "300 at the payment page, 100 pieces",
        floor="",
        ours=f"{count} sold, {paid.done} paid, {freed} holds freed, {errors} × 5xx",
        ratio="",
        must=f"{PIECES} sold and paid, expired holds freed",
        ok=ok and not oversold and not errors,
        facts={"sold": count, "paid": paid.done, "freed": freed, "server_errors": errors},
    )


def _payers(made: Stage, market: str, offer_ids: list[int], since: datetime) -> list[Buyer]:
    """Whoever has an order of these goods, at the payment page."""
    with made.database() as connection:
        rows = connection.execute(
            "SELECT DISTINCT o.token::text FROM orders o JOIN order_lines l ON l.order_id = o.id"
            " WHERE l.offer_id = ANY(%s) AND o.created_at >= %s ORDER BY 1",
            [offer_ids, since],
        ).fetchall()
    buyers = []
    for (token,) in rows:
        buyers.append(Buyer(Visitor(made.shop_port), market, 0, token=token))
        buyers[-1].visitor.get(f"/{market}/orders/{token}/pay")
        buyers[-1].visitor.seen.clear()
    return buyers


def _let_go(made: Stage, app: Flask, offer_ids: list[int]) -> int:
    """The time of baskets with these goods is over: the clock's task lets them go."""
    with made.database() as connection:
        connection.execute(
            "UPDATE baskets SET expires_at = now() - interval '1 second' WHERE state = 'open'"
            " AND id IN (SELECT basket_id FROM basket_lines WHERE offer_id = ANY(%s))",
            [offer_ids],
        )
    freed = 0
    with app.app_context():
        while True:
            with unit_of_work() as session:
                lapsed = basket.lapse_expired(session, datetime.now(UTC))
            freed += len(lapsed)
            if not lapsed:
                return freed


def _random_baskets(made: Stage, app: Flask, market: str) -> Result:
    offer_ids = scarce(made, 20, 60)

    def shop_around(number: int, buyer: Buyer) -> bool:
        chance = Random(f"around {number}")
        chosen = chance.sample(offer_ids, LINES)
        took = [buyer.add([(offer_id, 1)]) for offer_id in chosen[: LINES // 2]]
        took.append(buyer.add([(offer_id, 1) for offer_id in chosen[LINES // 2 :]]))
        if not any(took):
            return False
        buyer.prepare()
        return buyer.confirm()

    since = datetime.now(UTC)
    crowd = _Crowd(made, market, 300)
    works = [partial(shop_around, number, buyer) for number, buyer in enumerate(crowd.buyers)]
    before = _deadlocks(made)
    load = note(all_once(works, 100), [buyer.visitor for buyer in crowd.buyers])
    deadlocks = _deadlocks(made) - before
    count, _, oversold = sold(made, offer_ids, since)
    return Result(
        8,
        "300 baskets of 12 over 20 scarce offers",
        floor="",
        ours=f"{count} sold of {20 * 60}, {oversold} oversold, {deadlocks} deadlocks,"
        f" {load.server_errors} × 5xx",
        ratio="",
        must="none oversold, no deadlock",
        ok=not oversold and not deadlocks and not load.server_errors and count <= 20 * 60,
        facts={"sold": count, "oversold": oversold, "deadlocks": deadlocks},
    )


def _deadlocks(made: Stage) -> int:
    with made.database() as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        row = connection.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


def _confirmations(made: Stage, app: Flask, market: str) -> Result:
    shelf = shelf_of(made)[40:]
    crowd = _Crowd(made, market, 300)

    def get_ready(buyer: Buyer) -> bool:
        chosen = Random(f"ready {buyer.slot_id} {id(buyer)}").sample(shelf, LINES)
        buyer.add(chosen)
        buyer.prepare()
        return True

    ready = crowd.all(get_ready, 16)
    with made.database() as connection:
        row = connection.execute("SHOW max_connections").fetchone()
    load = crowd.all(Buyer.confirm, 300)
    errors = load.server_errors + ready.server_errors
    return Result(
        9,
        "300 confirmations at once",
        floor="",
        ours=f"{load.done} orders, {errors} × 5xx, p95 {load.percentile_ms(95):.0f} ms",
        ratio="",
        must=f"no 5xx, {row[0] if row else '?'} connections",
        ok=not errors and load.done == 300,
        facts={"orders": load.done, "server_errors": errors, "p95_ms": load.percentile_ms(95)},
    )


def _sums(made: Stage, app: Flask) -> Result:
    with made.database() as connection:
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE coalesce(b.amount, 0) <> o.held"
            " OR coalesce(l.amount, 0) <> o.committed OR o.held + o.committed > o.allotted)"
            " FROM offers o"
            " LEFT JOIN (SELECT offer_id, sum(amount) amount FROM basket_lines JOIN baskets"
            "  ON baskets.id = basket_id WHERE state = 'open' GROUP BY 1) b ON b.offer_id = o.id"
            " LEFT JOIN (SELECT offer_id, sum(ordered) amount FROM order_lines JOIN orders"
            "  ON orders.id = order_id WHERE state <> 'canceled' GROUP BY 1) l"
            "  ON l.offer_id = o.id"
        ).fetchone()
    offers, wrong = (int(row[0]), int(row[1])) if row else (0, 0)
    with app.app_context(), reading() as session:
        unexplained = len(allotment.check(session))
    return Result(
        10,
        "sold + held + left = allotted",
        floor="",
        ours=f"{offers} offers, {wrong} wrong, {unexplained} without movements",
        ratio="",
        must="equal",
        ok=not wrong and not unexplained,
        facts={"offers": offers, "wrong": wrong, "unexplained": unexplained},
    )
