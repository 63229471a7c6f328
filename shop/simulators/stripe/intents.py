"""PaymentIntents: opening, correcting, confirming, capturing, canceling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shop.simulators.stripe.attempts import attempt, clear_failure, contest_if_card_does
from shop.simulators.stripe.books import Books, Thing, token, with_metadata
from shop.simulators.stripe.cards import ALIASES
from shop.simulators.stripe.charges import take
from shop.simulators.stripe.methods import (
    card_method,
    declined_card,
    find_iban,
    method_for_use,
    sepa_method,
)
from shop.simulators.stripe.refusal import Refusal, wrong_state
from shop.simulators.stripe.wire import Params

KINDS = ("card", "sepa_debit")
MINIMUM_CENTS = 50
MAXIMUM_CENTS = 99_999_999
EXPIRED = "expired"
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*OPEN, "requires_capture", "processing")
COPIED = ("description", "receipt_email", "statement_descriptor_suffix", "transfer_group")


def check_amount(amount: int, currency: str) -> None:
    """Refuse what cannot be paid."""
    if currency != "eur":
        raise Refusal(
            f"Invalid currency: {currency}. The simulator holds euros only.", param="currency"
        )
    if amount < MINIMUM_CENTS:
        raise Refusal("Amount must be at least €0.50 eur", code="amount_too_small", param="amount")
    if amount > MAXIMUM_CENTS:
        raise Refusal(
            "Amount must be no more than €999,999.99", code="amount_too_large", param="amount"
        )


def usable_kinds(params: Params, *, can_wait: bool) -> list[str]:
    """The means of payment that fit; others are left out without a word, as the provider does.

    A bank debit cannot be reserved first: it only fits a payment that is taken at once.

    Raises:
        Refusal: none fits.
    """
    if "allowed_payment_method_types" in params and "automatic_payment_methods" in params:
        raise Refusal(
            "You may only specify one of these parameters: allowed_payment_method_types, "
            "automatic_payment_methods.",
            param="allowed_payment_method_types",
        )
    allowed = params.get("allowed_payment_method_types") or KINDS
    fitting = [kind for kind in KINDS if kind in allowed and (can_wait or kind == "card")]
    if not fitting:
        raise Refusal(
            "No valid payment method types for this Payment Intent.",
            param="allowed_payment_method_types",
        )
    return fitting


def create_intent(books: Books, params: Params) -> Thing:
    """Open a payment, and confirm it at once when asked to."""
    check_amount(params["amount"], params["currency"])
    customer_id = params.get("customer")
    if customer_id is not None:
        books.need("customer", customer_id, "customer")
    automatic = params.get("automatic_payment_methods")
    capture_method = params.get("capture_method", "automatic_async")
    intent = books.add(
        "pi",
        {
            "object": "payment_intent",
            "allowed_payment_method_types": params.get("allowed_payment_method_types"),
            "amount": params["amount"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None
            if automatic is None
            else {
                "allow_redirects": automatic.get("allow_redirects", "always"),
                "enabled": automatic["enabled"],
            },
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": capture_method,
            "client_secret": "",
            "confirmation_method": "automatic",
            "created": books.now,
            "currency": params["currency"],
            "customer": customer_id,
            "description": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": params.get("payment_method_options", {}),
            "payment_method_types": usable_kinds(params, can_wait=capture_method != "manual"),
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": params.get("setup_future_usage"),
            "shipping": None,
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        },
    )
    intent["client_secret"] = f"{intent['id']}_secret_{token(24)}"
    correct(books, intent, params)
    books.tell("payment_intent.created", intent)
    if params.get("confirm"):
        return confirm(books, intent, params)
    return intent


def correct(books: Books, intent: Thing, params: Params) -> None:
    """Write what the caller says about an open payment."""
    for name in COPIED:
        if name in params:
            intent[name] = params[name] or None
    with_metadata(intent, params.get("metadata", {}).items())
    method = given_method(books, intent, params)
    if method is not None:
        intent["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"
        clear_failure(intent)
    books.save(intent)


def given_method(books: Books, intent: Thing, params: Params) -> Thing | None:
    """The means of payment of a request, if it names one."""
    data = params.get("payment_method_data")
    if data is not None:
        kind = data["type"]
        if kind == "sepa_debit":
            account = find_iban(data.get("sepa_debit", {}).get("iban", ""))
            method = sepa_method(books, account, data.get("billing_details"))
        else:
            method = card_method(books, ALIASES["pm_card_visa"])
    elif params.get("payment_method"):
        method = method_for_use(books, params["payment_method"], intent["customer"])
    else:
        return None
    if method["type"] not in intent["payment_method_types"]:
        raise Refusal(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this "
            f"PaymentIntent. Please attach a PaymentMethod of one of the following types: "
            f"{', '.join(intent['payment_method_types'])}.",
            param="payment_method",
        )
    return method


def update_intent(books: Books, params: Params, intent_id: str) -> Thing:
    """Correct an open payment."""
    intent = books.need("payment_intent", intent_id, "intent", 404)
    changes_money = "amount" in params or "payment_method" in params or "customer" in params
    if changes_money and intent["status"] not in OPEN:
        raise wrong_state(intent, "updated", OPEN)
    if "amount" in params:
        check_amount(params["amount"], intent["currency"])
        if intent["status"] == "requires_action":
            intent["status"] = "requires_confirmation"
            intent["next_action"] = None
        intent["amount"] = params["amount"]
    if "customer" in params:
        books.need("customer", params["customer"], "customer")
        intent["customer"] = params["customer"]
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params["setup_future_usage"]
    correct(books, intent, params)
    return intent


def confirm_intent(books: Books, params: Params, intent_id: str) -> Thing:
    """Try to pay."""
    intent = books.need("payment_intent", intent_id, "intent", 404)
    if intent["status"] not in OPEN:
        raise wrong_state(intent, "confirmed", OPEN)
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params["setup_future_usage"]
    if "payment_method_options" in params:
        intent["payment_method_options"] = params["payment_method_options"]
    correct(books, intent, params)
    return confirm(books, intent, params)


def confirm(books: Books, intent: Thing, params: dict[str, Any]) -> Thing:
    """Try to pay with the means of payment that the intent has."""
    if intent["payment_method"] is None:
        raise Refusal(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    return attempt(
        books,
        intent,
        off_session=bool(params.get("off_session")),
        return_url=params.get("return_url"),
    )


def capture_intent(books: Books, params: Params, intent_id: str) -> Thing:
    """Take what was authorized, or less; the rest is freed."""
    intent = books.need("payment_intent", intent_id, "intent", 404)
    if intent["status"] != "requires_capture":
        raise wrong_state(intent, "captured", ("requires_capture",))
    amount = intent["amount_capturable"]
    if "amount_to_capture" in params:
        amount = params["amount_to_capture"]
    if amount > intent["amount_capturable"]:
        raise Refusal(
            "The requested capture amount is greater than the authorized amount.",
            code="amount_too_large",
            param="amount_to_capture",
            payment_intent=intent,
        )
    if amount < 1:
        raise Refusal(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="amount_to_capture",
        )
    with_metadata(intent, params.get("metadata", {}).items())
    books.drop_timers(intent_id)
    charge = books.need("charge", intent["latest_charge"], "charge")
    take(books, charge, amount)
    books.tell("charge.captured", charge)
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    books.save(intent)
    books.tell("payment_intent.succeeded", intent)
    contest_if_card_does(books, charge)
    return intent


def increase_intent(books: Books, params: Params, intent_id: str) -> Thing:
    """Make a reservation larger, when its bank lets it; a refusal leaves it as it was."""
    intent = books.need("payment_intent", intent_id, "intent", 404)
    if intent["status"] != "requires_capture":
        raise wrong_state(intent, "incremented", ("requires_capture",))
    charge = books.need("charge", intent["latest_charge"], "charge")
    card = charge["payment_method_details"]["card"]
    if card["incremental_authorization"]["status"] != "available":
        raise Refusal(
            "This PaymentIntent is not eligible for incremental authorizations.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    check_amount(params["amount"], intent["currency"])
    if params["amount"] <= intent["amount"]:
        raise Refusal(
            "The new amount must be greater than the amount authorized before.",
            code="parameter_invalid_integer",
            param="amount",
        )
    forced = str(books.switches()["decline_next"])
    if forced:
        books.turn("decline_next", "")
        refusal = declined_card(forced)
        refusal.error = refusal.error | {"payment_intent": intent}
        raise refusal
    with_metadata(intent, params.get("metadata", {}).items())
    card["amount_authorized"] = params["amount"]
    charge["amount"] = params["amount"]
    books.save(charge)
    intent |= {"amount": params["amount"], "amount_capturable": params["amount"]}
    books.save(intent)
    books.tell("charge.updated", charge)
    books.tell("payment_intent.amount_capturable_updated", intent)
    return intent


def cancel_intent(books: Books, params: Params, intent_id: str) -> Thing:
    """Give the payment up; what was authorized is freed."""
    intent = books.need("payment_intent", intent_id, "intent", 404)
    if intent["status"] not in CANCELABLE or intent["status"] == "processing":
        raise wrong_state(intent, "canceled", CANCELABLE)
    return close_intent(books, intent, params.get("cancellation_reason"))


def close_intent(books: Books, intent: Thing, reason: str | None) -> Thing:
    """Cancel, whoever asked."""
    books.drop_timers(intent["id"])
    if intent["status"] == "requires_capture":
        charge = books.need("charge", intent["latest_charge"], "charge")
        if reason == EXPIRED:
            books.tell("charge.expired", charge)
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": books.now,
        "cancellation_reason": reason,
        "next_action": None,
    }
    books.save(intent)
    books.tell("payment_intent.canceled", intent)
    return intent


def retrieve_intent(books: Books, params: Params, intent_id: str) -> Thing:
    """A payment as it is."""
    intent = books.need("payment_intent", intent_id, "intent", 404)
    if params.get("client_secret") not in (None, intent["client_secret"]):
        raise Refusal("The client_secret provided does not match.", param="client_secret")
    return intent


def list_intents(books: Books, params: Params) -> Iterator[Thing]:
    """Payments, newest first."""
    return (
        intent
        for intent in books.stream("payment_intent", params)
        if params.get("customer") in (None, intent["customer"])
    )
