"""Which function handles which topic of the outbox."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from shop.infra import outbox
from shop.infra.unit_of_work import unit_of_work

Handler = Callable[..., None]
F = TypeVar("F", bound=Handler)

HANDLERS: dict[str, Handler] = {}
LONG: set[str] = set()
"""Topics that take more than a few seconds: they have a queue of their own."""

LISTENERS: dict[str, list[str]] = {}
"""What several rooms want to hear of, and the topics under which each of them is told."""


def handles(topic: str, *, long: bool = False) -> Callable[[F], F]:
    """Declare the handler of ``topic``; it gets the payload as keywords and may run twice."""

    def declare(function: F) -> F:
        if topic in HANDLERS:
            raise ValueError(f"two handlers for {topic}")
        HANDLERS[topic] = function
        if long:
            LONG.add(topic)
        return function

    return declare


def announces(topic: str) -> None:
    """Declare that ``topic`` tells of something that happened; whoever listens hears of it."""
    if topic not in LISTENERS:
        LISTENERS[topic] = []
        handles(topic)(partial(_tell, topic))


def listens(topic: str) -> Callable[[F], F]:
    """Declare one who hears of ``topic``; each listener has its own message and its own tries.

    It gets the payload as keywords and may run twice.
    """

    def declare(function: F) -> F:
        announces(topic)
        told = f"{topic}>{function.__module__}.{function.__name__}"
        LISTENERS[topic].append(told)
        return handles(told)(function)

    return declare


def _tell(topic: str, **payload: Any) -> None:
    """Pass an announcement on to everybody who listens, once each."""
    facts = ",".join(f"{name}={payload[name]}" for name in sorted(payload))
    with unit_of_work() as session:
        for told in LISTENERS[topic]:
            outbox.post(session, told, key=f"{told}:{facts}", **payload)


def handler_of(topic: str) -> Handler:
    """The handler of ``topic``.

    Raises:
        LookupError: nobody handles it.
    """
    try:
        return HANDLERS[topic]
    except KeyError:
        raise LookupError(f"nobody handles {topic}") from None


def run(topic: str, payload: dict[str, Any]) -> None:
    """Handle one message here and now."""
    handler_of(topic)(**payload)
