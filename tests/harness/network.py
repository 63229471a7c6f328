"""The network is closed: a test that reaches beyond the loopback fails where it does so."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

_closed = False
_HERE = {None, "", "localhost", socket.gethostname()}


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
        if isinstance(address, tuple) and not _is_here(address[0]):
            raise NetworkClosed(f"{event} to {address!r}")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and not _is_here(arguments[0]):
        raise NetworkClosed(f"look-up of {arguments[0]!r}")


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _HERE:
        return True
    try:
        found = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified
