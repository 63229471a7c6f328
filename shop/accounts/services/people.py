"""Open an account, sign in, change a password, give a role."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.accounts.errors import EmailTaken, WrongCredentials
from shop.accounts.models import Grant, Person
from shop.kernel.errors import InvalidInput

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
"""Verified when the address is unknown, so that both refusals take the same time."""

SHORTEST_PASSWORD = 10


def hash_password(password: str) -> str:
    """The form in which a password is kept."""
    return _hasher.hash(password)


def register(
    session: Session,
    *,
    email: str,
    password: str,
    name: str,
    phone: str | None = None,
    locale: str = "fr",
) -> int:
    """Open an account; its id.

    Raises:
        EmailTaken: somebody signs in with this address already.
        InvalidInput: the password is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(field="password", reason="too_short", least=SHORTEST_PASSWORD)
    person_id: int | None = session.scalar(
        insert(Person)
        .values(
            email=email.strip().lower(),
            password_hash=hash_password(password),
            name=name.strip(),
            phone=phone,
            locale=locale,
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(Person.id)
    )
    if person_id is None:
        raise EmailTaken(field="email")
    return person_id


def verify(session: Session, *, email: str, password: str) -> int:
    """The account that this address and password open.

    Raises:
        WrongCredentials: unknown, closed, or not the password; it does not say which.
    """
    person = session.scalar(select(Person).where(Person.email == email.strip().lower()))
    kept = person.password_hash if person else _NOBODY
    try:
        _hasher.verify(kept, password)
    except (VerifyMismatchError, InvalidHashError):
        raise WrongCredentials(field="password") from None
    if person is None or person.closed_at is not None:
        raise WrongCredentials(field="password")
    if _hasher.check_needs_rehash(kept):
        person.password_hash = hash_password(password)
    return person.id


def set_password(session: Session, person_id: int, password: str) -> None:
    """Give the account another password.

    Raises:
        InvalidInput: the password is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(field="password", reason="too_short", least=SHORTEST_PASSWORD)
    session.get_one(Person, person_id).password_hash = hash_password(password)


def grant(
    session: Session,
    person_id: int,
    role: Role,
    *,
    market_id: int | None = None,
    producer_id: int | None = None,
    pickup_point_id: int | None = None,
) -> None:
    """Give a role at one place; a second time changes nothing."""
    session.execute(
        insert(Grant)
        .values(
            person_id=person_id,
            role=role,
            market_id=market_id,
            producer_id=producer_id,
            pickup_point_id=pickup_point_id,
        )
        .on_conflict_do_nothing(constraint="uq_grants_once")
    )
