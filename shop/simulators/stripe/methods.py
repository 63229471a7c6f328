"""Customers and their means of payment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shop.simulators.stripe.books import Books, Thing, with_metadata
from shop.simulators.stripe.cards import (
    ALIASES,
    BY_IBAN,
    BY_NUMBER,
    REASONS,
    TestCard,
    TestIban,
    iban_is_sound,
    passes_luhn,
)
from shop.simulators.stripe.refusal import Refusal
from shop.simulators.stripe.wire import Params

NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def create_customer(books: Books, params: Params) -> Thing:
    """A new customer."""
    customer = books.add(
        "cus",
        {
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": books.now,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "description": params.get("description"),
            "discount": None,
            "email": params.get("email"),
            "invoice_prefix": None,
            "livemode": False,
            "metadata": {},
            "name": params.get("name"),
            "phone": params.get("phone"),
            "preferred_locales": params.get("preferred_locales", []),
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        },
    )
    with_metadata(customer, params.get("metadata", {}).items())
    books.save(customer)
    books.tell("customer.created", customer)
    return customer


def update_customer(books: Books, params: Params, customer_id: str) -> Thing:
    """Correct a customer."""
    customer = books.need("customer", customer_id, "id", 404)
    before = dict(customer)
    for name in ("description", "email", "name", "phone", "preferred_locales"):
        if name in params:
            customer[name] = params[name] or None
    with_metadata(customer, params.get("metadata", {}).items())
    books.save(customer)
    books.tell("customer.updated", customer, before)
    return customer


def retrieve_customer(books: Books, params: Params, customer_id: str) -> Thing:
    """A customer as it is."""
    return books.need("customer", customer_id, "id", 404)


def list_customer_methods(books: Books, params: Params, customer_id: str) -> Iterator[Thing]:
    """What a customer keeps, newest first."""
    books.need("customer", customer_id, "customer", 404)
    return (
        method
        for method in books.stream("payment_method", params)
        if method["customer"] == customer_id and params.get("type") in (None, method["type"])
    )


def card_method(
    books: Books,
    card: TestCard,
    *,
    exp_month: int = 12,
    exp_year: int = 0,
    preferred: str | None = None,
    billing: dict[str, Any] | None = None,
) -> Thing:
    """A payment method on a test card, not yet anybody's."""
    year = exp_year or 1970 + books.now // 31_557_600 + 3
    shown: Thing = {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "display_brand": preferred or card.networks[0],
        "exp_month": exp_month,
        "exp_year": year,
        "fingerprint": f"sim{card.number[:6]}{card.number[-6:]}",
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": list(card.networks), "preferred": preferred},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.brand != "amex"},
        "wallet": None,
    }
    return add_method(books, "card", shown, billing, number=card.number)


def sepa_method(books: Books, account: TestIban, billing: dict[str, Any] | None) -> Thing:
    """A payment method on a bank account, not yet anybody's."""
    iban = account.iban
    shown: Thing = {
        "bank_code": iban[4:9] if iban.startswith("FR") else iban[4:12],
        "branch_code": iban[9:14] if iban.startswith("FR") else "",
        "country": iban[:2],
        "fingerprint": f"sim{iban[-12:]}",
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }
    return add_method(books, "sepa_debit", shown, billing, iban=iban)


def add_method(
    books: Books, kind: str, shown: Thing, billing: dict[str, Any] | None, **hidden: Any
) -> Thing:
    """Write a payment method."""
    given = billing or {}
    return books.add(
        "pm",
        {
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {
                "address": NO_ADDRESS | given.get("address", {}),
                "email": given.get("email"),
                "name": given.get("name"),
                "phone": given.get("phone"),
                "tax_id": None,
            },
            "created": books.now,
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            kind: shown,
        },
        **hidden,
    )


def find_card(number: str) -> TestCard:
    """The test card with that number.

    Raises:
        Refusal: for any other number; real ones are not wanted here.
    """
    if not number.isdigit() or not passes_luhn(number):
        raise Refusal(
            REASONS["incorrect_number"],
            status=402,
            kind="card_error",
            code="incorrect_number",
            param="number",
        )
    if number not in BY_NUMBER:
        raise Refusal(
            "Your card was declined. Your request was in test mode, but used a non test card.",
            status=402,
            kind="card_error",
            code="card_declined",
            decline_code="test_mode_live_card",
        )
    return BY_NUMBER[number]


def find_iban(iban: str) -> TestIban:
    """The test account with that number; any other sound one succeeds.

    Raises:
        Refusal: when its check digits are wrong.
    """
    plain = iban.replace(" ", "").upper()
    if not iban_is_sound(plain):
        raise Refusal(
            "The IBAN you provided is invalid.", code="invalid_bank_account_iban", param="iban"
        )
    return BY_IBAN.get(plain, TestIban(plain))


def create_method(books: Books, params: Params) -> Thing:
    """A payment method made by the server: bank accounts, and cards by ready-made token only."""
    billing = params.get("billing_details", {})
    if params["type"] == "sepa_debit":
        account = find_iban(params.get("sepa_debit", {}).get("iban", ""))
        method = sepa_method(books, account, billing)
    else:
        name = params.get("card", {}).get("token", "").replace("tok_", "pm_card_", 1)
        if name not in ALIASES:
            raise Refusal(
                f"No such token: '{params.get('card', {}).get('token', '')}'",
                code="resource_missing",
                param="card[token]",
            )
        method = card_method(books, ALIASES[name], billing=billing)
    with_metadata(method, params.get("metadata", {}).items())
    method["allow_redisplay"] = params.get("allow_redisplay", "unspecified")
    books.save(method)
    return method


def method_for_use(books: Books, method_id: str, customer_id: str | None) -> Thing:
    """The payment method named in a request; a ready-made name makes a new one.

    Raises:
        Refusal: it is unknown, somebody else's, or was used up without being kept.
    """
    if method_id in ALIASES:
        return card_method(books, ALIASES[method_id])
    method = books.need("payment_method", method_id, "payment_method")
    if method["customer"] is not None and method["customer"] != customer_id:
        raise Refusal(
            f"The payment method supplied ({method_id}) belongs to a different Customer. "
            "Please include the Customer in the `customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    if method["customer"] is None and books.hidden(method_id).get("used"):
        raise Refusal(
            f"The provided PaymentMethod ({method_id}) was previously used with a PaymentIntent "
            "without Customer attachment, shared with a connected account without Customer "
            "attachment, or was detached from a Customer. It may not be used again.",
            param="payment_method",
        )
    return method


def retrieve_method(books: Books, params: Params, method_id: str) -> Thing:
    """A payment method as it is."""
    return books.need("payment_method", method_id, "payment_method", 404)


def attach_method(books: Books, params: Params, method_id: str) -> Thing:
    """Keep a payment method for a customer."""
    books.need("customer", params["customer"], "customer")
    method = method_for_use(books, method_id, params["customer"])
    card = BY_NUMBER.get(books.hidden(method["id"]).get("number", ""))
    if card is not None and card.refused_at_setup:
        raise declined_card(card.decline or card.error)
    return keep(books, method, params["customer"])


def keep(books: Books, method: Thing, customer_id: str, *, set_up: bool = False) -> Thing:
    """Make a payment method a customer's own; ``set_up``: the bank knows it will be charged."""
    if set_up:
        books.hide(method["id"], set_up=True)
    if method["customer"] == customer_id:
        return method
    method["customer"] = customer_id
    books.save(method)
    books.tell("payment_method.attached", method)
    return method


def detach_method(books: Books, params: Params, method_id: str) -> Thing:
    """Forget a payment method; it can never be used again."""
    method = books.need("payment_method", method_id, "payment_method", 404)
    if method["customer"] is None:
        raise Refusal(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            param="payment_method",
        )
    before = dict(method)
    method["customer"] = None
    books.save(method)
    books.hide(method_id, used=True)
    books.tell("payment_method.detached", method, before)
    return method


def declined_card(word: str, **more: Any) -> Refusal:
    """The bank's no, by its word."""
    own = word in ("expired_card", "incorrect_cvc", "processing_error", "authentication_required")
    return Refusal(
        REASONS.get(word, REASONS["generic_decline"]),
        status=402,
        kind="card_error",
        code=word if own else "card_declined",
        decline_code=None if own and word != "authentication_required" else word,
        param="exp_month" if word == "expired_card" else None,
        keep=True,
        **more,
    )
