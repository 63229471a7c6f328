"""What the trucks say of the hours of a delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.delivery import SlotCard
from shop.infra.places.communes import Commune
from shop.infra.ports import port
from shop.kernel.quantity import Unit
from shop.orders.ports.delivering import DeliveryAdvisor, SlotAdvice, SlotAsk
from shop.orders.queries.basket import BasketView


def advice(
    session: Session,
    cycle: CycleCard,
    view: BasketView,
    slots: Sequence[SlotCard],
    commune: Commune | None,
) -> Mapping[int, SlotAdvice]:
    """What the trucks say of the hours that can still be chosen."""
    asks = [
        SlotAsk(slot.id, slot.pickup.id if slot.pickup else None, slot.starts_at, slot.ends_at)
        for slot in slots
        if slot.is_open_at(g.now)
    ]
    fill: dict[TemperatureClass, int] = {}
    for item in view.items:
        share = item.amount * item.offer.crate_share
        share = share if item.offer.unit is Unit.PIECE else share // 1000
        kind = item.offer.temperature_class
        fill[kind] = fill.get(kind, 0) + max(1, share)
    return port(DeliveryAdvisor).advise(
        session,
        cycle.id,
        asks,
        lon=commune.lon if commune else None,
        lat=commune.lat if commune else None,
        fill=fill,
    )
