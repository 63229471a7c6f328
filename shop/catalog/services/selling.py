"""Say by which model a market sells, and how a farm stands towards the tax office."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.catalog.domain.selling import SalesModel
from shop.catalog.domain.terms import TaxRegime
from shop.catalog.models import MarketProducer, Producer, SellingTerms


def set_terms(
    session: Session,
    market_id: int,
    model: SalesModel,
    tax_regime: TaxRegime,
    lead_producer_id: int | None = None,
) -> None:
    """How a market sells from now on; orders placed before keep what they were sold by."""
    lead = lead_producer_id if model is SalesModel.FARM_RESALE else None
    values = {"model": model, "tax_regime": tax_regime, "lead_producer_id": lead}
    session.execute(
        insert(SellingTerms)
        .values(market_id=market_id, **values)
        .on_conflict_do_update(index_elements=["market_id"], set_=values)
    )


def set_tax_identity(
    session: Session, producer_id: int, *, siret: str, tax_regime: TaxRegime
) -> None:
    """Note a farm's number and regime; orders placed before keep their rates."""
    session.execute(
        update(Producer)
        .where(Producer.id == producer_id)
        .values(siret=siret, tax_regime=tax_regime)
        .execution_options(synchronize_session=False)
    )


def set_members(session: Session, market_id: int, producer_ids: Collection[int]) -> None:
    """Which farms of a market are members of its producers' shop: these, and no others."""
    session.execute(
        update(MarketProducer)
        .where(MarketProducer.market_id == market_id)
        .values(is_member=MarketProducer.producer_id.in_(list(producer_ids)))
        .execution_options(synchronize_session=False)
    )
