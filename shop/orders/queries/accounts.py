"""Balances and proofs: every amount that is shown is a question to the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, text
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.tenders import PURSES
from shop.orders.domain.terms import AccountKind
from shop.orders.models import (
    Dispute,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    Payment,
    Refund,
)
from shop.orders.queries import payment_proofs

_SHARES_WRONG = """
WITH goods AS (
    SELECT l.order_id, l.producer_id, sum(coalesce(l.billed_cents, 0)) AS cents
    FROM order_lines l JOIN ledger_entries e ON e.order_id = l.order_id AND e.kind = 'sale'
    GROUP BY 1, 2
), kept AS (
    SELECT e.order_id, (s.value ->> 'producer_id')::bigint AS producer_id,
           sum((SELECT coalesce(sum(f.value::int), 0)
                FROM jsonb_each_text(s.value -> 'fees_cents') f)) AS cents
    FROM ledger_entries e CROSS JOIN jsonb_array_elements(e.facts -> 'shares') s
    WHERE e.kind = 'sale' GROUP BY 1, 2
), owed AS (
    SELECT e.order_id, a.owner_id AS producer_id, -sum(p.amount_cents) AS cents
    FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id
    JOIN ledger_accounts a ON a.id = p.account_id AND a.kind = 'producer'
    WHERE e.kind = 'sale' GROUP BY 1, 2
)
SELECT o.number, coalesce(goods.producer_id, owed.producer_id) AS producer_id
FROM goods LEFT JOIN kept USING (order_id, producer_id)
FULL JOIN owed USING (order_id, producer_id)
JOIN orders o ON o.id = coalesce(goods.order_id, owed.order_id)
WHERE coalesce(goods.cents, 0) - coalesce(kept.cents, 0) <> coalesce(owed.cents, 0)
ORDER BY o.id, 2
"""
"""Sales in which a producer is not owed the delivered lines less the fees that were kept."""

_TAKEN_WRONG = """
SELECT o.number FROM orders o
JOIN ledger_accounts a ON a.kind = 'customer' AND a.owner_id = o.id
JOIN ledger_postings p ON p.account_id = a.id
JOIN ledger_entries e ON e.id = p.entry_id
WHERE o.state = 'settled'
GROUP BY o.id
HAVING sum(p.amount_cents) FILTER (WHERE e.kind = 'sale')
       <> -sum(p.amount_cents) FILTER (WHERE e.kind <> 'sale')
ORDER BY o.id
"""
"""Settled orders whose captures and credits are not their sale."""


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """One thing the ledger must prove; ``wrong`` names the records that do not fit."""

    name: str
    checked: int
    wrong: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


def balance(session: Session, kind: AccountKind, owner_id: int | None = None) -> Money:
    """Sum of the postings of an account; zero when it was never opened."""
    cents = session.scalar(
        select(func.coalesce(func.sum(LedgerPosting.amount_cents), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == kind, LedgerAccount.owner_id.is_not_distinct_from(owner_id))
    )
    return Money(int(cents or 0))


def balances(session: Session, kind: AccountKind) -> dict[int | None, Money]:
    """Balance of every account of a kind by owner."""
    rows = session.execute(
        select(LedgerAccount.owner_id, func.sum(LedgerPosting.amount_cents))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .where(LedgerAccount.kind == kind)
        .group_by(LedgerAccount.owner_id)
    )
    return {owner_id: Money(int(cents)) for owner_id, cents in rows}


def prove(session: Session) -> list[LedgerProof]:
    """Every proof of the ledger, each in one question whatever the number of orders."""
    records = _records(session)
    return [
        LedgerProof("entries_add_up", records.entries, _entries_add_up(session)),
        LedgerProof("captures_are_entered", records.payments, _captures_are_entered(session)),
        LedgerProof("nothing_above_the_ceiling", records.taken, _above_the_ceiling(session)),
        LedgerProof("totals_are_their_lines", records.sales, _totals_are_their_lines(session)),
        LedgerProof("producers_are_owed_their_lines", records.sales, _wrong_shares(session)),
        LedgerProof("taken_is_delivered_and_fees", records.settled, _wrongly_taken(session)),
        LedgerProof("settled_customers_owe_nothing", records.settled, _settled_and_owed(session)),
        LedgerProof("refunds_are_entered", records.refunds, payment_proofs.wrong_refunds(session)),
        LedgerProof(
            "refunds_within_the_sale",
            records.refunded,
            payment_proofs.refunds_above_the_sale(session),
        ),
        LedgerProof(
            "disputes_are_entered", records.disputes, payment_proofs.wrong_disputes(session)
        ),
        _purses_are_not_overdrawn(session),
        _direct_contracts_stay_apart(session),
    ]


def _records(session: Session) -> Row[int, int, int, int, int, int, int, int]:
    """How many records the proofs look at, in one question."""

    def count(model: type[Any], *conditions: ColumnElement[bool]) -> Any:
        return select(func.count()).select_from(model).where(*conditions).scalar_subquery()

    return session.execute(
        select(
            count(LedgerEntry).label("entries"),
            count(Payment).label("payments"),
            count(Payment, Payment.captured_cents > 0).label("taken"),
            count(LedgerEntry, LedgerEntry.kind == "sale").label("sales"),
            count(Order, Order.state == "settled").label("settled"),
            count(Refund, Refund.state == "done").label("refunds"),
            select(func.count(Refund.order_id.distinct()))
            .where(Refund.state != "refused")
            .scalar_subquery()
            .label("refunded"),
            count(Dispute).label("disputes"),
        )
    ).one()


def _entries_add_up(session: Session) -> tuple[str, ...]:
    total = func.sum(LedgerPosting.amount_cents)
    wrong = session.execute(
        select(LedgerEntry.key)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .group_by(LedgerEntry.id)
        .having(total != 0)
    )
    return tuple(row.key for row in wrong)


def _captures_are_entered(session: Session) -> tuple[str, ...]:
    """The provider holds, payment by payment, what was captured."""
    held = (
        select(
            LedgerEntry.payment_id.label("payment_id"),
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == AccountKind.PROVIDER, LedgerEntry.kind == "capture")
        .group_by(LedgerEntry.payment_id)
        .subquery()
    )
    rows = session.execute(
        select(Payment.id)
        .outerjoin(held, held.c.payment_id == Payment.id)
        .where(func.coalesce(held.c.cents, 0) != Payment.captured_cents)
        .order_by(Payment.id)
    )
    return tuple(f"payment {row.id}" for row in rows)


def _above_the_ceiling(session: Session) -> tuple[str, ...]:
    rows = session.execute(
        select(Order.number)
        .join(Payment, Payment.order_id == Order.id)
        .where(
            (Payment.captured_cents > Order.ceiling_cents + Order.donation_cents)
            | (Payment.captured_cents > Payment.ceiling_cents)
        )
        .order_by(Order.id)
    )
    return tuple(r.number for r in rows)


def _totals_are_their_lines(session: Session) -> tuple[str, ...]:
    """A sale's customer side is the final amount of its order."""
    owed = (
        select(
            LedgerEntry.order_id.label("order_id"),
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .where(LedgerAccount.kind == AccountKind.CUSTOMER, LedgerEntry.kind == "sale")
        .group_by(LedgerEntry.order_id)
        .subquery()
    )
    rows = session.execute(
        select(Order.number)
        .join(owed, owed.c.order_id == Order.id)
        .where(func.coalesce(Order.final_cents, 0) != owed.c.cents)
        .order_by(Order.id)
    )
    return tuple(row.number for row in rows)


def _wrong_shares(session: Session) -> tuple[str, ...]:
    """In each sale a producer gets the goods of the delivered lines less the fees kept of them."""
    rows = session.execute(text(_SHARES_WRONG))
    return tuple(f"{row.number} producer {row.producer_id}" for row in rows)


def _wrongly_taken(session: Session) -> tuple[str, ...]:
    """What settled customers paid is goods delivered, deposits and fees of their sale."""
    rows = session.execute(text(_TAKEN_WRONG))
    return tuple(row.number for row in rows)


def _settled_and_owed(session: Session) -> tuple[str, ...]:
    total = func.coalesce(func.sum(LedgerPosting.amount_cents), 0)
    rows = session.execute(
        select(Order.number)
        .join(
            LedgerAccount,
            (LedgerAccount.kind == AccountKind.CUSTOMER) & (LedgerAccount.owner_id == Order.id),
        )
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .where(Order.state == "settled")
        .group_by(Order.id)
        .having(total != 0)
    )
    return tuple(r.number for r in rows)


def _purses_are_not_overdrawn(session: Session) -> LedgerProof:
    """Credit, vouchers and solidarity funds never gave more than was put in, in any market."""
    total = func.sum(LedgerPosting.amount_cents)
    rows = session.execute(
        select(LedgerAccount.kind, LedgerAccount.owner_id, total.label("cents"))
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerAccount.kind.in_(PURSES))
        .group_by(LedgerAccount.id, LedgerEntry.market_id)
        .order_by(LedgerAccount.id)
    ).all()
    wrong = tuple(f"{row.kind.value} {row.owner_id}" for row in rows if row.cents > 0)
    return LedgerProof("purses_are_not_overdrawn", len(rows), wrong)


def _direct_contracts_stay_apart(session: Session) -> LedgerProof:
    """What members pay farms directly never meets money that we hold."""
    direct = LedgerAccount.kind.in_((AccountKind.DIRECT_DUE, AccountKind.DIRECT_PROMISED))
    rows = session.execute(
        select(LedgerEntry.key, func.bool_and(direct).label("apart"))
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .group_by(LedgerEntry.id)
        .having(func.bool_or(direct))
        .order_by(LedgerEntry.id)
    ).all()
    wrong = tuple(row.key for row in rows if not row.apart)
    return LedgerProof("direct_contracts_stay_apart", len(rows), wrong)
