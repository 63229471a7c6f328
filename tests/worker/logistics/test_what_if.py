"""The worker searches another day beside the plan; cut short it goes on, run twice it stays."""

from __future__ import annotations

import uuid

from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.domain.desk.what_if import Scenario
from shop.logistics.domain.planning.document import write_plan
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.models import PlanRun
from shop.logistics.queries import desk_plan
from shop.logistics.queries.search_day import search_day
from shop.logistics.services import planning, what_if
from tests.factories.orders import make_scene
from tests.factories.paying import Counter
from tests.factories.planned import Planned, make_planned
from tests.factories.scenarios import ASKED_AT
from worker.dispatch import drain
from worker.planning import plan_rounds

SECONDS = 2


def planned_sale() -> Planned:
    with unit_of_work() as session:
        return make_planned(session, make_scene(session))


def asked(planned: Planned, scenario: Scenario) -> int:
    with unit_of_work() as session:
        return what_if.ask(
            session,
            planned.cycle_id,
            scenario,
            key=uuid.uuid4(),
            seconds=SECONDS,
            by=planned.desk,
        )


def run_of(run_id: int) -> PlanRun:
    with reading() as session:
        run = session.get_one(PlanRun, run_id)
        session.expunge(run)
    return run


def test_a_scenario_is_searched_once_and_the_plan_stays(counter: Counter) -> None:
    with counter.app.app_context():
        planned = planned_sale()
        drain()
        run_id = asked(planned, Scenario(without=(int(planned.vans[0].removeprefix("v")),)))
        drain()
        done = run_of(run_id)
        plan_rounds(run_id)
        again = run_of(run_id)
        with reading() as session:
            past = desk_plan.history(session, planned.cycle_id)
    assert done.state == "done"
    assert done.facts["vehicles"] == ["Jumper"]
    assert done.facts["figures"]["unserved"] == 0
    assert (again.finished_at, again.facts) == (done.finished_at, done.facts)
    assert [each.edit for each in past] == ["search"]


def test_a_search_that_was_cut_goes_on_from_its_best_under_the_same_scenario(
    counter: Counter,
) -> None:
    with counter.app.app_context():
        planned = planned_sale()
        scenario = Scenario(dropped=(planned.relay,))
        run_id = asked(planned, scenario)
        with unit_of_work() as session:
            planning.start(session, run_id, at=ASKED_AT)
            day = search_day(session, planned.cycle_id, scenario)
            best = solve(day.problem, StopRule(iterations=20), 1)
            left = {"seconds": SECONDS, "seconds_left": 1}
            kept = write_plan(day.problem, best)
            planning.hear(session, run_id, left, at=ASKED_AT, kept=kept)
        plan_rounds(run_id)
        done = run_of(run_id)
    assert done.state == "done"
    assert [each["name"] for each in done.facts["left_out"] if each["dropped"]]
    assert done.facts["figures"]["cost_cents"] <= best.cost.total_cents


def test_the_cycle_as_it_is_searched_once_more_is_never_dearer_than_the_kept_plan(
    counter: Counter,
) -> None:
    with counter.app.app_context():
        planned = planned_sale()
        run_id = asked(planned, Scenario())
        plan_rounds(run_id)
        done = run_of(run_id)
        with reading() as session:
            found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    assert done.facts["figures"]["cost_cents"] <= found[0].cost_cents
    assert done.facts["figures"]["unserved"] <= found[0].unserved


def test_a_scenario_without_any_vehicle_ends_with_an_answer(counter: Counter) -> None:
    with counter.app.app_context():
        planned = planned_sale()
        keys = tuple(int(name.removeprefix("v")) for name in planned.vans)
        run_id = asked(planned, Scenario(without=keys))
        plan_rounds(run_id)
        done = run_of(run_id)
    assert done.state == "done"
    assert {each["reason"] for each in done.facts["left_out"]} == {"no_vehicle"}
