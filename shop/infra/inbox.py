"""What arrives from outside is a row first: kept once, answered at once, handled after."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.infra import outbox
from shop.infra.db import Row

TOPIC = "inbox.handle"


class InboxMessage(Row):
    """One event as it arrived."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("source", "event_id"),)

    source: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


def receive(
    session: Session, source: str, event_id: str, kind: str, payload: dict[str, Any]
) -> bool:
    """Keep an event and ask for its handling; False when it had arrived before."""
    message_id = session.scalar(
        insert(InboxMessage)
        .values(source=source, event_id=event_id, kind=kind, payload=payload)
        .on_conflict_do_nothing(index_elements=["source", "event_id"])
        .returning(InboxMessage.id)
    )
    if message_id is None:
        return False
    outbox.post(session, TOPIC, key=f"inbox:{message_id}", inbox_id=message_id)
    return True


def unheard(session: Session, source: str, event_ids: Collection[str]) -> set[str]:
    """Which of these events have not arrived yet."""
    known = session.scalars(
        select(InboxMessage.event_id).where(
            InboxMessage.source == source, InboxMessage.event_id.in_(event_ids)
        )
    )
    return set(event_ids).difference(known)


def get(session: Session, message_id: int) -> InboxMessage:
    """The event as it arrived."""
    return session.execute(select(InboxMessage).where(InboxMessage.id == message_id)).scalar_one()
