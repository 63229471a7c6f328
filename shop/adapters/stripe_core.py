"""What every call to Stripe shares: keys, addresses, versions, time limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import requests
import stripe

from shop.kernel.errors import GatewayRefused
from shop.orders.ports import (
    CaptureMode,
    MethodKind,
)

API_VERSION = "2026-10-28.endive"
TIMEOUT_S = 20
RETRIES = 2
EVENT_AGE_S = 300
PAGE = 100
UNREADABLE = (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError)
INTENT_PARTS = ["latest_charge.balance_transaction", "payment_method"]


class StripeCore:
    """Payments through Stripe; every call has a time limit, every deed an idempotency key.

    ``api_base`` is the simulator's address, ``None`` for Stripe itself; ``page_base`` where
    browsers find the simulator's pages when that differs.

    Raises:
        ValueError: a simulator's key or address outside of a simulation.
    """

    def __init__(
        self,
        *,
        api_key: str,
        webhook_secret: str,
        public_key: str = "",
        currency: str = "eur",
        api_base: str | None = None,
        page_base: str | None = None,
        simulation: bool = False,
        http_client: stripe.HTTPClient | None = None,
        now: Callable[[], datetime] | None = None,
        retries: int = RETRIES,
    ) -> None:
        names_simulator = "sim" in api_key.split("_")
        if not simulation and (api_base is not None or names_simulator):
            raise ValueError("a simulator's key or address is not for production")
        if simulation and not names_simulator:
            raise ValueError("a simulation wants the simulator's key, never a real one")
        if simulation and api_base is None and http_client is None:
            raise ValueError("a simulation wants the simulator's address")
        self._public_key = public_key
        self._simulation = simulation
        self._webhook_secret = webhook_secret
        self._currency = currency
        self._page_base = api_base if page_base is None else page_base
        self._now = now or (lambda: datetime.now(UTC))
        bases: Any = {"api": api_base} if api_base else None
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            base_addresses=bases,
            max_network_retries=retries,
            http_client=http_client or web_client(near=api_base is not None),
        )

    @property
    def public_key(self) -> str:
        """The key that the payment page in the browser may know."""
        return self._public_key

    @property
    def simulated(self) -> bool:
        """Whether no real money can move."""
        return self._simulation

    def hosted_page_url(self, client_secret: str, return_url: str) -> str | None:
        """The simulator's card page; ``None`` when Stripe's own form is to be shown."""
        if not self._simulation or self._page_base is None:
            return None
        query = urlencode({"return_url": return_url})
        return f"{self._page_base}/pay/{client_secret}?{query}"


def web_client(*, near: bool) -> stripe.HTTPClient:
    """A client with a time limit; a simulator nearby is reached past any proxy."""
    if not near:
        return stripe.RequestsClient(timeout=TIMEOUT_S)
    session = requests.Session()
    session.trust_env = False
    return stripe.RequestsClient(timeout=TIMEOUT_S, session=session)


def present(**values: Any) -> dict[str, Any]:
    """Those values that say something."""
    return {name: value for name, value in values.items() if value}


def capture_word(mode: CaptureMode, kinds: tuple[MethodKind, ...]) -> str:
    """How Stripe is to take the money; a bank debit cannot be reserved, only taken."""
    if mode is CaptureMode.MANUAL and MethodKind.SEPA_DEBIT in kinds:
        raise GatewayRefused(message="a bank debit cannot be authorized first")
    return mode.value


def signed_at(signature: str) -> int:
    """The moment of sending in a signature header, in seconds since 1970."""
    parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
    return int(parts["t"])
