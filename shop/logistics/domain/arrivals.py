"""When a truck comes to the stops ahead of it, as an interval that holds eight times in ten.

The middle is the plan from where the truck stands, at the pace of its day so far. Around it the
spread grows with the work ahead: by a part that evens out from stop to stop, and by a part that
does not (traffic, weather, a new driver), larger where roads are only estimated. How many
spreads the interval reaches to either side is read off what happened on earlier days: each
arrival leaves a score, how many spreads it was off. Until there are many, figures that are
wide on purpose stand in for them. Times are seconds of the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from statistics import NormalDist

import numpy as np

LOWER, MIDDLE, UPPER = 0.1, 0.5, 0.9
"""Parts of arrivals before the beginning, the middle and the end of an interval."""

BASE_S = 120
"""Spread of an arrival next door: a place to park, a button pressed late."""
EVEN_S = 27.0
"""Variance, in square seconds, that each second of work adds by itself."""
SHARED, SHARED_ESTIMATED = 0.08, 0.22
"""Part of the work that is off for the whole day: on measured roads, on estimated ones."""
LEAVING_S = 600
"""Spread of the moment a round leaves, before it has."""

KNOTS_S = (600, 2400, 7200)
"""Work ahead at which scores are kept apart; between them the reach goes over evenly."""
STANDING_IN = 40
"""How many scores stand in until there are real ones, at each knot."""
LATE_TAIL = 1.25
"""Arrivals are late by more than they are early."""
MOST_SCORES = 400
"""The newest that count, at each knot."""

STEADY_S = 5400
"""So many seconds of work at the planned pace stand behind what today has shown."""
SLOWEST, FASTEST = 1.5, 0.75

SOON_S = 120
"""A truck that should be there already is expected in so many seconds at the soonest."""
OVERDUE_S = 600
"""Then the interval reaches so much farther at least."""
TOLD_LEAST, TOLD_MOST = 0.6, 1.25
"""What part of a delay told by the driver is sure, and how far it may stretch."""

STEP_S, WIDE_STEP_S, WIDE_S = 300, 600, 3600
"""People are told steps of five minutes, of ten when the interval is an hour or more."""
LEAST_WIDTH_S = 600
UNTRUE_S = 300
"""An announced interval is no longer true when the middle lies so far outside."""


@dataclass(frozen=True, slots=True)
class Leg:
    """The way to one stop still to come, and the work there."""

    stop_id: int
    drive_s: int
    service_s: int
    opens_s: int | None = None
    """The work begins no sooner."""
    leaves_from_s: int | None = None
    """The truck leaves no sooner, even if the work is done."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a truck."""

    free_s: int
    """From when on it drives to its next stop, as its events or the plan say."""
    has_left: bool = True
    late_s: int = 0
    """Told by the driver since the last event."""
    pace: float = 1.0
    """Seconds that a planned second takes today."""


@dataclass(frozen=True, slots=True)
class Score:
    """One arrival of the past: the work that was ahead, and by how much it was off."""

    work_s: int
    off_s: int
    """Arrival less the base of the estimate; negative is early."""
    spread_s: int
    took_s: int = 0
    """What that work took, waits left out; 0 where it teaches nothing of the usual pace."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """How many spreads an interval reaches, for each knot: lower, middle, upper."""

    reach: tuple[tuple[float, float, float], ...]
    usual: float = 1.0
    """Seconds that a planned second takes here."""

    def at(self, work_s: float) -> tuple[float, float, float]:
        """The reach for so much work ahead."""
        low, mid, high = (
            float(np.interp(work_s, KNOTS_S, [each[part] for each in self.reach]))
            for part in range(3)
        )
        return low, mid, high


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a truck comes to a stop; before it opens counts as when it opens."""

    stop_id: int
    expected_s: int
    earliest_s: int
    latest_s: int
    base_s: int
    """The middle before anything was learned; scores are measured from it."""
    spread_s: int
    work_s: int
    """Work and driving ahead when it was made, at the planned pace."""
    paced_s: int
    """The same at the pace of the day."""
    waits: bool
    """The truck is expected before the stop opens: the arrival will teach nothing."""


def standing_in() -> list[float]:
    """Scores for a market without a past: a bell with a longer tail to the late side."""
    bell = NormalDist()
    ranks = (bell.inv_cdf((rank + 0.5) / STANDING_IN) for rank in range(STANDING_IN))
    return [each * LATE_TAIL if each > 0 else each for each in ranks]


def learn(scores: Iterable[Score]) -> Lessons:
    """Read the reach of intervals off past arrivals, given the newest first."""
    kept: list[list[float]] = [[] for _ in KNOTS_S]
    planned = real = STEADY_S
    for score in scores:
        if score.took_s > 0:
            planned, real = planned + score.work_s, real + score.took_s
        mine = kept[_knot(score.work_s)]
        if score.spread_s > 0 and len(mine) < MOST_SCORES:
            mine.append(score.off_s / score.spread_s)
    prior = standing_in()
    found = []
    for mine in kept:
        low, mid, high = np.quantile([*prior, *mine], [LOWER, MIDDLE, UPPER])
        found.append((float(low), float(mid), float(high)))
    return Lessons(tuple(found), _within(real / planned))


def _knot(work_s: float) -> int:
    return min(range(len(KNOTS_S)), key=lambda at: abs(KNOTS_S[at] - work_s))


def pace_of(done: Iterable[tuple[int, int]], usual: float = 1.0) -> float:
    """How a day goes, from (planned, real) seconds of what was done so far."""
    planned, real = float(STEADY_S), STEADY_S * usual
    for expected_s, took_s in done:
        planned += max(0, expected_s)
        real += max(0, took_s)
    return _within(real / planned)


def _within(pace: float) -> float:
    return min(SLOWEST, max(FASTEST, pace))


def spread_of(work_s: float, estimated: float, *, has_left: bool = True) -> float:
    """One spread in seconds after so much work; ``estimated`` is the part of roads guessed."""
    shared = SHARED + (SHARED_ESTIMATED - SHARED) * min(1.0, max(0.0, estimated))
    leaving = 0 if has_left else LEAVING_S
    return sqrt(BASE_S**2 + EVEN_S * work_s + (shared * work_s) ** 2 + leaving**2)


@dataclass(frozen=True, slots=True)
class _Paths:
    """The clock of the truck if all goes early, as usual, late; and with nothing learned."""

    low: float
    mid: float
    high: float
    base: float

    def later(self, by: float) -> _Paths:
        return _Paths(self.low + by, self.mid + by, self.high + by, self.base + by)

    def not_before(self, at: float | None) -> _Paths:
        if at is None:
            return self
        parts = (self.low, self.mid, self.high, self.base)
        return _Paths(*(max(part, at) for part in parts))


def estimate(
    legs: Sequence[Leg],
    standing: Standing,
    lessons: Lessons,
    *,
    estimated: float,
    now_s: int,
) -> list[Estimate]:
    """When the truck comes to each stop ahead, in the order it drives them."""
    free = float(standing.free_s)
    paths = _Paths(
        free + TOLD_LEAST * standing.late_s,
        free + standing.late_s,
        free + TOLD_MOST * standing.late_s,
        free + standing.late_s,
    )
    ahead = _Ahead(has_left=[standing.has_left] * 3)
    found = []
    for leg in legs:
        ahead.add(leg.drive_s, standing.pace)
        paths = paths.later(leg.drive_s * standing.pace)
        low, mid, high = ahead.shifts(lessons, estimated)
        paths = replace(paths, low=paths.low + low, mid=paths.mid + mid, high=paths.high + high)
        paths = _ordered(paths, now_s)
        opened = paths.not_before(leg.opens_s)
        found.append(
            Estimate(
                leg.stop_id,
                expected_s=round(opened.mid),
                earliest_s=round(opened.low),
                latest_s=round(opened.high),
                base_s=round(paths.base),
                spread_s=round(ahead.spread),
                work_s=round(ahead.planned),
                paced_s=round(ahead.work[1]),
                waits=leg.opens_s is not None and paths.mid < leg.opens_s,
            )
        )
        if leg.opens_s is not None:
            ahead.wait([each < leg.opens_s for each in (paths.low, paths.mid, paths.high)])
        ahead.add(leg.service_s, standing.pace)
        paths = opened.later(leg.service_s * standing.pace).not_before(leg.leaves_from_s)
    return found


@dataclass(slots=True)
class _Ahead:
    """What lies ahead of a truck that goes early, as usual, late, since it last had to wait.

    Whoever waits for a door starts anew from there: what was uncertain before is over.
    """

    has_left: list[bool]
    work: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    off: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    planned: float = 0.0
    spread: float = 0.0

    def add(self, seconds: int, pace: float) -> None:
        self.work = [each + seconds * pace for each in self.work]
        self.planned += seconds

    def shifts(self, lessons: Lessons, estimated: float) -> list[float]:
        """How much farther from the plan each of the three is than at the stop before."""
        found = []
        for part, work_s in enumerate(self.work):
            spread = spread_of(work_s, estimated, has_left=self.has_left[part])
            reached = lessons.at(work_s)[part] * spread
            found.append(reached - self.off[part])
            self.off[part] = reached
            if part == 1:
                self.spread = spread
        return found

    def wait(self, waits: Sequence[bool]) -> None:
        for part, waited in enumerate(waits):
            if waited:
                self.work[part], self.off[part], self.has_left[part] = 0.0, 0.0, True
        if waits[1]:
            self.planned = 0.0


def _ordered(paths: _Paths, now_s: int) -> _Paths:
    """Nobody comes in the past; who is overdue comes soon, nobody knows how soon."""
    low = max(paths.low, now_s)
    mid = max(paths.mid, low)
    high = max(paths.high, mid)
    if paths.mid < now_s + SOON_S:
        mid = max(mid, now_s + SOON_S)
        overdue = max(0.0, now_s - paths.mid)
        high = max(high, mid + OVERDUE_S * min(1.0, overdue / SOON_S), mid + overdue / 2)
    return replace(paths, low=low, mid=mid, high=high)


def told(earliest_s: int, latest_s: int) -> tuple[int, int]:
    """The interval as people are told it: whole steps, never narrower than ten minutes."""
    step = WIDE_STEP_S if latest_s - earliest_s >= WIDE_S else STEP_S
    first = earliest_s // step * step
    last = -(-latest_s // step) * step
    if last - first < LEAST_WIDTH_S:
        last = first + LEAST_WIDTH_S
    return first, last


def is_untrue(announced: tuple[int, int], made: Estimate) -> bool:
    """Whether an interval that was announced must be taken back."""
    return not announced[0] - UNTRUE_S <= made.expected_s <= announced[1] + UNTRUE_S
