"""The cards that a person keeps here, the chosen one first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.orders.errors import SavedCardUnknown
from shop.orders.models import Payment, PaymentCustomer, SavedCard


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as people know it: « Visa ···· 4242, 04/29 »."""

    id: int
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None

    @property
    def name(self) -> str:
        """Brand and last digits."""
        return f"{self.brand.replace('_', ' ').title()} ···· {self.last4}"

    @property
    def until(self) -> str:
        """Month and year of its end; empty for an account."""
        if self.exp_month is None or self.exp_year is None:
            return ""
        return f"{self.exp_month:02d}/{self.exp_year % 100:02d}"


def of_person(session: Session, person_id: int | None) -> tuple[CardView, ...]:
    """Cards of a person; none for a stranger."""
    if person_id is None:
        return ()
    rows = session.execute(
        select(
            SavedCard.id,
            SavedCard.brand,
            SavedCard.last4,
            SavedCard.exp_month,
            SavedCard.exp_year,
        )
        .where(SavedCard.person_id == person_id, SavedCard.forgotten_at.is_(None))
        .order_by(SavedCard.chosen_at.desc(), SavedCard.id.desc())
    )
    return tuple(CardView(*row) for row in rows)


def is_agreed(session: Session, order_id: int) -> bool:
    """Whether the card that pays an order shall be kept for later ones."""
    found = session.scalar(
        select(Payment.id).where(
            Payment.order_id == order_id,
            Payment.state == "created",
            Payment.keep_agreed_at.is_not(None),
        )
    )
    return found is not None


def customer_of(session: Session, person_id: int) -> str | None:
    """Under which name the provider knows a person; None: not yet."""
    return session.scalar(
        select(PaymentCustomer.customer_ref).where(PaymentCustomer.person_id == person_id)
    )


def method_of(session: Session, person_id: int, card_id: int) -> str:
    """The provider's name of a person's card.

    Raises:
        SavedCardUnknown: it is not this person's.
    """
    found = session.scalar(
        select(SavedCard.method_ref)
        .where(SavedCard.id == card_id, SavedCard.person_id == person_id)
        .where(SavedCard.forgotten_at.is_(None))
    )
    if found is None:
        raise SavedCardUnknown(card_id=card_id)
    return found
