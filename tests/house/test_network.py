"""The tests cannot leave this machine."""

from __future__ import annotations

import socket

import pytest

from tests.harness.network import NetworkClosed


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 443)])
def test_a_connection_to_elsewhere_is_refused_at_once(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as attempt, pytest.raises(NetworkClosed, match=r"socket\.connect"):
        attempt.connect(address)


def test_a_name_of_elsewhere_is_not_looked_up() -> None:
    with pytest.raises(NetworkClosed, match=r"exemple\.fr"):
        socket.getaddrinfo("exemple.fr", 443)


def test_this_machine_may_be_reached() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname(), timeout=5).close()
