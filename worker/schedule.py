"""Everything that happens by the clock, in one table.

Each job reads what is due from the database and is safe to run twice or late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Job:
    """A function without arguments, and how often it runs."""

    name: str
    every: timedelta
    run: Callable[[], None]


SCHEDULE: tuple[Job, ...] = ()
"""Filled by the rooms' task modules below."""
