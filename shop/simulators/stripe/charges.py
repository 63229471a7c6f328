"""Charges and the movements of the balance that they cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shop.simulators.stripe.books import Books, Thing
from shop.simulators.stripe.cards import BY_NUMBER, EEA
from shop.simulators.stripe.methods import NO_ADDRESS
from shop.simulators.stripe.wire import Params

DAY_S = 86_400
SEPA_FEE_CENTS = 35
FIXED_FEE_CENTS = 25
DISPUTE_FEE_CENTS = 2000


def card_fee(amount: int, country: str) -> int:
    """What the provider keeps of a card payment, in cents, rounded half up."""
    rate = 150 if country in EEA else 250 if country == "GB" else 325
    return (amount * rate * 2 + 10_000) // 20_000 + FIXED_FEE_CENTS


def move(
    books: Books,
    kind: str,
    amount: int,
    source: str,
    *,
    fee: int = 0,
    available_on: int | None = None,
    category: str | None = None,
    description: str | None = None,
    currency: str = "eur",
) -> Thing:
    """Write one movement of the balance."""
    details: list[dict[str, Any]] = []
    if fee:
        details = [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
    available = books.now if available_on is None else available_on
    return books.add(
        "txn",
        {
            "object": "balance_transaction",
            "amount": amount,
            "available_on": available,
            "balance_type": "payments",
            "created": books.now,
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": category or kind,
            "source": source,
            "status": "pending" if available > books.now else "available",
            "type": kind,
        },
        parent=source,
    )


def as_now(books: Books, movement: Thing) -> Thing:
    """The movement, available once its day has come."""
    if movement["available_on"] <= books.now:
        movement["status"] = "available"
    return movement


def used_card(books: Books, intent: Thing, method: Thing, *, authenticated: bool) -> Thing:
    """The card as a charge shows it."""
    card = method["card"]
    options = (intent.get("payment_method_options") or {}).get("card") or {}
    wanted = options.get("network") or card["networks"]["preferred"]
    hold_s = int(books.switches()["hold_days"]) * DAY_S
    manual = intent["capture_method"] == "manual"
    return {
        "amount_authorized": intent["amount"],
        "authorization_code": "123456",
        "brand": card["brand"],
        "capture_before": books.now + hold_s if manual else None,
        "checks": card["checks"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "incremental_authorization": {"status": growth(books, options, manual=manual)},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": wanted or card["networks"]["available"][0],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {
            "maximum_amount_capturable": intent["amount"],
            "status": "unavailable",
        },
        "regulated_status": "unregulated",
        "three_d_secure": {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": None,
            "version": "2.2.0",
        }
        if authenticated
        else None,
        "wallet": None,
    }


def growth(books: Books, options: Thing, *, manual: bool) -> str:
    """Whether a reservation can be made larger: when it was asked for, and banks let it."""
    asked = options.get("request_incremental_authorization") == "if_available"
    lets = bool(books.switches()["holds_grow"])
    return "available" if manual and asked and lets else "unavailable"


def add_charge(
    books: Books,
    intent: Thing,
    method: Thing,
    *,
    status: str,
    authenticated: bool = False,
    failure: tuple[str, str] | None = None,
    outcome: tuple[str, str] = ("authorized", "approved_by_network"),
) -> Thing:
    """Write the trace of one attempt; ``failure`` is the code and the sentence."""
    details: Thing = {"type": method["type"]}
    if method["type"] == "card":
        details["card"] = used_card(books, intent, method, authenticated=authenticated)
    else:
        account = method["sepa_debit"]
        details["sepa_debit"] = {
            "bank_code": account["bank_code"],
            "branch_code": account["branch_code"],
            "country": account["country"],
            "fingerprint": account["fingerprint"],
            "last4": account["last4"],
            "mandate": None,
        }
    charge = books.add(
        "ch" if method["type"] == "card" else "py",
        {
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": method["billing_details"] | {"address": NO_ADDRESS},
            "calculated_statement_descriptor": "CARRIOLE",
            "captured": False,
            "created": books.now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": failure[0] if failure else None,
            "failure_message": failure[1] if failure else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": intent["metadata"],
            "on_behalf_of": None,
            "outcome": {
                "advice_code": None,
                "network_advice_code": None,
                "network_decline_code": None,
                "network_status": outcome[1],
                "reason": None,
                "risk_level": "normal",
                "seller_message": "Payment complete.",
                "type": outcome[0],
            },
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": details,
            "radar_options": {},
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": status,
            "transfer_data": None,
            "transfer_group": intent["transfer_group"],
        },
        parent=intent["id"],
    )
    intent["latest_charge"] = charge["id"]
    return charge


def take(books: Books, charge: Thing, amount: int) -> None:
    """Collect ``amount`` of a charge: from here on it is in our balance, less the fee."""
    card = charge["payment_method_details"].get("card")
    delay_s = int(books.switches()["payout_days"]) * DAY_S
    number = books.hidden(charge["payment_method"]).get("number", "")
    if number in BY_NUMBER and BY_NUMBER[number].then == "available":
        delay_s = 0
    fee = card_fee(amount, card["country"]) if card else SEPA_FEE_CENTS
    movement = move(
        books,
        "charge" if card else "payment",
        amount,
        charge["id"],
        fee=fee,
        available_on=books.now + delay_s,
        category="charge",
        description=charge["description"],
        currency=charge["currency"],
    )
    charge["balance_transaction"] = movement["id"]
    charge["amount_captured"] = amount
    charge["captured"] = True
    charge["paid"] = True
    charge["status"] = "succeeded"
    books.save(charge)


def retrieve_charge(books: Books, params: Params, charge_id: str) -> Thing:
    """A charge as it is."""
    return books.need("charge", charge_id, "id", 404)


def list_charges(books: Books, params: Params) -> Iterator[Thing]:
    """Charges, newest first."""
    return (
        charge
        for charge in books.stream("charge", params, params.get("payment_intent"))
        if params.get("customer") in (None, charge["customer"])
    )


def retrieve_movement(books: Books, params: Params, movement_id: str) -> Thing:
    """A movement of the balance."""
    return as_now(books, books.need("balance_transaction", movement_id, "id", 404))


def list_movements(books: Books, params: Params) -> Iterator[Thing]:
    """Movements of the balance, newest first."""
    return (
        as_now(books, movement)
        for movement in books.stream("balance_transaction", params, params.get("source"))
        if params.get("type") in (None, movement["type"])
    )


def retrieve_balance(books: Books, params: Params) -> Thing:
    """The balance now."""
    ready, waiting = books.balance()
    return {
        "object": "balance",
        "available": [{"amount": ready, "currency": "eur", "source_types": {"card": ready}}],
        "livemode": False,
        "pending": [{"amount": waiting, "currency": "eur", "source_types": {"card": waiting}}],
    }
