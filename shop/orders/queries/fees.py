"""Fee rules of a market: those in force on a day, and every one that ever was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import OptionKind
from shop.kernel.money import Money
from shop.orders.domain.fees import Fee, FeeRuleTerms
from shop.orders.domain.terms import Bearer
from shop.orders.models import FeeRule

COLUMNS = (
    FeeRule.id,
    FeeRule.kind,
    FeeRule.bearer,
    FeeRule.percent_bp,
    FeeRule.per_order_cents,
    FeeRule.per_crate_cents,
    FeeRule.tax_rate_bp,
    FeeRule.option_kind,
    FeeRule.commune_insee,
    FeeRule.valid_from,
    FeeRule.valid_to,
    FeeRule.note,
)


@dataclass(frozen=True, slots=True)
class FeeRuleCard:
    """A dated rule as the desk sees it."""

    id: int
    fee: Fee
    bearer: Bearer
    option_kind: OptionKind | None
    commune_insee: str | None
    valid_from: date
    valid_to: date | None
    note: str | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def terms(self) -> FeeRuleTerms:
        """The rule without its dates."""
        return FeeRuleTerms(self.fee, self.bearer, self.option_kind, self.commune_insee)


def rules_on(session: Session, market_id: int, day: date) -> list[FeeRuleTerms]:
    """Rules of a market in force on a day, in one question."""
    rows = session.execute(
        select(*COLUMNS)
        .where(FeeRule.market_id == market_id, FeeRule.valid_from <= day)
        .where(FeeRule.valid_to.is_(None) | (FeeRule.valid_to > day))
        .order_by(FeeRule.kind, FeeRule.id)
    )
    return [_card(tuple(row)).terms for row in rows]


def all_rules(session: Session, market_id: int) -> list[FeeRuleCard]:
    """Every rule of a market by kind, the latest first."""
    rows = session.execute(
        select(*COLUMNS)
        .where(FeeRule.market_id == market_id)
        .order_by(FeeRule.kind, FeeRule.valid_from.desc(), FeeRule.id)
    )
    return [_card(tuple(row)) for row in rows]


def _card(row: tuple[object, ...]) -> FeeRuleCard:
    (key, kind, bearer, percent_bp, order_cents, crate_cents, tax_bp, *rest) = row
    fee = Fee(kind, percent_bp, Money(order_cents), Money(crate_cents), tax_bp)  # type: ignore[arg-type]
    return FeeRuleCard(key, fee, bearer, *rest)  # type: ignore[arg-type]
