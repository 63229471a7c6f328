"""The network is closed: a test that reaches beyond the loopback fails where it does so."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from typing import Any

_closed = False
_HERE = {None, "", "localhost", socket.gethostname()}


STRIPE_KEY = os.environ.get("STRIPE_TEST_KEY", "")
"""Asks for the contract tests against Stripe's test mode; only then it is let through."""

_STRIPE = "api.stripe.com"
_allowed: set[str] = set()
"""Addresses that the name of Stripe was found to have."""


class NetworkClosed(RuntimeError):
    """Something tried to leave this machine."""


def close_network() -> None:
    """Refuse every connection and look-up beyond this machine until the process ends."""
    global _closed
    if not _closed:
        _closed = True
        sys.addaudithook(_guard)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        if isinstance(address, tuple) and not (_is_here(address[0]) or _is_stripe(address[0])):
            raise NetworkClosed(f"{event} to {address!r}")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and not _is_here(arguments[0]):
        if STRIPE_KEY and arguments[0] == _STRIPE:
            return
        raise NetworkClosed(f"look-up of {arguments[0]!r}")


def _is_stripe(host: str) -> bool:
    """Whether an address is Stripe's, and somebody asked for it; looked up once."""
    if not STRIPE_KEY:
        return False
    if not _allowed:
        _allowed.update(str(found[4][0]) for found in socket.getaddrinfo(_STRIPE, 443))
    return host in _allowed


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _HERE:
        return True
    try:
        found = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified
