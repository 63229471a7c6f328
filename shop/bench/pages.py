"""Measures 1 to 3: pages against the page floor, and how often they ask the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from statistics import median

from flask import Flask
from sqlalchemy import Engine, event

from shop.bench.load import Load, Visitor, keep_asking, note
from shop.bench.result import Result
from shop.bench.stage import Stage
from shop.bench.target import create
from shop.settings import Settings

CLIENTS = 8
SHELF_SHARE, SHELF_P95_MS = 0.60, 80.0
PRODUCT_SHARE = 0.75
MOST_STATEMENTS = 6


def measure(made: Stage, market: str, seconds: float, repeats: int) -> list[Result]:
    """The shelf, the product page, and the questions that pages ask."""
    products = _products(made, market)
    floors, shelves, details = [], [], []
    _ask(made, made.floor_port, ["/"], 1)
    _ask(made, made.shop_port, [f"/{market}/shelf", *products[:8]], 1)
    for _ in range(repeats):
        floors.append(_ask(made, made.floor_port, ["/"], seconds))
        shelves.append(_ask(made, made.shop_port, [f"/{market}/shelf"], seconds))
        details.append(_ask(made, made.shop_port, products, seconds))
    return [
        _page(1, "shelf page, 50 offers", floors, shelves, SHELF_SHARE, SHELF_P95_MS),
        _page(2, "product page", floors, details, PRODUCT_SHARE, None),
        _statements(made, market, products),
    ]


def _products(made: Stage, market: str) -> list[str]:
    with made.database() as connection:
        rows = connection.execute(
            "SELECT p.id, p.slug FROM products p JOIN offers o ON o.product_id = p.id"
            " JOIN cycles c ON c.id = o.cycle_id WHERE c.state = 'open' ORDER BY p.id LIMIT 200"
        ).fetchall()
    return [f"/{market}/products/{key}-{slug}" for key, slug in rows]


def _ask(made: Stage, port: int, paths: list[str], seconds: float) -> Load:
    visitors = [Visitor(port) for _ in range(CLIENTS)]

    def make(number: int) -> Callable[[], None]:
        wanted = cycle(paths[number:] + paths[:number])

        def ask() -> None:
            visitors[number].get(next(wanted))

        return ask

    before = made.cpu_seconds()
    load = note(keep_asking(CLIENTS, seconds, make), visitors)
    load.cpu_seconds = made.cpu_seconds() - before
    return load


def _page(
    number: int,
    name: str,
    floors: list[Load],
    loads: list[Load],
    share: float,
    p95_limit_ms: float | None,
) -> Result:
    floor = median(each.per_second for each in floors)
    ours = median(each.per_second for each in loads)
    floor_ms = median(each.cpu_ms for each in floors)
    ours_ms = median(each.cpu_ms for each in loads)
    p95_ms = median(each.percentile_ms(95) for each in loads)
    broken = sum(n for each in loads for status, n in each.statuses.items() if status != 200)
    broken += sum(len(each.errors) for each in loads)
    fast = p95_limit_ms is None or p95_ms <= p95_limit_ms
    limit = "" if p95_limit_ms is None else f", p95 ≤ {p95_limit_ms:.0f} ms"
    return Result(
        number,
        name,
        floor=f"{floor:.0f}/s, {floor_ms:.1f} ms CPU",
        ours=f"{ours:.0f}/s, {ours_ms:.1f} ms CPU, p95 {p95_ms:.0f} ms",
        ratio=f"{100 * floor_ms / ours_ms:.0f} %",
        must=f"≥ {100 * share:.0f} %{limit}",
        ok=floor_ms >= share * ours_ms and fast and not broken,
        facts={
            "floor": floor,
            "ours": ours,
            "floor_cpu_ms": floor_ms,
            "cpu_ms": ours_ms,
            "p95_ms": p95_ms,
            "not_200": broken,
        },
    )


def _statements(made: Stage, market: str, products: list[str]) -> Result:
    """Count in a copy of the application inside this process."""
    app = create_in_process(made)
    counts = {}
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
    client = app.test_client()
    pages = {
        "home": f"/{market}/",
        "shelf": f"/{market}/shelf",
        "shelf of one farm": f"/{market}/shelf?producer={_small_producer(made)}",
        "product": products[0],
        "producers": f"/{market}/producers",
        "delivery": f"/{market}/delivery",
    }
    for name, path in pages.items():
        client.get(path)
        with counting(engine) as asked:
            status = client.get(path).status_code
        counts[name] = len(asked) if status == 200 else 999
    engine.dispose()
    most = max(counts.values())
    constant = counts["shelf"] == counts["shelf of one farm"]
    return Result(
        3,
        "statements per page",
        floor="",
        ours=", ".join(f"{name} {count}" for name, count in counts.items()),
        ratio="",
        must=f"≤ {MOST_STATEMENTS}, whatever the rows",
        ok=most <= MOST_STATEMENTS and constant,
        facts={"statements": counts},
    )


def create_in_process(made: Stage) -> Flask:
    """The shop inside the bench, on the same database."""
    app = create(Settings.from_env(made.environment))
    app.testing = True
    return app


def _small_producer(made: Stage) -> str:
    with made.database() as connection:
        row = connection.execute(
            "SELECT r.slug FROM offers o JOIN products p ON p.id = o.product_id"
            " JOIN producers r ON r.id = p.producer_id JOIN cycles c ON c.id = o.cycle_id"
            " WHERE c.state = 'open' GROUP BY r.slug ORDER BY count(*), r.slug LIMIT 1"
        ).fetchone()
    return str(row[0]) if row else ""


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """The statements that are asked meanwhile."""
    asked: list[str] = []

    def hear(*args: object) -> None:
        asked.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", hear)
