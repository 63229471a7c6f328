"""The one way a record changes its state: by its lifecycle, guarded, with who, when and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import BigInteger, CursorResult, Index, func, insert, literal, select, update
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
    moved = cast(
        "CursorResult[object]",
        session.execute(
            update(model)
            .where(model.id == record.id, model.state == state)
            .values(state=to_state)
            .execution_options(synchronize_session=False)
        ),
    )
    if moved.rowcount != 1:
        raise IllegalTransition(record=lifecycle.name, state=state, event=event)
    set_committed_value(record, "state", to_state)
    session.execute(
        insert(Transition).values(
            subject=lifecycle.name,
            subject_id=record.id,
            event=event,
            from_state=state,
            to_state=to_state,
            at=at,
            by_person_id=by,
            reason=reason,
        )
    )


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
        moved = (
            update(columns)
            .where(columns.id.in_(ids), columns.state == state)
            .values(state=to_state)
            .returning(columns.id)
            .execution_options(synchronize_session=False)
            .cte("moved")
        )
        written = session.scalars(
            insert(Transition)
            .from_select(
                [
                    "subject", "subject_id", "event", "from_state", "to_state", "at",
                    "by_person_id", "reason",
                ],
                select(
                    literal(lifecycle.name), moved.c.id, literal(event), literal(state),
                    literal(to_state), literal(at), literal(by, BigInteger), literal(reason),
                ),
            )
            .returning(Transition.subject_id)
        )  # fmt: skip
        moved_ids.extend(written)
    return sorted(moved_ids)
