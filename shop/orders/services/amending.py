"""Change an order before its sale closes: more, less, other things; all of it, or nothing.

A change that the payment covers is made at once. One that needs more money waits: its goods are
put aside under the order's basket, and the order stays as it was until the money is secured. When
the sale closes first, or nobody pays, the order goes on as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shop.catalog.queries import markets, taxes
from shop.catalog.services import allotment
from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.money import Money
from shop.orders.domain import fees
from shop.orders.domain.lifecycles import AMENDMENT, PAYMENT
from shop.orders.domain.terms import OperationKind, PaymentKind
from shop.orders.errors import (
    AmendmentRefused,
    OrderUnknown,
)
from shop.orders.models import (
    Amendment,
    Order,
    OrderLine,
    Payment,
    PaymentOperation,
    SellerOrder,
)
from shop.orders.ports import PaymentIntentView
from shop.orders.queries.basket import BasketView
from shop.orders.services import accounts, place_order, reckoning, tenders
from shop.orders.services.voiding import ask_to_void

MAIL_AMENDED = "mail.order_amended"
MAIL_CONFIRM = "mail.payment_renewal"
"""Asks the customer to confirm a payment again: for a larger order, or a longer wait."""

PATIENCE = timedelta(minutes=20)
"""How long a change waits for the customer at the payment page."""
DESK_PATIENCE = timedelta(hours=12)
"""How long it waits when the desk asked, and the customer has to read a mail first."""

SECURED = ("authorized", "card_kept")


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that was asked for; ``state``: applied, waiting (for money) or lapsed."""

    amendment_id: int
    order_id: int
    state: str
    intent_id: str | None
    """The payment that may be made larger, when it waits."""
    needed: Money
    """What has to be secured in all."""
    key: str


def ask(
    session: Session,
    order_id: int,
    wanted: Mapping[int, int],
    *,
    key: str,
    now: datetime,
    by: int | None = None,
) -> Asked:
    """Change an order to ``wanted`` (offer → amount; zero or absent: not any more).

    Raises:
        OrderUnknown, AmendmentRefused: there is none, or it is too late.
        SlotClosed: too late for its delivery.
        AmountRefused, OfferUnavailable, AllotmentExhausted, BelowMinimum: not that way.
    """
    order = _lock(session, order_id)
    known = session.execute(select(Amendment).where(Amendment.key == key)).scalar_one_or_none()
    if known is not None:
        return _asked(session, known, order)
    lapse_of(session, order.id, now, reason="another change was asked for")
    view, sums = reckoning.check(session, order, wanted, now)
    before = reckoning.ordered(session, order.id)
    after = {item.offer.id: item.amount for item in view.items}
    if before == after:
        raise AmendmentRefused(why="nothing")
    payment = _secured(session, order.id)
    amendment = Amendment(
        order_id=order.id,
        key=key,
        before={str(offer): amount for offer, amount in before.items()},
        wanted={str(offer): amount for offer, amount in after.items()},
        ceiling_cents=sums.ceiling.cents,
        by_person_id=by,
        lapses_at=now + (PATIENCE if by is None else DESK_PATIENCE),
    )
    session.add(amendment)
    session.flush()
    allotment.lock(session, sorted({*before, *after}))
    allotment.hold(session, order.basket_id, _more(amendment))
    if _covers(session, order, payment, sums.ceiling):
        apply(session, order, amendment, now)
    elif payment is None:
        raise AmendmentRefused(why="not_by_card")
    return _asked(session, amendment, order)


def apply(session: Session, order: Order, amendment: Amendment, now: datetime) -> bool:
    """Make the order what was wanted; its payment covers it. False: it cannot be any more.

    The order is locked. Prices of lines that stay are those that were promised.
    """
    if order.state != "placed":
        lapse(session, order, amendment, now, reason="the sale has closed")
        return False
    wanted = {int(offer): int(amount) for offer, amount in amendment.wanted.items()}
    view = reckoning.view_of(session, order, wanted)
    sums = reckoning.sums_of(session, order, view)
    if sums.ceiling.cents != amendment.ceiling_cents:
        lapse(session, order, amendment, now, reason="a price has changed")
        return False
    more, less = _more(amendment), _less(amendment)
    allotment.lock(session, sorted({*more, *less}))
    allotment.commit(session, order.id, more)
    allotment.give_back(session, order.id, less)
    _rewrite(session, order, view)
    order.goods_cents = sums.goods.cents
    order.deposit_cents = sums.deposits.cents
    order.fee_cents = sums.fee.cents
    order.fee_parts = fees.to_json(sums.service)
    order.estimate_cents = sums.estimate.cents
    order.ceiling_cents = sums.ceiling.cents
    payment = _secured(session, order.id)
    rest = tenders.card_part(session, order)
    if payment is None and order.spot_cents:
        order.spot_cents += rest.cents
    elif payment is not None and payment.kind is not PaymentKind.CARD_HOLD:
        payment.ceiling_cents = rest.cents
    advance(session, AMENDMENT, amendment, "apply", at=now, by=amendment.by_person_id)
    session.flush()
    outbox.post(
        session,
        MAIL_AMENDED,
        key=f"order_amended:{amendment.id}",
        order_id=order.id,
        amendment_id=amendment.id,
    )
    return True


def lapse(
    session: Session, order: Order, amendment: Amendment, now: datetime, *, reason: str
) -> None:
    """Give a change up: what was put aside is free again, its payment is not taken."""
    allotment.release(session, order.basket_id, _more(amendment))
    advance(session, AMENDMENT, amendment, "lapse", at=now, reason=reason)
    _let_go(session, amendment, now, reason=reason)


def lapse_of(session: Session, order_id: int, now: datetime, *, reason: str) -> None:
    """Give up the change that waits for an order, if there is one; the order is locked."""
    waiting = session.execute(
        select(Amendment)
        .where(Amendment.order_id == order_id, Amendment.state == "waiting")
        .with_for_update()
    ).scalar_one_or_none()
    if waiting is not None:
        lapse(session, session.get_one(Order, order_id), waiting, now, reason=reason)


def due(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """Changes whose time is over, or whose order has gone on without them."""
    return list(
        session.scalars(
            select(Amendment.id)
            .join(Order, Order.id == Amendment.order_id)
            .where(Amendment.state == "waiting")
            .where((Amendment.lapses_at <= now) | (Order.state != "placed"))
            .order_by(Amendment.id)
            .limit(limit)
        )
    )


def payment_of(session: Session, amendment_id: int) -> int | None:
    """The payment that a change waits for."""
    return session.scalar(select(Amendment.payment_id).where(Amendment.id == amendment_id))


def give_up(session: Session, amendment_id: int, now: datetime) -> None:
    """The time is over, and nobody can pay any more: the order stays as it was."""
    order_id = session.scalars(select(Amendment.order_id).where(Amendment.id == amendment_id)).one()
    order = _lock(session, order_id)
    amendment = session.get_one(Amendment, amendment_id, populate_existing=True)
    if amendment.state == "waiting":
        lapse(session, order, amendment, now, reason="not paid in time")


def record_growth(
    session: Session, amendment_id: int, seen: PaymentIntentView, now: datetime
) -> bool:
    """The provider reserves more on the same payment: note it and make the change."""
    order_id = session.scalars(select(Amendment.order_id).where(Amendment.id == amendment_id)).one()
    order = _lock(session, order_id)
    amendment = session.get_one(Amendment, amendment_id, populate_existing=True)
    payment = _secured(session, order.id)
    if payment is None or payment.intent_id != seen.id:
        return False
    if seen.capturable.cents > payment.authorized_cents:
        payment.authorized_cents = seen.capturable.cents
        payment.ceiling_cents = seen.capturable.cents
        payment.capture_before = seen.capture_before or payment.capture_before
        session.add(
            PaymentOperation(
                payment_id=payment.id,
                kind=OperationKind.INCREASE,
                amount_cents=seen.capturable.cents,
                key=f"increase-{amendment.id}",
                state="done",
                provider_ref=seen.id,
                done_at=now,
            )
        )
        session.flush()
    if amendment.state != "waiting" or not _covers(
        session, order, payment, Money(amendment.ceiling_cents)
    ):
        return amendment.state == "applied"
    _let_go(session, amendment, now, reason="the first payment was made larger")
    return apply(session, order, amendment, now)


def again(session: Session, amendment_id: int) -> Asked:
    """A change as it stands now."""
    amendment = session.get_one(Amendment, amendment_id)
    return _asked(session, amendment, session.get_one(Order, amendment.order_id))


def ask_customer(session: Session, amendment_id: int) -> None:
    """The desk asked for a change that needs more money: its customer is asked to confirm."""
    amendment = session.get_one(Amendment, amendment_id)
    outbox.post(
        session,
        MAIL_CONFIRM,
        key=f"payment_renewal:change:{amendment_id}",
        order_id=amendment.order_id,
        amendment_id=amendment_id,
    )


def _rewrite(session: Session, order: Order, view: BasketView) -> None:
    held = reckoning.ordered(session, order.id)
    wanted = {item.offer.id: item for item in view.items}
    gone = held.keys() - wanted.keys()
    session.execute(
        delete(OrderLine).where(OrderLine.order_id == order.id, OrderLine.offer_id.in_(gone))
    )
    for offer_id in sorted(held.keys() & wanted.keys()):
        item = wanted[offer_id]
        session.execute(
            update(OrderLine)
            .where(OrderLine.order_id == order.id, OrderLine.offer_id == offer_id)
            .values(
                ordered=item.amount,
                estimate_cents=item.price.estimate.cents,
                ceiling_cents=item.price.ceiling.cents,
            )
            .execution_options(synchronize_session=False)
        )
    fresh = tuple(item for item in view.items if item.offer.id not in held)
    if fresh:
        zone = ZoneInfo(markets.by_id(session, order.market_id).timezone)
        day = (order.placed_at or order.created_at).astimezone(zone).date()
        place_order.write_lines(
            session,
            order.id,
            order.market_id,
            BasketView(view.card, fresh, view.sums),
            taxes.rates_on(session, day),
        )
    empty = ~select(OrderLine.id).where(OrderLine.seller_order_id == SellerOrder.id).exists()
    session.execute(delete(SellerOrder).where(SellerOrder.order_id == order.id, empty))


def _covers(session: Session, order: Order, payment: Payment | None, ceiling: Money) -> bool:
    """Whether what is secured is enough; a kept card or mandate is charged when all is known.

    What is paid on the spot grows there; an organisation is admitted anew.

    Raises:
        AccountRefused: the organisation may not buy for that much.
    """
    if order.organisation_id is not None:
        accounts.admit(session, order.organisation_id, order.person_id, order.market_id, ceiling)
        return True
    rest = tenders.card_part(session, order, ceiling)
    if payment is None:
        return not rest or bool(order.spot_cents)
    if payment.kind is not PaymentKind.CARD_HOLD:
        return True
    return rest.cents <= payment.authorized_cents


def _secured(session: Session, order_id: int) -> Payment | None:
    return session.execute(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state.in_(SECURED))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _let_go(session: Session, amendment: Amendment, now: datetime, *, reason: str) -> None:
    """The payment that a change waited for is not needed any more."""
    if amendment.payment_id is None:
        return
    payment = session.get_one(Payment, amendment.payment_id, with_for_update=True)
    if payment.state == "created":
        advance(session, PAYMENT, payment, "cancel", at=now, reason=reason)
        ask_to_void(session, payment.id)


def _more(amendment: Amendment) -> dict[int, int]:
    """What is put aside for a change, by offer."""
    return _rise(amendment.before, amendment.wanted)


def _less(amendment: Amendment) -> dict[int, int]:
    """What a change gives back, by offer."""
    return _rise(amendment.wanted, amendment.before)


def _rise(low: Mapping[str, int], high: Mapping[str, int]) -> dict[int, int]:
    found = {int(offer): amount - low.get(offer, 0) for offer, amount in high.items()}
    return {offer: amount for offer, amount in found.items() if amount > 0}


def _asked(session: Session, amendment: Amendment, order: Order) -> Asked:
    payment = _secured(session, order.id)
    return Asked(
        amendment_id=amendment.id,
        order_id=order.id,
        state=amendment.state,
        intent_id=payment.intent_id if payment else None,
        needed=tenders.card_part(session, order, Money(amendment.ceiling_cents)),
        key=f"increase-{amendment.id}",
    )


def _lock(session: Session, order_id: int) -> Order:
    order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    return order
