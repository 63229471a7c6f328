"""Statements as their producer and the desk see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.billing.domain.statement import StatementContent, Totals, from_json
from shop.billing.errors import SettlementUnknown
from shop.billing.models import Settlement
from shop.catalog.queries import cycles
from shop.catalog.queries.cycles import CycleCard
from shop.kernel.money import Money
from shop.orders.queries import order_page


@dataclass(frozen=True, slots=True)
class SettlementCard:
    """A statement in one line."""

    id: int
    number: str
    market_id: int
    cycle_id: int
    producer_id: int
    settled_at: datetime
    totals: Totals
    digest: str

    @property
    def closing(self) -> Money:
        """What was owed at its end."""
        return self.totals.closing


@dataclass(frozen=True, slots=True)
class SettlementPage:
    """A statement with all its lines."""

    card: SettlementCard
    cycle: CycleCard
    content: StatementContent


@dataclass(frozen=True, slots=True)
class CycleSettled:
    """The statements of a cycle together."""

    statements: int
    goods: Money
    fees: Money
    settled_at: datetime


COLUMNS = (
    Settlement.id,
    Settlement.number,
    Settlement.market_id,
    Settlement.cycle_id,
    Settlement.producer_id,
    Settlement.settled_at,
    Settlement.opening_cents,
    Settlement.goods_cents,
    Settlement.fees_cents,
    Settlement.fee_tax_cents,
    Settlement.others_cents,
    Settlement.digest,
)


def _card(row: Any) -> SettlementCard:
    return SettlementCard(
        row.id,
        row.number,
        row.market_id,
        row.cycle_id,
        row.producer_id,
        row.settled_at,
        Totals(
            Money(row.opening_cents),
            Money(row.goods_cents),
            Money(row.fees_cents),
            Money(row.fee_tax_cents),
            Money(row.others_cents),
        ),
        row.digest,
    )


def by_id(session: Session, settlement_id: int) -> SettlementPage:
    """The statement with that key.

    Raises:
        SettlementUnknown: there is none.
    """
    row = session.execute(
        select(*COLUMNS, Settlement.content).where(Settlement.id == settlement_id)
    ).one_or_none()
    if row is None:
        raise SettlementUnknown(settlement_id=settlement_id)
    return SettlementPage(_card(row), cycles.by_id(session, row.cycle_id), from_json(row.content))


def of_producer(session: Session, producer_id: int) -> list[SettlementCard]:
    """Every statement of a producer, the latest first."""
    rows = session.execute(
        select(*COLUMNS).where(Settlement.producer_id == producer_id).order_by(Settlement.id.desc())
    )
    return [_card(row) for row in rows]


def of_cycle(session: Session, cycle_id: int) -> list[SettlementCard]:
    """Every statement of a cycle, by number."""
    rows = session.execute(
        select(*COLUMNS).where(Settlement.cycle_id == cycle_id).order_by(Settlement.rank)
    )
    return [_card(row) for row in rows]


def by_cycle(session: Session, market_id: int) -> dict[int, CycleSettled]:
    """What was settled of each cycle of a market."""
    rows = session.execute(
        select(
            Settlement.cycle_id,
            func.count(),
            func.sum(Settlement.goods_cents),
            func.sum(Settlement.fees_cents),
            func.max(Settlement.settled_at),
        )
        .where(Settlement.market_id == market_id)
        .group_by(Settlement.cycle_id)
    )
    return {
        cycle: CycleSettled(count, Money(int(goods)), Money(int(fees)), at)
        for cycle, count, goods, fees, at in rows
    }


def market_of_order(session: Session, order_id: int) -> int:
    """The market in which an order was placed."""
    return order_page.by_id(session, order_id).market_id
