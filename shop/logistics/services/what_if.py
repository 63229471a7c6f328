"""Try another day beside the kept plan, and take over the one that is chosen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from shop.catalog.queries import cycles
from shop.infra import outbox
from shop.infra.transitions import advance
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.desk.assess import assess
from shop.logistics.domain.desk.board import Board, read_board, write_board
from shop.logistics.domain.desk.what_if import (
    Elsewhere,
    Scenario,
    figures_of,
    read_scenario,
    set_aside,
    write_scenario,
)
from shop.logistics.domain.lifecycles import PLAN_RUN
from shop.logistics.domain.planning.plain import to_plain
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.errors import (
    PlanMoved,
    PlateTaken,
    ScenarioStale,
    ScenarioUnknown,
    TooManyScenarios,
    VehicleUnknown,
)
from shop.logistics.models import Hub, PlanRun, PlanVersion, Vehicle
from shop.logistics.queries import desk_plan, fleet
from shop.logistics.queries import what_if as queries
from shop.logistics.queries.day_problem import COLLECTING, DayProblem
from shop.logistics.queries.search_day import search_day
from shop.logistics.services import plan_versions, planning, round_rows
from shop.logistics.services.plan_facts import left_out_of
from shop.logistics.services.plan_versions import Deed
from shop.orders.queries import demand

MOST_WAITING = 4
"""Searches of one cycle that may be under way or wait at once."""

MOST_LITRES = 600
"""Per 1000 km: more than any lorry burns."""


@dataclass(frozen=True, slots=True)
class Hired:
    """What a vehicle is called that is hired for one sale."""

    name: str
    plate: str


def ask(
    session: Session,
    cycle_id: int,
    scenario: Scenario,
    *,
    key: uuid.UUID,
    seconds: int,
    by: int | None,
    seed: int = 1,
) -> int:
    """Ask for the rounds of a cycle on another day; the key of the search.

    The same form (``key``) sent twice is one search.

    Raises:
        InvalidInput: a limit that nobody can mean, too little or too much time.
        TooManyScenarios: enough searches of this cycle wait.
        RoundsUnderway: its rounds have left.
    """
    planning.refuse_seconds(seconds)
    scenario.refuse_nonsense()
    planning.refuse_underway(session, cycle_id)
    variant = {
        "scenario": write_scenario(scenario),
        "names": _names(session, cycle_id, scenario),
        "base": _base(session, cycle_id),
    }
    run_id: int | None = session.scalar(
        upsert(PlanRun)
        .values(
            cycle_id=cycle_id,
            seed=seed,
            seconds=seconds,
            asked_by_id=by,
            progress={},
            facts={},
            variant=variant,
            ask_key=key,
        )
        .on_conflict_do_nothing()
        .returning(PlanRun.id)
    )
    if run_id is None:
        found: int | None = session.scalar(
            select(PlanRun.id).where(PlanRun.ask_key == key, PlanRun.cycle_id == cycle_id)
        )
        if found is None:
            raise InvalidInput(field="key", reason="missing")
        return found
    waiting = session.scalar(
        select(func.count())
        .select_from(PlanRun)
        .where(PlanRun.cycle_id == cycle_id, PlanRun.variant.is_not(None))
        .where(PlanRun.state.in_(("queued", "running")))
    )
    if (waiting or 0) > MOST_WAITING:
        raise TooManyScenarios(most=MOST_WAITING)
    outbox.post(
        session,
        planning.PLAN_TOPIC,
        key=f"{planning.PLAN_TOPIC}:{run_id}",
        plan_run_id=run_id,
    )
    return run_id


def _names(session: Session, cycle_id: int, scenario: Scenario) -> dict[str, str]:
    """What vehicles and stops of a scenario are called, in words that stay true.

    Raises:
        InvalidInput: it names what the cycle does not have.
    """
    known = queries.choices(session, cycle_id).names
    meant = {
        "without": [f"v{key}" for key in scenario.without],
        "only": [f"v{key}" for key in scenario.only],
        "like": [f"v{key}" for key in scenario.like],
        "dropped": scenario.dropped,
    }
    for field, wanted in meant.items():
        if set(wanted) - known.keys():
            raise InvalidInput(field=field, reason="unknown")
    return {key: known[key] for wanted in meant.values() for key in wanted}


def _base(session: Session, cycle_id: int) -> dict[str, Any]:
    """The plan and the orders that a scenario is compared with."""
    last = desk_plan.head(session, cycle_id)
    return {
        "number": last[0].number if last else 0,
        "node": last[0].node if last else 0,
        "published": plan_versions.is_published(session, cycle_id),
        "orders": demand.stamp(session, cycle_id, demand.TO_DELIVER),
    }


def drives_in(session: Session, cycle_id: int) -> frozenset[int]:
    """Vehicles that drive in the plan as it is kept."""
    last = desk_plan.head(session, cycle_id)
    rows = last[1].rows if last else ()
    names = {row.vehicle.removesuffix(COLLECTING).removeprefix("v") for row in rows}
    return frozenset(int(name) for name in names)


def scenario_of(variant: Mapping[str, Any] | None) -> Scenario | None:
    """The scenario that a search was asked for; None for the cycle as it is."""
    return None if variant is None else read_scenario(variant["scenario"])


def finish(
    session: Session,
    run_id: int,
    day: DayProblem,
    plan: Plan,
    *,
    written: Mapping[str, Any],
    facts: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep what a search found for a scenario, beside the plan; a second time changes nothing.

    It is judged by its own limits, and by those of every day as well.
    """
    run = planning.lock(session, run_id)
    scenario = scenario_of(run.variant)
    if run.state != "running" or scenario is None:
        return
    last = desk_plan.head(session, run.cycle_id)
    single, board = plan_versions.named_board(day, plan, last[1] if last else None)
    board = set_aside(board, scenario)
    worth = assess(single.problem, board)
    broken_today = worth.faults
    if scenario.has_limits:
        usual = search_day(session, run.cycle_id, scenario.without_limits())
        broken_today = assess(desk_plan.apart(usual).problem, board).faults
    desk = desk_plan.DeskDay(single, single.problem, board)
    run.plan = dict(written)
    run.facts = {
        **facts,
        "board": write_board(board),
        "figures": to_plain(figures_of(single.problem, worth.plan, worth.faults)),
        "broken_today": broken_today,
        "vehicles": sorted({desk.vehicle_name(each.vehicle_id) for each in worth.plan.rounds}),
        "left_out": left_out_of(desk, worth.plan, scenario.dropped),
    }
    run.finished_at = at
    advance(session, PLAN_RUN, run, "finish", at=at)


def take_over(
    session: Session,
    cycle_id: int,
    run_id: int,
    hired: Mapping[int, Hired],
    *,
    by: int | None,
    at: datetime,
) -> int:
    """Make the rounds of a scenario the plan, as a version of its own; its number.

    ``hired`` names each vehicle that is hired, by its key in the scenario. Before anything is
    published the drafts follow; afterwards the change waits for the next publication. Limits
    are not taken over: what breaks those of every day is a broken rule from then on.

    Raises:
        ScenarioUnknown: there is none, it is another cycle's, or its search has not ended.
        PlanMoved: the plan was edited or published since the scenario was asked for.
        ScenarioStale: orders have changed since.
        PlateTaken: another vehicle has the plate.
        RoundsUnderway: a truck has left.
    """
    planning.refuse_underway(session, cycle_id)
    run = session.get(PlanRun, run_id, with_for_update=True)
    scenario = scenario_of(run.variant) if run is not None else None
    if run is None or scenario is None or run.cycle_id != cycle_id or run.state != "done":
        raise ScenarioUnknown(plan_run_id=run_id)
    base: Mapping[str, Any] = (run.variant or {})["base"]
    last = desk_plan.head(session, cycle_id)
    seen = last[0].number if last else 0
    if not is_current(session, cycle_id, base):
        raise PlanMoved(cycle_id=cycle_id, seen=base["number"], number=seen)
    if base["orders"] != demand.stamp(session, cycle_id, demand.TO_DELIVER):
        raise ScenarioStale(cycle_id=cycle_id)
    board = read_board(run.facts["board"])
    board = _with_hired(session, cycle_id, board, scenario, hired)
    if scenario.hub is not None:
        board = replace(board, hub=_place(session, cycle_id, scenario.hub))
    session.flush()
    desk = desk_plan.desk_day(session, cycle_id, board, at)
    known = {stop.id for stop in desk.problem.stops}
    if set(board.stops()) - known or {row.vehicle for row in board.rows} - desk.day.vehicles.keys():
        raise ScenarioStale(cycle_id=cycle_id)
    worth = assess(desk.problem, desk.board)
    names = (run.variant or {}).get("names", {})
    facts = {"run": run.id, "scenario": write_scenario(scenario), "names": names}
    deed = Deed("variant", facts, by, at)
    number = plan_versions.keep(
        session, cycle_id, seen, board, worth, deed, parent=last[0].node if last else None
    )
    if not plan_versions.is_published(session, cycle_id):
        round_rows.write(session, cycle_id, desk, worth.plan, at=at, run_id=run.id)
    return number


def is_current(session: Session, cycle_id: int, base: Mapping[str, Any]) -> bool:
    """Whether the plan is still the one that a scenario was laid beside.

    An edit that was undone is none.
    """
    last = desk_plan.head(session, cycle_id)
    if (last[0].node if last else 0) != base["node"]:
        return False
    if plan_versions.is_published(session, cycle_id) != base["published"]:
        return False
    published = session.scalar(
        select(func.count())
        .select_from(PlanVersion)
        .where(PlanVersion.cycle_id == cycle_id, PlanVersion.number > base["number"])
        .where(PlanVersion.edit == "publish")
    )
    return not published


def _with_hired(
    session: Session,
    cycle_id: int,
    board: Board,
    scenario: Scenario,
    hired: Mapping[int, Hired],
) -> Board:
    """The board with real vehicles for those that were only thought of, as far as they drive."""
    names: dict[str, str] = {}
    used = {row.vehicle.removesuffix(COLLECTING) for row in board.rows}
    for key, like in scenario.hired():
        if f"v{key}" not in used:
            continue
        named = hired.get(key)
        if named is None or not named.name or not named.plate:
            raise InvalidInput(field=f"plate{key}", reason="missing")
        if fleet.plates_taken(session, [named.plate]):
            raise PlateTaken(field=f"plate{key}", plate=named.plate)
        model = session.get_one(Vehicle, like)
        row = _copy(model, cycle_id, named)
        session.add(row)
        session.flush()
        names |= {f"v{key}": f"v{row.id}", f"v{key}{COLLECTING}": f"v{row.id}{COLLECTING}"}
    rows = tuple(replace(row, vehicle=names.get(row.vehicle, row.vehicle)) for row in board.rows)
    return replace(board, rows=rows)


def _copy(model: Vehicle, cycle_id: int, named: Hired) -> Vehicle:
    return Vehicle(
        market_id=model.market_id,
        cycle_id=cycle_id,
        name=named.name,
        plate=named.plate,
        kind=model.kind,
        capacity=model.capacity,
        fixed_cents=model.fixed_cents,
        cents_per_km=model.cents_per_km,
        cents_per_hour=model.cents_per_hour,
        shift_s=model.shift_s,
        max_overtime_s=model.max_overtime_s,
        overtime_cents_per_hour=model.overtime_cents_per_hour,
        start_from_s=model.start_from_s,
        start_until_s=model.start_until_s,
        max_reloads=model.max_reloads,
        fuel=model.fuel,
        litres_per_1000_km=model.litres_per_1000_km,
    )


def _place(session: Session, cycle_id: int, elsewhere: Elsewhere) -> int:
    """The hub of one sale at a place; its key. Hours and loading are those of the market's hub."""
    cycle = cycles.by_id(session, cycle_id)
    usual = session.scalars(
        select(Hub)
        .where(Hub.market_id == cycle.market_id, Hub.cycle_id.is_(None))
        .order_by(Hub.id)
        .limit(1)
    ).one()
    row = Hub(
        market_id=cycle.market_id,
        cycle_id=cycle_id,
        name=elsewhere.name,
        address=elsewhere.address,
        postcode=elsewhere.postcode,
        commune=elsewhere.commune,
        commune_insee=elsewhere.insee,
        lon=elsewhere.lon,
        lat=elsewhere.lat,
        opens_s=usual.opens_s,
        closes_s=usual.closes_s,
        service_s=usual.service_s,
    )
    session.add(row)
    session.flush()
    return row.id


def set_consumption(session: Session, market_id: int, vehicle_id: int, litres: int) -> None:
    """Say what a vehicle burns with the cold running, in liters per 1000 km.

    Raises:
        VehicleUnknown: the market has none with that key.
        InvalidInput: less than nothing, or more than a lorry.
    """
    if not 0 <= litres <= MOST_LITRES:
        raise InvalidInput(field=f"litres{vehicle_id}", least=0, most=MOST_LITRES // 10)
    row = session.get(Vehicle, vehicle_id, with_for_update=True)
    if row is None or row.market_id != market_id:
        raise VehicleUnknown(vehicle_id=vehicle_id)
    row.litres_per_1000_km = litres
