"""The slice of the provider's interface that is simulated, as one table.

Each row names the SDK class that describes its parameters and the one that describes its
answer; the tests hold the row against both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from shop.simulators.stripe import (
    charges,
    disputes,
    intents,
    methods,
    refunds,
    setups,
    transfers,
)
from shop.simulators.stripe.books import Books, Thing
from shop.simulators.stripe.shared_rules import (
    BILLING,
    CUSTOMER,
    EXPAND,
    GIVEN_UP,
    KINDS,
    MANDATE,
    METHOD_DATA,
    PAGING,
    PAYMENT_OPTIONS,
    PAYMENT_WORDS,
    SETUP_OPTIONS,
    SINCE,
    USAGE,
    Rules,
)
from shop.simulators.stripe.wire import (
    METADATA,
    NUMBER,
    TEXT,
    TEXTS,
    YES_NO,
    Inner,
    Params,
    needed,
    one_of,
)


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked; ``lists`` when the answer is a page of things."""

    method: str
    path: str
    serve: Callable[..., Any]
    params: str
    answers: str
    accepts: Rules = field(default_factory=dict)
    lists: bool = False

    @property
    def rules(self) -> Rules:
        """Every parameter that is understood here."""
        return self.accepts | EXPAND | (PAGING if self.lists else {})


def list_events(books: Books, params: Params) -> Iterator[Thing]:
    """Events, newest first."""
    kinds = params.get("types") or ([params["type"]] if "type" in params else None)
    return (
        event for event in books.stream("event", params) if kinds is None or event["type"] in kinds
    )


def retrieve_event(books: Books, params: Params, event_id: str) -> Thing:
    """One event."""
    return books.need("event", event_id, "id", 404)


ROUTES = (
    Route(
        "POST",
        "/v1/customers",
        methods.create_customer,
        "CustomerCreateParams",
        "Customer",
        CUSTOMER,
    ),
    Route(
        "GET", "/v1/customers/{id}", methods.retrieve_customer, "CustomerRetrieveParams", "Customer"
    ),
    Route(
        "POST",
        "/v1/customers/{id}",
        methods.update_customer,
        "CustomerUpdateParams",
        "Customer",
        CUSTOMER,
    ),
    Route(
        "GET",
        "/v1/customers/{id}/payment_methods",
        methods.list_customer_methods,
        "CustomerPaymentMethodListParams",
        "PaymentMethod",
        {"type": KINDS},
        lists=True,
    ),
    Route(
        "POST",
        "/v1/payment_methods",
        methods.create_method,
        "PaymentMethodCreateParams",
        "PaymentMethod",
        {
            "allow_redisplay": one_of("always", "limited", "unspecified"),
            "billing_details": BILLING,
            "card": Inner({"token": needed(TEXT)}),
            "metadata": METADATA,
            "sepa_debit": Inner({"iban": needed(TEXT)}),
            "type": needed(KINDS),
        },
    ),
    Route(
        "GET",
        "/v1/payment_methods/{id}",
        methods.retrieve_method,
        "PaymentMethodRetrieveParams",
        "PaymentMethod",
    ),
    Route(
        "POST",
        "/v1/payment_methods/{id}/attach",
        methods.attach_method,
        "PaymentMethodAttachParams",
        "PaymentMethod",
        {"customer": needed(TEXT)},
    ),
    Route(
        "POST",
        "/v1/payment_methods/{id}/detach",
        methods.detach_method,
        "PaymentMethodDetachParams",
        "PaymentMethod",
    ),
    Route(
        "POST",
        "/v1/payment_intents",
        intents.create_intent,
        "PaymentIntentCreateParams",
        "PaymentIntent",
        PAYMENT_WORDS
        | {
            "amount": needed(NUMBER),
            "automatic_payment_methods": Inner(
                {"allow_redirects": one_of("always", "never"), "enabled": needed(YES_NO)}
            ),
            "capture_method": one_of("automatic", "automatic_async", "manual"),
            "confirm": YES_NO,
            "currency": needed(TEXT),
            "customer": TEXT,
            "mandate_data": MANDATE,
            "off_session": YES_NO,
            "allowed_payment_method_types": TEXTS,
            "return_url": TEXT,
        },
    ),
    Route(
        "GET",
        "/v1/payment_intents",
        intents.list_intents,
        "PaymentIntentListParams",
        "PaymentIntent",
        SINCE | {"customer": TEXT},
        lists=True,
    ),
    Route(
        "GET",
        "/v1/payment_intents/{id}",
        intents.retrieve_intent,
        "PaymentIntentRetrieveParams",
        "PaymentIntent",
        {"client_secret": TEXT},
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}",
        intents.update_intent,
        "PaymentIntentUpdateParams",
        "PaymentIntent",
        PAYMENT_WORDS | {"amount": NUMBER, "customer": TEXT},
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/confirm",
        intents.confirm_intent,
        "PaymentIntentConfirmParams",
        "PaymentIntent",
        {
            "mandate_data": MANDATE,
            "off_session": YES_NO,
            "payment_method": TEXT,
            "payment_method_data": METHOD_DATA,
            "payment_method_options": PAYMENT_OPTIONS,
            "receipt_email": TEXT,
            "return_url": TEXT,
            "setup_future_usage": USAGE,
        },
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/capture",
        intents.capture_intent,
        "PaymentIntentCaptureParams",
        "PaymentIntent",
        {"amount_to_capture": NUMBER, "metadata": METADATA},
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/increment_authorization",
        intents.increase_intent,
        "PaymentIntentIncrementAuthorizationParams",
        "PaymentIntent",
        {"amount": needed(NUMBER), "description": TEXT, "metadata": METADATA},
    ),
    Route(
        "POST",
        "/v1/payment_intents/{id}/cancel",
        intents.cancel_intent,
        "PaymentIntentCancelParams",
        "PaymentIntent",
        {"cancellation_reason": GIVEN_UP},
    ),
    Route(
        "POST",
        "/v1/setup_intents",
        setups.create_setup,
        "SetupIntentCreateParams",
        "SetupIntent",
        {
            "confirm": YES_NO,
            "customer": TEXT,
            "description": TEXT,
            "mandate_data": MANDATE,
            "metadata": METADATA,
            "payment_method": TEXT,
            "payment_method_data": METHOD_DATA,
            "payment_method_options": SETUP_OPTIONS,
            "allowed_payment_method_types": TEXTS,
            "return_url": TEXT,
            "usage": USAGE,
        },
    ),
    Route(
        "GET",
        "/v1/setup_intents/{id}",
        setups.retrieve_setup,
        "SetupIntentRetrieveParams",
        "SetupIntent",
    ),
    Route(
        "POST",
        "/v1/setup_intents/{id}/confirm",
        setups.confirm_setup,
        "SetupIntentConfirmParams",
        "SetupIntent",
        {
            "mandate_data": MANDATE,
            "payment_method": TEXT,
            "payment_method_data": METHOD_DATA,
            "payment_method_options": SETUP_OPTIONS,
            "return_url": TEXT,
        },
    ),
    Route(
        "POST",
        "/v1/setup_intents/{id}/cancel",
        setups.cancel_setup,
        "SetupIntentCancelParams",
        "SetupIntent",
        {"cancellation_reason": one_of("abandoned", "duplicate", "requested_by_customer")},
    ),
    Route("GET", "/v1/charges/{id}", charges.retrieve_charge, "ChargeRetrieveParams", "Charge"),
    Route(
        "GET",
        "/v1/charges",
        charges.list_charges,
        "ChargeListParams",
        "Charge",
        SINCE | {"customer": TEXT, "payment_intent": TEXT},
        lists=True,
    ),
    Route(
        "POST",
        "/v1/refunds",
        refunds.create_refund,
        "RefundCreateParams",
        "Refund",
        {
            "amount": NUMBER,
            "charge": TEXT,
            "metadata": METADATA,
            "payment_intent": TEXT,
            "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
        },
    ),
    Route("GET", "/v1/refunds/{id}", refunds.retrieve_refund, "RefundRetrieveParams", "Refund"),
    Route(
        "GET",
        "/v1/refunds",
        refunds.list_refunds,
        "RefundListParams",
        "Refund",
        SINCE | {"charge": TEXT, "payment_intent": TEXT},
        lists=True,
    ),
    Route(
        "GET", "/v1/disputes/{id}", disputes.retrieve_dispute, "DisputeRetrieveParams", "Dispute"
    ),
    Route(
        "GET",
        "/v1/disputes",
        disputes.list_disputes,
        "DisputeListParams",
        "Dispute",
        SINCE | {"charge": TEXT, "payment_intent": TEXT},
        lists=True,
    ),
    Route(
        "POST",
        "/v1/disputes/{id}",
        disputes.update_dispute,
        "DisputeUpdateParams",
        "Dispute",
        {"evidence": Inner(dict.fromkeys(disputes.NO_EVIDENCE, TEXT)), "submit": YES_NO},
    ),
    Route(
        "POST", "/v1/disputes/{id}/close", disputes.accept_dispute, "DisputeCloseParams", "Dispute"
    ),
    Route("GET", "/v1/balance", charges.retrieve_balance, "BalanceRetrieveParams", "Balance"),
    Route(
        "GET",
        "/v1/balance_transactions",
        charges.list_movements,
        "BalanceTransactionListParams",
        "BalanceTransaction",
        SINCE | {"source": TEXT, "type": TEXT},
        lists=True,
    ),
    Route(
        "GET",
        "/v1/balance_transactions/{id}",
        charges.retrieve_movement,
        "BalanceTransactionRetrieveParams",
        "BalanceTransaction",
    ),
    Route(
        "POST",
        "/v1/accounts",
        transfers.create_account,
        "AccountCreateParams",
        "Account",
        {
            "business_type": one_of("company", "individual", "non_profit", "government_entity"),
            "capabilities": Inner({"transfers": Inner({"requested": YES_NO})}),
            "controller": Inner(
                {
                    "fees": Inner({"payer": one_of("account", "application")}),
                    "losses": Inner({"payments": one_of("application", "stripe")}),
                    "requirement_collection": one_of("application", "stripe"),
                    "stripe_dashboard": Inner({"type": one_of("express", "full", "none")}),
                }
            ),
            "country": TEXT,
            "email": TEXT,
            "metadata": METADATA,
            "type": one_of("custom", "express", "standard"),
        },
    ),
    Route(
        "GET", "/v1/accounts/{id}", transfers.retrieve_account, "AccountRetrieveParams", "Account"
    ),
    Route(
        "POST",
        "/v1/transfers",
        transfers.create_transfer,
        "TransferCreateParams",
        "Transfer",
        {
            "amount": needed(NUMBER),
            "currency": needed(TEXT),
            "description": TEXT,
            "destination": needed(TEXT),
            "metadata": METADATA,
            "source_transaction": TEXT,
            "transfer_group": TEXT,
        },
    ),
    Route(
        "GET",
        "/v1/transfers/{id}",
        transfers.retrieve_transfer,
        "TransferRetrieveParams",
        "Transfer",
    ),
    Route(
        "GET",
        "/v1/transfers",
        transfers.list_transfers,
        "TransferListParams",
        "Transfer",
        SINCE | {"destination": TEXT, "transfer_group": TEXT},
        lists=True,
    ),
    Route(
        "POST",
        "/v1/transfers/{id}/reversals",
        transfers.create_reversal,
        "TransferReversalCreateParams",
        "TransferReversal",
        {"amount": NUMBER, "description": TEXT, "metadata": METADATA},
    ),
    Route(
        "GET",
        "/v1/transfers/{id}/reversals",
        transfers.list_reversals,
        "TransferReversalListParams",
        "TransferReversal",
        {},
        lists=True,
    ),
    Route(
        "GET",
        "/v1/events",
        list_events,
        "EventListParams",
        "Event",
        SINCE | {"type": TEXT, "types": TEXTS},
        lists=True,
    ),
    Route("GET", "/v1/events/{id}", retrieve_event, "EventRetrieveParams", "Event"),
)
