"""Fixed vocabularies of orders and money."""

from __future__ import annotations

from enum import StrEnum


class PaymentKind(StrEnum):
    """How a payment is secured when the order is placed."""

    CARD_HOLD = "card_hold"
    """Authorized now, captured after weighing."""
    CARD_KEPT = "card_kept"
    """Card kept with consent, charged after weighing."""
    DEBIT_KEPT = "debit_kept"
    """Mandate for a bank debit given, debited after weighing; the bank takes days to answer."""


class OperationKind(StrEnum):
    """A call to the payment provider."""

    CREATE = "create"
    CAPTURE = "capture"
    CHARGE = "charge"
    CANCEL = "cancel"
    REFUND = "refund"
    INCREASE = "increase"
    RENEW = "renew"


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
    DISPUTED = "disputed"
    """What a bank took back from us while it decides a dispute, by order."""
    DEPOSITS = "deposits"
    VOUCHERS = "vouchers"
    """What is left on each voucher (below zero: we owe it)."""
    SOLIDARITY = "solidarity"
    """What people gave in a market for others, and nobody has used yet."""
    TAX = "tax"
    """Tax inside fees and deliveries, owed to the tax office; None: the platform's."""
    TRANSIT = "transit"
    """Money on its way between the provider, the bank and producers."""
    COSTS = "costs"
    """What the provider and the bank keep for their work."""
    CREDIT = "credit"
    """What we owe a person for their next orders (below zero)."""
    CASH = "cash"
    """Coins and notes in the tills of a market."""
    CHEQUES = "cheques"
    MEAL_VOUCHERS = "meal_vouchers"
    BANK = "bank"
    """Money that came to the market's bank account without the payment provider."""
    RECEIVABLE = "receivable"
    """What an organisation that buys on account owes."""
    DIRECT_DUE = "direct_due"
    """For the record only: what members owe a farm directly, per season contract."""
    DIRECT_PROMISED = "direct_promised"
    """For the record only: the same, per producer. Never our money."""


class VoucherKind(StrEnum):
    """Who paid for a voucher."""

    GIFT = "gift"
    """Whoever bought it."""
    DESK = "desk"
    """Given by the market, at its own cost."""
    SOLIDARITY = "solidarity"
    """Those who gave to the solidarity fund."""
    DONATION = "donation"
    """Whoever bought it, for the solidarity fund: it pays nothing by itself."""


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


class RefundWay(StrEnum):
    """Where the money of a refund goes."""

    CARD = "card"
    """Back the way it came."""
    CREDIT = "credit"
    """Kept for the customer's next orders; only for people with an account."""


class RefundReason(StrEnum):
    """Why money is given back; the customer reads it."""

    MISSING = "missing"
    DAMAGED = "damaged"
    QUALITY = "quality"
    WRONG = "wrong"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    GOODWILL = "goodwill"
    OTHER = "other"


class RefundPart(StrEnum):
    """What of an order is given back."""

    GOODS = "goods"
    DEPOSIT = "deposit"
    DELIVERY = "delivery"
