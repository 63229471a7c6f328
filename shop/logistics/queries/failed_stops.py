"""Stops that failed and wait for the desk's decision, and what could bring their goods."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.queries.cycles import CycleCard
from shop.infra.transitions import Transition
from shop.logistics.domain.terms import StopKind
from shop.logistics.models import Stop, TruckRound, Vehicle
from shop.logistics.queries.rounds import RoundCard, StopCard, rounds_where
from shop.orders.queries import purchase_orders
from shop.orders.queries.handing import OrderToHand


@dataclass(frozen=True, slots=True)
class FailedStop:
    """One stop, why it failed, and the orders that nobody has decided about."""

    stop: StopCard
    round: RoundCard
    cycle: CycleCard
    why: str
    waiting: tuple[OrderToHand, ...]
    purchase_order_id: int | None = None
    """Of the farm, where it was a farm."""

    @property
    def is_aboard(self) -> bool:
        """Whether its crates are in a truck on the road."""
        return any(crate.state == "loaded" for crate in self.stop.crates)


@dataclass(frozen=True, slots=True)
class VehicleCard:
    """A vehicle that can leave once more."""

    id: int
    name: str
    plate: str


def waiting(session: Session, cycles: Collection[CycleCard]) -> list[FailedStop]:
    """Failed stops of some cycles about which something is left to decide, the newest first."""
    by_id = {card.id: card for card in cycles}
    failed = select(Stop.round_id).where(Stop.state == "failed")
    found = rounds_where(session, TruckRound.cycle_id.in_(by_id) & TruckRound.id.in_(failed))
    stops = [(card, stop) for card in found for stop in card.stops if stop.state == "failed"]
    reasons = _reasons(session, [stop.id for _card, stop in stops])
    asked = _not_collected(session, {card.cycle_id for card, _stop in stops})
    visited = _later_visits(session, list(by_id))
    open_ones = []
    for card, stop in stops:
        left = tuple(
            order
            for order in stop.orders
            if order.state == "firm" and order.order_id not in stop.moved | stop.given_up
        )
        purchase = None
        if stop.kind is StopKind.COLLECT:
            again = visited.get((card.cycle_id, stop.producer_id or 0), 0) > stop.id
            purchase = None if again else asked.get((card.cycle_id, stop.producer_id or 0))
        if left or purchase is not None:
            why = reasons.get(stop.id, "")
            open_ones.append(FailedStop(stop, card, by_id[card.cycle_id], why, left, purchase))
    return sorted(open_ones, key=lambda each: each.stop.id, reverse=True)


def vehicles(session: Session, market_id: int) -> list[VehicleCard]:
    """Vehicles of a market, by name."""
    rows = session.execute(
        select(Vehicle.id, Vehicle.name, Vehicle.plate)
        .where(Vehicle.market_id == market_id, Vehicle.retired_at.is_(None))
        .where(Vehicle.cycle_id.is_(None))
        .order_by(Vehicle.name, Vehicle.id)
    )
    return [VehicleCard(*row) for row in rows]


def rounds_to_join(session: Session, cycle_ids: Collection[int]) -> list[RoundCard]:
    """Rounds of some cycles that are published and not over."""
    return rounds_where(
        session,
        TruckRound.cycle_id.in_(cycle_ids)
        & TruckRound.state.in_(("published", "loading", "underway")),
    )


def _reasons(session: Session, stop_ids: Collection[int]) -> dict[int, str]:
    """What the driver said, by stop."""
    rows = session.execute(
        select(Transition.subject_id, Transition.reason)
        .where(Transition.subject == "stop", Transition.event == "fail")
        .where(Transition.subject_id.in_(stop_ids))
        .order_by(Transition.id)
    )
    return {stop_id: reason or "" for stop_id, reason in rows}


def _not_collected(session: Session, cycle_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """Purchase orders of which nothing was brought yet, by cycle and producer."""
    return {
        (card.cycle_id, card.producer_id): card.id
        for cycle_id in cycle_ids
        for card in purchase_orders.of_cycle(session, cycle_id)
        if card.state in ("issued", "accepted")
    }


def _later_visits(session: Session, cycle_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """The last stop at each farm."""
    rows = session.execute(
        select(TruckRound.cycle_id, Stop.producer_id, func.max(Stop.id))
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .where(TruckRound.cycle_id.in_(cycle_ids), Stop.kind == StopKind.COLLECT)
        .where(TruckRound.state.not_in(("draft", "discarded")))
        .group_by(TruckRound.cycle_id, Stop.producer_id)
    )
    return {(cycle_id, producer_id or 0): stop_id for cycle_id, producer_id, stop_id in rows}
