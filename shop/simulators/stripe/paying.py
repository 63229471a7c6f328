"""What the person at the card page does: pay, keep a card, answer their bank."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shop.simulators.stripe.attempts import attempt, not_shown
from shop.simulators.stripe.books import Books, Thing
from shop.simulators.stripe.cards import REASONS
from shop.simulators.stripe.intents import OPEN
from shop.simulators.stripe.methods import (
    card_method,
    find_card,
    find_iban,
    method_for_use,
    sepa_method,
)
from shop.simulators.stripe.refusal import Refusal
from shop.simulators.stripe.setups import try_to_keep

EXPIRY = re.compile(r"^\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*$")
DONE = {
    "requires_capture": "succeeded",
    "succeeded": "succeeded",
    "processing": "pending",
    "canceled": "failed",
}


def by_secret(books: Books, client_secret: str) -> Thing:
    """The payment or setup whose secret the page's address carries.

    Raises:
        Refusal: nothing has that secret.
    """
    intent_id = client_secret.partition("_secret_")[0]
    intent = books.find(intent_id)
    if intent is None or intent.get("client_secret") != client_secret:
        raise Refusal("There is no payment at this address.", status=404)
    return intent


def way_back(intent: Thing, return_url: str, status: str | None = None) -> str:
    """Where the person returns to, with what the provider adds to the address."""
    parts = urlsplit(return_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Refusal("The address to return to is not one of a site.", param="return_url")
    name = intent["object"]
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        (name, intent["id"]),
        (f"{name}_client_secret", intent["client_secret"]),
        ("redirect_status", status or DONE.get(intent["status"], "failed")),
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))


def submit(books: Books, intent: Thing, form: Mapping[str, str], return_url: str) -> Thing:
    """Pay, or keep, with what was typed.

    Raises:
        Refusal: what was typed is wrong, or the bank says no.
    """
    if intent["status"] not in OPEN:
        return intent
    method = typed_method(books, intent, form)
    intent["payment_method"] = method["id"]
    if intent["object"] == "setup_intent":
        return try_to_keep(books, intent, return_url=return_url)
    network = form.get("network")
    if network and method["type"] == "card" and len(method["card"]["networks"]["available"]) > 1:
        card = (intent["payment_method_options"] or {}).get("card", {}) | {"network": network}
        intent["payment_method_options"] = (intent["payment_method_options"] or {}) | {"card": card}
    return attempt(books, intent, return_url=return_url)


def typed_method(books: Books, intent: Thing, form: Mapping[str, str]) -> Thing:
    """The means of payment that was chosen or typed."""
    chosen = form.get("method", "card")
    billing = {"name": form.get("name", "").strip() or None}
    if chosen.startswith("pm_"):
        return method_for_use(books, chosen, intent["customer"])
    if chosen not in intent["payment_method_types"]:
        raise Refusal("This means of payment is not offered here.", param="method")
    if chosen == "sepa_debit":
        return sepa_method(books, find_iban(form.get("iban", "")), billing)
    card = find_card(re.sub(r"[\s-]", "", form.get("number", "")))
    month, year = typed_expiry(form.get("expiry", ""), books.now)
    digits = 4 if card.brand == "amex" else 3
    if not re.fullmatch(rf"\d{{{digits}}}", form.get("cvc", "").strip()):
        raise wrong("incorrect_cvc", "cvc")
    network = form.get("network") or None
    preferred = network if network in card.networks and len(card.networks) > 1 else None
    return card_method(
        books, card, exp_month=month, exp_year=year, preferred=preferred, billing=billing
    )


def typed_expiry(text: str, now: int) -> tuple[int, int]:
    """Month and year of a card, which must not be over."""
    found = EXPIRY.match(text)
    if found is None or not 1 <= int(found[1]) <= 12:
        raise wrong("invalid_expiry", "expiry")
    month, year = int(found[1]), int(found[2])
    year += 2000 if year < 100 else 0
    today = instant(now)
    if (year, month) < (today.year, today.month):
        raise wrong("expired_card", "expiry")
    return month, year


def wrong(code: str, field: str) -> Refusal:
    """Something was typed wrongly."""
    return Refusal(
        REASONS.get(code, "Your card's expiration date is invalid."),
        status=402,
        kind="card_error",
        code=code,
        param=field,
    )


def decide(books: Books, intent: Thing, *, accepts: bool) -> Thing:
    """The cardholder's answer to their bank; no answer in time is a refusal.

    Raises:
        Refusal: they confirmed, and the bank declines all the same.
    """
    if intent["status"] != "requires_action":
        return intent
    if not accepts:
        return not_shown(books, intent)
    if intent["object"] == "setup_intent":
        return try_to_keep(books, intent, return_url=None, authenticated=True)
    return attempt(books, intent, authenticated=True)


def kept_for(books: Books, intent: Thing) -> list[Thing]:
    """Means of payment that the customer of a payment keeps already."""
    if intent["customer"] is None or intent["object"] == "setup_intent":
        return []
    return [
        method
        for method in books.all_of("payment_method")
        if method["customer"] == intent["customer"]
        and method["type"] in intent["payment_method_types"]
    ]


def instant(seconds: int) -> datetime:
    """Seconds since 1970 as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)
