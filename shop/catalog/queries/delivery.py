"""How goods can reach a customer: options, places and slots of a cycle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind, SpotWay
from shop.catalog.errors import OptionUnknown, SlotUnknown
from shop.catalog.models import DeliveryCommune, DeliveryOption, DeliverySlot, PickupPoint


@dataclass(frozen=True, slots=True)
class OptionCard:
    """One way of a market to deliver."""

    id: int
    market_id: int
    kind: OptionKind
    texts: dict[str, Any]
    minimum_cents: int
    fee_cents: int
    free_from_cents: int | None
    spot_ways: tuple[SpotWay, ...] = ()
    """How one may pay where the goods are handed over."""

    def text(self, name: str, language: str) -> str:
        """``name`` or ``description``; in French when it is not written in ``language``."""
        words: dict[str, str] = self.texts.get(name, {})
        return words.get(language) or words.get("fr", "")


@dataclass(frozen=True, slots=True)
class PickupCard:
    """A relay point or a drive."""

    id: int
    market_id: int
    slug: str
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
    texts: dict[str, Any]
    has_cold: bool
    crate_capacity: int
    deliver_from_s: int
    deliver_until_s: int
    service_s: int

    def text(self, name: str, language: str) -> str:
        """``hours`` or ``welcome``; in French when it is not written in ``language``."""
        words: dict[str, str] = self.texts.get(name, {})
        return words.get(language) or words.get("fr", "")


@dataclass(frozen=True, slots=True)
class SlotCard:
    """When customers of a cycle get their goods by one option, and whether there is room."""

    id: int
    cycle_id: int
    option: OptionCard
    pickup: PickupCard | None
    starts_at: datetime
    ends_at: datetime
    cutoff_at: datetime
    capacity: int
    taken: int

    @property
    def left(self) -> int:
        """Orders that still fit."""
        return self.capacity - self.taken

    def is_open_at(self, now: datetime) -> bool:
        """Whether it can still be chosen."""
        return self.left > 0 and now < self.cutoff_at


OPTION_COLUMNS = (
    DeliveryOption.id,
    DeliveryOption.market_id,
    DeliveryOption.kind,
    DeliveryOption.texts,
    DeliveryOption.minimum_cents,
    DeliveryOption.fee_cents,
    DeliveryOption.free_from_cents,
    DeliveryOption.spot_ways,
)
PICKUP_COLUMNS = (
    PickupPoint.id,
    PickupPoint.market_id,
    PickupPoint.slug,
    PickupPoint.kind,
    PickupPoint.name,
    PickupPoint.host_name,
    PickupPoint.phone,
    PickupPoint.address,
    PickupPoint.postcode,
    PickupPoint.commune,
    PickupPoint.commune_insee,
    PickupPoint.lon,
    PickupPoint.lat,
    PickupPoint.texts,
    PickupPoint.has_cold,
    PickupPoint.crate_capacity,
    PickupPoint.deliver_from_s,
    PickupPoint.deliver_until_s,
    PickupPoint.service_s,
)
SLOT_COLUMNS = (
    DeliverySlot.id,
    DeliverySlot.cycle_id,
    DeliverySlot.starts_at,
    DeliverySlot.ends_at,
    DeliverySlot.cutoff_at,
    DeliverySlot.capacity,
    DeliverySlot.taken,
)


def options(session: Session, market_id: int) -> list[OptionCard]:
    """Ways of a market to deliver, in its own order."""
    rows = session.execute(
        select(*OPTION_COLUMNS)
        .where(DeliveryOption.market_id == market_id, DeliveryOption.retired_at.is_(None))
        .order_by(DeliveryOption.position, DeliveryOption.id)
    )
    return [_option(tuple(row)) for row in rows]


def option(session: Session, market_id: int, option_id: int) -> OptionCard:
    """One way of a market to deliver that was not ended.

    Raises:
        OptionUnknown: the market has none with that key.
    """
    for card in options(session, market_id):
        if card.id == option_id:
            return card
    raise OptionUnknown(option_id=option_id)


def pickup_points(session: Session, market_id: int) -> list[PickupCard]:
    """Relay points and drives of a market, by commune and name."""
    rows = session.execute(
        select(*PICKUP_COLUMNS)
        .where(PickupPoint.market_id == market_id, PickupPoint.retired_at.is_(None))
        .order_by(PickupPoint.commune, PickupPoint.sort_key, PickupPoint.id)
    )
    return [PickupCard(*tuple(row)) for row in rows]


def pickup_by_ids(session: Session, pickup_ids: Iterable[int]) -> dict[int, PickupCard]:
    """Relay points and drives by key; unknown keys are left out."""
    rows = session.execute(select(*PICKUP_COLUMNS).where(PickupPoint.id.in_(list(pickup_ids))))
    return {row.id: PickupCard(*tuple(row)) for row in rows}


_SLOTS = (
    select(*SLOT_COLUMNS, *OPTION_COLUMNS, *PICKUP_COLUMNS)
    .join(DeliveryOption, DeliveryOption.id == DeliverySlot.option_id)
    .outerjoin(PickupPoint, PickupPoint.id == DeliverySlot.pickup_point_id)
    .where(DeliveryOption.retired_at.is_(None))
    .order_by(
        DeliveryOption.position,
        DeliveryOption.id,
        PickupPoint.commune,
        PickupPoint.sort_key,
        DeliverySlot.starts_at,
        DeliverySlot.id,
    )
)
_SLOT = _SLOTS.where(DeliverySlot.id == bindparam("slot_id"))
"""Built once: every step of a purchase asks it."""


def slots(session: Session, cycle_id: int) -> list[SlotCard]:
    """Every slot of a cycle, by option, place and hour, in one question."""
    return _slots(session, _SLOTS.where(DeliverySlot.cycle_id == cycle_id))


def serving(session: Session, cycle_id: int, insee: str) -> list[SlotCard]:
    """Home slots of a cycle that serve a commune, by option and hour."""
    served = select(DeliveryCommune.option_id).where(DeliveryCommune.insee == insee)
    return _slots(
        session,
        _SLOTS.where(DeliverySlot.cycle_id == cycle_id, DeliverySlot.option_id.in_(served)),
    )


def slot(session: Session, slot_id: int) -> SlotCard:
    """The slot with that key.

    Raises:
        SlotUnknown: there is none.
    """
    found = _slots(session, _SLOT, slot_id=slot_id)
    if not found:
        raise SlotUnknown(slot_id=slot_id)
    return found[0]


def serves(session: Session, option_id: int, insee: str) -> bool:
    """Whether a home option goes to a commune."""
    return session.get(DeliveryCommune, (option_id, insee)) is not None


def _slots(session: Session, asked: Select[*tuple[Any, ...]], **given: int) -> list[SlotCard]:
    rows = session.execute(asked, given)
    found = []
    options_seen: dict[int, OptionCard] = {}
    for row in rows:
        values = tuple(row)
        slot_part = values[: len(SLOT_COLUMNS)]
        option_part = values[len(SLOT_COLUMNS) : len(SLOT_COLUMNS) + len(OPTION_COLUMNS)]
        pickup_part = values[len(SLOT_COLUMNS) + len(OPTION_COLUMNS) :]
        option = options_seen.setdefault(option_part[0], _option(option_part))
        pickup = None if pickup_part[0] is None else PickupCard(*pickup_part)
        slot_id, cycle_id, *times = slot_part
        found.append(SlotCard(slot_id, cycle_id, option, pickup, *times))
    return found


def spot_ways_of_slot(session: Session, slot_id: int) -> tuple[SpotWay, ...]:
    """How one may pay on the spot in a slot, even when its option was retired since."""
    ways = session.scalar(
        select(DeliveryOption.spot_ways)
        .join(DeliverySlot, DeliverySlot.option_id == DeliveryOption.id)
        .where(DeliverySlot.id == slot_id)
    )
    return tuple(way for way in SpotWay if way in (ways or ()))


def _option(values: tuple[Any, ...]) -> OptionCard:
    ways = tuple(way for way in SpotWay if way in values[-1])
    return replace(OptionCard(*values), spot_ways=ways)
