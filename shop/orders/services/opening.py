"""What to ask the provider so that a customer can pay: noted first, under keys that do it once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shop.kernel.money import Money
from shop.orders.domain.terms import OperationKind, PaymentKind
from shop.orders.models import Order, Payment, PaymentCustomer, PaymentOperation
from shop.orders.ports import (
    CaptureMode,
    CustomerRequest,
    KeepMethodRequest,
    MethodKind,
    PaymentRequest,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What to ask the provider so that the customer can pay; ``client_secret`` when asked before.

    The customer comes first, unless the provider knows them as ``customer_id`` already: their
    card can only be charged later, or once more, in their name.
    """

    payment_id: int
    order_id: int
    kind: PaymentKind
    client_secret: str | None
    customer: CustomerRequest
    customer_id: str | None
    payment: PaymentRequest
    keeping_key: str

    @property
    def keeps(self) -> bool:
        """Whether a means of payment is kept now and charged later, and nothing reserved."""
        return self.kind is not PaymentKind.CARD_HOLD

    def keeping(self, customer_id: str) -> KeepMethodRequest:
        """The wish to keep the card, or the account, of a customer known at the provider."""
        debit = self.kind is PaymentKind.DEBIT_KEPT
        return KeepMethodRequest(
            key=self.keeping_key,
            customer_id=customer_id,
            metadata=self.payment.metadata,
            methods=(MethodKind.SEPA_DEBIT if debit else MethodKind.CARD,),
            description=self.payment.description,
        )

    def paying(self, customer_id: str) -> PaymentRequest:
        """The payment of a customer known at the provider."""
        return replace(self.payment, customer_id=customer_id)


def open_for(
    session: Session,
    order: Order,
    payment: Payment,
    capture: CaptureMode = CaptureMode.MANUAL,
) -> Opening:
    """Note that ``payment`` is going to be opened, and say how.

    A reservation keeps the card as well, for this order only: a reservation that would lapse
    before the delivery is renewed on it, and a larger order gets a larger one.
    """
    stem = f"{order.token}-{payment.id}"
    session.execute(
        insert(PaymentOperation)
        .values(
            payment_id=payment.id,
            kind=OperationKind.CREATE,
            amount_cents=payment.ceiling_cents,
            key=f"{stem}-create",
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )
    reserves = capture is CaptureMode.MANUAL
    return Opening(
        payment_id=payment.id,
        order_id=order.id,
        kind=payment.kind,
        client_secret=payment.client_secret,
        customer=customer_of(order, stem),
        customer_id=payment.customer_ref or known_customer(session, order.person_id),
        payment=PaymentRequest(
            key=f"{stem}-create",
            amount=Money(payment.ceiling_cents),
            metadata={"order": order.number, "payment": str(payment.id)},
            capture=capture,
            keep_method=reserves,
            may_grow=reserves,
            description=order.number,
            transfer_group=order.number,
        ),
        keeping_key=f"{stem}-create",
    )


def customer_of(order: Order, stem: str) -> CustomerRequest:
    """Who pays an order, as the provider is told."""
    key = f"person-{order.person_id}-customer" if order.person_id else f"{stem}-customer"
    return CustomerRequest(
        key=key,
        email=order.contact_email,
        name=order.contact_name,
        reference=f"person-{order.person_id}" if order.person_id else f"order-{order.number}",
        language=order.locale,
    )


def known_customer(session: Session, person_id: int | None) -> str | None:
    """Under which name the provider knows a person with an account; None: it does not yet."""
    if person_id is None:
        return None
    return session.scalar(
        select(PaymentCustomer.customer_ref).where(PaymentCustomer.person_id == person_id)
    )


def remember_customer(session: Session, person_id: int | None, customer_ref: str | None) -> None:
    """Keep the provider's name for a person with an account; the first one stays."""
    if person_id is None or customer_ref is None:
        return
    session.execute(
        insert(PaymentCustomer)
        .values(person_id=person_id, customer_ref=customer_ref)
        .on_conflict_do_nothing()
    )
