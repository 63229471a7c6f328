"""Sales cycles as other rooms and pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import DateTime, Select, bindparam, case, select
from sqlalchemy.orm import Session

from shop.catalog.domain.cycle import is_open_at
from shop.catalog.errors import CycleUnknown
from shop.catalog.models import Cycle


@dataclass(frozen=True, slots=True)
class CycleCard:
    """A cycle: its hours and its days."""

    id: int
    market_id: int
    code: str
    name: str
    state: str
    opens_at: datetime
    closes_at: datetime
    answers_by: datetime
    collects_on: date
    delivers_on: date
    closed_at: datetime | None
    shelf_version: int = 0
    """Changes with what is offered, its order and its words; not with prices and stock."""

    def is_open_at(self, now: datetime) -> bool:
        """Whether customers can order."""
        return is_open_at(self.state, self.opens_at, self.closes_at, now)


COLUMNS = (
    Cycle.id,
    Cycle.market_id,
    Cycle.code,
    Cycle.name,
    Cycle.state,
    Cycle.opens_at,
    Cycle.closes_at,
    Cycle.answers_by,
    Cycle.collects_on,
    Cycle.delivers_on,
    Cycle.closed_at,
    Cycle.shelf_version,
)


def _current() -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=DateTime(timezone=True))
    rank = case(
        ((Cycle.state == "open") & (Cycle.closes_at > now), 0),
        (Cycle.opens_at > now, 1),
        else_=2,
    )
    return (
        select(*COLUMNS)
        .where(Cycle.market_id == bindparam("market_id"))
        .order_by(rank, case((rank == 2, None), else_=Cycle.opens_at), Cycle.closes_at.desc())
        .limit(1)
    )


_CURRENT = _current()
"""Built once: every page of a market asks it."""


def current(session: Session, market_id: int, now: datetime) -> CycleCard | None:
    """The cycle that customers see: open now, else the next to open, else the last that closed."""
    row = session.execute(_CURRENT, {"market_id": market_id, "now": now}).one_or_none()
    return None if row is None else CycleCard(*row)


def by_id(session: Session, cycle_id: int) -> CycleCard:
    """The cycle with that key.

    Raises:
        CycleUnknown: there is none.
    """
    row = session.execute(select(*COLUMNS).where(Cycle.id == cycle_id)).one_or_none()
    if row is None:
        raise CycleUnknown(cycle_id=cycle_id)
    return CycleCard(*row)


def by_code(session: Session, market_id: int, code: str) -> CycleCard:
    """The cycle of a market with that code.

    Raises:
        CycleUnknown: there is none.
    """
    row = session.execute(
        select(*COLUMNS).where(Cycle.market_id == market_id, Cycle.code == code)
    ).one_or_none()
    if row is None:
        raise CycleUnknown(market_id=market_id, cycle=code)
    return CycleCard(*row)


def recent(session: Session, market_id: int, limit: int = 20) -> list[CycleCard]:
    """The latest cycles of a market, the newest first."""
    rows = session.execute(
        select(*COLUMNS)
        .where(Cycle.market_id == market_id)
        .order_by(Cycle.opens_at.desc(), Cycle.id.desc())
        .limit(limit)
    )
    return [CycleCard(*row) for row in rows]


def state_held(session: Session, cycle_id: int) -> str:
    """State of a cycle, which cannot be closed before this transaction ends.

    Whoever orders in an open cycle asks this, so that the closing, which locks the row for
    itself, either counts the order or comes first.
    """
    return session.scalars(
        select(Cycle.state).where(Cycle.id == cycle_id).with_for_update(read=True, key_share=True)
    ).one()


def open_ids(session: Session) -> list[int]:
    """Cycles that sell, of every market."""
    return list(session.scalars(select(Cycle.id).where(Cycle.state == "open").order_by(Cycle.id)))
