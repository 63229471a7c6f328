"""What the trucks must carry for a basket, and the last question before its hour is promised."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.catalog.errors import SlotFull
from shop.catalog.queries.delivery import SlotCard
from shop.kernel.quantity import Unit
from shop.orders.ports.delivering import DeliveryAdvisor, SlotAsk
from shop.orders.queries.basket import BasketView


def fill_of(view: BasketView) -> dict[TemperatureClass, int]:
    """Thousandths of a crate that a basket fills, by temperature class."""
    fill: dict[TemperatureClass, int] = {}
    for item in view.items:
        share = item.amount * item.offer.crate_share
        share = share if item.offer.unit is Unit.PIECE else share // 1000
        kind = item.offer.temperature_class
        fill[kind] = fill.get(kind, 0) + max(1, share)
    return fill


def ask_of(slot: SlotCard) -> SlotAsk:
    """A slot as the trucks are asked for it."""
    return SlotAsk(slot.id, slot.pickup.id if slot.pickup else None, slot.starts_at, slot.ends_at)


def promise(
    session: Session, trucks: DeliveryAdvisor, view: BasketView, slot: SlotCard, order_id: int
) -> None:
    """Ask the trucks once more, in the transaction that makes the order.

    Raises:
        SlotFull: somebody was faster, and no truck can do it any more.
    """
    said = trucks.promise(
        session,
        view.card.cycle_id,
        ask_of(slot),
        lon=view.card.lon,
        lat=view.card.lat,
        fill=fill_of(view),
        order_id=order_id,
    )
    if said is not None and not said.fits:
        raise SlotFull(slot_id=slot.id)
