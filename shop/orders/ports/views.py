"""What whoever moves money shows us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shop.kernel.money import Money
from shop.orders.ports.words import IntentStatus


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
    can_grow: bool = False
    """Whether the bank lets the reservation be made larger."""
    next_url: str | None = None
    """Where the person has to go to confirm; ``None``: nowhere."""
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
    next_url: str | None = None
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
class DisputeView:
    """A payment that its holder contests; ``status`` is the provider's word.

    ``evidence_by`` is ``None`` when nothing can be said against it any more.
    """

    id: str
    intent_id: str | None
    amount: Money
    status: str
    reason: str
    created_at: datetime
    evidence_by: datetime | None = None


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
    metadata: Mapping[str, str] = field(default_factory=dict)


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
