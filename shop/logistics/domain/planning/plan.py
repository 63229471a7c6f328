"""What the planner answers: rounds with times and loads, what was left out and why, the cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from shop.logistics.domain.planning.goods import NOTHING, Goods

Fact: TypeAlias = str | int | tuple[str, ...]
"""A figure or code that explains; never a sentence."""


class VisitKind(StrEnum):
    """What happens at a point of a round."""

    START = "start"
    STOP = "stop"
    RELOAD = "reload"
    BREAK = "break"
    END = "end"


class UnservedReason(StrEnum):
    """Which limit kept a stop out."""

    NO_VEHICLE = "no_vehicle"
    """There is no vehicle at all."""
    NOT_ALLOWED = "not_allowed"
    """No vehicle has the skills, the permission or the hub it needs."""
    TOO_LARGE = "too_large"
    """No vehicle is large enough, even empty; facts: class, measure, amount, largest."""
    UNREACHABLE = "unreachable"
    """No road there or back."""
    WINDOW = "window"
    """No vehicle can be there while it is open, even alone; facts: earliest_s, closes_s."""
    RELEASE = "release"
    """Its goods are ready too late for its window; facts: release_s, earliest_s, closes_s."""
    DUE = "due"
    """Its goods cannot be at the hub in time, even alone; facts: due_s, earliest_s."""
    SHIFT = "shift"
    """Alone it already takes longer than a driver's day; facts: needed_s, allowed_s."""
    ABOARD = "aboard"
    """Alone it already keeps goods aboard too long; facts: class, needed_s, allowed_s."""
    UNCERTIFIED = "uncertified"
    """Too far for a vehicle without cold certificate; facts: distance_m, limit_m."""
    DISTANCE = "distance"
    """Alone it is already too far for a vehicle; facts: distance_m, limit_m."""
    PAIR = "pair"
    """The stop it exchanges goods with cannot be served."""
    PRICE = "price"
    """Optional, and serving it would cost more than its price; facts: price_cents, cost_cents."""
    FLEET_FULL = "fleet_full"
    """Could be served alone, but the vehicles have neither room nor time left; facts: missing."""
    SET_ASIDE = "set_aside"
    """Somebody at the desk took it out of its round."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One point of a round and its times in seconds.

    At a hub the service is the loading; at the end of a round it is nothing. A break begins
    where the vehicle stands.
    """

    kind: VisitKind
    place: int
    arrival_s: int
    start_s: int
    departure_s: int
    stop_id: str | None = None
    hub_id: str | None = None
    distance_m: int = 0
    """Driven since the visit before."""
    aboard: Goods = NOTHING
    """Carried when it leaves."""

    @property
    def wait_s(self) -> int:
        """Time spent before the service can begin."""
        return self.start_s - self.arrival_s


@dataclass(frozen=True, slots=True)
class Cost:
    """Cents by what they are spent on."""

    fixed_cents: int = 0
    distance_cents: int = 0
    time_cents: int = 0
    overtime_cents: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.fixed_cents + other.fixed_cents,
            self.distance_cents + other.distance_cents,
            self.time_cents + other.time_cents,
            self.overtime_cents + other.overtime_cents,
        )

    @property
    def total_cents(self) -> int:
        """All components together."""
        return self.fixed_cents + self.distance_cents + self.time_cents + self.overtime_cents


@dataclass(frozen=True, slots=True)
class Round:
    """What one vehicle does in a day, from the first loading to the return."""

    vehicle_id: str
    vehicle_number: int
    """Which of the equal vehicles, from 0."""
    layout: int
    """Which arrangement of its compartments, from 0."""
    visits: tuple[Visit, ...]
    cost: Cost = field(default_factory=Cost)

    @property
    def stop_ids(self) -> tuple[str, ...]:
        """Stops in the order they are served."""
        return tuple(visit.stop_id for visit in self.visits if visit.stop_id is not None)

    @property
    def distance_m(self) -> int:
        """Meters driven."""
        return sum(visit.distance_m for visit in self.visits)

    @property
    def start_s(self) -> int:
        """When the driver's day begins, normally with the first loading."""
        return self.visits[0].arrival_s

    @property
    def end_s(self) -> int:
        """When the driver's day ends: the vehicle is back."""
        return self.visits[-1].start_s

    @property
    def duration_s(self) -> int:
        """The driver's day in seconds, waits and breaks included."""
        return self.end_s - self.start_s

    def trips(self) -> Iterator[tuple[Visit, ...]]:
        """The parts between hubs, each with the hub visit it leaves and the one it reaches."""
        start = 0
        for position, visit in enumerate(self.visits):
            if position and visit.kind in (VisitKind.RELOAD, VisitKind.END):
                yield self.visits[start : position + 1]
                start = position


@dataclass(frozen=True, slots=True)
class Unserved:
    """A stop left out, which limit kept it out, and the figures that prove it."""

    stop_id: str
    reason: UnservedReason
    facts: Mapping[str, Fact] = field(default_factory=dict)


class Flag(StrEnum):
    """What the reader of a plan must know before trusting it."""

    ESTIMATED_DISTANCES = "estimated_distances"
    MATRIX_HOLES = "matrix_holes"
    LIMITS_BROKEN = "limits_broken"
    """The search found no lawful plan: the checker says where."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a plan was found, so that it can be found again."""

    seed: int = 0
    iterations: int = 0
    elapsed_ms: int = 0
    solver: str = ""
    matrix: str = ""
    """Fingerprint of the travel matrix."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Rounds, unserved stops each with a reason, cost by component."""

    rounds: tuple[Round, ...]
    unserved: tuple[Unserved, ...] = ()
    cost: Cost = field(default_factory=Cost)
    skipped_price_cents: int = 0
    """Prices of the optional stops left out: what the search weighed against their cost."""
    flags: tuple[Flag, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def distance_m(self) -> int:
        """Meters driven by all."""
        return sum(each.distance_m for each in self.rounds)

    @property
    def duration_s(self) -> int:
        """Seconds worked by all drivers."""
        return sum(each.duration_s for each in self.rounds)
