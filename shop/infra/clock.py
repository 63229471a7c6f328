"""What time it is, asked in one place so that a test can answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from shop.infra.ports import port


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is told to move: for tests and rehearsals."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The instant that was set."""
        return self.at


def now() -> datetime:
    """The present instant of the running application, aware, in UTC."""
    return port(Clock).now()
