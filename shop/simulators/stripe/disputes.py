"""A cardholder says « I did not order this »: the money goes back until somebody decides."""

from __future__ import annotations

from collections.abc import Iterator

from shop.simulators.stripe.books import Books, Thing
from shop.simulators.stripe.charges import DAY_S, DISPUTE_FEE_CENTS, move
from shop.simulators.stripe.refusal import Refusal, no_such
from shop.simulators.stripe.wire import Params

NO_EVIDENCE = dict.fromkeys(
    (
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "product_description",
        "receipt",
        "service_date",
        "shipping_address",
        "shipping_date",
        "shipping_documentation",
        "uncategorized_text",
    )
)


def open_dispute(books: Books, charge: Thing, reason: str = "fraudulent") -> Thing:
    """Take the money back from us, with the provider's fee, and ask for evidence."""
    amount = charge["amount_captured"]
    dispute = books.add(
        "du",
        {
            "object": "dispute",
            "amount": amount,
            "balance_transactions": [],
            "charge": charge["id"],
            "created": books.now,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": dict(NO_EVIDENCE),
            "evidence_details": {
                "due_by": books.now + 9 * DAY_S,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "needs_response",
        },
        parent=charge["payment_intent"],
    )
    charge["disputed"] = True
    books.save(charge)
    books.tell("charge.dispute.created", dispute)
    movement = move(
        books,
        "adjustment",
        -amount,
        dispute["id"],
        fee=DISPUTE_FEE_CENTS,
        category="dispute",
        description=f"Chargeback withdrawal for {charge['id']}",
    )
    dispute["balance_transactions"] = [movement]
    books.save(dispute)
    books.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(books: Books, dispute: Thing, *, won: bool) -> Thing:
    """The bank has decided; when we win, the amount comes back (the fee as well)."""
    dispute["status"] = "won" if won else "lost"
    if won:
        movement = move(
            books,
            "adjustment",
            dispute["amount"],
            dispute["id"],
            fee=-DISPUTE_FEE_CENTS,
            category="dispute_reversal",
            description=f"Chargeback reversal for {dispute['charge']}",
        )
        dispute["balance_transactions"] = [*dispute["balance_transactions"], movement]
    books.save(dispute)
    if won:
        books.tell("charge.dispute.funds_reinstated", dispute)
    books.tell("charge.dispute.closed", dispute)
    return dispute


def update_dispute(books: Books, params: Params, dispute_id: str) -> Thing:
    """Hand in evidence; the words « winning_evidence » and « losing_evidence » decide at once."""
    dispute = books.need("dispute", dispute_id, "dispute", 404)
    if dispute["status"] in ("won", "lost"):
        raise Refusal(
            "This dispute is already closed.", code="dispute_already_closed", param="dispute"
        )
    dispute["evidence"] = dispute["evidence"] | params.get("evidence", {})
    dispute["evidence_details"]["has_evidence"] = True
    if params.get("submit", True):
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "under_review"
    books.save(dispute)
    books.tell("charge.dispute.updated", dispute)
    word = dispute["evidence"].get("uncategorized_text")
    if word in ("winning_evidence", "losing_evidence"):
        return close_dispute(books, dispute, won=word == "winning_evidence")
    return dispute


def accept_dispute(books: Books, params: Params, dispute_id: str) -> Thing:
    """Give up: the dispute is lost."""
    dispute = books.need("dispute", dispute_id, "dispute", 404)
    if dispute["status"] in ("won", "lost"):
        raise Refusal(
            "This dispute is already closed.", code="dispute_already_closed", param="dispute"
        )
    return close_dispute(books, dispute, won=False)


def retrieve_dispute(books: Books, params: Params, dispute_id: str) -> Thing:
    """A dispute as it is."""
    return books.need("dispute", dispute_id, "dispute", 404)


def list_disputes(books: Books, params: Params) -> Iterator[Thing]:
    """Disputes, newest first."""
    return (
        dispute
        for dispute in books.stream("dispute", params, params.get("payment_intent"))
        if params.get("charge") in (None, dispute["charge"])
    )


def dispute_charge(books: Books, charge_id: str) -> Thing:
    """Open a dispute by hand on a collected charge."""
    charge = books.find(charge_id)
    if charge is None:
        raise no_such("charge", charge_id, "charge")
    if not charge["captured"] or charge["disputed"]:
        raise Refusal("Only a collected, undisputed charge can be disputed.", param="charge")
    return open_dispute(books, charge)
