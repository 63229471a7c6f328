"""What is left of a day on the road, ready for the search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shop.logistics.domain.desk.assess import assess
from shop.logistics.domain.planning.plan import Plan
from shop.logistics.errors import NoPlanYet, NothingToPlan
from shop.logistics.queries import desk_plan
from shop.logistics.queries.day_problem import DayProblem
from shop.logistics.queries.desk_plan import DeskDay


@dataclass(frozen=True, slots=True)
class RestDay:
    """The rest of a day: what is driven is fixed, what is aboard leaves with its own truck."""

    number: int
    """Of the version it was made from."""
    desk: DeskDay
    day: DayProblem
    """As the search is to see it: stops that the desk locked are tied to their vehicles."""
    start: Plan
    """The plan as it is, from which the search goes on."""


def rest_day(session: Session, cycle_id: int, now: datetime) -> RestDay:
    """What is left to drive of a plan that drivers have.

    Raises:
        NoPlanYet: nobody planned.
        NothingToPlan: everything is driven.
    """
    found = desk_plan.head(session, cycle_id)
    if found is None:
        raise NoPlanYet(cycle_id=cycle_id)
    desk = desk_plan.desk_day(session, cycle_id, found[1], now)
    if not desk.problem.stops:
        raise NothingToPlan(cycle_id=cycle_id)
    start = assess(desk.problem, desk.board).plan
    return RestDay(found[0].number, desk, desk.to_search(), start)
