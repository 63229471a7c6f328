"""What went into the demo's crates: counted, weighed, sometimes missing."""

from __future__ import annotations

import uuid
from datetime import datetime
from random import Random

from shop.demo.orders import Line, Placed, Shop
from shop.kernel.money import Money
from shop.kernel.quantity import Unit
from shop.logistics.domain.terms import PickingKind
from shop.logistics.models import PickingEntry
from shop.orders.domain.pricing import deposit, price_of_picked
from shop.orders.domain.terms import ShortageReason


def pick(shop: Shop, placed: Placed, at: datetime, by: int) -> None:
    """Pick every line of an order and price it; nothing above what was announced."""
    chance = Random(f"pick {placed.order['id']}")
    for line in placed.lines:
        _pick_line(shop, line, chance, at, by)
    placed.order["final_cents"] = _final(placed).cents


def _pick_line(shop: Shop, line: Line, chance: Random, at: datetime, by: int) -> None:
    row, terms = line.row, line.terms
    amount: int = row["ordered"] if row["confirmed"] is None else row["confirmed"]
    if amount and row["unit"] is Unit.PIECE and chance.random() < 0.008:
        amount -= 1
        row["shortage"] = ShortageReason.DAMAGED
    weight_g = None
    if terms.is_weighed and amount:
        expected_g = amount if row["unit"] is Unit.GRAM else amount * row["nominal_g"]
        weight_g = expected_g * chance.randint(930, 1110) // 1000
        if row["unit"] is Unit.GRAM:
            amount = weight_g
    row["picked"], row["picked_g"] = amount, weight_g
    price = price_of_picked(terms, ordered=row["ordered"], picked=amount, weight_g=weight_g)
    row["billed_cents"] = min(price.cents, row["ceiling_cents"])
    shop.rows.link(
        PickingEntry,
        key=uuid.UUID(int=chance.getrandbits(128), version=4),
        order_line_id=row["id"],
        kind=PickingKind.SHORT if row["shortage"] else PickingKind.PICKED,
        amount=amount,
        weight_g=weight_g,
        reason=row["shortage"],
        by_person_id=by,
        device_at=at,
        at=at,
    )


def _final(placed: Placed) -> Money:
    """Goods, deposits on what was kept and the fee; nothing when nothing could be picked."""
    if all(line.row["picked"] == 0 for line in placed.lines):
        return Money.zero()
    goods = Money.total(Money(line.row["billed_cents"]) for line in placed.lines)
    deposits = Money.total(
        deposit(line.terms, min(line.row["ordered"], line.row["picked"])) for line in placed.lines
    )
    total = goods + deposits + Money(placed.order["fee_cents"])
    return min(total, Money(placed.order["ceiling_cents"]))


def deliver(placed: Placed) -> None:
    """What was picked was handed over."""
    for line in placed.lines:
        line.row["delivered"] = line.row["picked"]
