"""How a payment is secured, and what a look at the provider means for the order."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from shop.orders.domain.terms import PaymentKind

HOLD_WITHIN = timedelta(days=6)
"""A card hold lasts about seven days: a delivery in that time can be paid from it."""


class Finding(StrEnum):
    """What the provider's answer means, whatever the message that made us look."""

    WAITING = "waiting"
    """Nothing is decided; the customer may still be there."""
    DECLINED = "declined"
    """The last try failed; the customer may try again."""
    SECURED = "secured"
    """Money is reserved, or the card is kept with consent."""
    TAKEN = "taken"
    """Money was captured."""
    GIVEN_UP = "given_up"
    """Canceled at the provider: nothing will come of it."""


def kind_for(ordered_at: datetime, delivered_at: datetime) -> PaymentKind:
    """Reserve now when the delivery falls inside the reservation, otherwise keep the card."""
    if delivered_at - ordered_at <= HOLD_WITHIN:
        return PaymentKind.CARD_HOLD
    return PaymentKind.CARD_KEPT


def read_status(kind: PaymentKind, status: str, *, failed: bool) -> Finding:
    """What a status of the provider means; ``failed``: it names an error of the last try."""
    if status == "canceled":
        return Finding.GIVEN_UP
    if status == "succeeded":
        return Finding.TAKEN if kind is PaymentKind.CARD_HOLD else Finding.SECURED
    if status == "requires_capture":
        return Finding.SECURED
    if status == "requires_payment_method" and failed:
        return Finding.DECLINED
    return Finding.WAITING
