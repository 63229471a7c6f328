"""Somebody who was there: what drivers and hosts said when an order changed hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Witnessed:
    """One moment of handing over."""

    at: datetime
    is_served: bool
    """False: nobody was there, or it was refused."""
    receiver: str
    """The name that was said; empty when nobody gave one."""
    note: str
    by: str
    """Who handed it over; empty for the host of a pick-up point without an account."""


class HandoverWitness(Protocol):
    """Knows what became of an order on its round and at its pick-up point."""

    def witnessed(self, session: Session, order_id: int) -> tuple[Witnessed, ...]:
        """Every moment that was noted of an order, oldest first."""
