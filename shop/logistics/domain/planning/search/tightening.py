"""Rules that PyVRP does not know, in terms it does: what earlier plans taught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shop.logistics.domain.planning.problem import Window


@dataclass(frozen=True, slots=True)
class TripLimit:
    """Something that adds up over a trip and may not exceed a limit: seconds or meters aboard.

    What each stop adds is guessed from the plan before; the guess is made anew after each search.
    """

    weights: Mapping[str, int]
    """By stop id; a stop that is missing adds nothing."""
    capacity: int
    vehicles: frozenset[str] | None = None
    """Vehicles it binds; ``None`` is all."""


@dataclass(frozen=True, slots=True)
class Tightening:
    """What earlier plans taught: rules PyVRP does not know, in terms it does."""

    limits: tuple[TripLimit, ...] = ()
    windows: Mapping[tuple[str, int], Window] = field(default_factory=dict)
    """Narrower windows by stop id and position of the window."""
    vehicles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Stops held to certain vehicles."""
    counts: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """How many of a vehicle may use each of its layouts."""
    shift_cut_s: Mapping[str, int] = field(default_factory=dict)
    """Seconds of the day kept free for breaks, by vehicle id."""
    shrinks: int = 0
    """How often the limits were lowered because they were still broken."""
