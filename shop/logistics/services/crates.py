"""Crates: made when a sale closes, received, loaded, handed over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.infra.transitions import advance_all
from shop.logistics.domain.crate import crates_for
from shop.logistics.domain.lifecycles import CRATE
from shop.logistics.models import Crate
from shop.orders.queries import demand

BATCH = 5_000


def make_crates(session: Session, cycle_id: int) -> int:
    """Number the crates of every firm order of a cycle, in bulk; how many the cycle has.

    A second time adds none.
    """
    rows = [
        {
            "code": crate.code,
            "cycle_id": cycle_id,
            "order_id": load.order_id,
            "position": crate.position,
            "total": crate.total,
            "temperature_class": crate.temperature_class,
            "fill": crate.fill,
        }
        for load in demand.order_loads(session, cycle_id)
        for crate in crates_for(load.number, load.fill)
    ]
    for start in range(0, len(rows), BATCH):
        session.execute(
            insert(Crate)
            .values(rows[start : start + BATCH])
            .on_conflict_do_nothing(index_elements=["order_id", "position"])
        )
    return (
        session.scalar(select(func.count()).select_from(Crate).where(Crate.cycle_id == cycle_id))
        or 0
    )


def of_order(session: Session, order_id: int) -> list[int]:
    """Keys of the crates of an order."""
    return list(
        session.scalars(select(Crate.id).where(Crate.order_id == order_id).order_by(Crate.position))
    )


def move(
    session: Session, crate_ids: list[int], event: str, *, at: datetime, by: int | None = None
) -> list[int]:
    """Let ``event`` happen to each crate whose state allows it; those that moved."""
    return advance_all(session, CRATE, Crate, crate_ids, event, at=at, by=by)
