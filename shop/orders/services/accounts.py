"""Buying on account: who may, what is owed by when, and what was paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Subquery, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.kernel.folding import fold
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.tenders import RuleName, move_postings
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import AccountRefused, OrganisationUnknown, TooMuch
from shop.orders.models import (
    AccountAllocation,
    AccountClaim,
    AccountReceipt,
    Order,
    Organisation,
    OrganisationMember,
)
from shop.orders.queries import tenders
from shop.orders.services import ledger

MAIL_REMINDER = "mail.account_reminder"

RUNNING = ("awaiting_payment", "placed", "firm", "fulfilled")
"""Orders on account that are not yet a claim."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the desk writes about an organisation."""

    name: str
    siret: str
    email: str
    phone: str
    address: str
    postcode: str
    commune: str
    term_days: int
    limit_cents: int


def register(session: Session, market_id: int, terms: Terms) -> int:
    """A new organisation, or one with that SIRET with its terms renewed; its key."""
    values = {
        "market_id": market_id,
        "sort_key": fold(terms.name),
        "closed_at": None,
        **{name: getattr(terms, name) for name in Terms.__dataclass_fields__},
    }
    return session.scalars(
        insert(Organisation)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["market_id", "siret"],
            set_={name: value for name, value in values.items() if name != "siret"},
        )
        .returning(Organisation.id)
    ).one()


def join(session: Session, organisation_id: int, person_id: int) -> None:
    """Let somebody order for an organisation."""
    session.execute(
        insert(OrganisationMember)
        .values(organisation_id=organisation_id, person_id=person_id)
        .on_conflict_do_nothing()
    )


def admit(
    session: Session, organisation_id: int, person_id: int | None, market_id: int, due: Money
) -> None:
    """Let an order of ``due`` be placed on account; the organisation is locked meanwhile.

    Raises:
        AccountRefused: closed, of another market, not this person's, or above its limit.
    """
    row = session.get(Organisation, organisation_id, with_for_update=True)
    if row is None or row.market_id != market_id or row.closed_at is not None:
        raise AccountRefused(reason="closed")
    if person_id is None or session.get(OrganisationMember, (row.id, person_id)) is None:
        raise AccountRefused(reason="not_a_member")
    used = exposure(session, organisation_id)
    if used + due > Money(row.limit_cents):
        raise AccountRefused(reason="limit", left=max(0, row.limit_cents - used.cents))


def exposure(session: Session, organisation_id: int) -> Money:
    """What an organisation owes, and what its orders on their way can cost at most."""
    running = session.scalar(
        select(func.sum(func.coalesce(Order.final_cents, Order.ceiling_cents))).where(
            Order.organisation_id == organisation_id, Order.state.in_(RUNNING)
        )
    )
    return Money(int(running or 0)) + owed(session, organisation_id)


def owed(session: Session, organisation_id: int) -> Money:
    """What is still to be paid for delivered orders."""
    claimed = session.scalar(
        select(func.sum(AccountClaim.amount_cents)).where(
            AccountClaim.organisation_id == organisation_id
        )
    )
    paid = session.scalar(
        select(func.sum(AccountReceipt.amount_cents)).where(
            AccountReceipt.organisation_id == organisation_id
        )
    )
    return Money(int(claimed or 0) - int(paid or 0))


def claim(
    session: Session, organisation_id: int, order_id: int, market_id: int, amount: Money, day: date
) -> None:
    """An organisation owes ``amount`` for an order delivered on ``day``; noted once."""
    organisation = session.get_one(Organisation, organisation_id)
    if not ledger.enter(
        session,
        f"on_account:{order_id}",
        "on_account",
        move_postings(
            Account(AccountKind.RECEIVABLE, organisation_id),
            Account(AccountKind.CUSTOMER, order_id),
            amount,
        ),
        market_id=market_id,
        order_id=order_id,
    ):
        return
    session.add(
        AccountClaim(
            organisation_id=organisation_id,
            order_id=order_id,
            amount_cents=amount.cents,
            delivered_on=day,
            due_on=day + timedelta(days=organisation.term_days),
        )
    )
    session.flush()


def receive(
    session: Session,
    organisation_id: int,
    amount: Money,
    *,
    received_on: date,
    reference: str,
    key: str,
    by: int,
) -> bool:
    """Note a bank transfer; it pays what is due first. False when ``key`` was noted before.

    Raises:
        OrganisationUnknown: there is none.
        TooMuch: more than is owed.
    """
    organisation = session.get(Organisation, organisation_id, with_for_update=True)
    if organisation is None:
        raise OrganisationUnknown(organisation_id=organisation_id)
    if session.scalar(select(AccountReceipt.id).where(AccountReceipt.key == key)) is not None:
        return False
    due = owed(session, organisation_id)
    if amount <= Money.zero() or amount > due:
        raise TooMuch(field="amount", due=due.cents)
    receipt = AccountReceipt(
        key=key,
        organisation_id=organisation_id,
        amount_cents=amount.cents,
        received_on=received_on,
        reference=reference,
        by_person_id=by,
    )
    session.add(receipt)
    session.flush()
    ledger.enter(
        session,
        f"account_receipt:{receipt.id}",
        "account_receipt",
        move_postings(
            Account(AccountKind.BANK, organisation.market_id),
            Account(AccountKind.RECEIVABLE, organisation_id),
            amount,
        ),
        market_id=organisation.market_id,
        facts={"reference": reference},
    )
    left = amount.cents
    for claim_id, open_cents in _open_claims(session, organisation_id):
        part = min(left, open_cents)
        if part <= 0:
            break
        session.add(AccountAllocation(receipt_id=receipt.id, claim_id=claim_id, amount_cents=part))
        left -= part
    session.flush()
    return True


def remind(session: Session, today: date, *, market_id: int | None = None) -> int:
    """Post a letter for every organisation with something overdue, not too often; how many.

    One letter names everything that an organisation owes; the next one comes so many days after.
    """
    pause = tenders.rules(session, today).get(RuleName.REMINDER_DAYS, 10)
    paid = _paid()
    rows = session.execute(
        select(AccountClaim.id, AccountClaim.organisation_id, AccountClaim.reminders)
        .join(Organisation, Organisation.id == AccountClaim.organisation_id)
        .outerjoin(paid, paid.c.claim_id == AccountClaim.id)
        .where(AccountClaim.due_on < today)
        .where(AccountClaim.amount_cents > func.coalesce(paid.c.cents, 0))
        .where(
            AccountClaim.reminded_on.is_(None)
            | (AccountClaim.reminded_on <= today - timedelta(days=pause))
        )
        .where(true() if market_id is None else Organisation.market_id == market_id)
        .order_by(AccountClaim.id)
        .with_for_update(of=AccountClaim, skip_locked=True)
    ).all()
    if not rows:
        return 0
    session.execute(
        update(AccountClaim)
        .where(AccountClaim.id.in_([row.id for row in rows]))
        .values(reminders=AccountClaim.reminders + 1, reminded_on=today)
        .execution_options(synchronize_session=False)
    )
    whom = sorted({row.organisation_id for row in rows})
    outbox.post_all(
        session,
        MAIL_REMINDER,
        {
            f"account_reminder:{each}:{today}": {
                "organisation_id": each,
                "day": today.isoformat(),
            }
            for each in whom
        },
    )
    return len(whom)


def close(session: Session, organisation_id: int, at: datetime) -> None:
    """Let an organisation buy no more on account; what it owes stays owed."""
    session.execute(
        update(Organisation).where(Organisation.id == organisation_id).values(closed_at=at)
    )


def _paid() -> Subquery:
    return (
        select(
            AccountAllocation.claim_id,
            func.sum(AccountAllocation.amount_cents).label("cents"),
        )
        .group_by(AccountAllocation.claim_id)
        .subquery()
    )


def _open_claims(session: Session, organisation_id: int) -> list[tuple[int, int]]:
    """Claims that are not paid whole, those due first first, with what is open of each."""
    paid = _paid()
    left = AccountClaim.amount_cents - func.coalesce(paid.c.cents, 0)
    rows = session.execute(
        select(AccountClaim.id, left)
        .outerjoin(paid, paid.c.claim_id == AccountClaim.id)
        .where(AccountClaim.organisation_id == organisation_id, left > 0)
        .order_by(AccountClaim.due_on, AccountClaim.id)
    )
    return [(claim_id, int(cents)) for claim_id, cents in rows]
