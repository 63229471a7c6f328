"""Rates of value added tax in force on a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TaxClass
from shop.catalog.models import TaxRate


def rates_on(session: Session, day: date, territory: str = "FR") -> dict[TaxClass, int]:
    """Rate of each kind of goods in ``territory`` on ``day``, in hundredths of a percent."""
    rows = session.execute(
        select(TaxRate.tax_class, TaxRate.rate_bp)
        .where(TaxRate.territory == territory, TaxRate.valid_from <= day)
        .where(or_(TaxRate.valid_to.is_(None), TaxRate.valid_to > day))
    )
    return {row.tax_class: row.rate_bp for row in rows}
