"""How goods reach customers, as the desk arranges it: options, communes, places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind
from shop.catalog.errors import (
    OptionUnknown,
    PickupUnknown,
)
from shop.catalog.models import (
    DeliveryCommune,
    DeliveryOption,
    PickupPoint,
)
from shop.kernel.errors import InvalidInput
from shop.kernel.folding import fold, slugify


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """What a way to deliver asks: texts by language, minimum, fee, and from when it is free."""

    name_fr: str
    name_en: str
    description_fr: str
    description_en: str
    minimum_cents: int
    fee_cents: int
    free_from_cents: int | None
    position: int = 0


@dataclass(frozen=True, slots=True)
class PointFacts:
    """A relay point or a drive: where, who, when the truck may come, what it can keep."""

    kind: OptionKind
    name: str
    host_name: str
    phone: str
    address: str
    postcode: str
    commune: str
    commune_insee: str
    lon: float
    lat: float
    hours_fr: str
    hours_en: str
    has_cold: bool
    crate_capacity: int
    deliver_from_s: int
    deliver_until_s: int
    service_s: int


def add_option(session: Session, market_id: int, kind: OptionKind, terms: OptionTerms) -> int:
    """Open a way to deliver; its key.

    Raises:
        InvalidInput: an amount below zero, or free from less than the minimum.
    """
    _refuse_terms(terms)
    option = DeliveryOption(market_id=market_id, kind=kind, **_option_values(terms, {}))
    session.add(option)
    session.flush()
    return option.id


def change_option(session: Session, market_id: int, option_id: int, terms: OptionTerms) -> None:
    """Set the terms of a way to deliver; orders that were placed keep theirs.

    Raises:
        OptionUnknown: the market has no such option.
        InvalidInput: an amount below zero, or free from less than the minimum.
    """
    _refuse_terms(terms)
    option = lock_option(session, market_id, option_id)
    for name, value in _option_values(terms, option.texts).items():
        setattr(option, name, value)


def retire_option(session: Session, market_id: int, option_id: int, *, at: datetime) -> None:
    """End a way to deliver: nobody can choose it any more.

    Raises:
        OptionUnknown: the market has no such option.
    """
    option = lock_option(session, market_id, option_id)
    option.retired_at = option.retired_at or at


def add_communes(
    session: Session, market_id: int, option_id: int, insee_codes: Iterable[str]
) -> int:
    """Serve communes; how many were not served yet.

    Raises:
        OptionUnknown: the market has no such option, or it does not go to homes.
    """
    _home(session, market_id, option_id)
    rows = [{"option_id": option_id, "insee": code} for code in sorted(set(insee_codes))]
    if not rows:
        return 0
    added = session.scalars(
        insert(DeliveryCommune)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["option_id", "insee"])
        .returning(DeliveryCommune.insee)
    )
    return len(added.all())


def remove_communes(
    session: Session, market_id: int, option_id: int, insee_codes: Iterable[str]
) -> int:
    """Serve communes no longer; how many were served.

    Raises:
        OptionUnknown: the market has no such option, or it does not go to homes.
    """
    _home(session, market_id, option_id)
    removed = session.scalars(
        delete(DeliveryCommune)
        .where(DeliveryCommune.option_id == option_id)
        .where(DeliveryCommune.insee.in_(list(insee_codes)))
        .returning(DeliveryCommune.insee)
        .execution_options(synchronize_session=False)
    )
    return len(removed.all())


def add_point(session: Session, market_id: int, facts: PointFacts) -> int:
    """Open a place where customers fetch their crates; its key.

    Raises:
        InvalidInput: hours or capacity that make no sense.
    """
    _refuse_facts(facts)
    point = PickupPoint(
        market_id=market_id,
        slug=_free_slug(session, market_id, facts.name),
        **_point_values(facts, {}),
    )
    session.add(point)
    session.flush()
    return point.id


def change_point(session: Session, market_id: int, point_id: int, facts: PointFacts) -> None:
    """Correct a place; its address on the site stays.

    Raises:
        PickupUnknown: the market has no such place.
        InvalidInput: hours or capacity that make no sense.
    """
    _refuse_facts(facts)
    point = _point(session, market_id, point_id)
    for name, value in _point_values(facts, point.texts).items():
        setattr(point, name, value)


def retire_point(session: Session, market_id: int, point_id: int, *, at: datetime) -> None:
    """Close a place: no later cycle offers it.

    Raises:
        PickupUnknown: the market has no such place.
    """
    point = _point(session, market_id, point_id)
    point.retired_at = point.retired_at or at


def _refuse_terms(terms: OptionTerms) -> None:
    for name in ("minimum_cents", "fee_cents"):
        if getattr(terms, name) < 0:
            raise InvalidInput(field=name, reason="below_zero")
    if terms.free_from_cents is not None and terms.free_from_cents < terms.minimum_cents:
        raise InvalidInput(field="free_from_cents", reason="below_minimum")


def _refuse_facts(facts: PointFacts) -> None:
    if facts.kind is OptionKind.HOME:
        raise InvalidInput(field="kind", reason="unknown")
    if facts.deliver_until_s <= facts.deliver_from_s:
        raise InvalidInput(field="deliver_until", reason="before_start")
    if facts.crate_capacity < 1:
        raise InvalidInput(field="crate_capacity", reason="too_small")


def _option_values(terms: OptionTerms, texts: dict[str, object]) -> dict[str, object]:
    return {
        "texts": {
            **texts,
            "name": {"fr": terms.name_fr, "en": terms.name_en or terms.name_fr},
            "description": {"fr": terms.description_fr, "en": terms.description_en},
        },
        "minimum_cents": terms.minimum_cents,
        "fee_cents": terms.fee_cents,
        "free_from_cents": terms.free_from_cents,
        "position": terms.position,
    }


def _point_values(facts: PointFacts, texts: dict[str, object]) -> dict[str, object]:
    return {
        "kind": facts.kind,
        "name": facts.name,
        "sort_key": fold(facts.name),
        "host_name": facts.host_name,
        "phone": facts.phone,
        "address": facts.address,
        "postcode": facts.postcode,
        "commune": facts.commune,
        "commune_insee": facts.commune_insee,
        "lon": facts.lon,
        "lat": facts.lat,
        "texts": {**texts, "hours": {"fr": facts.hours_fr, "en": facts.hours_en}},
        "has_cold": facts.has_cold,
        "crate_capacity": facts.crate_capacity,
        "deliver_from_s": facts.deliver_from_s,
        "deliver_until_s": facts.deliver_until_s,
        "service_s": facts.service_s,
    }


def _free_slug(session: Session, market_id: int, name: str) -> str:
    base = slugify(name) or "point"
    taken = session.scalar(
        select(func.count())
        .select_from(PickupPoint)
        .where(PickupPoint.market_id == market_id)
        .where(PickupPoint.slug.regexp_match(f"^{base}(-[0-9]+)?$"))
    )
    return f"{base}-{taken + 1}" if taken else base


def lock_option(session: Session, market_id: int, option_id: int) -> DeliveryOption:
    """A way to deliver of the market, held until the end of the transaction.

    Raises:
        OptionUnknown: the market has no such option.
    """
    option = session.get(DeliveryOption, option_id, with_for_update=True)
    if option is None or option.market_id != market_id:
        raise OptionUnknown(option_id=option_id)
    return option


def _home(session: Session, market_id: int, option_id: int) -> DeliveryOption:
    option = lock_option(session, market_id, option_id)
    if option.kind is not OptionKind.HOME:
        raise OptionUnknown(option_id=option_id)
    return option


def _point(session: Session, market_id: int, point_id: int) -> PickupPoint:
    point = session.get(PickupPoint, point_id, with_for_update=True)
    if point is None or point.market_id != market_id:
        raise PickupUnknown(pickup_point_id=point_id)
    return point
