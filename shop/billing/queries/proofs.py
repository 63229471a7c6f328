"""What statements and payouts must prove against the ledger."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from shop.billing.models import Payout, Settlement
from shop.orders.queries.accounts import LedgerProof

_PAYOUTS_WRONG = """
SELECT p.reference FROM payouts p
LEFT JOIN ledger_entries e
  ON e.key IN ('payout:' || p.id, 'payout_refused:' || p.id)
LEFT JOIN ledger_postings l ON l.entry_id = e.id
LEFT JOIN ledger_accounts a ON a.id = l.account_id
GROUP BY p.id
HAVING coalesce(sum(l.amount_cents) FILTER (
         WHERE a.kind = 'producer' AND a.owner_id = p.producer_id), 0)
       <> CASE p.state WHEN 'refused' THEN 0 ELSE p.amount_cents END
ORDER BY p.id
"""
"""Payouts that the producer's account does not show, or not as much."""

_STATEMENTS_WRONG = """
SELECT s.number FROM settlements s
JOIN settlement_postings sp ON sp.settlement_id = s.id
JOIN ledger_postings l ON l.id = sp.posting_id
GROUP BY s.id
HAVING -sum(l.amount_cents) <> s.closing_cents - s.opening_cents
ORDER BY s.id
"""
"""Statements whose sums are not those of their postings."""

_PAID_WRONG = """
WITH settled AS (
    SELECT s.market_id, s.producer_id, -sum(l.amount_cents) AS cents
    FROM settlements s JOIN settlement_postings sp ON sp.settlement_id = s.id
    JOIN ledger_postings l ON l.id = sp.posting_id
    JOIN ledger_entries e ON e.id = l.entry_id AND e.kind = 'sale'
    GROUP BY 1, 2
), paid AS (
    SELECT market_id, producer_id, sum(amount_cents) AS cents
    FROM payouts WHERE state <> 'refused' GROUP BY 1, 2
)
SELECT paid.producer_id FROM paid LEFT JOIN settled USING (market_id, producer_id)
WHERE paid.cents > coalesce(settled.cents, 0) ORDER BY 1
"""
"""Producers who were paid more than what was delivered and settled."""


def prove(session: Session) -> list[LedgerProof]:
    """Each proof in one question."""
    payouts, statements = session.execute(
        select(
            select(func.count()).select_from(Payout).scalar_subquery(),
            select(func.count()).select_from(Settlement).scalar_subquery(),
        )
    ).one()
    return [
        _proof(session, "payouts_are_entered", payouts, _PAYOUTS_WRONG),
        _proof(session, "statements_are_the_ledger", statements, _STATEMENTS_WRONG),
        _proof(session, "nobody_is_paid_above_the_delivered", payouts, _PAID_WRONG),
    ]


def _proof(session: Session, name: str, checked: int, question: str) -> LedgerProof:
    wrong = tuple(str(found) for found in session.scalars(text(question)))
    return LedgerProof(name, checked, wrong)
