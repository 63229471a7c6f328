"""Producers as other rooms and pages see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TaxRegime
from shop.catalog.errors import ProducerUnknown
from shop.catalog.models import MarketProducer, Producer


@dataclass(frozen=True, slots=True)
class ProducerCard:
    """A producer: who, where, and when the truck may come."""

    id: int
    slug: str
    name: str
    contact_name: str
    email: str
    phone: str
    language: str
    address: str
    postcode: str
    commune: str
    commune_insee: str
    lon: float
    lat: float
    texts: dict[str, Any]
    grows: str
    labels: list[str]
    certificate: str | None
    picture: str
    siret: str
    tax_regime: TaxRegime
    collect_from_s: int
    collect_until_s: int

    def text(self, name: str, language: str) -> str:
        """One of the producer's texts; in French when it is not written in ``language``."""
        words: dict[str, str] = self.texts.get(name, {})
        return words.get(language) or words.get("fr", "")


COLUMNS = (
    Producer.id,
    Producer.slug,
    Producer.name,
    Producer.contact_name,
    Producer.email,
    Producer.phone,
    Producer.language,
    Producer.address,
    Producer.postcode,
    Producer.commune,
    Producer.commune_insee,
    Producer.lon,
    Producer.lat,
    Producer.texts,
    Producer.grows,
    Producer.labels,
    Producer.certificate,
    Producer.picture,
    Producer.siret,
    Producer.tax_regime,
    Producer.collect_from_s,
    Producer.collect_until_s,
)
"""In the order of ``ProducerCard``."""


def by_id(session: Session, producer_id: int) -> ProducerCard:
    """The producer with that key.

    Raises:
        ProducerUnknown: there is none.
    """
    found = by_ids(session, [producer_id])
    if producer_id not in found:
        raise ProducerUnknown(producer_id=producer_id)
    return found[producer_id]


def by_ids(session: Session, producer_ids: Iterable[int]) -> dict[int, ProducerCard]:
    """Producers by key; unknown keys are left out."""
    rows = session.execute(select(*COLUMNS).where(Producer.id.in_(list(producer_ids))))
    return {row.id: ProducerCard(*tuple(row)) for row in rows}


def by_slug(session: Session, market_id: int, slug: str) -> ProducerCard:
    """A producer of a market by address.

    Raises:
        ProducerUnknown: the market has no such producer.
    """
    row = session.execute(
        select(*COLUMNS)
        .join(MarketProducer, MarketProducer.producer_id == Producer.id)
        .where(MarketProducer.market_id == market_id, Producer.slug == slug)
    ).one_or_none()
    if row is None:
        raise ProducerUnknown(slug=slug)
    return ProducerCard(*tuple(row))


def of_market(session: Session, market_id: int) -> list[ProducerCard]:
    """Every producer of a market, by name."""
    rows = session.execute(
        select(*COLUMNS)
        .join(MarketProducer, MarketProducer.producer_id == Producer.id)
        .where(MarketProducer.market_id == market_id)
        .order_by(Producer.sort_key, Producer.id)
    )
    return [ProducerCard(*tuple(row)) for row in rows]
