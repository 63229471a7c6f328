"""What a search is to plan: the day as it is, or as a scenario has it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from shop.logistics.domain.desk.board import Board, reshaped
from shop.logistics.domain.desk.what_if import Scenario, callable_by, start_from, varied
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.queries import desk_plan
from shop.logistics.queries.day_problem import COLLECTING, DayProblem, day_problem
from shop.logistics.queries.desk_plan import apart, whole_of


def search_day(session: Session, cycle_id: int, scenario: Scenario | None = None) -> DayProblem:
    """What a search is to plan: what the desk locked, forbade, split and added holds for it too.

    Without such decisions equal vehicles stay equal, which is quicker to search. A ``scenario``
    changes the day.
    """
    found = desk_plan.head(session, cycle_id)
    board = found[1] if found else Board()
    hub = board.hub if scenario is None or scenario.hub is None else scenario.hub
    day = day_problem(session, cycle_id, extras=board.extras, hub=hub)
    if scenario is not None:
        day = _another_day(day, scenario)
    if board.locks or board.forbidden or board.parts or board.extras or board.lost:
        day = _decided(day, board)
    dropped = frozenset(scenario.dropped) if scenario else frozenset()
    names = frozenset(each.id for each in day.problem.vehicles)
    stops = tuple(
        callable_by(stop, frozenset() if whole_of(stop.id) in dropped else names)
        for stop in day.problem.stops
    )
    return replace(day, problem=replace(day.problem, stops=stops))


def kept_plan(session: Session, cycle_id: int, day: DayProblem) -> Plan | None:
    """The plan as it is kept, as far as it fits a scenario's ``day``: its search begins there."""
    found = desk_plan.head(session, cycle_id)
    return None if found is None else start_from(found[1], day.problem, day.vehicles, COLLECTING)


def _decided(day: DayProblem, board: Board) -> DayProblem:
    """The day with what the desk decided, vehicles one by one."""
    kept = Board(
        locks=dict(board.locks),
        forbidden=board.forbidden,
        parts=board.parts,
        extras=board.extras,
    )
    day = apart(day)
    shaped = reshaped(day.problem, kept, day.goods_of, held=True)
    doors = {stop.id: day.doors[whole_of(stop.id)] for stop in shaped.stops}
    vehicles = tuple(each for each in shaped.vehicles if each.id not in board.lost)
    return replace(day, problem=replace(shaped, vehicles=vehicles), doors=doors)


def _another_day(day: DayProblem, scenario: Scenario) -> DayProblem:
    """The day as a scenario has it; a hired vehicle is called after the one it is like."""
    problem, behind = varied(day.problem, day.vehicles, scenario)
    hired = dict(scenario.hired())
    names = {key: f"{day.vehicle_names.get(like, '')} +" for key, like in hired.items()}
    grams = {key: day.co2_g_per_km.get(like, 0) for key, like in hired.items()}
    return replace(
        day,
        problem=problem,
        vehicles=behind,
        vehicle_names={**day.vehicle_names, **names},
        co2_g_per_km={**day.co2_g_per_km, **grams},
    )
