"""Who sells to the customers of a market, in law."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime
from shop.infra.column_types import text_enum
from shop.infra.db import Base


class SellingTerms(Base):
    """The model by which a market sells; a market without a row lets each producer sell."""

    __tablename__ = "selling_terms"
    __table_args__ = (
        CheckConstraint(
            "(lead_producer_id IS NOT NULL) = (model = 'farm_resale')", name="lead_producer"
        ),
    )

    market_id: Mapped[int] = mapped_column(ForeignKey("markets.id"), primary_key=True)
    model: Mapped[SalesModel] = mapped_column(text_enum(SalesModel))
    tax_regime: Mapped[TaxRegime] = mapped_column(text_enum(TaxRegime))
    """Of the market itself: on what it resells, and on deliveries it bills."""
    lead_producer_id: Mapped[int | None] = mapped_column(ForeignKey("producers.id"))
    """The farm that resells what others grow."""
