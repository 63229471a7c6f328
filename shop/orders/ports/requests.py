"""What is asked of whoever moves money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shop.kernel.money import Money
from shop.orders.ports.words import CaptureMode, MethodKind


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
    may_grow: bool = False
    """Whether to ask the bank for a reservation that can be made larger."""
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
class EvidenceRequest:
    """What is said about a dispute, field by field in the provider's names; final."""

    key: str
    dispute_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PayeeRequest:
    """An account at the provider for a producer, who completes it there themselves."""

    key: str
    email: str
    country: str = "FR"
    metadata: Mapping[str, str] = field(default_factory=dict)
