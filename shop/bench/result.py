"""What a measure says: a figure, its floor, what it must be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any

__all__ = ["Result", "median"]


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    number: int
    name: str
    floor: str
    ours: str
    ratio: str
    must: str
    ok: bool
    facts: dict[str, Any] = field(default_factory=dict)
    """The same as numbers."""
