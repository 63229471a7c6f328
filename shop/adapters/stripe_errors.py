"""The SDK's errors as the refusals that the shop knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from shop.kernel.errors import GatewayRefused, GatewayUnavailable
from shop.orders.ports import (
    AuthenticationRequired,
    CardDeclined,
    GatewayBusy,
    KeyReused,
    UnknownAtGateway,
    WrongStateAtGateway,
)

BUSY_STATUS = 409
WRONG_STATES = frozenset(
    {
        "payment_intent_unexpected_state",
        "setup_intent_unexpected_state",
        "charge_already_captured",
        "charge_already_refunded",
        "charge_disputed",
        "charge_expired_for_capture",
    }
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the SDK's errors into the port's."""
    try:
        yield
    except stripe.CardError as error:
        raise card_refusal(error) from error
    except stripe.IdempotencyError as error:
        raise KeyReused(message=error.user_message) from error
    except stripe.RateLimitError as error:
        raise GatewayBusy(message=error.user_message) from error
    except (
        stripe.InvalidRequestError,
        stripe.AuthenticationError,
        stripe.PermissionError,
    ) as error:
        raise request_refusal(error) from error
    except stripe.StripeError as error:
        if error.http_status == BUSY_STATUS:
            raise GatewayBusy(message=error.user_message) from error
        raise GatewayUnavailable(message=error.user_message, status=error.http_status) from error


def card_refusal(error: stripe.CardError) -> GatewayRefused:
    """The bank's no, with what is needed to let the customer come back."""
    body: Mapping[str, Any] = {}
    if isinstance(error.json_body, Mapping):
        body = error.json_body.get("error", {})
    intent = body.get("payment_intent") or body.get("setup_intent") or {}
    facts = {
        "intent_id": intent.get("id"),
        "client_secret": intent.get("client_secret"),
        "message": error.user_message,
    }
    if error.code == "authentication_required":
        return AuthenticationRequired(**facts)
    return CardDeclined(decline_code=body.get("decline_code") or error.code, **facts)


def request_refusal(error: stripe.StripeError) -> GatewayRefused:
    """What Stripe could not or would not do."""
    facts = {
        "message": error.user_message,
        "param": getattr(error, "param", None),
        "reason": error.code,
    }
    if error.code == "resource_missing":
        return UnknownAtGateway(**facts)
    if error.code in WRONG_STATES:
        return WrongStateAtGateway(**facts)
    return GatewayRefused(**facts)
