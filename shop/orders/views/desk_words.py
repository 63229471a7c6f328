"""Names of the orders' fixed vocabularies, in the person's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _

from shop.catalog.domain.terms import OptionKind
from shop.orders.domain.terms import (
    AccountKind,
    Bearer,
    FeeKind,
    OperationKind,
    OperationState,
    PaymentKind,
    RefundPart,
    RefundReason,
    RefundWay,
    ShortageReason,
)


def register(bp: Blueprint) -> None:
    """Give the templates these names."""
    names: dict[str, Callable[[Any], str]] = {
        "order_state": order_state,
        "payment_state": payment_state,
        "payment_kind": payment_kind,
        "operation_kind": operation_kind,
        "operation_state": operation_state,
        "shortage_reason": shortage_reason,
        "account_kind": account_kind,
        "fee_kind": fee_kind,
        "refund_reason": refund_reason,
        "refund_part": refund_part,
        "refund_state": refund_state,
        "refund_way": refund_way,
        "dispute_state": dispute_state,
        "paid_fee": paid_fee,
        "bearer_name": bearer_name,
        "letter": letter,
        "proof_name": proof_name,
        "order_filter": order_filter,
    }
    for name, function in names.items():
        bp.app_template_filter(name)(function)


def order_state(state: str) -> str:
    """Where an order stands."""
    names: dict[str | None, str] = {
        "awaiting_payment": _("To be paid"),
        "placed": _("Order confirmed"),
        "firm": _("Being prepared"),
        "fulfilled": _("Order delivered"),
        "settled": _("Delivered and settled"),
        "canceled": _("Canceled"),
    }
    return names.get(state, state)


def order_filter(name: str) -> str:
    """What the desk looks for."""
    special: dict[str, str] = {"unpaid": _("Delivered, unpaid"), "short": _("Something lacks")}
    return special.get(name) or order_state(name)


def payment_state(state: str | None) -> str:
    """Where a payment stands."""
    names: dict[str | None, str] = {
        None: "",
        "created": _("Not paid yet"),
        "authorized": _("Reserved"),
        "card_kept": _("Card kept"),
        "processing": _("Debit under way"),
        "captured": _("Charged"),
        "returned": _("Taken back by the bank"),
        "failed": _("Failed"),
        "canceled": _("Freed"),
    }
    return names.get(state, state or "")


def payment_kind(kind: PaymentKind) -> str:
    """How a payment is secured."""
    names: dict[PaymentKind, str] = {
        PaymentKind.CARD_HOLD: _("Reserved on the card"),
        PaymentKind.CARD_KEPT: _("Card kept, charged after weighing"),
        PaymentKind.DEBIT_KEPT: _("Bank debit after weighing"),
    }
    return names[kind]


def operation_kind(kind: OperationKind) -> str:
    """What was asked of the provider."""
    names: dict[OperationKind, str] = {
        OperationKind.CREATE: _("Opened"),
        OperationKind.CAPTURE: _("Capture"),
        OperationKind.CHARGE: _("Charge"),
        OperationKind.CANCEL: _("Release"),
        OperationKind.REFUND: _("Refund"),
        OperationKind.INCREASE: _("Larger reservation"),
        OperationKind.RENEW: _("Renewed reservation"),
    }
    return names[kind]


def operation_state(state: OperationState) -> str:
    """How far a call got."""
    names: dict[OperationState, str] = {
        OperationState.NOTED: _("under way"),
        OperationState.DONE: _("done"),
        OperationState.REFUSED: _("refused"),
    }
    return names[state]


def option_kind(kind: OptionKind) -> str:
    """How goods reach the customer, for files; pages have the catalogue's ``option_name``."""
    names: dict[OptionKind, str] = {
        OptionKind.RELAY: _("Relay point"),
        OptionKind.DRIVE: _("Drive"),
        OptionKind.HOME: _("At home"),
    }
    return names[kind]


def shortage_reason(reason: ShortageReason | None) -> str:
    """Why a line is short."""
    names: dict[ShortageReason | None, str] = {
        None: "",
        ShortageReason.NOT_SUPPLIED: _("not supplied"),
        ShortageReason.DAMAGED: _("damaged"),
        ShortageReason.QUALITY: _("not good enough"),
        ShortageReason.LOST: _("lost"),
        ShortageReason.UNDER_WEIGHT: _("under weight"),
    }
    return names[reason]


def account_kind(kind: AccountKind) -> str:
    """A branch of the account tree."""
    names: dict[AccountKind, str] = {
        AccountKind.CUSTOMER: _("Customers"),
        AccountKind.PRODUCER: _("Producers"),
        AccountKind.MARKET: _("Market"),
        AccountKind.PLATFORM: _("Platform"),
        AccountKind.PROVIDER: _("Payment provider"),
        AccountKind.DISPUTED: _("Disputed payments"),
        AccountKind.DEPOSITS: _("Deposits"),
        AccountKind.VOUCHERS: _("Vouchers"),
        AccountKind.SOLIDARITY: _("Solidarity"),
        AccountKind.TAX: _("Taxes"),
        AccountKind.TRANSIT: _("On its way"),
        AccountKind.BANK: _("Bank"),
        AccountKind.COSTS: _("Costs of provider and bank"),
        AccountKind.CREDIT: _("Credit of customers"),
        AccountKind.CASH: _("Cash in hand"),
        AccountKind.CHEQUES: _("Cheques in hand"),
        AccountKind.MEAL_VOUCHERS: _("Meal vouchers in hand"),
        AccountKind.RECEIVABLE: _("Buyers on account"),
        AccountKind.DIRECT_DUE: _("Season contracts (for the record)"),
        AccountKind.DIRECT_PROMISED: _("Due to farms directly (for the record)"),
    }
    return names.get(kind, kind.value)


def fee_kind(kind: FeeKind) -> str:
    """What a fee pays for."""
    names: dict[FeeKind, str] = {
        FeeKind.PLATFORM: _("Platform fee"),
        FeeKind.MARKET: _("Market fee"),
        FeeKind.PREPARER: _("Preparation"),
        FeeKind.TRANSPORT: _("Transport"),
        FeeKind.RELAY: _("Relay points"),
    }
    return names[kind]


def refund_reason(reason: RefundReason) -> str:
    """Why money is given back."""
    names: dict[RefundReason, str] = {
        RefundReason.MISSING: _("something was missing"),
        RefundReason.DAMAGED: _("something was damaged"),
        RefundReason.QUALITY: _("something was not good enough"),
        RefundReason.WRONG: _("something else was delivered"),
        RefundReason.LATE: _("the delivery was late"),
        RefundReason.WITHDRAWN: _("you withdrew from the purchase"),
        RefundReason.GOODWILL: _("a gesture of goodwill"),
        RefundReason.OTHER: _("another reason"),
    }
    return names[reason]


def refund_part(part: RefundPart) -> str:
    """What of an order is given back."""
    names: dict[RefundPart, str] = {
        RefundPart.GOODS: _("Products"),
        RefundPart.DEPOSIT: _("Deposits"),
        RefundPart.DELIVERY: _("Delivery"),
    }
    return names[part]


def refund_state(state: str) -> str:
    """How far a refund got."""
    names: dict[str | None, str] = {
        "noted": _("under way"),
        "done": _("given back"),
        "refused": _("did not arrive"),
    }
    return names.get(state, state)


def refund_way(way: RefundWay) -> str:
    """Where the money of a refund goes."""
    names: dict[RefundWay, str] = {
        RefundWay.CARD: _("the way it came"),
        RefundWay.CREDIT: _("as credit"),
    }
    return names[way]


def dispute_state(state: str) -> str:
    """How far a contested payment got."""
    names: dict[str | None, str] = {
        "open": _("to be answered"),
        "under_review": _("the bank decides"),
        "won": _("won"),
        "lost": _("lost"),
    }
    return names.get(state, state)


def paid_fee(kind: FeeKind) -> str:
    """What a fee on top of an order pays for, as customers read it."""
    names: dict[FeeKind, str] = {
        FeeKind.PLATFORM: _("Service fee"),
        FeeKind.MARKET: _("Market fee"),
        FeeKind.PREPARER: _("Preparation"),
        FeeKind.TRANSPORT: _("Transport"),
        FeeKind.RELAY: _("Relay points"),
    }
    return names[kind]


def bearer_name(bearer: Bearer) -> str:
    """Who bears a fee."""
    names: dict[Bearer, str] = {
        Bearer.PRODUCER: _("The producer"),
        Bearer.CUSTOMER: _("The customer"),
    }
    return names[bearer]


def letter(topic: str) -> str:
    """What a letter was about."""
    names: dict[str | None, str] = {
        "mail.order_confirmation": _("Confirmation"),
        "mail.order_canceled": _("Canceled: not paid in time"),
        "mail.order_called_off": _("Canceled by the market"),
        "mail.order_not_delivered": _("Could not be delivered"),
        "mail.order_again": _("Comes again"),
        "mail.order_changed": _("Less than ordered"),
        "mail.capture_receipt": _("Receipt"),
        "mail.payment_owed": _("Link to pay"),
        "mail.order_refunded": _("Refund"),
        "mail.order_amended": _("Order changed"),
        "mail.payment_renewal": _("Card to be confirmed again"),
    }
    return names.get(topic, topic)


def proof_name(name: str) -> str:
    """What the ledger proves."""
    names: dict[str | None, str] = {
        "entries_add_up": _("Every entry adds up to zero"),
        "captures_are_entered": _("Every capture is entered once"),
        "nothing_above_the_ceiling": _("Nothing was taken above what was announced"),
        "totals_are_their_lines": _("Customers owe what their orders come to"),
        "producers_are_owed_their_lines": _("Producers and fees share the goods, to the cent"),
        "settled_customers_owe_nothing": _("Settled customers owe nothing"),
        "refunds_are_entered": _("Every refund is entered once"),
        "refunds_within_the_sale": _("Nothing was given back above what was paid"),
        "disputes_are_entered": _("What banks hold back is explained by open disputes"),
        "taken_is_delivered_and_fees": _("What was taken is what was delivered, with fees"),
        "purses_are_not_overdrawn": _("Credit, vouchers and funds are never overdrawn"),
        "direct_contracts_stay_apart": _("Season contracts never meet money that we hold"),
    }
    return names.get(name, name)
