"""Giving back what was taken; freeing what was only reserved is no refund."""

from __future__ import annotations

from collections.abc import Iterator

from shop.simulators.stripe.books import Books, Thing, with_metadata
from shop.simulators.stripe.cards import BY_NUMBER
from shop.simulators.stripe.charges import DAY_S, move
from shop.simulators.stripe.refusal import Refusal
from shop.simulators.stripe.wire import Params

DUE_REFUND = "refund ends"


def euros(cents: int) -> str:
    """An amount as the provider's sentences show it."""
    return f"€{cents // 100}.{cents % 100:02d}"


def add_refund(
    books: Books, charge: Thing, amount: int, *, reason: str | None, status: str = "succeeded"
) -> Thing:
    """Write a refund and count it on its charge; no money moves here."""
    refund = books.add(
        "re",
        {
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": books.now,
            "currency": charge["currency"],
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": status,
            "transfer_reversal": None,
        },
        parent=charge["payment_intent"],
    )
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    books.save(charge)
    return refund


def create_refund(books: Books, params: Params) -> Thing:
    """Give back what was taken, or a part."""
    charge = refunded_charge(books, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not charge["captured"]:
        raise Refusal(
            f"Charge {charge['id']} has not been captured and cannot be refunded here; cancel "
            "its PaymentIntent instead.",
            code="charge_not_refundable",
            param="payment_intent",
        )
    if charge["disputed"]:
        raise Refusal(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if left == 0:
        raise Refusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = params.get("amount", left)
    if amount < 1:
        raise Refusal("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise Refusal(
            f"Refund amount ({euros(amount)}) is greater than unrefunded amount on charge "
            f"({euros(left)})",
            param="amount",
        )
    card = BY_NUMBER.get(books.hidden(charge["payment_method"]).get("number", ""))
    then = card.then if card is not None else ""
    refund = add_refund(
        books,
        charge,
        amount,
        reason=params.get("reason"),
        status="pending" if then == "refund_later" else "succeeded",
    )
    with_metadata(refund, params.get("metadata", {}).items())
    movement = move(
        books,
        "refund" if charge["id"].startswith("ch") else "payment_refund",
        -amount,
        refund["id"],
        category="refund",
        description=charge["description"],
        currency=charge["currency"],
    )
    refund["balance_transaction"] = movement["id"]
    books.save(refund)
    books.tell("refund.created", refund)
    books.tell("charge.refunded", charge)
    if then in ("refund_later", "refund_fails"):
        books.set_timer(books.now + DAY_S, DUE_REFUND, refund["id"])
    return refund


def refunded_charge(books: Books, params: Params) -> Thing:
    """The charge that a refund is about."""
    if "charge" in params:
        return books.need("charge", params["charge"], "charge")
    if "payment_intent" not in params:
        raise Refusal(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
        )
    intent = books.need("payment_intent", params["payment_intent"], "payment_intent")
    if intent["status"] not in ("succeeded", "requires_capture"):
        raise Refusal(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return books.need("charge", intent["latest_charge"], "charge")


def end_refund(books: Books, refund: Thing) -> None:
    """The bank has answered: a slow refund arrives, an impossible one comes back to us."""
    if refund["status"] == "pending":
        refund["status"] = "succeeded"
        books.save(refund)
        books.tell("refund.updated", refund)
        return
    movement = move(
        books, "refund_failure", refund["amount"], refund["id"], category="refund_failure"
    )
    refund |= {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": movement["id"],
    }
    books.save(refund)
    charge = books.need("charge", refund["charge"], "charge")
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    books.save(charge)
    books.tell("refund.failed", refund)


def retrieve_refund(books: Books, params: Params, refund_id: str) -> Thing:
    """A refund as it is."""
    return books.need("refund", refund_id, "id", 404)


def list_refunds(books: Books, params: Params) -> Iterator[Thing]:
    """Refunds, newest first."""
    return (
        refund
        for refund in books.stream("refund", params, params.get("payment_intent"))
        if params.get("charge") in (None, refund["charge"])
    )
