"""Which function handles which topic of the outbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Handler = Callable[..., None]
F = TypeVar("F", bound=Handler)

HANDLERS: dict[str, Handler] = {}
LONG: set[str] = set()
"""Topics that take more than a few seconds: they have a queue of their own."""


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
