"""Organisations that buy on account: their terms, what they owe, and how old it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.errors import OrganisationUnknown
from shop.orders.models import (
    AccountAllocation,
    AccountClaim,
    AccountReceipt,
    Order,
    Organisation,
    OrganisationMember,
)

AGES = (0, 30, 60, 90)
"""Days overdue at which a column of the aged balance begins, after « not due »."""


@dataclass(frozen=True, slots=True)
class OrganisationCard:
    """Who buys on account, and on which terms."""

    id: int
    market_id: int
    name: str
    siret: str
    email: str
    phone: str
    address: str
    postcode: str
    commune: str
    term_days: int
    limit: Money
    locale: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What is owed for one order."""

    order_number: str
    amount: Money
    paid: Money
    delivered_on: date
    due_on: date
    reminders: int
    today: date

    @property
    def open(self) -> Money:
        """What is still to be paid of it."""
        return self.amount - self.paid

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been paid by now."""
        return bool(self.open) and self.due_on < self.today

    @property
    def age(self) -> int:
        """Column of the aged balance: 0 not due, then one for each of ``AGES``."""
        late = (self.today - self.due_on).days
        return sum(late > since for since in AGES)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A bank transfer that came."""

    received_on: date
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True)
class Account:
    """An organisation with everything it owes and paid."""

    card: OrganisationCard
    claims: tuple[Claim, ...]
    receipts: tuple[Receipt, ...]
    members: tuple[int, ...]
    running: Money
    """What its orders on their way can cost at most."""

    @property
    def owed(self) -> Money:
        """What is still to be paid for delivered orders."""
        return Money.total(claim.open for claim in self.claims)

    @property
    def left(self) -> Money:
        """How much more may be ordered on account."""
        return max(Money.zero(), self.card.limit - self.owed - self.running)

    @property
    def ages(self) -> tuple[Money, ...]:
        """What is open by age: not due, then one sum for each of ``AGES``."""
        sums = [Money.zero()] * (len(AGES) + 1)
        for claim in self.claims:
            sums[claim.age] += claim.open
        return tuple(sums)


def account(session: Session, organisation_id: int, today: date) -> Account:
    """One organisation with its account.

    Raises:
        OrganisationUnknown: there is none.
    """
    row = session.get(Organisation, organisation_id)
    if row is None:
        raise OrganisationUnknown(organisation_id=organisation_id)
    paid = (
        select(AccountAllocation.claim_id, func.sum(AccountAllocation.amount_cents).label("cents"))
        .group_by(AccountAllocation.claim_id)
        .subquery()
    )
    claims = session.execute(
        select(AccountClaim, Order.number, func.coalesce(paid.c.cents, 0))
        .join(Order, Order.id == AccountClaim.order_id)
        .outerjoin(paid, paid.c.claim_id == AccountClaim.id)
        .where(AccountClaim.organisation_id == organisation_id)
        .order_by(AccountClaim.due_on.desc(), AccountClaim.id.desc())
    )
    receipts = session.scalars(
        select(AccountReceipt)
        .where(AccountReceipt.organisation_id == organisation_id)
        .order_by(AccountReceipt.received_on.desc(), AccountReceipt.id.desc())
    )
    members = session.scalars(
        select(OrganisationMember.person_id)
        .where(OrganisationMember.organisation_id == organisation_id)
        .order_by(OrganisationMember.person_id)
    )
    running = session.scalar(
        select(func.sum(func.coalesce(Order.final_cents, Order.ceiling_cents)))
        .outerjoin(AccountClaim, AccountClaim.order_id == Order.id)
        .where(Order.organisation_id == organisation_id, AccountClaim.id.is_(None))
        .where(Order.state.in_(("awaiting_payment", "placed", "firm", "fulfilled")))
    )
    return Account(
        card=_card(row),
        claims=tuple(
            Claim(
                number,
                Money(claim.amount_cents),
                Money(int(cents)),
                claim.delivered_on,
                claim.due_on,
                claim.reminders,
                today,
            )
            for claim, number, cents in claims
        ),
        receipts=tuple(
            Receipt(each.received_on, Money(each.amount_cents), each.reference) for each in receipts
        ),
        members=tuple(members),
        running=Money(int(running or 0)),
    )


def of_market(session: Session, market_id: int, today: date) -> list[Account]:
    """Every organisation of a market with its account, by name."""
    ids = session.scalars(
        select(Organisation.id)
        .where(Organisation.market_id == market_id)
        .order_by(Organisation.sort_key, Organisation.id)
    ).all()
    return [account(session, each, today) for each in ids]


def of_person(session: Session, market_id: int, person_id: int) -> list[OrganisationCard]:
    """Organisations that somebody may order for in a market."""
    rows = session.scalars(
        select(Organisation)
        .join(OrganisationMember, OrganisationMember.organisation_id == Organisation.id)
        .where(OrganisationMember.person_id == person_id, Organisation.market_id == market_id)
        .where(Organisation.closed_at.is_(None))
        .order_by(Organisation.sort_key)
    )
    return [_card(row) for row in rows]


def _card(row: Organisation) -> OrganisationCard:
    return OrganisationCard(
        row.id,
        row.market_id,
        row.name,
        row.siret,
        row.email,
        row.phone,
        row.address,
        row.postcode,
        row.commune,
        row.term_days,
        Money(row.limit_cents),
        row.locale,
        row.closed_at,
    )
