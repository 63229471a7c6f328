"""Contested payments and slow debits: look at the provider, note what is there."""

from __future__ import annotations

from shop.infra import clock
from shop.infra.ports import port
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.ports import PaymentGateway
from shop.orders.queries import disputes as queries
from shop.orders.services import debits, disputes, payments
from worker import orders


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


def refresh_debits() -> None:
    """Look at debits whose answer has not come."""
    with reading() as session:
        waiting = debits.pending(session)
    orders.one_by_one(orders.refresh_payment, waiting)
