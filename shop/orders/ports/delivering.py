"""Somebody who knows the trucks: whether one more order fits an hour, and what it adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.kernel.money import Money


@dataclass(frozen=True, slots=True)
class SlotAsk:
    """An hour that somebody might choose."""

    slot_id: int
    pickup_point_id: int | None
    """None: at home."""
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SlotAdvice:
    """Whether the trucks can do it, and what it costs the market."""

    fits: bool
    added: Money
    passes_by: bool
    """A truck comes by that place at that hour anyway."""


class DeliveryAdvisor(Protocol):
    """Knows the rounds of a sale while it is still open."""

    def advise(
        self,
        session: Session,
        cycle_id: int,
        asks: Sequence[SlotAsk],
        *,
        lon: float | None,
        lat: float | None,
        fill: Mapping[TemperatureClass, int],
    ) -> Mapping[int, SlotAdvice]:
        """What is known of each hour, by slot; hours of which nothing is known are left out.

        ``lon`` and ``lat`` are the home, if known; ``fill`` is in thousandths of a crate.
        """

    def promise(
        self,
        session: Session,
        cycle_id: int,
        ask: SlotAsk,
        *,
        lon: float | None,
        lat: float | None,
        fill: Mapping[TemperatureClass, int],
        order_id: int,
    ) -> SlotAdvice | None:
        """The same for one hour at the moment it is promised to ``order_id``.

        Whoever promises in the same sale at the same time waits until this one is done, and is
        told what is true then. None: nothing is known.
        """


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Where the goods of an order are, as its customer may know it."""

    has_left: bool
    """Whether the truck is on the road."""
    to_door: bool
    """Brought home; else to the pick-up point."""
    came_at: datetime | None
    """When the truck had handed over; None: not yet, or in vain."""
    from_at: datetime | None
    """The truck is expected between this moment and ``until_at``; None: nothing is known."""
    until_at: datetime | None
    heard_at: datetime | None
    """When the truck was last heard of."""
    is_overdue: bool
    """It should have come by now, and nobody has said why it did not."""


class ArrivalTeller(Protocol):
    """Knows where the trucks are."""

    def on_the_way(self, session: Session, order_id: int, now: datetime) -> OnTheWay | None:
        """Where an order is; None where no truck brings it, or none is planned yet."""
