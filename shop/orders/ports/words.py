"""Fixed words between us and whoever moves money."""

from __future__ import annotations

from enum import StrEnum


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
