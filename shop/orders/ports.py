"""What this room needs from outside: somebody who moves money, somebody who carries letters.

Ids are the provider's own, kept as text. Instants are aware UTC. Amounts are in the one
currency of the installation; an amount in another one is refused, never converted.
Every request that moves or promises money carries a ``key``: the same key with the same
content is done once, however often it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from shop.kernel.errors import GatewayRefused, GatewayUnavailable
from shop.kernel.money import Money


class CardDeclined(GatewayRefused):
    """The bank says no; facts: ``decline_code``, ``intent_id`` when one exists."""

    code: ClassVar[str] = "card_declined"


class AuthenticationRequired(GatewayRefused):
    """The bank wants to see the cardholder; facts: ``intent_id``, ``client_secret``."""

    code: ClassVar[str] = "authentication_required"


class UnknownAtGateway(GatewayRefused):
    """The provider knows no such thing; facts: ``param``, ``message``."""

    code: ClassVar[str] = "unknown_at_gateway"


class WrongStateAtGateway(GatewayRefused):
    """The thing is not in a state that allows this (captured, canceled, refunded already)."""

    code: ClassVar[str] = "wrong_state_at_gateway"


class KeyReused(GatewayRefused):
    """The same key was sent before with another content: a bug or an attack, never a retry."""

    code: ClassVar[str] = "key_reused"


class ForeignCurrency(GatewayRefused):
    """The provider speaks of a currency that is not ours; facts: ``currency``, ``object_id``."""

    code: ClassVar[str] = "foreign_currency"


class EventRefused(GatewayRefused):
    """A message that claims to come from the provider is forged, too old or unreadable."""

    code: ClassVar[str] = "event_refused"


class GatewayBusy(GatewayUnavailable):
    """The provider asks us to slow down, or works on the same thing at this moment."""

    code: ClassVar[str] = "gateway_busy"


class IntentStatus(StrEnum):
    """Where a payment or the keeping of a card stands at the provider."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class CaptureMode(StrEnum):
    """Whether money is reserved first and taken later, or taken at once."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"


class MethodKind(StrEnum):
    """Means of payment that we offer."""

    CARD = "card"
    SEPA_DEBIT = "sepa_debit"


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """A person who will pay; ``reference`` is our own id of that person."""

    key: str
    email: str
    name: str
    reference: str
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A payment that the customer will confirm on a page.

    ``amount`` is the announced ceiling when the mode is manual. ``metadata`` names at least
    the order (``order``). ``keep_method`` asks consent to charge the same card later.
    """

    key: str
    amount: Money
    customer_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    capture: CaptureMode = CaptureMode.MANUAL
    methods: tuple[MethodKind, ...] = (MethodKind.CARD,)
    keep_method: bool = False
    description: str = ""
    transfer_group: str = ""


@dataclass(frozen=True, slots=True)
class KeepMethodRequest:
    """The wish to keep a card, with strong authentication now, and to charge it later."""

    key: str
    customer_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    methods: tuple[MethodKind, ...] = (MethodKind.CARD,)
    description: str = ""


@dataclass(frozen=True, slots=True)
class KeptMethodCharge:
    """A charge of a kept card while the customer is away."""

    key: str
    amount: Money
    customer_id: str
    method_id: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    capture: CaptureMode = CaptureMode.AUTOMATIC
    method_kind: MethodKind = MethodKind.CARD
    description: str = ""
    transfer_group: str = ""


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Take ``amount`` of what was authorized and free the rest."""

    key: str
    intent_id: str
    amount: Money
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give back ``amount`` of a captured payment; ``metadata`` cites the reason and the line."""

    key: str
    intent_id: str
    amount: Money
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """A producer's share, from our balance to their account at the provider.

    ``source_charge_id`` ties it to one payment, so that it waits for that money to arrive.
    """

    key: str
    amount: Money
    account_id: str
    source_charge_id: str | None = None
    transfer_group: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """Take back ``amount`` of a transfer, for example after a refund."""

    key: str
    transfer_id: str
    amount: Money
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PayeeRequest:
    """An account at the provider for a producer, who completes it there themselves."""

    key: str
    email: str
    country: str = "FR"
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MethodView:
    """A means of payment as shown to people: « CB ···· 4242, 04/29 »."""

    id: str
    kind: str
    customer_id: str | None
    brand: str
    last4: str
    exp_month: int | None = None
    exp_year: int | None = None
    networks: tuple[str, ...] = ()
    preferred_network: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentIntentView:
    """A payment as the provider tells it now; this, not an event, is what we believe.

    ``capturable`` is what a capture may still take; ``received`` what was taken;
    ``capture_before`` is ``None`` until something is authorized.
    """

    id: str
    status: IntentStatus
    amount: Money
    capturable: Money
    received: Money
    client_secret: str
    created_at: datetime
    capture_before: datetime | None = None
    customer_id: str | None = None
    method_id: str | None = None
    method: MethodView | None = None
    charge_id: str | None = None
    refunded: Money = field(default_factory=Money.zero)
    disputed: bool = False
    fee: Money | None = None
    """What the provider keeps; ``None`` until it is known."""
    last_error_code: str | None = None
    last_decline_code: str | None = None
    cancellation_reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetupIntentView:
    """The keeping of a card as the provider tells it now."""

    id: str
    status: IntentStatus
    client_secret: str
    customer_id: str | None
    method_id: str | None = None
    method: MethodView | None = None
    last_error_code: str | None = None
    last_decline_code: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money on its way back; ``status``: pending, succeeded, failed, canceled, requires_action."""

    id: str
    intent_id: str | None
    amount: Money
    status: str
    failure_reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransferView:
    """A producer's share that left our balance; ``reversed_amount`` came back."""

    id: str
    account_id: str
    amount: Money
    reversed_amount: Money
    created_at: datetime
    transfer_group: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReversalView:
    """One taking back of a transfer."""

    id: str
    transfer_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class BalanceEntry:
    """One movement of our balance at the provider: ``net`` = ``amount`` − ``fee``.

    ``kind`` is the provider's word (charge, payment, refund, adjustment, transfer, payout,
    stripe_fee …); ``source_id`` is the charge, refund, transfer or dispute behind it.
    """

    id: str
    kind: str
    amount: Money
    fee: Money
    net: Money
    source_id: str | None
    created_at: datetime
    available_at: datetime
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What the provider holds for us: payable now, and on its way."""

    available: Money
    pending: Money


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A message from the provider whose signature was right.

    It is a hint to look again, as it may be late, doubled or out of order: read the thing
    named by ``intent_id`` or ``setup_id`` before believing. ``body`` is the whole message.
    """

    id: str
    kind: str
    created_at: datetime
    object_id: str
    intent_id: str | None = None
    setup_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A letter ready to leave; ``message_id`` is ours, so that a second sending is recognized."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    attachments: tuple[Attachment, ...] = ()


class Mailer(Protocol):
    """Whoever carries letters."""

    def send(self, message: OutgoingMail) -> None:
        """Hand the letter over.

        Raises:
            GatewayRefused: the address will never work.
            GatewayUnavailable: not now.
        """
