"""What can be made to happen by hand: expiries, disputes, ends of debits, letters sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shop.simulators.stripe.attempts import end_debit, return_debit
from shop.simulators.stripe.books import SWITCHES, Books, Thing
from shop.simulators.stripe.disputes import close_dispute, dispute_charge
from shop.simulators.stripe.intents import EXPIRED, close_intent
from shop.simulators.stripe.refunds import end_refund
from shop.simulators.stripe.refusal import Refusal


def expire(books: Books, thing_id: str) -> None:
    """Let an authorization run out before its day."""
    intent = in_state(books, thing_id, "requires_capture")
    close_intent(books, intent, EXPIRED)


def settle(books: Books, thing_id: str) -> None:
    """Let a bank debit end before its day."""
    intent = in_state(books, thing_id, "processing")
    books.drop_timers(thing_id)
    end_debit(books, intent)


def dispute(books: Books, thing_id: str) -> None:
    """Have the cardholder contest a captured payment."""
    intent = in_state(books, thing_id, "succeeded")
    dispute_charge(books, intent["latest_charge"])


def send_back(books: Books, thing_id: str) -> None:
    """Have the holder of an account send a collected bank debit back."""
    intent = in_state(books, thing_id, "succeeded")
    charge = books.need("charge", intent["latest_charge"], "charge")
    if "sepa_debit" not in charge["payment_method_details"] or charge["disputed"]:
        raise Refusal("Only a collected bank debit can be sent back, once.")
    return_debit(books, charge)


def win(books: Books, thing_id: str) -> None:
    """Decide a dispute for the shop."""
    close_dispute(books, open_dispute_of(books, thing_id), won=True)


def lose(books: Books, thing_id: str) -> None:
    """Decide a dispute against the shop."""
    close_dispute(books, open_dispute_of(books, thing_id), won=False)


def end_slow_refund(books: Books, thing_id: str) -> None:
    """Let a refund that takes its time arrive, or come back."""
    books.drop_timers(thing_id)
    end_refund(books, books.need("refund", thing_id, "id"))


def send_again(books: Books, thing_id: str) -> None:
    """Put the letter of an event in the post once more."""
    books.need("event", thing_id, "id")
    books.post(thing_id)


DEEDS: dict[str, Callable[[Books, str], None]] = {
    "expire": expire,
    "settle": settle,
    "dispute": dispute,
    "send_back": send_back,
    "win": win,
    "lose": lose,
    "end_refund": end_slow_refund,
    "send_again": send_again,
}


def in_state(books: Books, intent_id: str, status: str) -> Thing:
    """The intent, when it is in that state."""
    intent = books.need("payment_intent", intent_id, "intent")
    if intent["status"] != status:
        raise Refusal(f"The payment is {intent['status']}, not {status}.")
    return intent


def open_dispute_of(books: Books, intent_id: str) -> Thing:
    """The open dispute of a payment."""
    for found in books.all_of("dispute", intent_id):
        if found["status"] not in ("won", "lost"):
            return found
    raise Refusal("There is no open dispute on this payment.")


def turn_switches(books: Books, wanted: dict[str, Any]) -> None:
    """Set switches; a value takes the kind that its switch has.

    Raises:
        Refusal: for an unknown switch or a value that makes no sense.
    """
    for name, value in wanted.items():
        if name not in SWITCHES:
            raise Refusal(f"There is no switch {name}.", param=name)
        kind = type(SWITCHES[name])
        if kind is bool:
            value = value in (True, "true", "on", "1", 1)
        elif kind is int:
            try:
                value = int(value or 0)
            except (TypeError, ValueError):
                raise Refusal(f"{name} wants a whole number.", param=name) from None
        books.turn(name, kind(value))


def letters_of(books: Books, events: list[Thing]) -> dict[str, list[dict[str, Any]]]:
    """The sendings of some events, by event."""
    found: dict[str, list[dict[str, Any]]] = {event["id"]: [] for event in events}
    for event_id, letters in found.items():
        rows = books.connection.execute(
            "SELECT state, attempts, due_at, answer FROM letters WHERE event_id = ? ORDER BY seq",
            (event_id,),
        )
        letters.extend(dict(row) for row in rows)
    return found


def picture(books: Books, limit: int) -> dict[str, Any]:
    """What the control page shows, and its JSON twin."""
    events = books.latest("event", limit)
    intents = books.latest("payment_intent", limit)
    return {
        "switches": books.switches(),
        "payment_intents": intents,
        "setup_intents": books.latest("setup_intent", limit),
        "refunds": books.latest("refund", limit),
        "disputes": books.latest("dispute", limit),
        "contested": {
            dispute["payment_intent"]: dispute["status"]
            for dispute in reversed(books.latest("dispute", limit))
        },
        "transfers": books.latest("transfer", limit),
        "events": events,
        "letters": letters_of(books, events),
        "charges": {
            intent["latest_charge"]: books.find(intent["latest_charge"])
            for intent in intents
            if intent["latest_charge"]
        },
    }
