"""The link in the mail that lets somebody choose a new password: signed, short-lived, used once."""

from __future__ import annotations

import hashlib

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.errors import LinkExpired
from shop.accounts.models import Person
from shop.accounts.services.people import set_password
from shop.infra import outbox

LINK_HOURS = 2
_SALT = "new-password"


def ask(session: Session, *, email: str, secret: str, locale: str) -> None:
    """Post the mail with the link; says nothing when nobody has that address."""
    person = session.scalar(
        select(Person).where(Person.email == email.strip().lower(), Person.closed_at.is_(None))
    )
    if person is None:
        return
    outbox.post(
        session,
        "mail.new_password",
        person_id=person.id,
        token=_serializer(secret).dumps([person.id, _fingerprint(person)]),
        locale=locale,
    )


def use(session: Session, *, token: str, password: str, secret: str) -> int:
    """Set the new password; whose it was. The link does not work a second time.

    Raises:
        LinkExpired: too old, used, or not ours.
    """
    try:
        person_id, fingerprint = _serializer(secret).loads(token, max_age=LINK_HOURS * 3600)
    except (BadSignature, ValueError):
        raise LinkExpired from None
    person = session.scalar(
        select(Person).where(Person.id == person_id, Person.closed_at.is_(None)).with_for_update()
    )
    if person is None or _fingerprint(person) != fingerprint:
        raise LinkExpired
    set_password(session, person.id, password)
    return person.id


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=_SALT)


def _fingerprint(person: Person) -> str:
    return hashlib.sha256(person.password_hash.encode()).hexdigest()[:16]
