"""Rows of the catalogue for tests: shelves of a shop, and who works where."""

from __future__ import annotations

import itertools
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.accounts.models import Grant, Person
from shop.accounts.services.people import hash_password
from shop.catalog.domain.terms import TaxClass, TemperatureClass
from shop.catalog.models import Category, TaxRate

PASSWORD = "trois mots simples"
_HASH = hash_password(PASSWORD)
_numbers = itertools.count(1)


def make_shelves(session: Session) -> dict[str, int]:
    """Vegetables, dairy and grocery, with the tax rates of the day; keys by slug."""
    wanted = (
        ("legumes", "Légumes", "Vegetables", TemperatureClass.AMBIENT, "carrot"),
        ("cremerie", "Crèmerie", "Dairy", TemperatureClass.CHILLED, "milk"),
        ("epicerie", "Épicerie", "Grocery", TemperatureClass.AMBIENT, "flour"),
    )
    found = {}
    for position, (slug, french, english, cold, picture) in enumerate(wanted, 1):
        known = session.scalar(select(Category.id).where(Category.slug == slug))
        if known is None:
            category = Category(
                slug=slug,
                name_fr=french,
                name_en=english,
                position=position,
                tax_class=TaxClass.FOOD,
                temperature_class=cold,
                picture=picture,
            )
            session.add(category)
            session.flush()
            known = category.id
        found[slug] = known
    if session.scalar(select(TaxRate.id).limit(1)) is None:
        session.add_all(
            TaxRate(tax_class=kind, rate_bp=rate, valid_from=date(2014, 1, 1))
            for kind, rate in (
                (TaxClass.FOOD, 550),
                (TaxClass.PREPARED, 1000),
                (TaxClass.FULL, 2000),
            )
        )
        session.flush()
    return found


def make_worker(
    session: Session,
    role: Role,
    *,
    market_id: int | None = None,
    producer_id: int | None = None,
    pickup_point_id: int | None = None,
) -> str:
    """Somebody who holds ``role`` there; their address. The password is ``PASSWORD``."""
    email = f"personne-{next(_numbers)}@exemple.fr"
    person = Person(email=email, name="Dominique Blanc", password_hash=_HASH, locale="fr")
    session.add(person)
    session.flush()
    session.add(
        Grant(
            person_id=person.id,
            role=role,
            market_id=market_id,
            producer_id=producer_id,
            pickup_point_id=pickup_point_id,
        )
    )
    session.flush()
    return email
