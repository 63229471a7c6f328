"""Free ports of the loopback, and whether something answers there."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Collection

from shop.local_stack.errors import StackError

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether nothing listens on ``port`` at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A server stopped a moment ago leaves connections in TIME_WAIT: those do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def any_free_port() -> int:
    """A port the system says is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def free_port_from(first: int, taken: Collection[int] = (), host: str = LOOPBACK) -> int:
    """The first free port at or after ``first`` that is not in ``taken``."""
    for port in range(first, min(first + 200, 65536)):
        if port not in taken and is_free(port, host):
            return port
    raise StackError(f"No free port between {first} and {first + 199}.")


def accepts(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def serves_pages(port: int, path: str = "/") -> bool:
    """Whether an HTTP server answers there without failing; no proxy is asked."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
