"""Who somebody is, and what they may do, in one question."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Identity, Role
from shop.accounts.models import Grant, Person


def identity(session: Session, person_id: int) -> Identity | None:
    """The person with every role, or None when the account is closed or gone."""
    rows = session.execute(
        select(
            Person.name,
            Person.email,
            Person.locale,
            Person.phone,
            Grant.role,
            Grant.market_id,
            Grant.producer_id,
            Grant.pickup_point_id,
        )
        .outerjoin(Grant, Grant.person_id == Person.id)
        .where(Person.id == person_id, Person.closed_at.is_(None))
    ).all()
    if not rows:
        return None
    places: dict[Role, set[int]] = {role: set() for role in Role}
    for row in rows:
        if row.role is not None:
            place = row.market_id or row.producer_id or row.pickup_point_id
            if place is not None:
                places[row.role].add(place)
    return Identity(
        person_id=person_id,
        name=rows[0].name,
        email=rows[0].email,
        locale=rows[0].locale,
        phone=rows[0].phone,
        desk_markets=frozenset(places[Role.DESK]),
        preparer_markets=frozenset(places[Role.PREPARER]),
        driver_markets=frozenset(places[Role.DRIVER]),
        producers=frozenset(places[Role.PRODUCER]),
        pickup_points=frozenset(places[Role.RELAY_HOST]),
    )


def drivers(session: Session, market_id: int) -> list[tuple[int, str]]:
    """Drivers of a market as (person id, name), by name."""
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Grant, Grant.person_id == Person.id)
        .where(Grant.role == Role.DRIVER, Grant.market_id == market_id)
        .where(Person.closed_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return [(row.id, row.name) for row in rows]


def names(session: Session, person_ids: Collection[int]) -> dict[int | None, str]:
    """Names of people by key; unknown keys are left out."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row.id: row.name for row in rows}
