"""How an order is paid in parts: reserved when it is placed, given back, taken on the spot.

The card's part is another matter (``services.payments``): this says how much is left for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import SpotWay
from shop.catalog.queries import delivery
from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account
from shop.orders.domain.lifecycles import ORDER
from shop.orders.domain.tenders import HOLDER, PURSES, move_postings, normalized, plan
from shop.orders.domain.terms import AccountKind
from shop.orders.errors import OrderUnknown, TooMuch, VoucherRefused, WayRefused
from shop.orders.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    Voucher,
)
from shop.orders.queries import tenders as read
from shop.orders.queries.tenders import PURSE, SPOT, Standing
from shop.orders.services import accounts, discounts, ledger, purses
from shop.orders.services.fulfilment import CAPTURE_TOPIC

MAIL_CONFIRMATION = "mail.order_confirmation"

DONATION_LIMIT = Money(50_000)
"""More is a mistake of typing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a customer wants to pay; without anything, the card pays all."""

    codes: tuple[str, ...] = ()
    """Of vouchers, used first, and of a discount that the solidarity fund pays."""
    use_credit: bool = False
    on_spot: bool = False
    """Pay where the goods are handed over."""
    spot: Money | None = None
    """Only so much of it there; None: all that is left."""
    donation: Money = field(default_factory=Money.zero)
    organisation_id: int | None = None
    """On account of that organisation: then nothing else counts."""


CARD_ONLY = Wish()


def check_codes(session: Session, market_id: int, codes: Sequence[str], day: date) -> list[Account]:
    """Purses of vouchers that pay on a day, in the order of the codes.

    Raises:
        VoucherRefused: unknown here, past its day, not active or used up.
    """
    found: list[Account] = []
    for code in dict.fromkeys(normalized(code) for code in codes if normalized(code)):
        row = session.execute(
            select(Voucher.id, Voucher.state, Voucher.valid_until).where(
                Voucher.code == code, Voucher.market_id == market_id
            )
        ).one_or_none()
        if row is None or row.state == "waiting":
            raise VoucherRefused(field="code", reason="unknown", code=code)
        if row.state == "ended" or row.valid_until < day:
            raise VoucherRefused(field="code", reason="expired", code=code)
        purse = purses.voucher_of(row.id)
        if not purses.left(session, purse, market_id):
            raise VoucherRefused(field="code", reason="empty", code=code)
        found.append(purse)
    return found


def reserve(session: Session, order_id: int, wish: Wish, day: date, at: datetime) -> Money:
    """Take what the customer's purses pay of a new order; what is left for the card.

    An order that needs no card is secured here and now.

    Raises:
        VoucherRefused, WayRefused, AccountRefused, PurseTooSmall: it cannot be paid so.
    """
    order = session.get_one(Order, order_id, with_for_update=True)
    if wish.donation < Money.zero() or wish.donation > DONATION_LIMIT:
        raise WayRefused(field="donation", reason="amount")
    order.donation_cents = wish.donation.cents
    due = Money(order.ceiling_cents) + wish.donation
    if wish.organisation_id is not None:
        accounts.admit(session, wish.organisation_id, order.person_id, order.market_id, due)
        order.organisation_id = wish.organisation_id
        secure(session, order, at=at)
        return Money.zero()
    wanted = _purses(session, order, wish, day)
    if wish.on_spot and not delivery.spot_ways_of_slot(session, order.slot_id):
        raise WayRefused(field="pay", reason="not_here")
    spot = wish.spot if wish.on_spot else Money.zero()
    purses.hold(session, [each.account for each in wanted])
    most = [each.most(purses.left(session, each.account, order.market_id)) for each in wanted]
    parts = plan(due, most, spot)
    for purse, part in zip((each.account for each in wanted), parts.purses, strict=True):
        if not part:
            continue
        purses.take(
            session,
            purse,
            part,
            market_id=order.market_id,
            target=Account(AccountKind.CUSTOMER, order_id),
            key=f"purse:{order_id}:{purse.kind}:{purse.owner_id}",
            kind=PURSE,
            order_id=order_id,
        )
    order.spot_cents = parts.spot.cents
    if not parts.card:
        secure(session, order, at=at)
    return parts.card


def standing(session: Session, order_id: int) -> Standing:
    """How far an order is paid."""
    return read.standing(session, order_id)


def secure(session: Session, order: Order, *, at: datetime) -> None:
    """The order is as good as paid: it counts, and its customer is told."""
    session.flush()
    order.placed_at = at
    advance(session, ORDER, order, "secure", at=at)
    outbox.post(session, MAIL_CONFIRMATION, key=f"order_confirmation:{order.id}", order_id=order.id)


def card_part(session: Session, order: Order, ceiling: Money | None = None) -> Money:
    """What the card has to hold: the most the order can cost, less what other means pay.

    ``ceiling``: the most that it could cost after a change.
    """
    if order.organisation_id is not None:
        return Money.zero()
    found = read.standing(session, order.id)
    agreed = Money(order.ceiling_cents) if ceiling is None else ceiling
    highest = agreed + Money(order.donation_cents)
    paid = found.purses + max(found.spot, Money(order.spot_cents))
    return max(Money.zero(), highest - paid)


def give_back(session: Session, order_id: int) -> Money:
    """An order is taken back: what its purses paid goes back to them; how much that was."""
    return _give_back(session, order_id, None, "canceled")


def trim(session: Session, order_id: int) -> Money:
    """An order became smaller: what its purses paid too much goes back; how much that was."""
    found = read.standing(session, order_id)
    excess = found.purses + found.spot + found.card + found.others - found.due
    if excess <= Money.zero():
        return Money.zero()
    return _give_back(session, order_id, excess, f"trim:{found.due.cents}:{found.purses.cents}")


def conclude(session: Session, order: Order, *, day: date) -> None:
    """What a delivered order means for its other parts, once: purses, account, spot.

    What purses paid too much goes back to them; an organisation owes the rest.
    """
    trim(session, order.id)
    if order.organisation_id is None:
        return
    rest = read.standing(session, order.id).outstanding
    if rest > Money.zero():
        accounts.claim(session, order.organisation_id, order.id, order.market_id, rest, day)


def book_donation(session: Session, order: Order) -> None:
    """A paid order's donation goes into the solidarity fund of its market, once."""
    if not order.donation_cents or not order.final_cents:
        return
    purses.put(
        session,
        purses.fund_of(order.market_id),
        Money(order.donation_cents),
        market_id=order.market_id,
        source=Account(AccountKind.CUSTOMER, order.id),
        key=f"donation:{order.id}",
        kind="donation",
        order_id=order.id,
    )


def take_on_spot(
    session: Session, order_id: int, way: SpotWay, amount: Money, *, key: str, any_way: bool = False
) -> Standing:
    """Enter money that somebody took for an order, once by ``key``; how the order stood before.

    ``any_way``: at the desk every way is accepted, whatever the delivery option says.

    Raises:
        OrderUnknown: there is none.
        WayRefused: the order cannot be paid now, or not so.
        TooMuch: more than is due.
    """
    order = lock(session, order_id)
    found = read.standing(session, order_id)
    if order.state not in ("placed", "firm", "fulfilled") or order.organisation_id is not None:
        raise WayRefused(field="amount", reason="state", state=order.state)
    if not any_way and way not in delivery.spot_ways_of_slot(session, order.slot_id):
        raise WayRefused(field="way", reason="not_here")
    if amount <= Money.zero() or amount > found.takable:
        raise TooMuch(field="amount", due=found.takable.cents)
    ledger.enter(
        session,
        f"{SPOT}:{key}",
        SPOT,
        move_postings(
            Account(HOLDER[way], order.market_id), Account(AccountKind.CUSTOMER, order_id), amount
        ),
        market_id=order.market_id,
        order_id=order_id,
        facts={"way": way.value},
    )
    # The worker settles the order, or frees what the card still holds.
    outbox.post(session, CAPTURE_TOPIC, key=f"capture:{order_id}:{key}", order_id=order_id)
    return found


def undo_on_spot(
    session: Session, order_id: int, way: SpotWay, amount: Money, *, key: str, at: datetime, by: int
) -> None:
    """Take back money that was entered by mistake; a settled order is owed again."""
    order = lock(session, order_id)
    ledger.enter(
        session,
        f"{SPOT}:{key}",
        SPOT,
        move_postings(
            Account(AccountKind.CUSTOMER, order_id), Account(HOLDER[way], order.market_id), amount
        ),
        market_id=order.market_id,
        order_id=order_id,
        facts={"way": way.value, "counter": True},
    )
    if order.state == "settled":
        advance(session, ORDER, order, "reopen", at=at, by=by, reason="a payment was taken back")


def lock(session: Session, order_id: int) -> Order:
    """The order, which nobody else changes before this transaction ends.

    Raises:
        OrderUnknown: there is none.
    """
    order = session.execute(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if order is None:
        raise OrderUnknown(order_id=order_id)
    return order


@dataclass(frozen=True, slots=True)
class _Purse:
    """What may pay a part of an order; ``cap``: at most so much, and all of it or nothing."""

    account: Account
    cap: Money | None = None

    def most(self, left: Money) -> Money:
        """The most that it pays, when so much is left in it.

        Raises:
            VoucherRefused: the fund cannot pay what a code promises.
        """
        if self.cap is not None and left < self.cap:
            raise VoucherRefused(field="code", reason="fund")
        return left if self.cap is None else self.cap


def _purses(session: Session, order: Order, wish: Wish, day: date) -> list[_Purse]:
    """Purses that pay, in their order: the fund, vouchers as given, then the customer's credit."""
    vouchers: list[str] = []
    wanted: list[_Purse] = []
    for code in wish.codes:
        granted = discounts.grant(session, order, code, day) if normalized(code) else None
        if granted is None:
            vouchers.append(code)
        elif order.discount_code_id not in (None, granted.code_id):
            raise VoucherRefused(field="code", reason="two")
        elif order.discount_code_id is None:
            order.discount_code_id = granted.code_id
            wanted.append(_Purse(purses.fund_of(order.market_id), granted.amount))
    found = check_codes(session, order.market_id, vouchers, day)
    wanted += [_Purse(account) for account in found]
    if wish.use_credit and order.person_id is not None:
        wanted.append(_Purse(purses.credit_of(order.person_id)))
    return wanted


def _give_back(session: Session, order_id: int, at_most: Money | None, why: str) -> Money:
    """Give purses back what they paid of an order, the last one first."""
    used = _used(session, order_id)
    if not used:
        return Money.zero()
    market_id = session.scalars(select(Order.market_id).where(Order.id == order_id)).one()
    left = Money.total(used.values()) if at_most is None else at_most
    given = Money.zero()
    for purse in reversed(list(used)):
        part = min(used[purse], left)
        if part <= Money.zero():
            continue
        purses.put(
            session,
            purse,
            part,
            market_id=market_id,
            source=Account(AccountKind.CUSTOMER, order_id),
            key=f"purse_back:{order_id}:{purse.kind}:{purse.owner_id}:{why}",
            kind=PURSE,
            order_id=order_id,
        )
        left -= part
        given += part
    return given


def _used(session: Session, order_id: int) -> dict[Account, Money]:
    """What each purse has paid of an order so far, in the order in which they were taken."""
    rows = session.execute(
        select(
            LedgerAccount.kind,
            LedgerAccount.owner_id,
            func.sum(LedgerPosting.amount_cents).label("cents"),
        )
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.order_id == order_id, LedgerEntry.kind == PURSE)
        .where(LedgerAccount.kind.in_(PURSES))
        .group_by(LedgerAccount.id)
        .order_by(func.min(LedgerEntry.id))
    )
    return {Account(row.kind, row.owner_id): Money(int(row.cents)) for row in rows if row.cents}
