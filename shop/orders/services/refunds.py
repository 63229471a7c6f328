"""Give money back after it was taken: why, of what, and how. Nothing here calls out.

A refund to a card is a sandwich like every call to the provider: noted, asked by the worker,
noted. A refund as credit is done where it is asked, because the money stays with us.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from structlog import get_logger

from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.errors import GatewayRefused
from shop.kernel.money import Money
from shop.orders.domain.ledger import Account, ProducerShare, paid_on_top
from shop.orders.domain.lifecycles import REFUND
from shop.orders.domain.refund import Given, OnTop, refund_postings
from shop.orders.domain.terms import AccountKind, FeeKind, RefundPart, RefundReason, RefundWay
from shop.orders.errors import OrderUnknown, RefundRefused, RefundTooLarge, RefundUnknown
from shop.orders.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    Order,
    Payment,
    Refund,
    RefundLine,
)
from shop.orders.ports import RefundRequest, RefundView
from shop.orders.queries import refunds as queries
from shop.orders.queries.refunds import Left
from shop.orders.services import ledger

REFUND_TOPIC = "orders.refund"
"""Asks the worker to hand the money over; ``refund_id``."""

REFUNDED = "orders.refunded"
"""Announced when money was given back: ``order_id``, ``refund_id``; credit notes follow."""

REFUND_BOUNCED = "orders.refund_bounced"
"""Announced when the bank sent a refund back to us: ``order_id``, ``refund_id``."""

MAIL_REFUNDED = "mail.order_refunded"

LOST = ("failed", "canceled")
"""What the provider says of a refund that did not arrive."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be given back, why and how; amounts by order line."""

    reason: RefundReason
    way: RefundWay
    lines: Mapping[int, Money] = field(default_factory=dict)
    deposits: Money = field(default_factory=Money.zero)
    delivery: Money = field(default_factory=Money.zero)
    note: str = ""

    @property
    def total(self) -> Money:
        """All of it together."""
        return Money.total(self.lines.values()) + self.deposits + self.delivery


@dataclass(frozen=True, slots=True)
class RefundCall:
    """What to ask the provider; ``resumed``: it may have been asked before, so look first."""

    refund_id: int
    request: RefundRequest
    resumed: bool


def whole(left: Left, reason: RefundReason, way: RefundWay, note: str = "") -> Wish:
    """The wish to give back all that is left of an order."""
    return Wish(
        reason=reason,
        way=way,
        lines={line.id: line.left for line in left.lines if line.left},
        deposits=left.deposits,
        delivery=left.delivery,
        note=note,
    )


def ask(
    session: Session, order_id: int, wish: Wish, *, key: str, at: datetime, by: int | None = None
) -> int:
    """Note a refund and have it done; its key. The same ``key`` again is the same refund.

    Raises:
        OrderUnknown: there is no such order.
        RefundRefused: the order was not paid, is contested, or has nobody to give credit to.
        RefundTooLarge: more than was billed, or more than is left.
    """
    order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise OrderUnknown(order_id=order_id)
    known = session.scalar(select(Refund.id).where(Refund.key == key))
    if known is not None:
        return known
    left = queries.left(session, order_id)
    _check(wish, left)
    refund = Refund(
        order_id=order_id,
        payment_id=left.payment_id if wish.way is RefundWay.CARD else None,
        person_id=left.person_id if wish.way is RefundWay.CREDIT else None,
        way=wish.way,
        amount_cents=wish.total.cents,
        reason=wish.reason,
        note=wish.note,
        key=key,
        by_person_id=by,
    )
    session.add(refund)
    session.flush()
    session.add_all(_lines(refund.id, wish))
    session.flush()
    if wish.way is RefundWay.CREDIT:
        _done(session, refund, at)
    else:
        outbox.post(session, REFUND_TOPIC, key=f"refund:{refund.id}", refund_id=refund.id)
    return refund.id


def prepare(session: Session, refund_id: int, at: datetime) -> RefundCall | None:
    """What to ask the provider for a noted refund; None when there is nothing to ask."""
    refund = _lock(session, refund_id)
    if refund.state != "noted" or refund.payment_id is None:
        return None
    payment = session.get_one(Payment, refund.payment_id)
    resumed = refund.provider_ref is not None
    refund.provider_ref = refund.provider_ref or f"asked {at.isoformat(timespec='seconds')}"
    return RefundCall(
        refund_id=refund.id,
        request=RefundRequest(
            key=f"refund-{refund.id}",
            intent_id=payment.taken_ref or payment.intent_id or "",
            amount=Money(refund.amount_cents),
            metadata={
                "refund": str(refund.id),
                "reason": refund.reason.value,
                "lines": _cited(session, refund_id),
            },
        ),
        resumed=resumed,
    )


def record(session: Session, refund_id: int, seen: RefundView, at: datetime) -> None:
    """Believe what the provider shows of a refund, once, in whatever order it is heard."""
    refund = _lock(session, refund_id)
    if seen.status in LOST:
        _lost(session, refund, seen.failure_reason or seen.status, at)
        return
    if refund.state != "noted":
        return
    if seen.amount.cents != refund.amount_cents:
        log.warning("refund_mismatch", refund=refund.id, seen_cents=seen.amount.cents)
        return
    refund.provider_ref = seen.id
    _done(session, refund, at)


def record_refusal(session: Session, refund_id: int, refusal: GatewayRefused, at: datetime) -> None:
    """The provider will not do it: nothing was given back, the desk sees why."""
    _lost(session, _lock(session, refund_id), str(refusal.facts.get("reason") or refusal.code), at)


def by_provider(session: Session, seen: RefundView) -> int | None:
    """Our refund behind one of the provider's, or None: it was made elsewhere."""
    named = seen.metadata.get("refund", "")
    if not named.isdigit():
        return None
    return session.scalar(
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.id == int(named))
        .where(func.coalesce(Payment.taken_ref, Payment.intent_id) == seen.intent_id)
    )


def on_the_way(session: Session, payment_id: int) -> list[int]:
    """Refunds of a payment that the provider may know more about than we do."""
    return list(
        session.scalars(
            select(Refund.id).where(Refund.payment_id == payment_id).order_by(Refund.id)
        )
    )


def _check(wish: Wish, left: Left) -> None:
    if left.why_not is not None:
        raise RefundRefused(why=left.why_not)
    if wish.way is RefundWay.CREDIT and left.person_id is None:
        raise RefundRefused(why="nobody")
    if wish.way is RefundWay.CARD and left.payment_id is None:
        raise RefundRefused(why="not_by_card")
    allowed = {line.id: line.left for line in left.lines}
    asked = [
        (f"line-{line_id}", amount, allowed.get(line_id)) for line_id, amount in wish.lines.items()
    ]
    asked += [
        ("deposits", wish.deposits, left.deposits),
        ("delivery", wish.delivery, left.delivery),
    ]
    for name, amount, most in asked:
        if most is None or amount < Money.zero() or amount > most:
            raise RefundTooLarge(field=name, left=0 if most is None else most.cents)
    if not wish.total:
        raise RefundTooLarge(field="total", left=left.total.cents)
    if wish.way is RefundWay.CARD and wish.total > left.card:
        raise RefundTooLarge(field="total", left=left.card.cents)


def _lines(refund_id: int, wish: Wish) -> list[RefundLine]:
    lines = [
        RefundLine(
            refund_id=refund_id,
            part=RefundPart.GOODS,
            order_line_id=line_id,
            amount_cents=amount.cents,
        )
        for line_id, amount in sorted(wish.lines.items())
        if amount
    ]
    for part, amount in (
        (RefundPart.DEPOSIT, wish.deposits),
        (RefundPart.DELIVERY, wish.delivery),
    ):
        if amount:
            lines.append(RefundLine(refund_id=refund_id, part=part, amount_cents=amount.cents))
    return lines


def _done(session: Session, refund: Refund, at: datetime) -> None:
    out_of = Account(AccountKind.PROVIDER)
    if refund.way is RefundWay.CREDIT:
        out_of = Account(AccountKind.CREDIT, refund.person_id)
    order = session.get_one(Order, refund.order_id)
    view = queries.by_id(session, refund.id)
    goods: dict[int, Money] = {}
    rest = dict.fromkeys(RefundPart, Money.zero())
    for line in view.lines:
        if line.producer_id is not None:
            goods[line.producer_id] = goods.get(line.producer_id, Money.zero()) + line.amount
        else:
            rest[line.part] += line.amount
    ledger.enter(
        session,
        f"refund:{refund.id}",
        "refund",
        refund_postings(
            Given(goods, rest[RefundPart.DEPOSIT], rest[RefundPart.DELIVERY]),
            shares_of_sale(session, order.id),
            queries.goods_given_before(session, order.id, refund.id),
            order.market_id,
            out_of,
            OnTop(
                paid_on_top(_sale_facts(session, order.id), order.market_id),
                queries.delivery_given_before(session, order.id, refund.id),
            ),
        ),
        market_id=order.market_id,
        order_id=order.id,
        payment_id=refund.payment_id,
        facts={"refund_id": refund.id, "reason": refund.reason.value},
    )
    if refund.payment_id is not None:
        payment = session.get_one(Payment, refund.payment_id, with_for_update=True)
        payment.refunded_cents += refund.amount_cents
    refund.done_at = at
    refund.error = None
    advance(session, REFUND, refund, "succeed", at=at, by=refund.by_person_id)
    facts: dict[str, Any] = {"order_id": order.id, "refund_id": refund.id}
    outbox.post(session, MAIL_REFUNDED, key=f"order_refunded:{refund.id}", **facts)
    outbox.post(session, REFUNDED, key=f"refunded:{refund.id}", **facts)


def _lost(session: Session, refund: Refund, why: str, at: datetime) -> None:
    """Nothing was given back after all; what was entered is entered the other way round."""
    if refund.state == "refused":
        return
    refund.error = why
    if refund.state == "noted":
        refund.done_at = at
        advance(session, REFUND, refund, "refuse", at=at, reason=why)
        return
    rows = session.execute(
        select(LedgerAccount.kind, LedgerAccount.owner_id, LedgerPosting.amount_cents)
        .join(LedgerPosting, LedgerPosting.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.key == f"refund:{refund.id}")
    )
    order = session.get_one(Order, refund.order_id)
    ledger.enter(
        session,
        f"refund_bounced:{refund.id}",
        "refund_bounced",
        ledger.turned(rows),
        market_id=order.market_id,
        order_id=order.id,
        payment_id=refund.payment_id,
        facts={"refund_id": refund.id, "why": why},
    )
    if refund.payment_id is not None:
        payment = session.get_one(Payment, refund.payment_id, with_for_update=True)
        payment.refunded_cents -= refund.amount_cents
    advance(session, REFUND, refund, "bounce", at=at, reason=why)
    outbox.post(
        session,
        REFUND_BOUNCED,
        key=f"refund_bounced:{refund.id}",
        order_id=order.id,
        refund_id=refund.id,
    )


def shares_of_sale(session: Session, order_id: int) -> dict[int, ProducerShare]:
    """Each producer's share of an order, as the sale was entered."""
    facts = _sale_facts(session, order_id)
    return {
        share["producer_id"]: ProducerShare(
            share["producer_id"],
            Money(share["goods_cents"]),
            {FeeKind(kind): Money(cents) for kind, cents in share["fees_cents"].items()},
            {FeeKind(kind): Money(cents) for kind, cents in share.get("taxes_cents", {}).items()},
        )
        for share in facts["shares"]
    }


def _sale_facts(session: Session, order_id: int) -> dict[str, Any]:
    facts: dict[str, Any] = session.scalars(
        select(LedgerEntry.facts).where(LedgerEntry.key == f"sale:{order_id}")
    ).one()
    return facts


def _cited(session: Session, refund_id: int) -> str:
    """The lines that a refund is about, as short as the provider's metadata wants it."""
    ids = session.scalars(
        select(RefundLine.order_line_id)
        .where(RefundLine.refund_id == refund_id, RefundLine.order_line_id.is_not(None))
        .order_by(RefundLine.order_line_id)
    )
    return ",".join(str(line_id) for line_id in ids)[:500]


def _lock(session: Session, refund_id: int) -> Refund:
    """The refund, locked after its order: everybody takes them in that order."""
    order_id = session.scalar(select(Refund.order_id).where(Refund.id == refund_id))
    if order_id is None:
        raise RefundUnknown(refund_id=refund_id)
    session.get_one(Order, order_id, with_for_update=True)
    return session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
