"""Stripe's resources as the values that the shop knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import stripe

from shop.kernel.money import Money
from shop.orders.ports import (
    Balance,
    BalanceEntry,
    DisputeView,
    ForeignCurrency,
    GatewayEvent,
    IntentStatus,
    MethodView,
    PaymentIntentView,
    RefundView,
    ReversalView,
    SetupIntentView,
    TransferView,
)


def instant(seconds: int) -> datetime:
    """Seconds since 1970 as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)


def ident(value: Any) -> str | None:
    """The id of something that may have come whole."""
    if value is None or isinstance(value, str):
        return value
    return str(value.id)


def words(metadata: Any) -> Mapping[str, str]:
    """Metadata as plain texts."""
    plain = metadata.to_dict() if isinstance(metadata, stripe.StripeObject) else metadata or {}
    return {str(name): str(value) for name, value in plain.items()}


def in_ours(currency: str, ours: str, object_id: str) -> None:
    """Refuse what is not in our currency.

    Raises:
        ForeignCurrency: always then; nothing is converted.
    """
    if currency != ours:
        raise ForeignCurrency(currency=currency, object_id=object_id)


def method(found: stripe.PaymentMethod) -> MethodView:
    """A means of payment."""
    if found.type == "card" and found.card is not None:
        networks = found.card.networks
        return MethodView(
            id=found.id,
            kind=found.type,
            customer_id=ident(found.customer),
            brand=found.card.display_brand or found.card.brand,
            last4=found.card.last4,
            exp_month=found.card.exp_month,
            exp_year=found.card.exp_year,
            networks=tuple(networks.available) if networks else (),
            preferred_network=networks.preferred if networks else None,
        )
    last4 = found.sepa_debit.last4 if found.type == "sepa_debit" and found.sepa_debit else ""
    return MethodView(
        id=found.id,
        kind=found.type,
        customer_id=ident(found.customer),
        brand=found.type,
        last4=last4 or "",
    )


def whole_method(value: Any) -> MethodView | None:
    """The means of payment, when it came whole."""
    return method(value) if isinstance(value, stripe.PaymentMethod) else None


def intent(found: stripe.PaymentIntent, ours: str) -> PaymentIntentView:
    """A payment.

    Raises:
        ForeignCurrency: it is in another currency than ours.
    """
    in_ours(found.currency, ours, found.id)
    charge = found.latest_charge if isinstance(found.latest_charge, stripe.Charge) else None
    error = found.last_payment_error
    return PaymentIntentView(
        id=found.id,
        status=IntentStatus(found.status),
        amount=Money(found.amount),
        capturable=Money(found.amount_capturable),
        received=Money(found.amount_received),
        client_secret=found.client_secret or "",
        created_at=instant(found.created),
        capture_before=capture_before(charge),
        can_grow=can_grow(charge),
        next_url=next_url(found),
        customer_id=ident(found.customer),
        method_id=ident(found.payment_method),
        method=whole_method(found.payment_method),
        charge_id=ident(found.latest_charge),
        refunded=Money(charge.amount_refunded if charge else 0),
        disputed=bool(charge and charge.disputed),
        fee=fee(charge),
        last_error_code=error.code if error else None,
        last_decline_code=error.decline_code if error and "decline_code" in error else None,
        cancellation_reason=found.cancellation_reason,
        metadata=words(found.metadata),
    )


def capture_before(charge: stripe.Charge | None) -> datetime | None:
    """Until when an authorization stands."""
    if charge is None or charge.payment_method_details is None:
        return None
    card = charge.payment_method_details.card if "card" in charge.payment_method_details else None
    moment = card.capture_before if card is not None and "capture_before" in card else None
    return None if moment is None else instant(moment)


def can_grow(charge: stripe.Charge | None) -> bool:
    """Whether the bank lets an authorization be made larger."""
    if charge is None or charge.payment_method_details is None:
        return False
    card = charge.payment_method_details.card if "card" in charge.payment_method_details else None
    growth = card.incremental_authorization if card is not None else None
    return growth is not None and growth.status == "available"


def next_url(found: stripe.PaymentIntent | stripe.SetupIntent) -> str | None:
    """Where the person has to go to confirm."""
    action = found.next_action
    if action is None or "redirect_to_url" not in action or action.redirect_to_url is None:
        return None
    return action.redirect_to_url.url


def dispute(found: stripe.Dispute, ours: str) -> DisputeView:
    """A contested payment."""
    in_ours(found.currency, ours, found.id)
    due = found.evidence_details.due_by
    over = found.status in ("won", "lost", "warning_closed")
    return DisputeView(
        id=found.id,
        intent_id=ident(found.payment_intent),
        amount=Money(found.amount),
        status=found.status,
        reason=found.reason,
        created_at=instant(found.created),
        evidence_by=None if due is None or over else instant(due),
    )


def fee(charge: stripe.Charge | None) -> Money | None:
    """What Stripe keeps; ``None`` until it says so."""
    if charge is None or not isinstance(charge.balance_transaction, stripe.BalanceTransaction):
        return None
    return Money(charge.balance_transaction.fee)


def setup(found: stripe.SetupIntent) -> SetupIntentView:
    """The keeping of a card."""
    error = found.last_setup_error
    return SetupIntentView(
        id=found.id,
        status=IntentStatus(found.status),
        client_secret=found.client_secret or "",
        customer_id=ident(found.customer),
        next_url=next_url(found),
        method_id=ident(found.payment_method),
        method=whole_method(found.payment_method),
        last_error_code=error.code if error else None,
        last_decline_code=error.decline_code if error and "decline_code" in error else None,
        metadata=words(found.metadata),
    )


def refund(found: stripe.Refund, ours: str) -> RefundView:
    """A refund."""
    in_ours(found.currency, ours, found.id)
    return RefundView(
        id=found.id,
        intent_id=ident(found.payment_intent),
        amount=Money(found.amount),
        status=found.status or "pending",
        failure_reason=found.failure_reason if "failure_reason" in found else None,
        metadata=words(found.metadata),
    )


def event(found: stripe.Event) -> GatewayEvent:
    """A message; what it is about is found in it, wherever Stripe puts it."""
    body = found.to_dict(for_json=True)
    thing = body["data"]["object"]
    kind = thing.get("object", "")
    intent_id = thing["id"] if kind == "payment_intent" else ident_in(thing, "payment_intent")
    setup_id = thing["id"] if kind == "setup_intent" else ident_in(thing, "setup_intent")
    return GatewayEvent(
        id=found.id,
        kind=found.type,
        created_at=instant(found.created),
        object_id=thing.get("id", ""),
        intent_id=intent_id,
        setup_id=setup_id,
        metadata=words(thing.get("metadata")),
        body=body,
    )


def ident_in(thing: Mapping[str, Any], name: str) -> str | None:
    """The id in a field that may hold the whole thing."""
    value = thing.get(name)
    return value.get("id") if isinstance(value, Mapping) else value


def balance(found: stripe.Balance, ours: str) -> Balance:
    """Our balance, in our currency."""
    return Balance(
        available=Money(sum(part.amount for part in found.available if part.currency == ours)),
        pending=Money(sum(part.amount for part in found.pending if part.currency == ours)),
    )


def entry(found: stripe.BalanceTransaction, ours: str) -> BalanceEntry:
    """One movement of our balance."""
    in_ours(found.currency, ours, found.id)
    return BalanceEntry(
        id=found.id,
        kind=found.type,
        amount=Money(found.amount),
        fee=Money(found.fee),
        net=Money(found.net),
        source_id=ident(found.source),
        created_at=instant(found.created),
        available_at=instant(found.available_on),
        description=found.description,
    )


def transfer(found: stripe.Transfer, ours: str) -> TransferView:
    """A producer's share."""
    in_ours(found.currency, ours, found.id)
    return TransferView(
        id=found.id,
        account_id=ident(found.destination) or "",
        amount=Money(found.amount),
        reversed_amount=Money(found.amount_reversed),
        created_at=instant(found.created),
        transfer_group=found.transfer_group,
        metadata=words(found.metadata),
    )


def reversal(found: stripe.TransferReversal, ours: str) -> ReversalView:
    """One taking back of a share."""
    in_ours(found.currency, ours, found.id)
    return ReversalView(
        id=found.id,
        transfer_id=ident(found.transfer) or "",
        amount=Money(found.amount),
        metadata=words(found.metadata),
    )
