"""Payouts as the desk sees them: batches, and what is in each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.domain.payout import PayoutMethod
from shop.billing.models import Payout, PayoutBatch
from shop.kernel.money import Money


@dataclass(frozen=True, slots=True)
class PayoutCard:
    """What one producer is paid."""

    id: int
    producer_id: int
    state: str
    amount: Money
    reversed: Money
    reference: str
    error: str | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchCard:
    """All that was paid by one press of a button."""

    id: int
    method: PayoutMethod
    message_id: str
    total: Money
    execute_on: date
    made_at: datetime
    payouts: tuple[PayoutCard, ...]

    @property
    def open(self) -> tuple[PayoutCard, ...]:
        """What has not arrived."""
        return tuple(each for each in self.payouts if each.state in {"noted", "sent"})


def batches(session: Session, market_id: int, limit: int = 20) -> list[BatchCard]:
    """The latest batches of a market, the newest first."""
    rows = session.scalars(
        select(PayoutBatch)
        .where(PayoutBatch.market_id == market_id)
        .order_by(PayoutBatch.id.desc())
        .limit(limit)
    ).all()
    parts: dict[int, list[PayoutCard]] = {row.id: [] for row in rows}
    for payout in session.scalars(
        select(Payout).where(Payout.batch_id.in_(parts)).order_by(Payout.id)
    ):
        parts[payout.batch_id].append(
            PayoutCard(
                payout.id,
                payout.producer_id,
                payout.state,
                Money(payout.amount_cents),
                Money(payout.reversed_cents),
                payout.reference,
                payout.error,
                payout.paid_at,
            )
        )
    return [
        BatchCard(
            row.id,
            row.method,
            row.message_id,
            Money(row.total_cents),
            row.execute_on,
            row.made_at,
            tuple(parts[row.id]),
        )
        for row in rows
    ]
