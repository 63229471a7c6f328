"""Groups of parameters that several requests have in common."""

from __future__ import annotations

from shop.simulators.stripe.wire import (
    METADATA,
    NUMBER,
    TEXT,
    TEXTS,
    Inner,
    Rule,
    needed,
    one_of,
)

Rules = dict[str, Rule]

EXPAND: Rules = {"expand": TEXTS}
SPAN = Inner({"gt": NUMBER, "gte": NUMBER, "lt": NUMBER, "lte": NUMBER})
PAGING: Rules = {
    "limit": NUMBER,
    "starting_after": TEXT,
    "ending_before": TEXT,
}
SINCE: Rules = {"created": SPAN}
ADDRESS = Inner(dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), TEXT))
BILLING = Inner({"address": ADDRESS, "email": TEXT, "name": TEXT, "phone": TEXT})
KINDS = one_of("card", "sepa_debit")
USAGE = one_of("off_session", "on_session")
MANDATE = Inner(
    {
        "customer_acceptance": Inner(
            {
                "accepted_at": NUMBER,
                "type": one_of("offline", "online"),
                "online": Inner({"ip_address": TEXT, "user_agent": TEXT}),
            }
        )
    }
)
METHOD_DATA = Inner(
    {
        "type": needed(KINDS),
        "sepa_debit": Inner({"iban": needed(TEXT)}),
        "billing_details": BILLING,
        "metadata": METADATA,
    }
)
PAYMENT_OPTIONS = Inner(
    {
        "card": Inner(
            {
                "network": one_of("amex", "cartes_bancaires", "mastercard", "visa", "unknown"),
                "request_incremental_authorization": one_of("if_available", "never"),
                "request_three_d_secure": one_of("any", "automatic", "challenge"),
            }
        )
    }
)
SETUP_OPTIONS = Inner(
    {
        "card": Inner(
            {
                "network": one_of("amex", "cartes_bancaires", "mastercard", "visa", "unknown"),
                "request_three_d_secure": one_of("any", "automatic", "challenge"),
            }
        )
    }
)
CUSTOMER: Rules = {
    "description": TEXT,
    "email": TEXT,
    "metadata": METADATA,
    "name": TEXT,
    "phone": TEXT,
    "preferred_locales": TEXTS,
}
PAYMENT_WORDS: Rules = {
    "description": TEXT,
    "metadata": METADATA,
    "payment_method": TEXT,
    "payment_method_data": METHOD_DATA,
    "payment_method_options": PAYMENT_OPTIONS,
    "receipt_email": TEXT,
    "setup_future_usage": USAGE,
    "statement_descriptor_suffix": TEXT,
    "transfer_group": TEXT,
}
GIVEN_UP = one_of("abandoned", "duplicate", "fraudulent", "requested_by_customer")
