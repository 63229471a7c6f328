"""Where the payment provider tells us that something happened: kept once, answered at once."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from structlog import get_logger

from shop.infra.ports import port
from shop.infra.unit_of_work import unit_of_work
from shop.orders.ports import EventRefused, PaymentGateway
from shop.orders.services import payments
from shop.web.security import csrf

bp = Blueprint("hooks", __name__)

log = get_logger()


@bp.post("/hooks/stripe")
@csrf.exempt  # type: ignore[untyped-decorator]
def stripe() -> ResponseReturnValue:
    """Check the signature, keep the event, answer; the worker looks at what it is about."""
    try:
        event = port(PaymentGateway).read_event(
            request.get_data(), request.headers.get("Stripe-Signature", "")
        )
    except EventRefused as error:
        log.warning("event_refused", reason=str(error))
        return {"error": error.code}, 400
    with unit_of_work() as session:
        is_new = payments.keep_event(session, event)
    return {"received": True, "new": is_new}
