"""What changed for drivers and customers after rounds were published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.logistics.models import RoundChange, Stop, StopOrder, TruckRound


@dataclass(frozen=True, slots=True)
class Change:
    """What one publication changed in a round, by the names of its stops."""

    added: list[str]
    removed: list[str]
    moved: list[str]
    later_s: int
    """How much later the round ends; below zero: sooner."""
    at: datetime


def unseen(session: Session, round_id: int) -> list[Change]:
    """What the driver of a round has not said to have seen, the oldest first."""
    rows = session.execute(
        select(RoundChange.facts, RoundChange.at)
        .where(RoundChange.round_id == round_id, RoundChange.seen_at.is_(None))
        .order_by(RoundChange.id)
    )
    return [_change(row.facts, row.at) for row in rows]


def arrival_at_door(session: Session, order_id: int) -> datetime | None:
    """When a published round is to bring an order; None when none does, or it was brought."""
    return session.scalar(
        select(Stop.arrives_at)
        .join(StopOrder, StopOrder.stop_id == Stop.id)
        .join(TruckRound, TruckRound.id == Stop.round_id)
        .where(StopOrder.order_id == order_id, Stop.state == "planned")
        .where(TruckRound.state.not_in(("draft", "discarded")))
        .order_by(Stop.id.desc())
        .limit(1)
    )


def _change(facts: dict[str, Any], at: datetime) -> Change:
    return Change(
        list(facts["added"]), list(facts["removed"]), list(facts["moved"]), facts["later_s"], at
    )
