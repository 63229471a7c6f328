"""When a search ends: after so many seconds or steps, or when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shop.logistics.domain.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class StopRule:
    """The search ends at whichever comes first; with iterations alone it is repeatable.

    ``asked`` is called a few times a second; when it answers true the search keeps its best
    and returns.
    """

    seconds: float | None = None
    iterations: int | None = None
    asked: Callable[[], bool] | None = None
    processor: bool = False
    """Whether the seconds are those the processor works on each core, not those on the wall."""

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise ValueError("a stop rule needs seconds or iterations")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is."""

    best_cents: int | None
    """Cost of the best plan so far; ``None`` while there is no lawful one."""
    unserved: int
    violations: int
    """Broken rules in the best plan so far, as the checker counts."""
    seconds_left: float | None
    """``None`` where only iterations count."""
    iterations: int
    kept: Plan | None = None
    """The best lawful plan where it is new since last told; of the unserved it says nothing."""
