"""Fixed vocabularies of orders and money."""

from __future__ import annotations

from enum import StrEnum


class SalesModel(StrEnum):
    """Who sells to the customer (rules §3): decides who invoices whom."""

    MARKETPLACE = "marketplace"
    HUB_RESALE = "hub_resale"
    FARM_RESALE = "farm_resale"
    PRODUCERS_SHOP = "producers_shop"
    SEASON_CONTRACT = "season_contract"


class PaymentKind(StrEnum):
    """How a payment is secured when the order is placed."""

    CARD_HOLD = "card_hold"
    """Authorized now, captured after weighing."""
    CARD_KEPT = "card_kept"
    """Card kept with consent, charged after weighing."""


class OperationKind(StrEnum):
    """A call to the payment provider."""

    CREATE = "create"
    CAPTURE = "capture"
    CHARGE = "charge"
    CANCEL = "cancel"
    REFUND = "refund"


class OperationState(StrEnum):
    """How far such a call got."""

    NOTED = "noted"
    DONE = "done"
    REFUSED = "refused"


class AccountKind(StrEnum):
    """Branches of the account tree."""

    CUSTOMER = "customer"
    """What a customer owes us (above zero) or we owe them."""
    PRODUCER = "producer"
    """What we owe a producer (below zero)."""
    MARKET = "market"
    """Fees of a market."""
    PLATFORM = "platform"
    """Fees of the platform."""
    PROVIDER = "provider"
    """Money that the payment provider holds for us."""
    DEPOSITS = "deposits"
    VOUCHERS = "vouchers"
    SOLIDARITY = "solidarity"
    TAX = "tax"


class FeeKind(StrEnum):
    """What a share of the sale pays for."""

    PLATFORM = "platform"
    MARKET = "market"
    PREPARER = "preparer"
    TRANSPORT = "transport"
    RELAY = "relay"


class Bearer(StrEnum):
    """Who bears a fee."""

    PRODUCER = "producer"
    CUSTOMER = "customer"


class ShortageReason(StrEnum):
    """Why a line is delivered in part, or not at all."""

    NOT_SUPPLIED = "not_supplied"
    DAMAGED = "damaged"
    QUALITY = "quality"
    LOST = "lost"
    UNDER_WEIGHT = "under_weight"
