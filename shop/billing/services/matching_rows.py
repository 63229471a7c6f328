"""Say once and for all which entry a movement is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shop.billing.domain.lifecycles import MOVEMENT
from shop.billing.models import MoneyMovement, MovementMatch
from shop.infra.transitions import advance


def note(
    session: Session,
    movement: MoneyMovement,
    key: str,
    *,
    at: datetime,
    by: int | None,
    note: str,
    event: str = "match",
) -> None:
    """Write who said what of a movement, and let it rest."""
    session.add(
        MovementMatch(movement_id=movement.id, entry_key=key, note=note, at=at, by_person_id=by)
    )
    advance(session, MOVEMENT, movement, event, at=at, by=by, reason=note or None)
