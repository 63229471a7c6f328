"""What a search counts its seconds by: the clock on the wall, or what the processor worked for it.

People wait by the wall. Whoever measures on a busy machine counts the processor's seconds.
"""

from __future__ import annotations

import time


class WallClock:
    """Seconds as people count them."""

    def now(self) -> float:
        """An instant in seconds; only differences mean anything."""
        return time.monotonic()

    def lived_apart(self, seconds: float) -> None:
        """Work done in other processes went on while the clock did: nothing to add."""


class ProcessorClock(WallClock):
    """Seconds the processor worked for this process and for the searches it had done apart."""

    def __init__(self) -> None:
        self._apart = 0.0

    def now(self) -> float:
        """Seconds worked so far."""
        return time.process_time() + self._apart

    def lived_apart(self, seconds: float) -> None:
        """Add what each core worked while this process waited."""
        self._apart += seconds
