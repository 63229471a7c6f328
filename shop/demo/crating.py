"""The crates of past orders, and who took them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

from shop.catalog.domain.terms import TemperatureClass
from shop.demo.orders import Placed, Shop
from shop.kernel.quantity import Unit
from shop.logistics.domain.crate import crates_for
from shop.logistics.domain.lifecycles import CRATE
from shop.logistics.domain.terms import HandoverKind
from shop.logistics.models import Crate, Handover


def hand_over(shop: Shop, placed: Placed, packed_at: datetime, at: datetime) -> None:
    """Make the crates of a past order and hand them to its customer."""
    order = placed.order
    fill: dict[TemperatureClass, int] = defaultdict(int)
    for line in placed.lines:
        share = line.row["ordered"] * line.row["crate_share"]
        fill[line.row["temperature_class"]] += (
            share if line.row["unit"] is Unit.PIECE else share // 1000
        )
    loaded_at = at - timedelta(hours=3)
    for planned in crates_for(order["number"], {kind: max(1, n) for kind, n in fill.items()}):
        crate = shop.rows.add(
            Crate,
            code=planned.code,
            cycle_id=order["cycle_id"],
            order_id=order["id"],
            position=planned.position,
            total=planned.total,
            temperature_class=planned.temperature_class,
            fill=planned.fill,
        )
        events = [("receive", packed_at), ("load", loaded_at), ("hand_over", at)]
        shop.rows.live(CRATE, crate, events)
    shop.rows.link(
        Handover,
        key=uuid.UUID(int=Random(f"past {order['id']}").getrandbits(128), version=4),
        order_id=order["id"],
        pickup_point_id=order["pickup_point_id"],
        kind=HandoverKind.SERVED,
        receiver=order["contact_name"],
        device_at=at,
        at=at,
    )
