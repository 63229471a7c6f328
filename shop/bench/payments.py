"""Two hundred people pay at once: ordered, authorized, delivered, captured, each by two hands.

The simulator is a program of its own that keeps each answer on disk, so much of the time is its
own. Every order is looked at and captured by two threads at the same moment, as a webhook and a
job of the clock would.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import stripe
from flask import Flask
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import DBAPIError

from shop.app import create_app
from shop.bench import payment_floor
from shop.bench.payment_floor import Floor
from shop.bench.purchases import relay_slots
from shop.bench.stage import Stage
from shop.catalog.queries import cycles, markets
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.lifecycle import IllegalTransition
from shop.local_stack.addresses import LOOPBACK, any_free_port, serves_pages
from shop.local_stack.children import Child, Recipe
from shop.local_stack.folders import PROJECT
from shop.orders.ports import CaptureRequest, PaymentGateway
from shop.orders.queries import accounts
from shop.orders.queries.basket import Visitor
from shop.orders.services import basket, closing, fulfilment, payments, place_order, settlement
from shop.settings import Settings

UP_S = 60.0
CENTS = 3000
"""Goods of an order, at least: enough for every delivery."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the two hundred saw; times in seconds for one payment from the button to the note."""

    payments: int
    connections: int
    seconds: float
    p50_s: float
    p95_s: float
    floor: Floor
    captures_per_second: float
    deadlocks: int
    other_errors: int
    captured: int
    entries: int
    proofs_wrong: int

    @property
    def is_sound(self) -> bool:
        """Whether every payment was taken and entered once, and the ledger proves itself."""
        whole = self.captured == self.payments and self.entries == 2 * self.payments
        return whole and not (self.deadlocks or self.other_errors or self.proofs_wrong)


class Errors:
    """What went wrong, counted."""

    def __init__(self) -> None:
        self.deadlocks = 0
        self.others: list[str] = []

    def guard(self, deed: Callable[[], None]) -> None:
        """Do it, and count an error instead of ending."""
        try:
            deed()
        except DBAPIError as error:
            if isinstance(error.orig, DeadlockDetected):
                self.deadlocks += 1
            else:
                self.others.append(repr(error.orig)[:200])
        except Exception as error:  # noqa: BLE001 - counted and shown
            self.others.append(repr(error)[:200])


def measure(made: Stage, slug: str, count: int, connections: int) -> Measured:
    """Place, pay, deliver and capture ``count`` orders over ``connections``."""
    simulator, base = _simulator(made)
    try:
        settings = replace(
            Settings.from_env(made.environment | {"STRIPE_API_BASE": base}),
            db_pool_size=connections,
            db_max_overflow=0,
        )
        app = create_app(settings)
        sdk = stripe.StripeClient(
            settings.stripe_api_key, base_addresses={"api": base}, max_network_retries=2
        )
        return _run(app, sdk, made, slug, count, connections)
    finally:
        simulator.stop()


def _run(
    app: Flask, sdk: stripe.StripeClient, made: Stage, slug: str, count: int, connections: int
) -> Measured:
    errors, slot = Errors(), relay_slots(made)[0]
    offer = _a_piece(made)
    with made.database() as connection:
        connection.execute("UPDATE delivery_slots SET capacity = 100000 WHERE id = %s", [slot])
        before = _entries(connection)
    floor = payment_floor.measure(sdk, made.environment["DATABASE_URL"], count, connections, CENTS)
    paid: list[tuple[int, float]] = []

    def buy(_number: int) -> None:
        def deed() -> None:
            started = time.monotonic()
            order_id, payment_id, secret = _order(slug, offer, slot)
            intent_id = secret.partition("_secret_")[0]
            confirmed: Any = {"payment_method": "pm_card_visa"}
            sdk.v1.payment_intents.confirm(intent_id, confirmed)
            _both(app, lambda: _look(payment_id, intent_id), errors)
            paid.append((order_id, time.monotonic() - started))

        with app.app_context():
            errors.guard(deed)

    def capture(order_id: int) -> None:
        _both(app, lambda: _capture(order_id), errors)

    started = time.monotonic()
    with ThreadPoolExecutor(connections // 2) as hands:
        list(hands.map(buy, range(count)))
    seconds = time.monotonic() - started
    orders = [order_id for order_id, _ in paid]
    with app.app_context():
        _deliver(slug, orders)
    captured_at = time.monotonic()
    with ThreadPoolExecutor(connections // 2) as hands:
        list(hands.map(capture, orders))
    capturing = time.monotonic() - captured_at
    with app.app_context(), reading() as session:
        wrong = [proof.name for proof in accounts.prove(session) if not proof.holds]
    with made.database() as connection:
        entries = _entries(connection) - before
        row = connection.execute(
            "SELECT count(*) FROM payments WHERE state = 'captured' AND order_id = ANY(%s)",
            [orders],
        ).fetchone()
    times = quantiles([each for _, each in paid], n=20) if len(paid) > 1 else [0.0] * 19
    return Measured(
        payments=count,
        connections=connections,
        seconds=round(seconds, 2),
        p50_s=round(times[9], 3),
        p95_s=round(times[18], 3),
        floor=floor,
        captures_per_second=round(len(orders) / capturing, 1) if capturing else 0.0,
        deadlocks=errors.deadlocks,
        other_errors=len(errors.others),
        captured=int(row[0]) if row else 0,
        entries=entries,
        proofs_wrong=len(wrong),
    )


def _a_piece(made: Stage) -> tuple[int, int]:
    """An offer of which there is plenty, worth a delivery; one piece of it."""
    with made.database() as connection:
        row = connection.execute(
            "UPDATE offers SET price_cents = %s, allotted = held + committed + 1000000 WHERE id ="
            " (SELECT min(o.id) FROM offers o JOIN cycles c ON c.id = o.cycle_id"
            "  JOIN products p ON p.id = o.product_id WHERE c.state = 'open'"
            "  AND p.order_unit = 'piece' AND p.price_unit = 'piece' AND p.order_step = 1)"
            " RETURNING id",
            [CENTS],
        ).fetchone()
    assert row is not None
    return int(row[0]), 1


def _both(app: Flask, deed: Callable[[], None], errors: Errors) -> None:
    """Two hands do the same at the same moment."""

    def do(_hand: int) -> None:
        with app.app_context():
            errors.guard(deed)

    with ThreadPoolExecutor(2) as hands:
        list(hands.map(do, range(2)))


def _order(slug: str, offer: tuple[int, int], slot_id: int) -> tuple[int, int, str]:
    now = clock.now()
    with unit_of_work() as session:
        market = markets.by_slug(session, slug)
        cycle = cycles.current(session, market.id, now)
        assert cycle is not None
        kept = basket.set_lines(session, Visitor(), market, cycle, {offer[0]: offer[1]}, now)
    # As on the pages: whoever fills a basket lets go of the shelf before they say where it goes.
    with unit_of_work() as session:
        basket.choose_delivery(session, kept.basket_id, slot_id=slot_id)
        basket.note_contact(
            session, kept.basket_id, name="Camille Roux", email="c@exemple.fr", phone="0600000000"
        )
    with unit_of_work() as session:
        placed = place_order.place(
            session,
            Visitor(token=kept.token),
            market,
            cycle,
            kept.basket_id,
            language="fr",
            terms_accepted=True,
            now=now,
        )
    with unit_of_work() as session:
        opening = payments.prepare_opening(session, placed.order_id, now)
    seen = port(PaymentGateway).open_payment(opening.payment)
    with unit_of_work() as session:
        payments.record_opening(session, opening.payment_id, seen, None, now)
    return placed.order_id, opening.payment_id, seen.client_secret


def _look(payment_id: int, intent_id: str) -> None:
    seen = port(PaymentGateway).payment(intent_id)
    with unit_of_work() as session:
        payments.record(session, payment_id, seen, clock.now())


def _deliver(slug: str, order_ids: list[int]) -> None:
    with unit_of_work() as session:
        cycle = cycles.current(session, markets.by_slug(session, slug).id, clock.now())
        assert cycle is not None
        closing.confirm_orders(session, cycle.id, at=clock.now())
    for order_id in order_ids:
        with suppress(IllegalTransition), unit_of_work() as session:
            fulfilment.mark_delivered(session, order_id, at=clock.now())


def _capture(order_id: int) -> None:
    """Note, call, note: as the worker does."""
    with unit_of_work() as session:
        call = settlement.prepare(session, order_id, at=clock.now())
    if call is None:
        return
    request = CaptureRequest(call.key, call.intent_id or "", call.amount)
    seen = port(PaymentGateway).capture(request)
    with unit_of_work() as session:
        settlement.record(session, call, seen, at=clock.now())


def _entries(connection: Any) -> int:
    row = connection.execute("SELECT count(*) FROM ledger_entries").fetchone()
    return int(row[0]) if row else 0


def _simulator(made: Stage) -> tuple[Child, str]:
    """The payment simulator, as a program of its own."""
    port_number = any_free_port()
    state = str(Path(made.folder) / f"stripe-{uuid4().hex}.db")
    recipe = Recipe(
        name="stripe",
        command=[
            *(sys.executable, "-m", "shop.simulators.stripe"),
            *("--port", str(port_number), "--data", state),
        ],
        environment=made.environment,
        folder=PROJECT,
        log=made.folder / "stripe.log",
    )
    child = Child(recipe)
    assert child.answers_within(UP_S, lambda: serves_pages(port_number)), child.last_words()
    return child, f"http://{LOOPBACK}:{port_number}"
