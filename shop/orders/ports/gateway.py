"""Whoever authorizes, captures, gives back and shares out money for us."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from shop.kernel.money import Money
from shop.orders.ports.requests import (
    CaptureRequest,
    CustomerRequest,
    EvidenceRequest,
    KeepMethodRequest,
    KeptMethodCharge,
    PayeeRequest,
    PaymentRequest,
    RefundRequest,
    ReversalRequest,
    TransferRequest,
)
from shop.orders.ports.views import (
    Balance,
    BalanceEntry,
    DisputeView,
    GatewayEvent,
    MethodView,
    PaymentIntentView,
    RefundView,
    ReversalView,
    SetupIntentView,
    TransferView,
)


class PaymentGateway(Protocol):
    """Whoever authorizes, captures, gives back and shares out money for us.

    Each call may raise ``GatewayRefused`` (or one of its kinds above: asking again will not
    help) or ``GatewayUnavailable`` (it is not known whether it was done: ask again with
    the same key).
    """

    @property
    def public_key(self) -> str:
        """The key that the payment page in the browser may know."""

    @property
    def simulated(self) -> bool:
        """Whether no real money can move; pages then say so."""

    def hosted_page_url(self, client_secret: str, return_url: str) -> str | None:
        """Where to send the person to pay or keep a card; ``None``: show the provider's form.

        The person comes back to ``return_url`` with ``payment_intent`` (or ``setup_intent``),
        its ``…_client_secret`` and ``redirect_status`` added: a hint, to be checked.
        """

    def create_customer(self, request: CustomerRequest) -> str:
        """Make the person known to the provider; answers the provider’s id."""

    def open_payment(self, request: PaymentRequest) -> PaymentIntentView:
        """Prepare a payment that the customer confirms on a page."""

    def change_amount(self, intent_id: str, amount: Money, key: str) -> PaymentIntentView:
        """Correct the amount of a payment that the customer has not confirmed yet."""

    def increase(self, intent_id: str, amount: Money, key: str) -> PaymentIntentView:
        """Make a reservation larger, up to ``amount`` in all, while the customer is away.

        Raises:
            CardDeclined: the bank says no; what was reserved stands as it was.
        """

    def pay_with(
        self, intent_id: str, method_id: str, key: str, return_url: str
    ) -> PaymentIntentView | SetupIntentView:
        """Pay an open payment (or secure a later one) with a kept card while its owner is there.

        Raises:
            CardDeclined: the bank says no.
        """

    def open_keeping(self, request: KeepMethodRequest) -> SetupIntentView:
        """Prepare the keeping of a card that the customer confirms on a page."""

    def charge_kept(self, request: KeptMethodCharge) -> PaymentIntentView:
        """Charge (or authorize on) a kept card while the customer is away.

        Raises:
            CardDeclined: the bank says no.
            AuthenticationRequired: the customer has to come back and confirm.
        """

    def payment(self, intent_id: str) -> PaymentIntentView:
        """The payment as it stands now."""

    def payments_of(self, customer_id: str, since: datetime) -> tuple[PaymentIntentView, ...]:
        """Every payment of a customer from ``since`` on, oldest first; nothing is late in it."""

    def keeping(self, setup_id: str) -> SetupIntentView:
        """The keeping of a card as it stands now."""

    def method(self, method_id: str) -> MethodView:
        """A means of payment as shown to people."""

    def kept_methods(self, customer_id: str) -> tuple[MethodView, ...]:
        """What this customer agreed to keep, newest first."""

    def forget_method(self, method_id: str, key: str) -> None:
        """Throw a kept means of payment away."""

    def capture(self, request: CaptureRequest) -> PaymentIntentView:
        """Take at most what was authorized and free the rest."""

    def cancel(self, intent_id: str, key: str, reason: str | None = None) -> PaymentIntentView:
        """Free what was authorized; ``reason`` is one of the provider's four words or ``None``."""

    def cancel_keeping(self, setup_id: str, key: str) -> SetupIntentView:
        """Give up the keeping of a card."""

    def refund(self, request: RefundRequest) -> RefundView:
        """Give back at most what was captured and not given back yet."""

    def refunds(self, intent_id: str) -> tuple[RefundView, ...]:
        """Every refund of a payment, oldest first."""

    def disputes(self, intent_id: str) -> tuple[DisputeView, ...]:
        """Every dispute of a payment, oldest first."""

    def answer_dispute(self, request: EvidenceRequest) -> DisputeView:
        """Hand in what is said about a dispute; the bank reads it once."""

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """The message, when its signature is right and recent.

        Raises:
            EventRefused: otherwise; nothing of the message may be believed.
        """

    def events_since(self, since: datetime) -> tuple[GatewayEvent, ...]:
        """Every event from ``since`` on, oldest first: what was lost on the way is found here."""

    def balance(self) -> Balance:
        """What the provider holds for us now."""

    def balance_entries(self, since: datetime, until: datetime) -> tuple[BalanceEntry, ...]:
        """Movements created in ``since`` ≤ t < ``until``, oldest first."""

    def open_payee(self, request: PayeeRequest) -> str:
        """Open a producer’s account at the provider; answers its id."""

    def transfer(self, request: TransferRequest) -> TransferView:
        """Send a producer’s share to their account."""

    def reverse_transfer(self, request: ReversalRequest) -> ReversalView:
        """Take back at most what was transferred and not taken back yet."""

    def transfers_of(self, transfer_group: str) -> tuple[TransferView, ...]:
        """Every share that was sent under that name, oldest first; nothing is late in it."""

    def reversals(self, transfer_id: str) -> tuple[ReversalView, ...]:
        """Every taking back of a share, oldest first."""
