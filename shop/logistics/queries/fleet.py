"""Hubs and vehicles of a market."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Text, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session

from shop.logistics.domain.desk.what_if import Elsewhere
from shop.logistics.models import EmissionFactor, Hub, Vehicle


@dataclass(frozen=True, slots=True)
class HubCard:
    """Where rounds begin."""

    id: int
    name: str
    address: str
    postcode: str
    commune: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class VehicleCard:
    """A vehicle, its day and what it burns."""

    id: int
    name: str
    plate: str
    kind: str
    fuel: str
    litres_per_1000_km: int
    shift_s: int
    max_overtime_s: int
    cycle_id: int | None
    """Hired for that sale only."""


@dataclass(frozen=True, slots=True)
class FactorCard:
    """What a liter of fuel sets free, and who says so."""

    fuel: str
    grams_per_litre: int
    source: str


def vehicles(session: Session, market_id: int, cycle_id: int) -> list[VehicleCard]:
    """The vehicles that can drive for a sale."""
    rows = session.execute(
        select(
            Vehicle.id,
            Vehicle.name,
            Vehicle.plate,
            Vehicle.kind,
            Vehicle.fuel,
            Vehicle.litres_per_1000_km,
            Vehicle.shift_s,
            Vehicle.max_overtime_s,
            Vehicle.cycle_id,
        )
        .where(Vehicle.market_id == market_id, Vehicle.retired_at.is_(None))
        .where(or_(Vehicle.cycle_id.is_(None), Vehicle.cycle_id == cycle_id))
        .order_by(Vehicle.kind, Vehicle.id)
    )
    return [VehicleCard(*row) for row in rows]


def plates_taken(session: Session, plates: Collection[str]) -> set[str]:
    """Of these plates those that a vehicle has, of whatever market."""
    return set(session.scalars(select(Vehicle.plate).where(Vehicle.plate.in_(plates))))


def factors(session: Session, on: date) -> list[FactorCard]:
    """The emission factors that hold on a day."""
    rows = session.execute(
        select(EmissionFactor.fuel, EmissionFactor.grams_per_litre, EmissionFactor.source)
        .where(EmissionFactor.valid_from <= on)
        .where(or_(EmissionFactor.valid_until.is_(None), EmissionFactor.valid_until > on))
        .order_by(EmissionFactor.fuel, EmissionFactor.valid_from)
    )
    return [FactorCard(*row) for row in rows]


def grams_per_litre(session: Session, on: date) -> dict[str, int]:
    """Grams of CO2 equivalent per liter of each fuel on a day."""
    return {each.fuel: each.grams_per_litre for each in factors(session, on)}


def hub(session: Session, market_id: int, hub_id: int | None = None) -> HubCard | None:
    """The hub of a market, or another of its places by key; None when it has none."""
    row = session.execute(
        select(Hub.id, Hub.name, Hub.address, Hub.postcode, Hub.commune, Hub.lon, Hub.lat)
        .where(Hub.market_id == market_id)
        .where(Hub.cycle_id.is_(None) if hub_id is None else Hub.id == hub_id)
        .order_by(Hub.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else HubCard(*row)


def hubs(
    session: Session, market_id: int, hub_ids: Collection[int | None]
) -> dict[int | None, HubCard | None]:
    """Where rounds begin, by the key that each round carries."""
    return {key: hub(session, market_id, key) for key in set(hub_ids)}


@dataclass(frozen=True, slots=True)
class Begins:
    """Where rounds begin and when, whether it is written down or only thought of."""

    name: str
    lon: float
    lat: float
    opens_s: int
    closes_s: int
    service_s: int


def begins(session: Session, market_id: int, other: int | Elsewhere | None) -> Begins | None:
    """The hub of a market, or the place meant instead of it; None when it has none."""
    key = other if isinstance(other, int) else None
    row = session.execute(
        select(Hub.name, Hub.lon, Hub.lat, Hub.opens_s, Hub.closes_s, Hub.service_s)
        .where(Hub.market_id == market_id)
        .where(Hub.cycle_id.is_(None) if key is None else Hub.id == key)
        .order_by(Hub.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    found = Begins(*row)
    if isinstance(other, Elsewhere):
        return replace(found, name=other.name, lon=other.lon, lat=other.lat)
    return found


def stamp(session: Session) -> str:
    """A short text that changes with any vehicle or hub."""
    found: str | None = session.scalar(
        select(
            func.md5(
                func.coalesce(
                    select(func.string_agg(cast(literal_column("vehicles"), Text), "|"))
                    .select_from(Vehicle)
                    .scalar_subquery(),
                    "",
                )
                + func.coalesce(
                    select(func.string_agg(cast(literal_column("hubs"), Text), "|"))
                    .select_from(Hub)
                    .scalar_subquery(),
                    "",
                )
            )
        )
    )
    return found or ""
