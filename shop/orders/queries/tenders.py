"""How far an order is paid, and in which parts: questions to the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import SpotWay, TaxClass
from shop.catalog.queries import delivery
from shop.kernel.dated import Dated
from shop.kernel.money import Money
from shop.orders.domain import tenders as domain
from shop.orders.domain.tenders import Rules, rules_on
from shop.orders.domain.terms import AccountKind, OperationKind, OperationState
from shop.orders.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    MoneyRule,
    Order,
    OrderLine,
    Payment,
    PaymentOperation,
)

SPOT = "spot"
"""Kind of entry: taken on the spot (above zero) or taken back."""

PURSE = "purse"
"""Kind of entry: a purse pays for an order, or gets something back."""

OWED_BY = ("sale", "donation")
"""Kinds of entries that make a customer owe; every other one pays, or gives back."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order is paid, as far as is known."""

    order_id: int
    state: str
    due: Money
    """What was delivered with the donation; before the weighing, at most so much."""
    is_final: bool
    """Whether ``due`` is known to the cent."""
    purses: Money
    spot: Money
    """Taken on the spot."""
    card: Money
    """Taken from the card."""
    others: Money
    """Paid in another way: on account."""
    planned_spot: Money
    under_way: Money
    """Asked of the payment provider at this moment."""

    @property
    def outstanding(self) -> Money:
        """What is still to be paid, in whatever way."""
        return self.due - self.purses - self.spot - self.card - self.others

    @property
    def to_collect(self) -> Money:
        """What is to be taken where the goods are handed over."""
        return domain.to_collect(self.outstanding - self.under_way, self.planned_spot, self.spot)

    @property
    def takable(self) -> Money:
        """The most that may be taken on the spot now: nobody pays more than is due."""
        return max(Money.zero(), self.outstanding - self.under_way)

    @property
    def for_card(self) -> Money:
        """What the card is asked for."""
        awaited = max(Money.zero(), self.planned_spot - self.spot)
        return max(Money.zero(), self.outstanding - awaited)


def rules(session: Session, day: date) -> Rules:
    """The thresholds about paying that hold on a day."""
    rows = session.execute(
        select(MoneyRule.name, MoneyRule.amount, MoneyRule.valid_from, MoneyRule.valid_to)
    )
    return rules_on(
        day, ((row.name, Dated(row.amount, row.valid_from, row.valid_to)) for row in rows)
    )


def standings(session: Session, order_ids: Collection[int]) -> dict[int, Standing]:
    """How far each order is paid; three questions whatever their number."""
    paid: dict[int, dict[str, int]] = {}
    for row in session.execute(
        select(
            LedgerAccount.owner_id.label("order_id"),
            LedgerEntry.kind,
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.account_id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerAccount.kind == AccountKind.CUSTOMER)
        .where(LedgerAccount.owner_id.in_(order_ids), LedgerEntry.kind.not_in(OWED_BY))
        .group_by(LedgerAccount.owner_id, LedgerEntry.kind)
    ):
        paid.setdefault(row.order_id, {})[row.kind] = -int(row.cents)
    under_way: dict[int, int] = {
        row.order_id: int(row.cents)
        for row in session.execute(
            select(Payment.order_id, func.sum(PaymentOperation.amount_cents).label("cents"))
            .join(Payment, Payment.id == PaymentOperation.payment_id)
            .where(Payment.order_id.in_(order_ids))
            .where(PaymentOperation.state == OperationState.NOTED)
            .where(PaymentOperation.kind.in_((OperationKind.CAPTURE, OperationKind.CHARGE)))
            .group_by(Payment.order_id)
        )
    }
    orders = session.execute(
        select(
            Order.id,
            Order.state,
            Order.final_cents,
            Order.ceiling_cents,
            Order.donation_cents,
            Order.spot_cents,
        ).where(Order.id.in_(order_ids))
    )
    found = {}
    for order in orders:
        goods = order.ceiling_cents if order.final_cents is None else order.final_cents
        ways = paid.get(order.id, {})
        card, purses, spot = (ways.pop(kind, 0) for kind in ("capture", PURSE, SPOT))
        found[order.id] = Standing(
            order_id=order.id,
            state=order.state,
            due=Money(goods + order.donation_cents if goods else 0),
            is_final=order.final_cents is not None,
            purses=Money(purses),
            spot=Money(spot),
            card=Money(card),
            others=Money(sum(ways.values())),
            planned_spot=Money(order.spot_cents),
            under_way=Money(under_way.get(order.id, 0)),
        )
    return found


def standing(session: Session, order_id: int) -> Standing:
    """How far an order is paid."""
    return standings(session, [order_id])[order_id]


def to_collect(session: Session, cycle_id: int) -> dict[int, Money]:
    """What is to be taken where it is handed over, for each order of a cycle that has something."""
    chosen = select(Order.id).where(Order.cycle_id == cycle_id, Order.spot_cents > 0)
    found = standings(session, list(session.scalars(chosen)))
    return {order_id: each.to_collect for order_id, each in found.items() if each.to_collect}


def spot_ways(session: Session, order_ids: Collection[int]) -> dict[int, tuple[SpotWay, ...]]:
    """How each order may be paid where it is handed over."""
    rows = session.execute(select(Order.id, Order.slot_id).where(Order.id.in_(order_ids))).all()
    of_slot = {
        slot_id: delivery.spot_ways_of_slot(session, slot_id)
        for slot_id in sorted({row.slot_id for row in rows})
    }
    return {row.id: of_slot[row.slot_id] for row in rows}


def goods_by_class(session: Session, order_id: int) -> dict[TaxClass, Money]:
    """Goods of an order by kind: as weighed, else as estimated."""
    rows = session.execute(
        select(
            OrderLine.tax_class,
            func.sum(func.coalesce(OrderLine.billed_cents, OrderLine.estimate_cents)),
        )
        .where(OrderLine.order_id == order_id)
        .group_by(OrderLine.tax_class)
    )
    return {kind: Money(int(cents)) for kind, cents in rows}


def goods_by_rate(session: Session, order_id: int) -> dict[int, int]:
    """Cents of goods of an order by rate of tax, in hundredths of a percent, tax included."""
    rows = session.execute(
        select(
            OrderLine.tax_rate_bp,
            func.sum(func.coalesce(OrderLine.billed_cents, OrderLine.estimate_cents)),
        )
        .where(OrderLine.order_id == order_id)
        .group_by(OrderLine.tax_rate_bp)
        .order_by(OrderLine.tax_rate_bp)
    )
    return {rate: int(cents) for rate, cents in rows}


def payer(session: Session, order_id: int) -> tuple[str, str]:
    """The order's number, and whose meal vouchers count together: the account, else the mail."""
    row = session.execute(
        select(Order.number, Order.person_id, Order.contact_email).where(Order.id == order_id)
    ).one()
    mail = row.contact_email.strip().lower()
    return row.number, f"person:{row.person_id}" if row.person_id else f"mail:{mail}"
