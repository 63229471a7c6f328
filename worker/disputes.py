"""Contested payments and slow debits: look at the provider, note what is there."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from structlog import get_logger

from shop.catalog.queries import markets
from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import GatewayRefused
from shop.orders.ports import PaymentGateway
from shop.orders.queries import disputes as queries
from shop.orders.services import debits, disputes, evidence, payments
from worker import orders
from worker.handlers import handles
from worker.letters import address_of, send_letter

log = get_logger()

LANGUAGE = "fr"
"""The desk is written to in the language of the country."""


def refresh_disputes(payment_id: int) -> None:
    """Look at the disputes of a payment at the provider and note what is there."""
    with reading() as session:
        where = payments.look(session, payment_id)
    if where.intent_id is None or where.keeps:
        return
    for seen in port(PaymentGateway).disputes(where.intent_id):
        with unit_of_work() as session:
            disputes.record(session, payment_id, seen, clock.now())


def refresh_open_disputes() -> None:
    """Look at every open dispute: what the provider told us may have been lost."""
    with reading() as session:
        open_ones = queries.open_payments(session)
    orders.one_by_one(refresh_disputes, open_ones)


@handles(evidence.ANSWER_TOPIC)
def answer_dispute(answer_id: int) -> None:
    """Hand in what the desk said about a dispute, once, and look at what became of it."""
    with unit_of_work() as session:
        call = evidence.prepare(session, answer_id)
    if call is None:
        return
    try:
        port(PaymentGateway).answer_dispute(call.request)
    except GatewayRefused as refusal:
        with unit_of_work() as session:
            evidence.record_refusal(session, answer_id, refusal, at=clock.now())
        return
    with unit_of_work() as session:
        evidence.record(session, answer_id, at=clock.now())
    refresh_disputes(call.payment_id)


def warn_of_disputes() -> None:
    """Warn each desk before the last moment for proofs, once for each dispute."""
    with unit_of_work() as session:
        near = evidence.warn(session, clock.now())
    if near:
        log.info("disputes_near", disputes=near)


@handles(evidence.MAIL_DUE)
def send_dispute_due(dispute_id: int, market_id: int, number: str) -> None:
    """Tell the desk until when a bank listens; nothing when it was answered meanwhile."""
    with reading() as session:
        market = markets.by_id(session, market_id)
        row = queries.by_id(session, market_id, dispute_id)
    if row.state != "open" or row.answer_state is not None or row.evidence_by is None:
        return
    send_letter(
        "orders/mail/dispute_due",
        to=market.email,
        language=LANGUAGE,
        key=f"dispute.{dispute_id}.due",
        market=market,
        dispute=row,
        until=row.evidence_by.astimezone(ZoneInfo(market.timezone)),
        url=address_of("orders_desk.dispute", market=market.slug, dispute_id=dispute_id),
    )


def refresh_debits() -> None:
    """Look at debits whose answer has not come."""
    with reading() as session:
        waiting = debits.pending(session)
    orders.one_by_one(orders.refresh_payment, waiting)
