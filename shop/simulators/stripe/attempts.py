"""One attempt to pay: what the bank answers, and what follows by itself."""

from __future__ import annotations

from typing import Any

from shop.simulators.stripe.books import Books, Thing
from shop.simulators.stripe.cards import BY_IBAN, BY_NUMBER, REASONS, TestCard
from shop.simulators.stripe.charges import DAY_S, add_charge, take
from shop.simulators.stripe.disputes import close_dispute, open_dispute
from shop.simulators.stripe.methods import declined_card, keep
from shop.simulators.stripe.refusal import Refusal

DUE_CAPTURE = "authorization expires"
DUE_DEBIT = "debit ends"


def clear_failure(intent: Thing) -> None:
    """Forget the last refusal: another means of payment was given."""
    intent["last_payment_error"] = None


def has_to_show(card: TestCard, *, off_session: bool, set_up: bool) -> bool:
    """Whether the bank wants to see the cardholder for this payment."""
    if card.ask == "never":
        return False
    if not off_session:
        return True
    if card.ask == "always":
        return True
    return card.ask in ("unless_set_up", "on_session") and not set_up


def attempt(
    books: Books,
    intent: Thing,
    *,
    off_session: bool = False,
    return_url: str | None = None,
    authenticated: bool = False,
) -> Thing:
    """Ask the bank; the intent moves on, or the refusal leaves (and stays written)."""
    method = books.need("payment_method", intent["payment_method"], "payment_method")
    hidden = books.hidden(method["id"])
    if method["type"] == "sepa_debit":
        return start_debit(books, intent, method)
    card = BY_NUMBER[hidden["number"]]
    forced = str(books.switches()["decline_next"])
    if forced:
        books.turn("decline_next", "")
        raise fail(books, intent, method, forced)
    if not authenticated and has_to_show(
        card, off_session=off_session, set_up=bool(hidden.get("set_up"))
    ):
        if off_session:
            raise fail(books, intent, method, "authentication_required")
        return ask_to_show(books, intent, return_url)
    if card.decline or card.error != "card_declined":
        raise fail(books, intent, method, card.decline or card.error)
    return accept(books, intent, method, authenticated=authenticated)


def ask_to_show(books: Books, intent: Thing, return_url: str | None) -> Thing:
    """Send the cardholder to their bank."""
    books.hide(intent["id"], return_url=return_url)
    url = f"{books.page_base}/3ds/{intent['client_secret']}"
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": return_url, "url": url},
    }
    if return_url is None:
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {"url": url}}
    books.save(intent)
    books.tell(f"{intent['object']}.requires_action", intent)
    return intent


def fail(books: Books, intent: Thing, method: Thing, word: str) -> Refusal:
    """Write down a refusal and answer the exception to raise."""
    refusal = declined_card(word)
    charge = add_charge(
        books,
        intent,
        method,
        status="failed",
        failure=(refusal.error["code"], REASONS.get(word, REASONS["generic_decline"])),
        outcome=("issuer_declined", "declined_by_network"),
    )
    error = refusal.error | {"charge": charge["id"], "payment_method": method}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": error,
    }
    books.save(intent)
    books.tell("charge.failed", charge)
    books.tell("payment_intent.payment_failed", intent)
    refusal.error = error | {"payment_intent": intent}
    return refusal


def not_shown(books: Books, intent: Thing) -> Thing:
    """The cardholder did not confirm at their bank; another try stays possible."""
    name, trouble = (
        ("last_payment_error", "payment_failed")
        if intent["object"] == "payment_intent"
        else ("last_setup_error", "setup_failed")
    )
    code = f"{intent['object']}_authentication_failure"
    intent[name] = {
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": "The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent "
        "again.",
        "payment_method": books.find(intent["payment_method"]),
        "type": "invalid_request_error",
    }
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
    }
    books.save(intent)
    books.tell(f"{intent['object']}.{trouble}", intent)
    return intent


def accept(books: Books, intent: Thing, method: Thing, *, authenticated: bool) -> Thing:
    """The bank says yes: reserve the money, or take it."""
    books.hide(method["id"], used=True)
    if intent["customer"] is not None and intent["setup_future_usage"] is not None:
        keep(books, method, intent["customer"], set_up=True)
    intent["last_payment_error"] = None
    intent["next_action"] = None
    charge = add_charge(books, intent, method, status="succeeded", authenticated=authenticated)
    if intent["capture_method"] == "manual":
        before = charge["payment_method_details"]["card"]["capture_before"]
        books.set_timer(before, DUE_CAPTURE, intent["id"])
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        books.save(intent)
        books.tell("charge.succeeded", charge)
        books.tell("payment_intent.amount_capturable_updated", intent)
    else:
        take(books, charge, intent["amount"])
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        books.save(intent)
        books.tell("charge.succeeded", charge)
        books.tell("payment_intent.succeeded", intent)
        contest_if_card_does(books, charge)
    return intent


def contest_if_card_does(books: Books, charge: Thing) -> None:
    """Some test cards contest every payment as soon as it is taken."""
    card = BY_NUMBER.get(books.hidden(charge["payment_method"]).get("number", ""))
    if card is not None and card.then == "dispute":
        open_dispute(books, charge)


def start_debit(books: Books, intent: Thing, method: Thing) -> Thing:
    """A bank debit takes days: until then nobody knows."""
    if intent["customer"] is not None and intent["setup_future_usage"] is not None:
        keep(books, method, intent["customer"], set_up=True)
    books.hide(method["id"], used=True)
    charge = add_charge(books, intent, method, status="pending")
    intent |= {"status": "processing", "last_payment_error": None, "next_action": None}
    books.save(intent)
    days = int(books.switches()["sepa_days"])
    books.set_timer(books.now + days * DAY_S, DUE_DEBIT, intent["id"])
    books.tell("charge.pending", charge)
    books.tell("payment_intent.processing", intent)
    return intent


def end_debit(books: Books, intent: Thing) -> None:
    """The bank's answer to a debit has come."""
    charge = books.need("charge", intent["latest_charge"], "charge")
    account = BY_IBAN.get(books.hidden(charge["payment_method"]).get("iban", ""))
    if account is not None and account.outcome == "fails":
        end_debit_badly(books, intent, charge)
        return
    take(books, charge, charge["amount"])
    intent |= {"status": "succeeded", "amount_received": charge["amount"]}
    books.save(intent)
    books.tell("charge.succeeded", charge)
    books.tell("payment_intent.succeeded", intent)
    if account is not None and account.outcome == "disputed":
        return_debit(books, charge)


def return_debit(books: Books, charge: Thing) -> None:
    """The holder has the debit sent back: for bank debits that is final, there is no appeal."""
    close_dispute(books, open_dispute(books, charge, "debit_not_authorized"), won=False)


def end_debit_badly(books: Books, intent: Thing, charge: Thing) -> None:
    """The account had not enough, or was closed."""
    error: dict[str, Any] = {
        "type": "card_error",
        "code": "payment_intent_payment_attempt_failed",
        "message": "The payment attempt failed.",
        "charge": charge["id"],
        "payment_method": books.find(charge["payment_method"]),
    }
    charge |= {
        "status": "failed",
        "failure_code": "insufficient_funds",
        "failure_message": "The customer's account has insufficient funds to cover this payment.",
    }
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
    }
    books.save(charge)
    books.save(intent)
    books.tell("charge.failed", charge)
    books.tell("payment_intent.payment_failed", intent)
