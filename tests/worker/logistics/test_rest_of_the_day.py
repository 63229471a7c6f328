"""The worker searches the rest of a day in a process of its own, and says how far it is."""

from __future__ import annotations

from sqlalchemy import select

from shop.infra.unit_of_work import reading, unit_of_work
from shop.logistics.models import PlanRun, TruckRound
from shop.logistics.queries import desk_plan
from shop.logistics.services import driving, plan_edits, planning, rest_search
from shop.logistics.services.plan_edits import Wish
from tests.factories.orders import make_scene
from tests.factories.paying import Counter
from tests.factories.planned import PLANNED_AT, at_hour, make_planned
from tests.harness.application import clock_at
from worker.planning import plan_rounds


def test_a_lost_truck_is_replaced_within_seconds_by_the_search(counter: Counter) -> None:
    with counter.app.app_context():
        with unit_of_work() as session:
            planned = make_planned(session, make_scene(session))
            row = session.scalars(
                select(TruckRound).where(TruckRound.cycle_id == planned.cycle_id)
            ).one()
            row.driver_id = planned.driver
            session.flush()
            round_id = row.id
            planning.publish(session, planned.cycle_id, {}, at=PLANNED_AT, by=planned.desk)
        at = at_hour(planned, 13)
        with clock_at(counter.app, at):
            with unit_of_work() as session:
                one, other = planned.vans
                driving.depart(session, round_id, driver_id=planned.driver, at=at)
                wish = Wish("lose", vehicle=one)
                lost = plan_edits.edit(session, planned.cycle_id, 1, wish, by=planned.desk, at=at)
                for home in planned.homes:
                    lost = plan_edits.edit(
                        session,
                        planned.cycle_id,
                        lost.number,
                        Wish("out", home),
                        by=planned.desk,
                        at=at,
                    )
                run_id = rest_search.ask(
                    session, planned.cycle_id, lost.number, seconds=2, by=planned.desk
                )
            plan_rounds(run_id)
            plan_rounds(run_id)
        with reading() as session:
            run = session.scalars(select(PlanRun).where(PlanRun.id == run_id)).one()
            found = desk_plan.head(session, planned.cycle_id)
        assert (run.state, run.facts["kept"]) == ("done", True)
        assert run.facts["elapsed_ms"] <= 2500
        assert found is not None
        assert found[0].edit == "rest"
        taken = found[1].row(other)
        assert taken is not None
        assert set(planned.homes) <= set(taken.stops)
