"""What the desk sees first in the morning: the sale that runs, the one that is being delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.catalog.queries.cycles import CycleCard
from shop.kernel.money import Money, divide_half_up
from shop.logistics.queries import failed_stops
from shop.orders.queries import orders_desk, purchase_orders
from shop.orders.queries.orders_desk import Figures


@dataclass(frozen=True, slots=True)
class SaleToday:
    """One sale in numbers, each of which somebody may have to act on."""

    cycle: CycleCard
    orders: Figures
    farms: int
    unanswered: int
    """Farms that were asked and have said nothing."""
    uncounted: int
    """Farms whose goods nobody has counted."""
    failed_stops: int

    @property
    def average(self) -> Money | None:
        """Of one order, as expected; None without orders."""
        if not self.orders.orders:
            return None
        return Money(divide_half_up(self.orders.expected.cents, self.orders.orders))


def sales(session: Session, market_id: int, now: datetime) -> list[SaleToday]:
    """The sale that customers see, and the last one that closed."""
    shown = [cycles.current(session, market_id, now)]
    recent = cycles.recent(session, market_id)
    shown.append(next((card for card in recent if card.state == "closed"), None))
    found: dict[int, CycleCard] = {card.id: card for card in shown if card is not None}
    waiting = failed_stops.waiting(session, list(found.values()))
    return [
        _sale(session, card, sum(each.cycle.id == card.id for each in waiting), now)
        for card in found.values()
    ]


def _sale(session: Session, cycle: CycleCard, failed: int, now: datetime) -> SaleToday:
    asked = purchase_orders.of_cycle(session, cycle.id)
    counted = purchase_orders.received_lines(session, cycle.id)
    return SaleToday(
        cycle=cycle,
        orders=orders_desk.figures(session, cycle.id),
        farms=len(asked),
        unanswered=sum(card.can_answer and not card.is_answered for card in asked),
        uncounted=sum(counted.get(card.id, (0, 0))[0] < card.lines for card in asked),
        failed_stops=failed,
    )
