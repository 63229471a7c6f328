"""The desk at a size that hurts: a sale with hundreds of stops, dozens of rounds, many questions.

Copies a closed sale of the demo, plans it roughly, edits it and asks for promises. Times are
what a person waits; seconds of our own processor stand beside them, which a busy machine does
not change much.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random
from statistics import quantiles
from typing import Any, TypeVar

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.logistics.domain.desk.board import Board, Row
from shop.logistics.domain.planning.timing import Draft, build_plan
from shop.logistics.queries import desk_board, desk_plan
from shop.logistics.queries.day_problem import COLLECTING, DayProblem, day_problem
from shop.logistics.services import plan_edits, plan_versions, promises
from shop.logistics.services.plan_edits import Wish
from shop.orders.ports.delivering import SlotAsk

T = TypeVar("T")

SEED = 83
EDITS = 20
QUESTIONS = 400


@dataclass(frozen=True, slots=True)
class Size:
    """How large the copied sale is."""

    orders: int
    vehicles: int
    homes: int = 90
    """Of a hundred orders; the others go to pick-up points."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds; the 95th percentile where there are many; ``cpu``: our processor alone."""

    code: str
    orders: int
    stops: int
    rounds: int
    problem_ms: int
    problem_statements: int
    """SQL statements; the same for any number of orders."""
    look_ms: int
    edit_p95_ms: float
    edit_cpu_p95_ms: float
    quote_p50_ms: float
    quote_p95_ms: float
    quote_cpu_p95_ms: float
    quotes_that_fit: int


_COPY_CYCLE = """
INSERT INTO cycles SELECT (jsonb_populate_record(NULL::cycles, to_jsonb(c) || jsonb_build_object(
  'id', nextval(pg_get_serial_sequence('cycles', 'id')), 'code', CAST(:code AS text),
  'name', CAST(:code AS text)))).* FROM cycles c WHERE c.id = :source RETURNING id
"""
_MAP = """
CREATE TEMPORARY TABLE bench_copies ON COMMIT DROP AS
SELECT n, base.id AS base, nextval(pg_get_serial_sequence('orders', 'id')) AS made,
  nextval(pg_get_serial_sequence('baskets', 'id')) AS basket
FROM generate_series(0, :count - 1) n JOIN (
  SELECT id, row_number() OVER (ORDER BY id) - 1 AS at, count(*) OVER () AS many FROM orders
  WHERE cycle_id = :source AND state IN ('firm', 'fulfilled', 'settled')
) base ON base.at = n % base.many
"""
_COPY_BASKETS = """
INSERT INTO baskets SELECT (jsonb_populate_record(NULL::baskets, to_jsonb(b) || jsonb_build_object(
  'id', m.basket, 'cycle_id', CAST(:cycle AS bigint), 'token', gen_random_uuid(), 'person_id', NULL)
)).* FROM bench_copies m JOIN orders o ON o.id = m.base JOIN baskets b ON b.id = o.basket_id
"""
_COPY_ORDERS = """
INSERT INTO orders SELECT (jsonb_populate_record(NULL::orders, to_jsonb(o) || jsonb_build_object(
  'id', m.made, 'basket_id', m.basket, 'cycle_id', CAST(:cycle AS bigint), 'state', 'firm',
  'number', :code || '-' || m.n, 'token', gen_random_uuid()) || CASE WHEN m.n < :homes
  THEN jsonb_build_object('option_kind', 'home', 'pickup_point_id', NULL,
    'lon', 5.4 + 1.3 * ((m.n * 7919) % 1009) / 1009.0,
    'lat', 43.15 + 0.5 * ((m.n * 104729) % 997) / 997.0)
  ELSE '{}' END)).* FROM bench_copies m JOIN orders o ON o.id = m.base
"""
_COPY_LINES = """
INSERT INTO order_lines SELECT (jsonb_populate_record(NULL::order_lines, to_jsonb(l)
  || jsonb_build_object('id', nextval(pg_get_serial_sequence('order_lines', 'id')),
  'order_id', m.made))).* FROM bench_copies m JOIN order_lines l ON l.order_id = m.base
"""
_COPY_VEHICLES = """
INSERT INTO vehicles SELECT (jsonb_populate_record(NULL::vehicles, to_jsonb(v)
  || jsonb_build_object('id', nextval(pg_get_serial_sequence('vehicles', 'id')),
  'plate', :code || n, 'name', v.name || ' ' || n, 'retired_at', NULL))).*
FROM generate_series(1, :count) n JOIN (
  SELECT *, row_number() OVER (ORDER BY id) - 1 AS at, count(*) OVER () AS many FROM vehicles
  WHERE market_id = :market AND retired_at IS NULL
) v ON v.at = n % v.many
"""


def copy_sale(session: Session, source: int, market_id: int, size: Size, code: str) -> int:
    """A closed sale of that size, made of copies of ``source``; its key."""
    cycle: int = session.execute(text(_COPY_CYCLE), {"code": code, "source": source}).scalar_one()
    session.execute(text(_MAP), {"count": size.orders, "source": source})
    values = {"cycle": cycle, "code": code, "homes": size.orders * size.homes // 100}
    session.execute(text(_COPY_BASKETS), {"cycle": cycle})
    session.execute(text(_COPY_ORDERS), values)
    session.execute(text(_COPY_LINES))
    had = session.execute(
        text("SELECT count(*) FROM vehicles WHERE market_id = :m AND retired_at IS NULL"),
        {"m": market_id},
    ).scalar_one()
    values = {"count": max(0, size.vehicles - had), "code": code, "market": market_id}
    session.execute(text(_COPY_VEHICLES), values)
    return cycle


def swept(day: DayProblem, vehicles: int) -> list[Draft]:
    """Rounds by the angle from the hub: quick, plausible, not lawful by itself."""
    hub = day.problem.places[0]
    names = list(day.vehicles)
    drafts = []
    for collects in (True, False):
        fleet = [name for name in names if name.endswith(COLLECTING) is collects]
        stops = [each for each in day.problem.stops if bool(each.collects) is collects]
        if not fleet:
            fleet = names
        stops.sort(
            key=lambda each: math.atan2(
                day.problem.places[each.place].lat - hub.lat,
                day.problem.places[each.place].lon - hub.lon,
            )
        )
        count = min(len(fleet), vehicles, max(1, len(stops)))
        for position in range(count):
            part = stops[position * len(stops) // count : (position + 1) * len(stops) // count]
            part.sort(key=lambda each: each.windows[0].opens_s if each.windows else 0)
            drafts.append(Draft.of_stops(fleet[position], [each.id for each in part]))
    return [draft for draft in drafts if draft.steps]


def plan_roughly(
    session: Session, cycle_id: int, size: Size, now: datetime
) -> tuple[float, int, DayProblem]:
    """Make rounds for a copied sale; how long its problem took to build, in how many
    statements, and the day."""
    session.flush()
    with counted(session) as statements:
        problem, day = _timed(lambda: day_problem(session, cycle_id))
    single = desk_plan.apart(day)
    plan = build_plan(single.problem, swept(single, size.vehicles))
    plan_versions.found(session, cycle_id, single, plan, at=now, by=None)
    session.flush()
    return problem.wall_ms, len(statements), single


def measure(session: Session, cycle_id: int, code: str, size: Size, now: datetime) -> Figures:
    """Build, plan, look, edit and ask."""
    problem_ms, statements, single = plan_roughly(session, cycle_id, size, now)
    plan_edits.look(session, cycle_id, now)
    looked, (card, desk, worth) = _timed(lambda: plan_edits.look(session, cycle_id, now))
    view = desk_board.view(desk, worth)
    edits = _edits(session, cycle_id, card.number, desk.board, now)
    asked = _questions(single, desk.board)
    quotes = [took for took, _ in asked]
    return Figures(
        code,
        size.orders,
        view.stops,
        len(view.lanes),
        round(problem_ms),
        statements,
        round(looked.wall_ms),
        p95([took.wall_ms for took in edits]),
        p95([took.cpu_ms for took in edits]),
        round(sorted(took.wall_ms for took in quotes)[len(quotes) // 2], 1),
        p95([took.wall_ms for took in quotes]),
        p95([took.cpu_ms for took in quotes]),
        sum(fits for _, fits in asked),
    )


def _edits(session: Session, cycle_id: int, number: int, board: Board, now: datetime) -> list[Took]:
    chance = Random(SEED)
    rows = [row for row in board.rows if not row.vehicle.endswith(COLLECTING)]
    found = []
    for seen in range(number, number + EDITS):
        source, target = chance.sample(rows, 2)
        wish = Wish("move", chance.choice(source.stops), target.vehicle, rank=2)
        took, outcome = _timed(
            lambda seen=seen, wish=wish: plan_edits.edit(  # type: ignore[misc]
                session, cycle_id, seen, wish, by=None, at=now
            )
        )
        found.append(took)
        rows = [
            row
            for row in outcome.desk.board.rows
            if not row.vehicle.endswith(COLLECTING) and len(row.stops) > 1
        ]
    return found


def _questions(day: DayProblem, board: Board) -> list[tuple[Took, bool]]:
    """Homes anywhere in the country of the sale, at any hour of its slots."""
    chance = Random(SEED)
    fleet = {vehicle.id for vehicle in day.problem.vehicles}
    rows = tuple(Row(row.vehicle, row.steps, row.layout) for row in board.rows)
    prepared = promises.prepared_of(
        day.problem, Board(rows=tuple(row for row in rows if row.vehicle in fleet))
    )
    windows = [stop.windows[0] for stop in day.problem.stops if stop.windows and stop.delivers]
    found = []
    for _ in range(QUESTIONS):
        window = chance.choice(windows)
        ask = SlotAsk(1, None, day.instant(window.opens_s), day.instant(window.closes_s))
        lon, lat = chance.uniform(5.4, 6.7), chance.uniform(43.15, 43.65)
        took, said = _timed(
            lambda ask=ask, lon=lon, lat=lat: promises.ask_one(  # type: ignore[misc]
                prepared, day, ask, lon=lon, lat=lat, fill={TemperatureClass.CHILLED: 800}
            )
        )
        found.append((took, bool(said and said.fits)))
    return found


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The SQL statements that are sent meanwhile."""
    connection = session.connection()
    sent: list[str] = []

    def note(*facts: Any) -> None:
        sent.append(facts[2])

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took: on the clock, and of this thread's processor."""

    wall_ms: float
    cpu_ms: float


def _timed(do: Callable[[], T]) -> tuple[Took, T]:
    began, worked = time.perf_counter(), time.thread_time()
    made = do()
    ended = time.thread_time()
    return Took((time.perf_counter() - began) * 1000, (ended - worked) * 1000), made


def p95(values: list[float]) -> float:
    """The 95th percentile, to the tenth."""
    return round(quantiles(values, n=20)[-1], 1)
