"""What if the day were another: one vehicle more or less, another hub, other limits.

A scenario changes the problem of a cycle and nothing else; the same search and the same checker
work on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.desk.board import Board, drafts_of
from shop.logistics.domain.planning.plain import from_plain, to_plain
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.domain.planning.problem import Problem, Stop, Vehicle
from shop.logistics.domain.planning.timing import Draft, build_plan

MOST_HIRED = 6

LIMITS_S: Mapping[str, tuple[int, int]] = {
    "chilled_s": (1_800, 43_200),
    "frozen_s": (1_800, 43_200),
    "ambient_s": (1_800, 86_400),
    "shift_s": (3_600, 46_800),
    "overtime_s": (0, 14_400),
}
"""Least and most seconds of each limit that somebody may try."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place to prepare and to begin from; hours and loading stay those of the hub."""

    name: str
    address: str
    postcode: str
    commune: str
    insee: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is different from the cycle as it is; nothing means: searched once more."""

    without: tuple[int, ...] = ()
    """Keys of vehicles that do not drive."""
    only: tuple[int, ...] = ()
    """Keys of the vehicles that may drive; empty: all."""
    like: tuple[int, ...] = ()
    """One more vehicle each, like the one with that key."""
    hub: Elsewhere | None = None
    chilled_s: int | None = None
    """Longest time aboard; None is as it is."""
    frozen_s: int | None = None
    ambient_s: int | None = None
    shift_s: int | None = None
    """Of every vehicle."""
    overtime_s: int | None = None
    dropped: tuple[str, ...] = ()
    """Stops that nobody calls at."""

    @property
    def has_limits(self) -> bool:
        """Whether rules of the day are others."""
        return any(getattr(self, name) is not None for name in LIMITS_S)

    def may_drive(self, vehicle: int) -> bool:
        """Whether a vehicle of the market takes part."""
        return vehicle not in self.without and (not self.only or vehicle in self.only)

    def without_limits(self) -> Scenario:
        """The same under the limits of every day."""
        return replace(
            self, chilled_s=None, frozen_s=None, ambient_s=None, shift_s=None, overtime_s=None
        )

    def refuse_nonsense(self) -> None:
        """Look at the figures.

        Raises:
            InvalidInput: a limit that nobody can mean; facts: ``field``, ``least``, ``most``.
        """
        for name, (least, most) in LIMITS_S.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise InvalidInput(field=name, least=least, most=most)
        if len(self.like) > MOST_HIRED:
            raise InvalidInput(field="like", least=0, most=MOST_HIRED)

    def hired(self) -> Iterator[tuple[int, int]]:
        """Vehicles to hire under a key of their own (negative), and which they are like."""
        return ((-rank, key) for rank, key in enumerate(self.like, start=1))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan is worth, to lay beside another."""

    cost_cents: int
    distance_m: int
    duration_s: int
    co2_g: int
    """Grams of CO2 equivalent."""
    vehicles: int
    served: int
    unserved: int
    violations: int


def write_scenario(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain JSON values."""
    plain: dict[str, Any] = to_plain(scenario)
    return plain


def read_scenario(kept: object) -> Scenario:
    """The scenario that was written.

    Raises:
        InvalidInput: what is kept is none; facts name the field.
    """
    found: Scenario = from_plain(
        Scenario, kept, "", lambda field, reason, _: InvalidInput(field=field, reason=reason)
    )
    return found


def varied(
    problem: Problem, behind: Mapping[str, Sequence[int]], scenario: Scenario
) -> tuple[Problem, dict[str, list[int]]]:
    """The problem with other vehicles and limits, and the vehicles behind each kind.

    Equal vehicles stay one kind; a kind of which none is left goes away. Places and stops stay.
    """
    keys: dict[str, list[int]] = {}
    vehicles: list[Vehicle] = []
    for kind in problem.vehicles:
        there = [key for key in behind[kind.id] if scenario.may_drive(key)]
        there += [key for key, like in scenario.hired() if like in behind[kind.id]]
        if not there:
            continue
        keys[kind.id] = there
        vehicles.append(_other_day(replace(kind, count=len(there)), scenario))
    aboard = problem.aboard
    aboard = replace(
        aboard,
        chilled_s=aboard.chilled_s if scenario.chilled_s is None else scenario.chilled_s,
        frozen_s=aboard.frozen_s if scenario.frozen_s is None else scenario.frozen_s,
        ambient_s=aboard.ambient_s if scenario.ambient_s is None else scenario.ambient_s,
    )
    return replace(problem, vehicles=tuple(vehicles), aboard=aboard), keys


def _other_day(vehicle: Vehicle, scenario: Scenario) -> Vehicle:
    shift_s = vehicle.shift_s if scenario.shift_s is None else scenario.shift_s
    overtime_s = vehicle.max_overtime_s if scenario.overtime_s is None else scenario.overtime_s
    price = vehicle.overtime_cents_per_hour
    if overtime_s and not price:
        # Nobody allowed overtime so far: the legal premium of the first hours (L3121-36).
        price = -(-vehicle.cents_per_hour * 5 // 4)
    return replace(
        vehicle,
        shift_s=shift_s,
        max_overtime_s=overtime_s,
        overtime_cents_per_hour=price,
    )


def start_from(
    board: Board, problem: Problem, behind: Mapping[str, Sequence[int]], suffix: str
) -> Plan:
    """The kept plan as far as it fits another day, for a search to begin from.

    Vehicles that do not drive are left out with what they served; ``suffix`` ends the names of
    vehicles on a day of collection before.
    """
    where = {
        (key, kind.id.endswith(suffix)): (kind.id, number)
        for kind in problem.vehicles
        for number, key in enumerate(behind[kind.id])
    }
    drafts = []
    for draft in drafts_of(board):
        key = int(draft.vehicle_id.removesuffix(suffix).removeprefix("v"))
        found = where.get((key, draft.vehicle_id.endswith(suffix)))
        if found is None:
            continue
        steps = tuple(
            step
            for step in draft.steps
            if step.id in problem.stop_by_id or step.id in problem.hub_by_id
        )
        layouts = len(problem.vehicle_by_id[found[0]].layouts)
        layout = draft.layout if draft.layout < layouts else 0
        drafts.append(Draft(found[0], steps, found[1], layout))
    return build_plan(problem, drafts)


def callable_by(stop: Stop, vehicles: frozenset[str]) -> Stop:
    """A stop that names no vehicle but these; without any, nobody may call."""
    if not vehicles:
        return replace(stop, vehicles=vehicles, excluded_vehicles=vehicles)
    named = None if stop.vehicles is None else stop.vehicles & vehicles
    return replace(stop, vehicles=named, excluded_vehicles=stop.excluded_vehicles & vehicles)


def set_aside(board: Board, scenario: Scenario) -> Board:
    """A board on which stops that were dropped say that somebody chose so."""
    aside = dict.fromkeys(scenario.dropped, "set_aside")
    return replace(board, reasons={**board.reasons, **aside})


def figures_of(problem: Problem, plan: Plan, violations: int) -> Figures:
    """What a plan is worth; vehicles of ``problem`` stand one by one.

    A vehicle that collects the day before and delivers (``v7:collect``, ``v7``) counts once.
    """
    grams = sum(
        planned.distance_m * problem.vehicle_by_id[planned.vehicle_id].co2_g_per_km
        for planned in plan.rounds
    )
    return Figures(
        cost_cents=plan.cost.total_cents,
        distance_m=plan.distance_m,
        duration_s=plan.duration_s,
        co2_g=grams // 1000,
        vehicles=len({planned.vehicle_id.split(":")[0] for planned in plan.rounds}),
        served=sum(len(planned.stop_ids) for planned in plan.rounds),
        unserved=len(plan.unserved),
        violations=violations,
    )
