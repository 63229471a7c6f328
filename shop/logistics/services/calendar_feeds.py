"""Give a driver a secret address for their calendar, and take it back."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.logistics.models import CalendarFeed

SECRET_BYTES = 24


def make(session: Session, person_id: int, *, at: datetime) -> str:
    """A new secret for a person, said once and never again; the one before opens nothing more."""
    revoke(session, person_id, at=at)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(CalendarFeed(person_id=person_id, token=_digest(secret), made_at=at))
    session.flush()
    return secret


def revoke(session: Session, person_id: int, *, at: datetime) -> bool:
    """Let the address of a person open nothing any more; False when there was none."""
    revoked = session.scalars(
        update(CalendarFeed)
        .where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(CalendarFeed.id)
        .execution_options(synchronize_session=False)
    ).all()
    return bool(revoked)


def owner(session: Session, secret: str) -> int | None:
    """Whose calendar a secret opens; None: nobody's."""
    return session.scalar(
        select(CalendarFeed.person_id).where(
            CalendarFeed.token == _digest(secret), CalendarFeed.revoked_at.is_(None)
        )
    )


def made_at(session: Session, person_id: int) -> datetime | None:
    """When the address of a person was made; None when they have none."""
    return session.scalar(
        select(CalendarFeed.made_at).where(
            CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None)
        )
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
