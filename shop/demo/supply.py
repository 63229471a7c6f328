"""What the demo's producers were asked for, what they answered and what they brought."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import timedelta
from random import Random

from shop.demo.orders import Line, Placed, Shop
from shop.demo.rows import Values
from shop.demo.sales import Sale
from shop.demo.weeks import after_midnight
from shop.logistics.domain.terms import ReceiptPlace
from shop.logistics.models import GoodsReceipt
from shop.orders.domain.lifecycles import PURCHASE_ORDER
from shop.orders.domain.shortage import Demand, share_first_ordered
from shop.orders.domain.terms import ShortageReason
from shop.orders.models import PurchaseOrder, PurchaseOrderLine

NOTES = (
    "Le gel de mardi a pris une partie de la planche, désolés.",
    "Une panne de four\u00a0: nous faisons au mieux.",
)


def ask(shop: Shop, sale: Sale, orders: list[Placed]) -> None:
    """Write the purchase orders of a closed cycle, with their answers and what was received."""
    by_producer: dict[int, list[Line]] = defaultdict(list)
    for placed in orders:
        for line in placed.lines:
            by_producer[line.row["producer_id"]].append(line)
    chance = Random(f"supply {sale.week.delivers_on}")
    producers = sorted(by_producer)
    delivering = sale.week.phase == "delivering"
    # The account that shows the producer's side answers well; others are free to be human.
    others = [each for each in producers if each != producers[0]]
    short = set(chance.sample(others, k=2 if delivering else 1))
    silent = chance.choice([each for each in others if each not in short]) if delivering else None
    notes = iter(NOTES)
    for producer_id in producers:
        asked = _ask_one(shop, sale, producer_id, by_producer[producer_id], chance)
        if producer_id == silent:
            continue
        is_short = producer_id in short
        if is_short:
            asked["note"] = next(notes)
        _answer(shop, sale, asked, by_producer[producer_id], chance, is_short=is_short)
        _receive(shop, sale, asked)


def _ask_one(shop: Shop, sale: Sale, producer_id: int, lines: list[Line], chance: Random) -> Values:
    week = sale.week
    issued_at = week.closes_at + timedelta(minutes=2)
    asked = shop.rows.add(
        PurchaseOrder,
        number=f"{shop.ground.market['id']}-{week.code}-{producer_id:03d}",
        token=uuid.UUID(int=chance.getrandbits(128), version=4),
        market_id=shop.ground.market["id"],
        cycle_id=sale.cycle["id"],
        producer_id=producer_id,
        state=PURCHASE_ORDER.initial,
        issued_at=issued_at,
        answer_by=week.answers_by,
        answered_at=None,
        note=None,
    )
    shop.rows.live(PURCHASE_ORDER, asked, [("issue", issued_at)])
    by_offer: dict[int, list[Values]] = defaultdict(list)
    for line in lines:
        by_offer[line.row["offer_id"]].append(line.row)
    for offer_id, rows in sorted(by_offer.items(), key=lambda each: each[1][0]["product_name"]):
        shop.rows.add(
            PurchaseOrderLine,
            purchase_order_id=asked["id"],
            offer_id=offer_id,
            reference=rows[0]["reference"],
            product_name=rows[0]["product_name"],
            unit=rows[0]["unit"],
            orders=len(rows),
            ordered=sum(row["ordered"] for row in rows),
            confirmed=None,
            received=None,
            value_cents=sum(row["estimate_cents"] for row in rows),
        )
    return asked


def _lines_of(shop: Shop, asked: Values) -> list[Values]:
    rows = shop.rows.of(PurchaseOrderLine)
    return [row for row in rows if row["purchase_order_id"] == asked["id"]]


def _answer(
    shop: Shop, sale: Sale, asked: Values, lines: list[Line], chance: Random, *, is_short: bool
) -> None:
    asked["answered_at"] = asked["issued_at"] + timedelta(minutes=chance.randint(390, 800))
    collected_at = after_midnight(sale.week.collects_on, 30_600)
    shop.rows.live(
        PURCHASE_ORDER, asked, [("accept", asked["answered_at"]), ("collect", collected_at)]
    )
    wanted = _lines_of(shop, asked)
    lacking = {row["id"] for row in sorted(wanted, key=_most_ordered)[:2]} if is_short else set()
    for row in wanted:
        row["confirmed"] = row["ordered"]
        if row["id"] in lacking:
            step = 1 if row["unit"] == "piece" else 500
            row["confirmed"] = row["ordered"] * 7 // 10 // step * step
        _share(row, lines)


def _most_ordered(row: Values) -> tuple[int, int]:
    return (-row["orders"], row["id"])


def _share(wanted: Values, lines: list[Line]) -> None:
    """Tell each order line what it gets: whoever ordered first is served first."""
    mine = {line.row["id"]: line for line in lines if line.row["offer_id"] == wanted["offer_id"]}
    demands = [Demand(key, line.row["ordered"]) for key, line in sorted(mine.items())]
    for key, got in share_first_ordered(wanted["confirmed"], demands).items():
        row = mine[key].row
        row["confirmed"] = got
        if got < row["ordered"]:
            row["shortage"] = ShortageReason.NOT_SUPPLIED


def _receive(shop: Shop, sale: Sale, asked: Values) -> None:
    """All that was promised came; whoever counted it wrote the lots down."""
    counted_at = after_midnight(sale.week.collects_on, 12 * 3600)
    for row in _lines_of(shop, asked):
        row["received"] = row["ordered"] if row["confirmed"] is None else row["confirmed"]
        if sale.week.phase != "delivering":
            continue
        shop.rows.add(
            GoodsReceipt,
            key=uuid.uuid5(asked["token"], str(row["id"])),
            purchase_order_line_id=row["id"],
            place=ReceiptPlace.HUB,
            expected=row["received"],
            amount=row["received"],
            weight_g=None,
            reason=None,
            lot=f"{sale.week.collects_on:%y%m%d}-{row['id'] % 100:02d}",
            use_by_on=None,
            temperature_dc=None,
            by_person_id=shop.people.accounts["preparer"]["id"],
            device_at=counted_at,
            at=counted_at,
        )
