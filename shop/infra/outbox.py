"""What must happen outside is a row first, in the same transaction as its reason.

A row is done when its handler has finished, not when a message was sent: the broker is only
the wake-up. Whoever handles takes a lease; when it dies, the sweep finds the lease expired and
the row is handled again. Handlers may therefore run twice, and say so in their names' tests.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, Integer, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.infra.db import Row

CHANNEL = "outbox"
"""PostgreSQL tells listeners here, at commit, that a row waits."""

MAX_ATTEMPTS = 25


class OutboxMessage(Row):
    """One thing to do outside, and how far it got."""

    __tablename__ = "outbox"

    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)
    """When given, the same thing cannot be asked twice."""
    posted_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    due_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    """Given up after too many attempts: waits for a person (``replay-outbox``)."""
    last_error: Mapped[str | None]

    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "due_at",
            postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this handler may work on until the lease ends."""

    id: int
    topic: str
    payload: dict[str, Any]
    attempts: int


def post(
    session: Session,
    topic: str,
    *,
    key: str | None = None,
    due_at: datetime | None = None,
    **payload: Any,
) -> None:
    """Ask for ``topic`` to be handled after this transaction, at least once.

    ``key`` makes it the only one of its kind; a second post with it is forgotten.
    """
    values: dict[str, Any] = {"topic": topic, "payload": payload, "key": key}
    if due_at is not None:
        values["due_at"] = due_at
    session.execute(
        insert(OutboxMessage)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["key"])
        # Those who listen hear of it with the same statement, when there is something to hear.
        .returning(func.pg_notify(CHANNEL, ""))
    )


def post_all(
    session: Session,
    topic: str,
    payloads: Mapping[str, dict[str, Any]],
    *,
    due_at: datetime | None = None,
) -> None:
    """Ask for many of one kind, by key, in one statement; keys that were posted are forgotten."""
    if not payloads:
        return
    timing = {} if due_at is None else {"due_at": due_at}
    rows = [
        {"topic": topic, "key": key, "payload": facts, **timing} for key, facts in payloads.items()
    ]
    session.execute(
        insert(OutboxMessage).on_conflict_do_nothing(index_elements=["key"]),
        rows,
    )
    session.execute(text(f"NOTIFY {CHANNEL}"))


def due(session: Session, limit: int = 100) -> list[int]:
    """Keys of messages that wait and that nobody holds, oldest first."""
    return list(
        session.scalars(
            select(OutboxMessage.id)
            .where(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
            .where(OutboxMessage.due_at <= func.clock_timestamp())
            .where(
                (OutboxMessage.leased_until.is_(None))
                | (OutboxMessage.leased_until < func.clock_timestamp())
            )
            .order_by(OutboxMessage.due_at, OutboxMessage.id)
            .limit(limit)
        )
    )


def hand_out(session: Session, patience: timedelta, limit: int = 200) -> list[tuple[int, str]]:
    """Keys and topics of waiting messages, to be sent to the broker now.

    A message that nobody has claimed when ``patience`` is over is handed out again.
    """
    waiting_ids = (
        select(OutboxMessage.id)
        .where(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
        .where(OutboxMessage.due_at <= func.clock_timestamp())
        .where(
            (OutboxMessage.leased_until.is_(None))
            | (OutboxMessage.leased_until < func.clock_timestamp())
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(waiting_ids.scalar_subquery()))
        .values(due_at=func.clock_timestamp() + patience)
        .returning(OutboxMessage.id, OutboxMessage.topic)
    ).all()
    return sorted((row.id, row.topic) for row in rows)


def claim(session: Session, message_id: int, lease: timedelta) -> Claimed | None:
    """Take the lease of a message; None when it is done, or somebody else holds it.

    When ``lease`` is over and was not renewed, another one may take it.
    """
    row = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .where(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
        .where(
            (OutboxMessage.leased_until.is_(None))
            | (OutboxMessage.leased_until < func.clock_timestamp())
        )
        .values(
            leased_until=func.clock_timestamp() + lease,
            attempts=OutboxMessage.attempts + 1,
        )
        .returning(
            OutboxMessage.id, OutboxMessage.topic, OutboxMessage.payload, OutboxMessage.attempts
        )
    ).one_or_none()
    return None if row is None else Claimed(*row)


def renew(session: Session, message_id: int, lease: timedelta) -> None:
    """Keep the lease of a long piece of work."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.done_at.is_(None))
        .values(leased_until=func.clock_timestamp() + lease)
    )


def finish(session: Session, message_id: int) -> None:
    """Note that a message was handled."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(done_at=func.clock_timestamp(), leased_until=None, last_error=None)
    )


def put_back(session: Session, claimed: Claimed, error: BaseException) -> None:
    """Note a failure; try again later (1 s, 2 s, 4 s … 10 min), in the end give up."""
    given_up = claimed.attempts >= MAX_ATTEMPTS
    wait = timedelta(seconds=min(600, 2 ** (claimed.attempts - 1)))
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == claimed.id)
        .values(
            leased_until=None,
            due_at=func.clock_timestamp() + wait,
            failed_at=func.clock_timestamp() if given_up else None,
            last_error="".join(traceback.format_exception(error))[-4000:],
        )
    )


def replay(session: Session, message_ids: list[int] | None = None) -> int:
    """Give failed messages another chance; how many."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.done_at.is_(None))
        .values(failed_at=None, attempts=0, leased_until=None, due_at=func.clock_timestamp())
        .returning(OutboxMessage.id)
    )
    if message_ids is not None:
        statement = statement.where(OutboxMessage.id.in_(message_ids))
    replayed = len(session.scalars(statement).all())
    session.execute(text(f"NOTIFY {CHANNEL}"))
    return replayed


def waiting(session: Session) -> dict[str, int]:
    """How many messages wait, and how many were given up, for the desk and the commands."""
    row = session.execute(
        select(
            func.count().filter(OutboxMessage.failed_at.is_(None)),
            func.count().filter(OutboxMessage.failed_at.is_not(None)),
        ).where(OutboxMessage.done_at.is_(None))
    ).one()
    return {"waiting": row[0], "given_up": row[1]}
