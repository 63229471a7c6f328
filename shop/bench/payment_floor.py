"""The payment floor: the same calls to the provider, and the least that must be written of them.

Opened, confirmed and looked at by two hands, with seven transactions of one bare row each, as the
shop has for a basket, its delivery, an order, an opening, its note and two looks. What the shop
takes beyond that is its own.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import stripe
from sqlalchemy import Engine, create_engine

ROWS_BEFORE = 5
"""Transactions of one payment before it is looked at."""

TABLE = """
CREATE TABLE IF NOT EXISTS floor_payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL, cents int NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """What nothing can be faster than here; times in seconds for one payment."""

    per_second: float
    p50_s: float
    p95_s: float


def measure(
    sdk: stripe.StripeClient, database_url: str, count: int, connections: int, cents: int
) -> Floor:
    """Make ``count`` payments of ``cents`` with as many hands as the shop has connections."""
    engine = create_engine(database_url, pool_size=connections, max_overflow=0)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(TABLE)

        def pay(_number: int) -> float:
            started = time.monotonic()
            _pay(sdk, engine, cents)
            return time.monotonic() - started

        started = time.monotonic()
        with ThreadPoolExecutor(connections // 2) as hands:
            each = list(hands.map(pay, range(count)))
        seconds = time.monotonic() - started
    finally:
        engine.dispose()
    times = quantiles(each, n=20)
    return Floor(round(count / seconds, 1), round(times[9], 3), round(times[18], 3))


def _pay(sdk: stripe.StripeClient, engine: Engine, cents: int) -> None:
    for _row in range(ROWS_BEFORE - 1):
        _write(engine, "before", cents)
    opened: Any = {"amount": cents, "currency": "eur", "capture_method": "manual"}
    intent = sdk.v1.payment_intents.create(opened)
    _write(engine, "opened", cents)
    confirmed: Any = {"payment_method": "pm_card_visa"}
    sdk.v1.payment_intents.confirm(intent.id, confirmed)

    def look(_hand: int) -> None:
        sdk.v1.payment_intents.retrieve(intent.id)
        _write(engine, "looked", cents)

    with ThreadPoolExecutor(2) as hands:
        list(hands.map(look, range(2)))


def _write(engine: Engine, what: str, cents: int) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO floor_payments (what, cents) VALUES (%s, %s)", (what, cents)
        )
