"""Changes of orders that wait for money, and reservations that would lapse too early."""

from __future__ import annotations

from datetime import timedelta

from structlog import get_logger

from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayRefused
from shop.orders.ports import (
    AuthenticationRequired,
    CardDeclined,
    PaymentGateway,
    PaymentIntentView,
)
from shop.orders.queries import order_page
from shop.orders.services import amending, payments, replacing
from worker import orders
from worker.handlers import handles
from worker.letters import address_of
from worker.receipts import send_about

log = get_logger()

CLOCKS_DIFFER = timedelta(days=1)


def lapse_amendments() -> None:
    """Give up changes that nobody paid in time; the orders stay as they were."""
    with reading() as session:
        late = amending.due(session, clock.now())
    orders.one_by_one(lapse_amendment, late)


def lapse_amendment(amendment_id: int) -> None:
    """Give one up, unless it turns out to be paid at this very moment."""
    with reading() as session:
        payment_id = amending.payment_of(session, amendment_id)
        where = payments.look(session, payment_id) if payment_id is not None else None
    if where is not None and where.intent_id is not None and not orders.close_at_provider(where):
        return
    with unit_of_work() as session:
        amending.give_up(session, amendment_id, clock.now())


def renew_reservations() -> None:
    """Reserve again what would lapse before its order is delivered."""
    with reading() as session:
        soon = replacing.lapsing(session, clock.now())
    orders.one_by_one(renew_reservation, soon)


def renew_reservation(payment_id: int) -> None:
    """Make one reservation anew on its kept card, once, wherever this was cut."""
    with unit_of_work() as session:
        renewal = replacing.prepare_renewal(session, payment_id, clock.now())
    if renewal is None:
        return
    try:
        seen = _made_before(renewal) if renewal.resumed else None
        seen = seen or port(PaymentGateway).charge_kept(renewal.charge)
    except GatewayRefused as refusal:
        log.warning("renewal_refused", payment=payment_id, code=refusal.code)
        with unit_of_work() as session:
            replacing.record_refused_renewal(session, renewal, refusal, clock.now())
        return
    with unit_of_work() as session:
        replacing.record_renewal(session, renewal, seen.id, clock.now())
    with unit_of_work() as session:
        payments.record(session, renewal.payment_id, seen, clock.now())


def _made_before(renewal: replacing.Renewal) -> PaymentIntentView | None:
    """What an earlier try has made, found by our mark: the provider forgets keys after a day."""
    since = renewal.noted_at - CLOCKS_DIFFER
    for seen in port(PaymentGateway).payments_of(renewal.charge.customer_id, since):
        if seen.metadata.get("payment") != str(renewal.payment_id):
            continue
        if seen.last_error_code is None:
            return seen
        facts = {"intent_id": seen.id, "client_secret": seen.client_secret}
        if "authentication_required" in (seen.last_error_code, seen.last_decline_code):
            raise AuthenticationRequired(**facts)
        raise CardDeclined(decline_code=seen.last_decline_code, **facts)
    return None


@handles(amending.MAIL_AMENDED)
def send_order_amended(order_id: int, amendment_id: int) -> None:
    """Tell the customer what the order is now."""
    send_about("order_amended", order_id, suffix=f".{amendment_id}")


@handles(amending.MAIL_CONFIRM)
def send_payment_renewal(order_id: int, amendment_id: int = 0) -> None:
    """Ask the customer to confirm the payment again; nothing when that is done meanwhile."""
    with reading() as session:
        order = order_page.by_id(session, order_id)
        market = markets.by_id(session, order.market_id)
    if order.state not in ("placed", "firm"):
        return
    send_about(
        "payment_renewal",
        order_id,
        suffix=f".{amendment_id}" if amendment_id else "",
        is_change=bool(amendment_id),
        confirm_url=address_of("orders.reserve", market=market.slug, token=order.token),
    )
