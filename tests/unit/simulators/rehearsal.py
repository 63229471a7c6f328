"""A day in the life of the simulator, with every body that went over the wire."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from shop.simulators.stripe.app import API_KEY
from shop.simulators.stripe.in_process import InProcessClient, TestBench

CUSTOMER_SEES = "https://exemple.fr/retour"


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_days(self, days: float) -> None:
        self.at += timedelta(days=days)


class ListeningClient(InProcessClient):
    """Keeps every body."""

    heard: list[dict[str, Any]]

    def request(self, *given: Any, **more: Any) -> Any:
        answer = super().request(*given, **more)
        self.heard.append(json.loads(answer[0]))
        return answer


def rehearse() -> list[dict[str, Any]]:
    """Use every route, and let everything happen that can."""
    clock = Clock()
    bench = TestBench(clock)
    client = ListeningClient(bench.simulator)
    client.heard = []
    v1 = stripe.StripeClient(API_KEY, http_client=client).v1
    customer = v1.customers.create({"email": "lea@exemple.fr", "metadata": {"a": "1"}})
    v1.customers.update(customer.id, {"name": "Léa", "metadata": {"a": "", "b": "2"}})
    v1.customers.retrieve(customer.id)
    payments(v1, customer.id)
    keeping(v1, customer.id)
    debits(v1, customer.id, clock)
    shares(v1)
    contested(v1)
    refusals(v1, customer.id)
    clock.pass_days(8)
    for listing in (
        v1.payment_intents.list({"limit": 100}),
        v1.charges.list({"limit": 100, "expand": ["data.balance_transaction"]}),
        v1.refunds.list({"limit": 100}),
        v1.balance_transactions.list({"limit": 100, "created": {"gte": 1}}),
        v1.disputes.list(),
        v1.transfers.list(),
    ):
        assert listing.data
    v1.balance.retrieve()
    newest = v1.events.list({"limit": 100})
    while newest.has_more:
        newest = v1.events.list({"limit": 100, "starting_after": newest.data[-1].id})
    v1.events.retrieve(newest.data[-1].id)
    bench.close()
    return client.heard


def payments(v1: Any, customer_id: str) -> None:
    whole = {"expand": ["latest_charge.balance_transaction", "payment_method", "customer"]}
    for card in ("pm_card_visa", "pm_card_visa_cartesBancaires"):
        intent = v1.payment_intents.create(
            {
                "amount": 2608,
                "currency": "eur",
                "capture_method": "manual",
                "customer": customer_id,
                "description": "Commande C-1",
                "setup_future_usage": "off_session",
                "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
                "metadata": {"order": "C-1"},
            }
        )
        v1.payment_intents.update(intent.id, {"amount": 2600, "metadata": {"order": "C-2"}})
        v1.payment_intents.confirm(intent.id, {"payment_method": card, **whole})
        v1.payment_intents.capture(intent.id, {"amount_to_capture": 2332, **whole})
        v1.refunds.create({"payment_intent": intent.id, "amount": 32, "metadata": {"line": "7"}})
        v1.payment_intents.retrieve(intent.id, whole)
        v1.charges.retrieve(intent.id and v1.charges.list({"payment_intent": intent.id}).data[0].id)
    for end in ("cancel", "expire", "ask"):
        card = "pm_card_authenticationRequired" if end == "ask" else "pm_card_visa"
        intent = v1.payment_intents.create(
            {
                "amount": 900,
                "currency": "eur",
                "capture_method": "manual",
                "automatic_payment_methods": {"enabled": True},
                "confirm": True,
                "payment_method": card,
                "return_url": CUSTOMER_SEES,
            }
        )
        if end == "cancel":
            v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})


def keeping(v1: Any, customer_id: str) -> None:
    for card in ("pm_card_visa", "pm_card_authenticationRequiredOnSetup"):
        setup = v1.setup_intents.create({"customer": customer_id, "metadata": {"order": "C-3"}})
        v1.setup_intents.confirm(
            setup.id,
            {"payment_method": card, "return_url": CUSTOMER_SEES, "expand": ["payment_method"]},
        )
        v1.setup_intents.retrieve(setup.id)
    setup = v1.setup_intents.create({"customer": customer_id})
    v1.setup_intents.cancel(setup.id)
    method = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    v1.payment_methods.attach(method.id, {"customer": customer_id})
    v1.payment_methods.retrieve(method.id)
    v1.customers.payment_methods.list(customer_id, {"type": "card"})
    v1.payment_methods.detach(method.id)


def debits(v1: Any, customer_id: str, clock: Clock) -> None:
    for iban in (
        "FR1420041010050500013M02606",
        "FR8420041010050500013M02607",
        "FR5720041010050500013M02608",
    ):
        intent = v1.payment_intents.create(
            {
                "amount": 4000,
                "currency": "eur",
                "customer": customer_id,
                "allowed_payment_method_types": ["sepa_debit"],
                "payment_method_data": {
                    "type": "sepa_debit",
                    "sepa_debit": {"iban": iban},
                    "billing_details": {"name": "Léa", "email": "lea@exemple.fr"},
                },
            }
        )
        v1.payment_intents.confirm(intent.id, {"expand": ["latest_charge", "payment_method"]})
    clock.pass_days(6)


def shares(v1: Any) -> None:
    account = v1.accounts.create(
        {
            "country": "FR",
            "email": "f@exemple.fr",
            "capabilities": {"transfers": {"requested": True}},
        }
    )
    v1.accounts.retrieve(account.id)
    intent = paid(v1, 5000, "pm_card_bypassPending")
    charge = v1.payment_intents.retrieve(intent.id).latest_charge
    transfer = v1.transfers.create(
        {
            "amount": 3000,
            "currency": "eur",
            "destination": account.id,
            "source_transaction": charge,
            "metadata": {"producer": "4"},
        }
    )
    v1.transfers.reversals.create(transfer.id, {"amount": 500})
    v1.transfers.retrieve(transfer.id)


def contested(v1: Any) -> None:
    for word in ("winning_evidence", "losing_evidence"):
        paid(v1, 1500, "pm_card_createDispute")
        dispute = v1.disputes.list().data[0]
        v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": word}})
        v1.disputes.retrieve(dispute.id)
    paid(v1, 1600, "pm_card_createDispute")
    v1.disputes.close(v1.disputes.list().data[0].id)
    for card in ("pm_card_refundFail", "pm_card_pendingRefund"):
        refund = v1.refunds.create({"payment_intent": paid(v1, 700, card).id})
        v1.refunds.retrieve(refund.id)
    v1.balance_transactions.retrieve(v1.balance_transactions.list().data[0].id)


def paid(v1: Any, cents: int, card: str) -> Any:
    return v1.payment_intents.create(
        {
            "amount": cents,
            "currency": "eur",
            "confirm": True,
            "payment_method": card,
            "return_url": CUSTOMER_SEES,
        }
    )


def refusals(v1: Any, customer_id: str) -> None:
    for cents, card, off_session in (
        (1000, "pm_card_visa_chargeDeclined", False),
        (1000, "pm_card_chargeDeclinedExpiredCard", False),
        (1000, "pm_card_authenticationRequired", True),
        (10, "pm_card_visa", False),
    ):
        with suppress(stripe.StripeError):
            v1.payment_intents.create(
                {
                    "amount": cents,
                    "currency": "eur",
                    "customer": customer_id,
                    "confirm": True,
                    "off_session": off_session,
                    "payment_method": card,
                }
            )
    with suppress(stripe.StripeError):
        v1.setup_intents.create(
            {"confirm": True, "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
        )
    with suppress(stripe.StripeError):
        v1.payment_intents.capture(paid(v1, 800, "pm_card_visa").id)
