"""A producer: exists once, offers in one market or several."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Integer
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.terms import TaxRegime
from shop.infra.column_types import text_enum
from shop.infra.db import Row


class Producer(Row):
    """A farm or a workshop that sells."""

    __tablename__ = "producers"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    """The name folded: the database has no French collation."""
    contact_name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="fr")
    """Of the letters the shop writes to them: ``fr`` or ``en``."""
    address: Mapped[str]
    postcode: Mapped[str]
    commune: Mapped[str]
    commune_insee: Mapped[str]
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    texts: Mapped[dict[str, Any]]
    """``story`` by language."""
    grows: Mapped[str]
    """In a few words, what comes from there."""
    labels: Mapped[list[str]]
    certificate: Mapped[str | None]
    """Code of the body that certifies the organic claim, such as FR-BIO-01."""
    picture: Mapped[str]
    siret: Mapped[str]
    tax_regime: Mapped[TaxRegime] = mapped_column(text_enum(TaxRegime))
    collect_from_s: Mapped[int] = mapped_column(Integer)
    """Collection at the farm from that second after midnight, market time."""
    collect_until_s: Mapped[int] = mapped_column(Integer)
