"""What the trucks say of the hours of a delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import g
from sqlalchemy.orm import Session

from shop.catalog.queries.cycles import CycleCard
from shop.catalog.queries.delivery import SlotCard
from shop.infra.places.communes import Commune
from shop.infra.ports import port
from shop.orders.ports.delivering import DeliveryAdvisor, SlotAdvice
from shop.orders.queries.basket import BasketView
from shop.orders.services.trucks import ask_of, fill_of


def advice(
    session: Session,
    cycle: CycleCard,
    view: BasketView,
    slots: Sequence[SlotCard],
    commune: Commune | None,
) -> Mapping[int, SlotAdvice]:
    """What the trucks say of the hours that can still be chosen."""
    return port(DeliveryAdvisor).advise(
        session,
        cycle.id,
        [ask_of(slot) for slot in slots if slot.is_open_at(g.now)],
        lon=commune.lon if commune else None,
        lat=commune.lat if commune else None,
        fill=fill_of(view),
    )
