"""The one way a record changes its state: by its lifecycle, guarded, with who, when and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import BigInteger, ColumnElement, Index, Text, func, insert, literal, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from shop.infra.append_only import APPEND_ONLY
from shop.infra.db import Row
from shop.kernel.lifecycle import IllegalTransition, Lifecycle


class Transition(Row):
    """One change of state of one record."""

    __tablename__ = "transitions"
    __table_args__ = (
        Index("ix_transitions_subject", "subject", "subject_id"),
        {"info": APPEND_ONLY},
    )

    subject: Mapped[str]
    """Name of the lifecycle."""
    subject_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(BigInteger)
    """None: the clock, the worker, or a customer without an account."""
    reason: Mapped[str | None]


class Stateful(Protocol):
    """A row with a state."""

    @property
    def id(self) -> int:
        """Its key."""

    @property
    def state(self) -> str:
        """A state of its lifecycle."""


def advance(
    session: Session,
    lifecycle: Lifecycle,
    record: Stateful,
    event: str,
    *,
    at: datetime,
    by: int | None = None,
    reason: str | None = None,
) -> None:
    """Let ``event`` happen to ``record``, unless somebody changed it meanwhile.

    Raises:
        IllegalTransition: when it cannot happen in the state that the database holds.
    """
    state = record.state
    to_state = lifecycle.after(state, event)
    session.flush()
    model = cast(Any, type(record))
    change = _Change(lifecycle.name, event, state, to_state, at, by, reason)
    if session.scalars(_moved(model, model.id == record.id, change)).all() != [record.id]:
        raise IllegalTransition(record=lifecycle.name, state=state, event=event)
    set_committed_value(record, "state", to_state)


def times(session: Session, lifecycle: Lifecycle, record_id: int, event: str) -> int:
    """How often ``event`` has happened to a record."""
    count = session.scalar(
        select(func.count()).where(
            Transition.subject == lifecycle.name,
            Transition.subject_id == record_id,
            Transition.event == event,
        )
    )
    return int(count or 0)


def advance_all(
    session: Session,
    lifecycle: Lifecycle,
    model: type[Stateful],
    ids: Collection[int],
    event: str,
    *,
    at: datetime,
    by: int | None = None,
    reason: str | None = None,
) -> list[int]:
    """Let ``event`` happen to each of ``ids`` whose state allows it, in bulk; those that moved."""
    moved_ids: list[int] = []
    columns = cast(Any, model)
    for (state, name), to_state in lifecycle.moves.items():
        if name != event or not ids:
            continue
        change = _Change(lifecycle.name, event, state, to_state, at, by, reason)
        written = session.scalars(_moved(columns, columns.id.in_(ids), change))
        moved_ids.extend(written)
    return sorted(moved_ids)


@dataclass(frozen=True, slots=True)
class _Change:
    """What is written of a change, whatever the record."""

    subject: str
    event: str
    from_state: str
    to_state: str
    at: datetime
    by: int | None
    reason: str | None


def _moved(model: Any, which: ColumnElement[bool], change: _Change) -> Any:
    """Move records and write that they moved, in one statement; gives the keys of those."""
    moved = (
        update(model)
        .where(which, model.state == change.from_state)
        .values(state=change.to_state)
        .returning(model.id)
        .execution_options(synchronize_session=False)
        .cte("moved")
    )
    columns = [
        "subject", "subject_id", "event", "from_state", "to_state", "at", "by_person_id", "reason",
    ]  # fmt: skip
    return (
        insert(Transition)
        .from_select(
            columns,
            select(
                literal(change.subject),
                moved.c.id,
                literal(change.event),
                literal(change.from_state),
                literal(change.to_state),
                literal(change.at),
                literal(change.by, BigInteger),
                literal(change.reason, Text),
            ),
        )
        .returning(Transition.subject_id)
    )
