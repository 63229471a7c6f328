"""A straight road with a hub at kilometer 0, driven at one kilometer a minute: exact figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from shop.logistics.domain.planning.goods import Amount, Capacity, Goods, Layout
from shop.logistics.domain.planning.plan import Plan, Round, Unserved, UnservedReason
from shop.logistics.domain.planning.problem import (
    Hub,
    Place,
    Problem,
    Stop,
    Travel,
    Vehicle,
    Window,
)
from shop.logistics.domain.planning.timing import Draft, build_plan

HOUR = 3600
MINUTE = 60


def road(*kilometers: float) -> tuple[tuple[Place, ...], Travel]:
    """Places along the road, the hub first, and the way between them."""
    at = np.array([0.0, *kilometers])
    meters = np.rint(np.abs(at[:, None] - at[None, :]) * 1000).astype(np.int64)
    places = tuple(Place(f"km{each:g}-{row}", each / 80, 45.0) for row, each in enumerate(at))
    return places, Travel(meters, meters * 60 // 1000)


def layout(kg: int = 1000, crates: int = 100) -> Layout:
    """Three equal compartments."""
    each = Capacity(kg * 1000, crates * 10)
    return Layout(each, each, each)


def chilled(kg: int = 10, crates: int = 1) -> Goods:
    return Goods(chilled=Amount(kg * 1000, crates * 10))


def frozen(kg: int = 10, crates: int = 1) -> Goods:
    return Goods(frozen=Amount(kg * 1000, crates * 10))


def ambient(kg: int = 10, crates: int = 1) -> Goods:
    return Goods(ambient=Amount(kg * 1000, crates * 10))


def van(name: str = "van", **changes: Any) -> Vehicle:
    """A van that works from 6 to 20 o'clock, 10 hours at most, and costs round sums."""
    usual = Vehicle(
        id=name,
        start_hub="hub",
        end_hub="hub",
        layouts=(layout(),),
        earliest_start_s=6 * HOUR,
        latest_start_s=14 * HOUR,
        shift_s=10 * HOUR,
        fixed_cents=2000,
        cents_per_km=50,
        cents_per_hour=1800,
        overtime_cents_per_hour=2700,
    )
    return replace(usual, **changes)


def stop(name: str, place: int, **changes: Any) -> Stop:
    """A home that gets ten chilled kilos in ten minutes, at any time."""
    usual = Stop(id=name, place=place, delivers=chilled(), service_s=10 * MINUTE)
    return replace(usual, **changes)


def window(opens: float, closes: float) -> Window:
    """A window in hours of the day."""
    return Window(round(opens * HOUR), round(closes * HOUR))


def town(
    kilometers: Sequence[float], stops: Sequence[Stop], vehicles: Sequence[Vehicle], **more: Any
) -> Problem:
    """A problem on the road; the hub is open from 5 to 21 o'clock and loads in 15 minutes."""
    places, travel = road(*kilometers)
    hub = Hub("hub", 0, 5 * HOUR, 21 * HOUR, 15 * MINUTE)
    values: dict[str, Any] = {"hubs": (hub,), "travel": travel, **more}
    return Problem(places=places, vehicles=tuple(vehicles), stops=tuple(stops), **values)


def planned(problem: Problem, *drafts: Draft) -> Plan:
    """A plan of these drafts in which all other stops are said to be left out."""
    plan = build_plan(problem, drafts)
    served = {stop_id for each in plan.rounds for stop_id in each.stop_ids}
    left = tuple(
        Unserved(each.id, UnservedReason.FLEET_FULL)
        for each in problem.stops
        if each.id not in served
    )
    return replace(plan, unserved=left)


def with_round(plan: Plan, changed: Round, position: int = 0) -> Plan:
    """A plan in which one round is another."""
    rounds = tuple(changed if at == position else each for at, each in enumerate(plan.rounds))
    return replace(plan, rounds=rounds)


def with_visit(plan: Plan, position: int, **changes: Any) -> Plan:
    """A plan in which one visit of its first round says something else."""
    visits = list(plan.rounds[0].visits)
    visits[position] = replace(visits[position], **changes)
    return with_round(plan, replace(plan.rounds[0], visits=tuple(visits)))
