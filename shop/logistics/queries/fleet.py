"""Hubs and vehicles of a market."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text, cast, func, literal_column, select
from sqlalchemy.orm import Session

from shop.logistics.models import Hub, Vehicle


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


def hub(session: Session, market_id: int) -> HubCard | None:
    """The hub of a market; None when it has none."""
    row = session.execute(
        select(Hub.id, Hub.name, Hub.address, Hub.postcode, Hub.commune, Hub.lon, Hub.lat)
        .where(Hub.market_id == market_id)
        .order_by(Hub.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else HubCard(*row)


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
