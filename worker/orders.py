"""Baskets that lapse, payments that are looked at, orders that nobody paid."""

from __future__ import annotations

from collections.abc import Callable

from structlog import get_logger

from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayUnavailable
from shop.kernel.money import Money
from shop.orders.domain.payment import Finding
from shop.orders.ports import (
    IntentStatus,
    PaymentGateway,
    PaymentIntentView,
    RefundRequest,
    SetupIntentView,
    WrongStateAtGateway,
)
from shop.orders.services import basket, payments, vouchers
from shop.orders.services.payments import Look
from shop.orders.services.voiding import VOID
from worker.handlers import handles

log = get_logger()


def expire_baskets() -> None:
    """Let go what baskets held for too long."""
    while True:
        with unit_of_work() as session:
            lapsed = basket.lapse_expired(session, clock.now())
        if not lapsed:
            return
        log.info("baskets_lapsed", baskets=len(lapsed))


def refresh_pending_payments() -> None:
    """Look at every payment that waits: what the provider told us may have been lost."""
    with reading() as session:
        waiting = payments.pending(session)
    one_by_one(refresh_payment, waiting)


def cancel_unpaid_orders() -> None:
    """Give up the orders that were not paid in time."""
    with reading() as session:
        late = payments.overdue(session, clock.now())
    one_by_one(cancel_unpaid, late)


@handles("orders.refresh_payment")
def refresh_payment(payment_id: int) -> None:
    """Look at one payment at the provider and note what is there, however often."""
    with reading() as session:
        where = payments.look(session, payment_id)
    if where.intent_id is None:
        return
    seen = see(where)
    with unit_of_work() as session:
        payments.record(session, payment_id, seen, clock.now())


@handles(payments.GIVE_UP)
def cancel_unpaid(order_id: int) -> None:
    """Give up an overdue order, unless it turns out to be paid at this very moment."""
    now = clock.now()
    with unit_of_work() as session:
        where = payments.prepare_giving_up(session, order_id, now)
    if where is None:
        return
    if where.intent_id is not None and not close_at_provider(where):
        return
    with unit_of_work() as session:
        payments.record_given_up(session, where, now)


@handles(VOID)
def void_payment(payment_id: int) -> None:
    """Free, or give back, what an order that is gone still has at the provider."""
    with reading() as session:
        where = payments.look(session, payment_id)
    if where.intent_id is not None:
        _free(where, see(where))
    with unit_of_work() as session:
        payments.record_void(session, payment_id, clock.now())


def refresh_voucher(voucher_id: int, intent_id: str) -> None:
    """Look at the purchase of a voucher at the provider and note what is there, however often."""
    seen = port(PaymentGateway).payment(intent_id)
    with unit_of_work() as session:
        vouchers.record(session, voucher_id, seen, clock.now())


def provider_says(intent_id: str) -> int | None:
    """A message of the provider names a payment or a card being kept: look at it.

    The payment; None when we know of none.
    """
    with reading() as session:
        payment_id = payments.by_intent(session, intent_id)
        voucher_id = vouchers.by_intent(session, intent_id)
    if voucher_id is not None:
        refresh_voucher(voucher_id, intent_id)
        return None
    if payment_id is None:
        log.info("unknown_intent", intent=intent_id)
        return None
    refresh_payment(payment_id)
    return payment_id


def see(where: Look) -> PaymentIntentView | SetupIntentView:
    """What the provider shows now."""
    gateway = port(PaymentGateway)
    assert where.intent_id is not None
    if where.keeps:
        return gateway.keeping(where.intent_id)
    return gateway.payment(where.intent_id)


def close_at_provider(where: Look) -> bool:
    """Whether nobody can pay it any more; when somebody just did, that is noted instead."""
    seen = see(where)
    if seen.status is IntentStatus.PROCESSING:
        return False
    if seen.status is not IntentStatus.CANCELED:
        with unit_of_work() as session:
            finding = payments.record(session, where.payment_id, seen, clock.now())
        if finding in {Finding.SECURED, Finding.TAKEN}:
            return False
        try:
            _cancel(where)
        except WrongStateAtGateway:
            refresh_payment(where.payment_id)
            return False
    return True


def _free(where: Look, seen: PaymentIntentView | SetupIntentView) -> None:
    if seen.status is IntentStatus.CANCELED:
        return
    if seen.status is not IntentStatus.SUCCEEDED:
        _cancel(where)
        return
    gateway = port(PaymentGateway)
    if isinstance(seen, SetupIntentView):
        if seen.method_id:
            gateway.forget_method(seen.method_id, f"{where.key}-forget")
        return
    left = seen.received - seen.refunded
    if left > Money.zero():
        gateway.refund(RefundRequest(key=f"{where.key}-refund", intent_id=seen.id, amount=left))


def _cancel(where: Look) -> None:
    gateway = port(PaymentGateway)
    assert where.intent_id is not None
    if where.keeps:
        gateway.cancel_keeping(where.intent_id, where.key)
    else:
        gateway.cancel(where.intent_id, where.key, "abandoned")


def one_by_one(deed: Callable[[int], None], ids: list[int]) -> None:
    """Do it for each, until the provider is away."""
    for one in ids:
        try:
            deed(one)
        except GatewayUnavailable as error:
            # The provider is away: the next run looks again, nothing is decided meanwhile.
            log.warning("provider_away", error=str(error))
            return
