"""The ways in which an order can come to a person, as the page shows them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shop.catalog.domain.terms import OptionKind
from shop.catalog.queries.delivery import PickupCard, SlotCard
from shop.infra.places.communes import Commune
from shop.kernel.money import Money
from shop.orders.domain.pricing import delivery_fee, missing_for
from shop.orders.ports.delivering import SlotAdvice

EARTH_M = 6_371_000

Service = Callable[[OptionKind, str | None], Money]
"""What is paid on top of a delivery of that kind in that commune."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One slot of a way: when, and why it cannot be chosen if so."""

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    is_full: bool
    is_late: bool
    passes_by: bool = False
    """A truck comes by at that hour anyway."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get the goods: what it costs, what is missing for it, its hours."""

    kind: OptionKind
    name: str
    description: str
    fee: Money
    service: Money
    """What is paid on top of it for other work, in that zone."""
    minimum: Money
    missing: Money
    free_from: Money | None
    pickup: PickupCard | None
    away_m: int | None
    """As the crow flies from the commune; None: unknown."""
    hours: tuple[Hour, ...]

    @property
    def is_open(self) -> bool:
        """Whether one of its hours can be chosen."""
        return any(not hour.is_full and not hour.is_late for hour in self.hours)


@dataclass(frozen=True, slots=True)
class Choice:
    """Everything the page of the delivery shows."""

    asked: str
    commune: Commune | None
    found: tuple[Commune, ...]
    """Communes that match, when there are several."""
    chosen: int | None
    homes: tuple[Way, ...]
    drives: tuple[Way, ...]
    relays: tuple[Way, ...]

    @property
    def is_far(self) -> bool:
        """Whether the commune is known and no home delivery goes there."""
        return self.commune is not None and not self.homes


def choice(
    slots: Sequence[SlotCard],
    *,
    service: Service,
    commune: Commune | None,
    found: tuple[Commune, ...],
    served: set[int],
    goods: Money,
    chosen: int | None,
    asked: str,
    language: str,
    now: datetime,
    advice: Mapping[int, SlotAdvice] | None = None,
) -> Choice:
    """The ways that serve a place: near ones first when the commune is known.

    ``advice`` is what the trucks say: full hours close by themselves, cheap ones come first.
    """
    grouped: dict[tuple[int, int | None], list[SlotCard]] = {}
    for slot in slots:
        if slot.pickup is None and slot.option.id not in served:
            continue
        grouped.setdefault((slot.option.id, slot.pickup.id if slot.pickup else None), []).append(
            slot
        )
    advice = advice or {}
    ways = [
        _way(group, commune, goods, service, language, now, advice) for group in grouped.values()
    ]
    ways.sort(key=lambda way: way.away_m or 0)
    return Choice(
        asked=asked,
        commune=commune,
        found=found,
        chosen=chosen,
        homes=tuple(way for way in ways if way.kind is OptionKind.HOME),
        drives=tuple(way for way in ways if way.kind is OptionKind.DRIVE),
        relays=tuple(way for way in ways if way.kind is OptionKind.RELAY),
    )


def _way(
    group: list[SlotCard],
    commune: Commune | None,
    goods: Money,
    service: Service,
    language: str,
    now: datetime,
    advice: Mapping[int, SlotAdvice],
) -> Way:
    option, pickup = group[0].option, group[0].pickup
    free_from = None if option.free_from_cents is None else Money(option.free_from_cents)
    where = pickup.commune_insee if pickup else (commune.insee if commune else None)
    away = None
    if pickup is not None and commune is not None:
        away = _away_m((commune.lon, commune.lat), (pickup.lon, pickup.lat))
    return Way(
        kind=option.kind,
        name=option.text("name", language),
        description=option.text("description", language),
        fee=delivery_fee(goods, Money(option.fee_cents), free_from),
        service=service(option.kind, where),
        minimum=Money(option.minimum_cents),
        missing=missing_for(goods, Money(option.minimum_cents)),
        free_from=free_from,
        pickup=pickup,
        away_m=away,
        hours=_hours(group, now, advice),
    )


def _hours(
    group: list[SlotCard], now: datetime, advice: Mapping[int, SlotAdvice]
) -> tuple[Hour, ...]:
    """Hours a truck comes by anyway first, then by the clock."""
    hours = [
        Hour(
            slot.id,
            slot.starts_at,
            slot.ends_at,
            slot.left <= 0 or (slot.id in advice and not advice[slot.id].fits),
            now >= slot.cutoff_at,
            slot.pickup is None and slot.id in advice and advice[slot.id].passes_by,
        )
        for slot in group
    ]
    return tuple(sorted(hours, key=lambda hour: (not hour.passes_by, hour.starts_at)))


def _away_m(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Meters between two points (lon, lat), good enough to sort by."""
    east = math.radians(other[0] - one[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    north = math.radians(other[1] - one[1])
    return round(EARTH_M * math.hypot(east, north))
