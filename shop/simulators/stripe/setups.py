"""SetupIntents: keeping a means of payment, with the cardholder's and the bank's consent."""

from __future__ import annotations

from shop.simulators.stripe.attempts import ask_to_show
from shop.simulators.stripe.books import Books, Thing, token, with_metadata
from shop.simulators.stripe.cards import BY_NUMBER
from shop.simulators.stripe.intents import OPEN, given_method, usable_kinds
from shop.simulators.stripe.methods import declined_card, keep
from shop.simulators.stripe.refusal import Refusal, wrong_state
from shop.simulators.stripe.wire import Params


def create_setup(books: Books, params: Params) -> Thing:
    """Prepare the keeping of a means of payment."""
    customer_id = params.get("customer")
    if customer_id is not None:
        books.need("customer", customer_id, "customer")
    setup = books.add(
        "seti",
        {
            "object": "setup_intent",
            "allowed_payment_method_types": params.get("allowed_payment_method_types"),
            "application": None,
            "automatic_payment_methods": None,
            "cancellation_reason": None,
            "client_secret": "",
            "created": books.now,
            "customer": customer_id,
            "description": params.get("description"),
            "flow_directions": None,
            "last_setup_error": None,
            "latest_attempt": None,
            "livemode": False,
            "mandate": None,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": params.get("payment_method_options", {}),
            "payment_method_types": usable_kinds(params, can_wait=True),
            "single_use_mandate": None,
            "status": "requires_payment_method",
            "usage": params.get("usage", "off_session"),
        },
    )
    setup["client_secret"] = f"{setup['id']}_secret_{token(24)}"
    correct_setup(books, setup, params)
    books.tell("setup_intent.created", setup)
    if params.get("confirm"):
        return confirm(books, setup, params)
    return setup


def correct_setup(books: Books, setup: Thing, params: Params) -> None:
    """Write what the caller says about an open setup."""
    with_metadata(setup, params.get("metadata", {}).items())
    method = given_method(books, setup, params)
    if method is not None:
        setup["payment_method"] = method["id"]
        setup["last_setup_error"] = None
        if setup["status"] == "requires_payment_method":
            setup["status"] = "requires_confirmation"
    books.save(setup)


def confirm_setup(books: Books, params: Params, setup_id: str) -> Thing:
    """Try to keep."""
    setup = books.need("setup_intent", setup_id, "intent", 404)
    if setup["status"] not in OPEN:
        raise wrong_state(setup, "confirmed", OPEN)
    correct_setup(books, setup, params)
    return confirm(books, setup, params)


def confirm(books: Books, setup: Thing, params: Params) -> Thing:
    """Try to keep the means of payment that the setup has."""
    if setup["payment_method"] is None:
        raise Refusal(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
            setup_intent=setup,
        )
    return try_to_keep(books, setup, return_url=params.get("return_url"))


def try_to_keep(
    books: Books, setup: Thing, *, return_url: str | None, authenticated: bool = False
) -> Thing:
    """Ask the bank whether the card may be kept."""
    method = books.need("payment_method", setup["payment_method"], "payment_method")
    card = BY_NUMBER.get(books.hidden(method["id"]).get("number", ""))
    forced = str(books.switches()["decline_next"])
    if forced:
        books.turn("decline_next", "")
        raise fail_setup(books, setup, method, forced)
    if card is not None and card.refused_at_setup:
        raise fail_setup(books, setup, method, card.decline or card.error)
    asks = card is not None and card.ask in ("always", "unless_set_up", "on_session")
    if asks and not authenticated:
        return ask_to_show(books, setup, return_url)
    if setup["customer"] is not None:
        keep(books, method, setup["customer"], set_up=True)
    setup |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    books.save(setup)
    books.tell("setup_intent.succeeded", setup)
    return setup


def fail_setup(books: Books, setup: Thing, method: Thing, word: str) -> Refusal:
    """Write down a refusal and answer the exception to raise."""
    refusal = declined_card(word)
    error = refusal.error | {"payment_method": method}
    setup |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_setup_error": error,
    }
    books.save(setup)
    books.tell("setup_intent.setup_failed", setup)
    refusal.error = error | {"setup_intent": setup}
    return refusal


def cancel_setup(books: Books, params: Params, setup_id: str) -> Thing:
    """Give the keeping up."""
    setup = books.need("setup_intent", setup_id, "intent", 404)
    if setup["status"] not in OPEN:
        raise wrong_state(setup, "canceled", OPEN)
    setup |= {
        "status": "canceled",
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
    }
    books.save(setup)
    books.tell("setup_intent.canceled", setup)
    return setup


def retrieve_setup(books: Books, params: Params, setup_id: str) -> Thing:
    """A setup as it is."""
    return books.need("setup_intent", setup_id, "intent", 404)
