"""Cards that people with an account asked us to keep: shown, chosen, thrown away.

We keep what is shown of a card, never its number; the card itself is the provider's.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.infra import outbox
from shop.orders.errors import OrderNotPayable, SavedCardUnknown
from shop.orders.models import Order, Payment, SavedCard
from shop.orders.ports import MethodView

FORGET = "orders.forget_card"
"""Asks the worker to throw a card away at the provider; ``method_ref``."""


def keep(session: Session, person_id: int, method: MethodView, at: datetime) -> None:
    """Keep a card with its owner's consent; keeping it again chooses it."""
    shown = {
        "brand": method.brand,
        "last4": method.last4,
        "exp_month": method.exp_month,
        "exp_year": method.exp_year,
    }
    session.execute(
        insert(SavedCard)
        .values(person_id=person_id, method_ref=method.id, agreed_at=at, chosen_at=at, **shown)
        .on_conflict_do_update(index_elements=["method_ref"], set_={"chosen_at": at, **shown})
    )


def choose(session: Session, person_id: int, card_id: int, at: datetime) -> None:
    """Offer this card first from now on.

    Raises:
        SavedCardUnknown: it is not this person's.
    """
    _mine(session, person_id, card_id).chosen_at = at


def forget(session: Session, person_id: int, card_id: int, at: datetime) -> None:
    """Do not offer this card any more, and have it thrown away at the provider.

    An order that is to be charged on it keeps it until it is paid.

    Raises:
        SavedCardUnknown: it is not this person's.
    """
    card = _mine(session, person_id, card_id)
    card.forgotten_at = at
    outbox.post(session, FORGET, key=f"forget:{card.id}", method_ref=card.method_ref)


def is_needed(session: Session, method_ref: str) -> bool:
    """Whether an order that is not paid yet counts on a card, or its owner keeps it."""
    waits = session.scalar(
        select(Payment.id)
        .where(Payment.method_ref == method_ref)
        .where(Payment.state.in_(("authorized", "card_kept", "processing")))
        .limit(1)
    )
    kept = session.scalar(
        select(SavedCard.id)
        .where(SavedCard.method_ref == method_ref, SavedCard.forgotten_at.is_(None))
        .limit(1)
    )
    return waits is not None or kept is not None


def agree(session: Session, order_id: int, *, keeps: bool, at: datetime) -> None:
    """Note whether the card that pays an order shall be kept for later ones.

    Raises:
        OrderNotPayable: nobody with an account, or it is paid.
    """
    order = session.get_one(Order, order_id, with_for_update=True)
    if order.person_id is None or order.state != "awaiting_payment":
        raise OrderNotPayable(state=order.state)
    session.execute(
        update(Payment)
        .where(Payment.order_id == order_id, Payment.state == "created")
        .values(keep_agreed_at=at if keeps else None)
        .execution_options(synchronize_session=False)
    )


def _mine(session: Session, person_id: int, card_id: int) -> SavedCard:
    card = session.execute(
        select(SavedCard)
        .where(SavedCard.id == card_id, SavedCard.person_id == person_id)
        .where(SavedCard.forgotten_at.is_(None))
        .with_for_update()
    ).scalar_one_or_none()
    if card is None:
        raise SavedCardUnknown(card_id=card_id)
    return card
