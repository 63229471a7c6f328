"""Values that hold for a time: rates, thresholds, fees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """``value`` holds from ``valid_from`` up to and without ``valid_to`` (None: no end yet)."""

    value: T
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the value is in force on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def value_on(day: date, rows: Iterable[Dated[T]]) -> T | None:
    """The value in force on ``day``, or None when there is none.

    Raises:
        ValueError: when two rows hold on that day.
    """
    found = [row for row in rows if row.holds_on(day)]
    if len(found) > 1:
        raise ValueError(f"{len(found)} values hold on {day}")
    return found[0].value if found else None
