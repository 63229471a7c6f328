"""What an order does not need any more at the provider is freed, or given back, by the worker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.infra import outbox

VOID = "orders.void_payment"


def ask_to_void(session: Session, payment_id: int) -> None:
    """Ask the worker to free, or give back, what a payment holds at the provider."""
    outbox.post(session, VOID, key=f"void:{payment_id}", payment_id=payment_id)
