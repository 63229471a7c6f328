"""By which model a market sells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.models import MarketProducer, Producer, SellingTerms


@dataclass(frozen=True, slots=True)
class Selling:
    """The model of a market, and who sells when not each producer."""

    model: SalesModel = SalesModel.MARKETPLACE
    tax_regime: TaxRegime = TaxRegime.NORMAL
    """Of the market itself."""
    lead_producer_id: int | None = None

    def regime_of(self, own: TaxRegime, regimes: Mapping[int, TaxRegime]) -> TaxRegime:
        """Regime under which goods of a producer of regime ``own`` are sold to the customer."""
        if self.model is SalesModel.HUB_RESALE:
            return self.tax_regime
        if self.model is SalesModel.FARM_RESALE and self.lead_producer_id is not None:
            return regimes[self.lead_producer_id]
        return own


def terms_of(session: Session, market_id: int) -> Selling:
    """How a market sells; each producer does when nobody said otherwise."""
    row = session.execute(
        select(SellingTerms.model, SellingTerms.tax_regime, SellingTerms.lead_producer_id).where(
            SellingTerms.market_id == market_id
        )
    ).one_or_none()
    return Selling() if row is None else Selling(*row)


def regimes(session: Session, producer_ids: list[int]) -> dict[int, TaxRegime]:
    """How some producers stand towards value added tax."""
    if not producer_ids:
        return {}
    rows = session.execute(
        select(Producer.id, Producer.tax_regime).where(Producer.id.in_(producer_ids))
    )
    return {row.id: row.tax_regime for row in rows}


def members(session: Session, market_id: int) -> set[int]:
    """Farms that are members of a market's producers' shop."""
    rows = session.scalars(
        select(MarketProducer.producer_id).where(
            MarketProducer.market_id == market_id, MarketProducer.is_member
        )
    )
    return set(rows)
