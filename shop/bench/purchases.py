"""Measures 4 and 5: whole purchases, and the confirming step alone against the order floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from statistics import median

from shop.bench import order_floor
from shop.bench.buyers import Buyer
from shop.bench.load import Load, Visitor, all_once, keep_asking, note
from shop.bench.result import Result
from shop.bench.stage import Stage

CLIENTS = 8
LINES = 12
WARM_S = 3.0
LEAST_PURCHASES = 5.0
CONFIRM_SHARE, CONFIRM_P95_MS = 0.035, 300.0


def shelf_of(made: Stage) -> list[tuple[int, int]]:
    """Offers of the open cycle with their step, in ascending key."""
    with made.database() as connection:
        rows = connection.execute(
            "SELECT o.id, p.order_step FROM offers o JOIN products p ON p.id = o.product_id"
            " JOIN cycles c ON c.id = o.cycle_id WHERE c.state = 'open' AND o.price_cents >= 300"
            " ORDER BY o.id"
        ).fetchall()
    return [(int(key), int(step)) for key, step in rows]


def relay_slots(made: Stage) -> list[int]:
    """Slots of the relay points in the open cycle."""
    with made.database() as connection:
        rows = connection.execute(
            "SELECT s.id FROM delivery_slots s JOIN cycles c ON c.id = s.cycle_id"
            " JOIN delivery_options d ON d.id = s.option_id"
            " WHERE c.state = 'open' AND d.kind = 'relay' ORDER BY s.id"
        ).fetchall()
    return [int(row[0]) for row in rows]


def measure(made: Stage, market: str, seconds: float, repeats: int) -> list[Result]:
    """Whole purchases by eight people, then the button alone."""
    shelf, slots = shelf_of(made), relay_slots(made)
    whole, buttons, floors = [], [], []
    # Every worker has read its tables of places and compiled its pages before it counts.
    _whole(made, market, shelf, slots, WARM_S, -1)
    for repeat in range(repeats):
        whole.append(_whole(made, market, shelf, slots, seconds, repeat))
        floors.append(_floor(made, max(2, int(seconds))))
        buttons.append(_buttons(made, market, shelf, slots, int(30 * seconds), repeat))
    return [_told_whole(whole), _told_buttons(buttons, floors)]


def _floor(made: Stage, seconds: int) -> order_floor.OrderFloor:
    before = made.cpu_seconds()
    found = order_floor.measure(
        made.database_url, made.programs, made.folder, seconds, made.cores.load
    )
    spent_ms = 1000 * (made.cpu_seconds() - before)
    return replace(found, cpu_ms=spent_ms / (found.per_second * seconds))


def fill(buyer: Buyer, shelf: list[tuple[int, int]], chance: Random, *, one_by_one: bool) -> None:
    """Twelve lines worth a delivery, one request each or all in one."""
    chosen = chance.sample(shelf, LINES)
    wanted = [(offer_id, step) for offer_id, step in chosen]
    if not one_by_one:
        buyer.add(wanted)
        return
    for each in wanted:
        buyer.add([each])


def _whole(
    made: Stage,
    market: str,
    shelf: list[tuple[int, int]],
    slots: list[int],
    seconds: float,
    repeat: int,
) -> Load:
    visitors: list[Visitor] = []

    def make(number: int) -> Callable[[], None]:
        chance = Random(f"whole {repeat} {number}")

        def buy() -> None:
            visitor = Visitor(made.shop_port)
            visitors.append(visitor)
            buyer = Buyer(visitor, market, chance.choice(slots))
            buyer.look()
            fill(buyer, shelf, chance, one_by_one=True)
            buyer.prepare()
            if not buyer.confirm():
                raise ConnectionError("no order")
            visitor.close()

        return buy

    before = made.cpu_seconds()
    load = note(keep_asking(CLIENTS, seconds, make), visitors)
    load.cpu_seconds = made.cpu_seconds() - before
    return load


def _buttons(
    made: Stage,
    market: str,
    shelf: list[tuple[int, int]],
    slots: list[int],
    count: int,
    repeat: int,
) -> Load:
    chance = Random(f"buttons {repeat}")
    buyers = [Buyer(Visitor(made.shop_port), market, chance.choice(slots)) for _ in range(count)]

    def get_ready(buyer: Buyer) -> Callable[[], bool]:
        def work() -> bool:
            buyer.look()
            fill(buyer, shelf, Random(f"{repeat} {id(buyer)}"), one_by_one=False)
            buyer.prepare()
            return True

        return work

    all_once([get_ready(buyer) for buyer in buyers], CLIENTS)
    for buyer in buyers:
        buyer.visitor.seen.clear()
    before = made.cpu_seconds()
    load = all_once([buyer.confirm for buyer in buyers], CLIENTS)
    load.cpu_seconds = made.cpu_seconds() - before
    return note(load, [buyer.visitor for buyer in buyers])


def _told_whole(loads: list[Load]) -> Result:
    ours = median(each.per_second for each in loads)
    p95_ms = median(each.percentile_ms(95) for each in loads)
    cpu_ms = median(each.cpu_ms for each in loads)
    broken = sum(each.server_errors for each in loads)
    return Result(
        4,
        "whole purchase, 12 additions",
        floor="",
        ours=f"{ours:.1f} orders/s, {cpu_ms:.0f} ms CPU, p95 of a page {p95_ms:.0f} ms",
        ratio="",
        must=f"≥ {LEAST_PURCHASES:.0f} orders/s per core",
        ok=1000 / cpu_ms >= LEAST_PURCHASES and not broken,
        facts={"per_second": ours, "cpu_ms": cpu_ms, "p95_ms": p95_ms, "errors": broken},
    )


def _told_buttons(loads: list[Load], floors: list[order_floor.OrderFloor]) -> Result:
    floor = median(each.per_second for each in floors)
    ours = median(each.per_second for each in loads)
    p95_ms = median(each.percentile_ms(95) for each in loads)
    cpu_ms = median(each.cpu_ms for each in loads)
    broken = sum(each.server_errors for each in loads)
    floor_ms = median(each.cpu_ms for each in floors)
    ok = floor_ms >= CONFIRM_SHARE * cpu_ms and p95_ms <= CONFIRM_P95_MS and not broken
    return Result(
        5,
        "confirming step, 12 lines",
        floor=f"{floor:.0f}/s, {floor_ms:.2f} ms CPU ({floors[0].by})",
        ours=f"{ours:.0f}/s, {cpu_ms:.1f} ms CPU, p95 {p95_ms:.0f} ms",
        ratio=f"{100 * floor_ms / cpu_ms:.1f} %",
        must=f"≥ {100 * CONFIRM_SHARE:.1f} %, p95 ≤ {CONFIRM_P95_MS:.0f} ms",
        ok=ok,
        facts={
            "floor": floor,
            "ours": ours,
            "floor_cpu_ms": floor_ms,
            "cpu_ms": cpu_ms,
            "p95_ms": p95_ms,
            "errors": broken,
        },
    )
