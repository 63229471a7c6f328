from __future__ import annotations

import socket

import pytest

from shop.local_stack.addresses import LOOPBACK, accepts, any_free_port, free_port_from, is_free
from shop.local_stack.errors import StackError
from shop.local_stack.supervisor import choose_doors


@pytest.fixture
def taken() -> int:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_that_listens_is_not_free(taken: int) -> None:
    assert not is_free(taken)
    assert accepts(taken)


def test_a_port_the_system_gives_is_free() -> None:
    port = any_free_port()
    assert is_free(port)
    assert not accepts(port)


def test_a_taken_port_gives_way_to_a_later_one(taken: int) -> None:
    assert free_port_from(taken) > taken


def test_a_port_promised_to_somebody_else_is_passed_over() -> None:
    first = free_port_from(20000)
    assert free_port_from(first, taken={first}) > first


def test_a_taken_port_the_user_asked_for_is_refused(taken: int) -> None:
    with pytest.raises(StackError, match=f"Port {taken} is taken"):
        choose_doors(LOOPBACK, taken)


def test_the_port_the_user_asked_for_is_used() -> None:
    port = any_free_port()
    doors = choose_doors(LOOPBACK, port)
    assert doors.web == port
    assert len({doors.web, doors.mail_pages, doors.smtp, doors.stripe}) == 4
