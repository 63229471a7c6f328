"""An order is delivered, and its money asked for, when nothing of it is to come any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.logistics.queries import order_parts
from shop.orders.services import fulfilment, undelivered


def complete(
    session: Session,
    order_id: int,
    *,
    refused: bool = False,
    why: str | None = None,
    at: datetime,
    by: int | None,
) -> bool:
    """Deliver an order unless a part of it is still to come; whether it was.

    Of an order on several vehicles only what was handed over counts. ``refused``: the receiver
    would not take it; ``why``: the desk gave up what had failed. The order is held by the caller.
    """
    parts = order_parts.parts_of(session, [order_id]).get(order_id, [])
    if any(part.is_to_come for part in parts):
        return False
    if len(parts) < 2:
        fulfilment.mark_delivered(session, order_id, at=at, by=by, refused=refused)
        return True
    came = order_parts.came(session, order_id)
    if not _anything(came, served=any(part.state == "served" for part in parts)):
        _nothing_came(session, order_id, why, at=at, by=by)
        return True
    lacking = {kind: share for kind, share in came.items() if share < 1}
    fulfilment.mark_delivered(session, order_id, at=at, by=by, reason=why, came=lacking)
    return True


def _anything(came: Mapping[TemperatureClass, Fraction], *, served: bool) -> bool:
    return any(came.values()) if came else served


def _nothing_came(
    session: Session, order_id: int, why: str | None, *, at: datetime, by: int | None
) -> None:
    if why is not None and by is not None:
        undelivered.give_up(session, order_id, why=why, at=at, by=by)
        return
    fulfilment.mark_delivered(session, order_id, at=at, by=by, refused=True)
