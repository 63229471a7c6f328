"""How a provider of payments says no, or says nothing."""

from __future__ import annotations

from typing import ClassVar

from shop.kernel.errors import GatewayRefused, GatewayUnavailable


class CardDeclined(GatewayRefused):
    """The bank says no; facts: ``decline_code``, ``intent_id`` when one exists."""

    code: ClassVar[str] = "card_declined"


class AuthenticationRequired(GatewayRefused):
    """The bank wants to see the cardholder; facts: ``intent_id``, ``client_secret``."""

    code: ClassVar[str] = "authentication_required"


class UnknownAtGateway(GatewayRefused):
    """The provider knows no such thing; facts: ``param``, ``message``."""

    code: ClassVar[str] = "unknown_at_gateway"


class WrongStateAtGateway(GatewayRefused):
    """The thing is not in a state that allows this (captured, canceled, refunded already)."""

    code: ClassVar[str] = "wrong_state_at_gateway"


class KeyReused(GatewayRefused):
    """The same key was sent before with another content: a bug or an attack, never a retry."""

    code: ClassVar[str] = "key_reused"


class ForeignCurrency(GatewayRefused):
    """The provider speaks of a currency that is not ours; facts: ``currency``, ``object_id``."""

    code: ClassVar[str] = "foreign_currency"


class EventRefused(GatewayRefused):
    """A message that claims to come from the provider is forged, too old or unreadable."""

    code: ClassVar[str] = "event_refused"


class GatewayBusy(GatewayUnavailable):
    """The provider asks us to slow down, or works on the same thing at this moment."""

    code: ClassVar[str] = "gateway_busy"
