"""The stops that bring one order: usually one, more when it travels on several vehicles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from shop.catalog.domain.terms import TemperatureClass
from shop.logistics.models import Crate, Stop, StopOrder, TruckRound

NOTHING_TO_HAND = ("missing", "quarantined")
"""States of crates that no driver was to hand over."""


@dataclass(frozen=True, slots=True)
class OrderPart:
    """What one stop brings of an order."""

    stop_id: int
    state: str
    is_given_up: bool

    @property
    def is_to_come(self) -> bool:
        """Whether it may still be handed over: on its way, or failed and nobody has decided."""
        return self.state in ("planned", "arrived") or (
            self.state == "failed" and not self.is_given_up
        )


def parts_of(session: Session, order_ids: Collection[int]) -> dict[int, list[OrderPart]]:
    """Stops of published rounds that bring each order, without those tried again since."""
    rows = session.execute(
        select(
            StopOrder.order_id,
            Stop.id,
            Stop.state,
            StopOrder.given_up_why.is_not(None),
        )
        .join(Stop, Stop.id == StopOrder.stop_id)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .where(StopOrder.order_id.in_(order_ids))
        .where(TruckRound.state.not_in(("draft", "discarded")))
        .where(~_tried_again())
        .order_by(StopOrder.order_id, Stop.id)
    )
    found: defaultdict[int, list[OrderPart]] = defaultdict(list)
    for order_id, stop_id, state, is_given_up in rows:
        found[order_id].append(OrderPart(stop_id, state, is_given_up))
    return dict(found)


def left_again(session: Session, stop_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Orders that each stop did not hand over and that have left with another stop since."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for stop_id, order_id in session.execute(
        select(Stop.again_of_id, StopOrder.order_id)
        .join(StopOrder, StopOrder.stop_id == Stop.id)
        .where(Stop.again_of_id.in_(stop_ids))
    ):
        if stop_id is not None:
            found[stop_id].add(order_id)
    return {stop_id: frozenset(orders) for stop_id, orders in found.items()}


def came(session: Session, order_id: int) -> dict[TemperatureClass, Fraction]:
    """Which part of the crates of each cold was handed over, of an order."""
    rows = session.execute(
        select(
            Crate.temperature_class,
            func.count().filter(Crate.state == "handed_over"),
            func.count(),
        )
        .where(Crate.order_id == order_id, Crate.state.not_in(NOTHING_TO_HAND))
        .group_by(Crate.temperature_class)
    )
    return {kind: Fraction(handed, every) for kind, handed, every in rows}


def _tried_again() -> ColumnElement[bool]:
    later, its_order = aliased(Stop), aliased(StopOrder)
    return exists().where(
        later.again_of_id == Stop.id,
        its_order.stop_id == later.id,
        its_order.order_id == StopOrder.order_id,
    )
