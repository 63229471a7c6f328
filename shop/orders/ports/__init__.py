"""What this room needs from outside: somebody who moves money, somebody who carries letters.

Ids are the provider's own, kept as text. Instants are aware UTC. Amounts are in the one
currency of the installation; an amount in another one is refused, never converted.
Every request that moves or promises money carries a ``key``: the same key with the same
content is done once, however often it is sent.
"""

from __future__ import annotations

from shop.orders.ports.gateway import (
    PaymentGateway,
)
from shop.orders.ports.mail import (
    Attachment,
    Mailer,
    OutgoingMail,
)
from shop.orders.ports.refusals import (
    AuthenticationRequired,
    CardDeclined,
    EventRefused,
    ForeignCurrency,
    GatewayBusy,
    KeyReused,
    UnknownAtGateway,
    WrongStateAtGateway,
)
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
from shop.orders.ports.words import (
    CaptureMode,
    IntentStatus,
    MethodKind,
)

__all__ = [
    "Attachment",
    "AuthenticationRequired",
    "Balance",
    "BalanceEntry",
    "CaptureMode",
    "CaptureRequest",
    "CardDeclined",
    "CustomerRequest",
    "DisputeView",
    "EventRefused",
    "EvidenceRequest",
    "ForeignCurrency",
    "GatewayBusy",
    "GatewayEvent",
    "IntentStatus",
    "KeepMethodRequest",
    "KeptMethodCharge",
    "KeyReused",
    "Mailer",
    "MethodKind",
    "MethodView",
    "OutgoingMail",
    "PayeeRequest",
    "PaymentGateway",
    "PaymentIntentView",
    "PaymentRequest",
    "RefundRequest",
    "RefundView",
    "ReversalRequest",
    "ReversalView",
    "SetupIntentView",
    "TransferRequest",
    "TransferView",
    "UnknownAtGateway",
    "WrongStateAtGateway",
]
