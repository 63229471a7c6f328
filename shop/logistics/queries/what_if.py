"""Scenarios of a cycle beside its plan, and what can be tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.queries.identity import names
from shop.catalog.queries import cycles, delivery
from shop.logistics.domain.desk.what_if import Figures, Scenario, read_scenario
from shop.logistics.models import PlanRun, PlanVersion
from shop.logistics.queries import fleet
from shop.logistics.queries.fleet import VehicleCard
from shop.logistics.queries.rounds import RUN_COLUMNS, PlanRunCard
from shop.orders.queries import demand

SHOWN = 8
"""Scenarios that a page shows, the newest first."""


@dataclass(frozen=True, slots=True)
class PointChoice:
    """A pick-up point that could be left out, and how many orders wait there."""

    stop_id: str
    name: str
    orders: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What of a cycle can be another."""

    vehicles: list[VehicleCard]
    points: list[PointChoice]

    @property
    def names(self) -> dict[str, str]:
        """What vehicles (``v7``) and stops are called."""
        called = {f"v{each.id}": each.name for each in self.vehicles}
        return called | {each.stop_id: each.name for each in self.points}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A stop that a scenario does not serve, and who waits for it."""

    name: str
    reason: str
    orders: tuple[int, ...] = ()
    dropped: bool = False
    nearest: str = ""
    """Name of the nearest pick-up point that is served; empty when there is none."""
    nearest_m: int = 0


@dataclass(frozen=True, slots=True)
class ScenarioCard:
    """One scenario: what is different, how far its search is, what it found."""

    run: PlanRunCard
    scenario: Scenario
    names: Mapping[str, str]
    base: Mapping[str, Any]
    asked_by: str
    figures: Figures | None = None
    broken_today: int = 0
    """Rules of every day that it breaks."""
    vehicles: tuple[str, ...] = ()
    """Those that drive."""
    hired: tuple[tuple[int, str], ...] = ()
    """Vehicles to hire that drive: key, and what they are like."""
    left_out: tuple[LeftOut, ...] = ()
    taken_over_at: datetime | None = None
    taken_over_by: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def choices(session: Session, cycle_id: int) -> Choices:
    """Vehicles and pick-up points of a cycle."""
    cycle = cycles.by_id(session, cycle_id)
    counts = Counter(
        load.pickup_point_id
        for load in demand.order_loads(session, cycle_id)
        if load.pickup_point_id is not None
    )
    points = delivery.pickup_by_ids(session, counts.keys())
    return Choices(
        fleet.vehicles(session, cycle.market_id, cycle_id),
        [
            PointChoice(f"point:{key}", points[key].name, counts[key])
            for key in sorted(counts, key=lambda each: (points[each].name, each))
        ],
    )


def of_cycle(session: Session, cycle_id: int) -> list[ScenarioCard]:
    """The last scenarios of a cycle, the newest first."""
    rows = session.execute(
        select(*RUN_COLUMNS, PlanRun.variant, PlanRun.asked_by_id)
        .where(PlanRun.cycle_id == cycle_id, PlanRun.variant.is_not(None))
        .order_by(PlanRun.id.desc())
        .limit(SHOWN)
    ).all()
    taken = {
        row.run: row
        for row in session.execute(
            select(
                PlanVersion.facts["run"].as_integer().label("run"),
                PlanVersion.at,
                PlanVersion.by_person_id,
            )
            .where(PlanVersion.cycle_id == cycle_id, PlanVersion.edit == "variant")
            .order_by(PlanVersion.number)
        )
    }
    people = names(
        session,
        {row.asked_by_id for row in rows if row.asked_by_id}
        | {row.by_person_id for row in taken.values() if row.by_person_id},
    )
    return [
        _card(
            PlanRunCard(*tuple(row)[:-2]),
            row.variant,
            people.get(row.asked_by_id, ""),
            taken.get(row.id),
            people,
        )
        for row in rows
    ]


def one(session: Session, cycle_id: int, run_id: int) -> PlanRunCard | None:
    """The search of a scenario of this cycle."""
    row = session.execute(
        select(*RUN_COLUMNS).where(
            PlanRun.id == run_id, PlanRun.cycle_id == cycle_id, PlanRun.variant.is_not(None)
        )
    ).one_or_none()
    return None if row is None else PlanRunCard(*row)


def _card(
    run: PlanRunCard,
    variant: Mapping[str, Any],
    asked_by: str,
    taken: Any,
    people: Mapping[int | None, str],
) -> ScenarioCard:
    scenario = read_scenario(variant["scenario"])
    called: Mapping[str, str] = variant.get("names", {})
    facts = run.facts
    if "figures" not in facts:
        return ScenarioCard(run, scenario, called, variant["base"], asked_by)
    used = {row["vehicle"].split(":")[0] for row in facts["board"].get("rows", ())}
    return ScenarioCard(
        run,
        scenario,
        called,
        variant["base"],
        asked_by,
        figures=Figures(**facts["figures"]),
        broken_today=facts["broken_today"],
        vehicles=tuple(facts["vehicles"]),
        hired=tuple(
            (key, called.get(f"v{like}", "")) for key, like in scenario.hired() if f"v{key}" in used
        ),
        left_out=tuple(
            LeftOut(**{**each, "orders": tuple(each["orders"])}) for each in facts["left_out"]
        ),
        taken_over_at=taken.at if taken else None,
        taken_over_by=people.get(taken.by_person_id, "") if taken else "",
        facts=facts,
    )
