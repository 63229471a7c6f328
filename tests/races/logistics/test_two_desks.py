"""Two people at the desk choose another day at the same moment: one plan, one search per form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from shop.infra.unit_of_work import reading, unit_of_work
from shop.kernel.errors import Conflict
from shop.logistics.domain.desk.what_if import Scenario
from shop.logistics.errors import PlanMoved
from shop.logistics.models import PlanRun
from shop.logistics.queries import desk_plan
from shop.logistics.services import what_if
from tests.factories.orders import make_scene
from tests.factories.paying import Counter
from tests.factories.planned import Planned, make_planned
from tests.factories.scenarios import ASKED_AT, searched


def at_once(shop: Flask, deeds: list[Callable[[], object]]) -> list[object]:
    """Begin all of them at the same moment; what each answered, or why it was refused."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> object:
        with shop.app_context():
            barrier.wait()
            try:
                return deed()
            except Conflict as refusal:
                return refusal

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def planned_sale() -> Planned:
    with unit_of_work() as session:
        return make_planned(session, make_scene(session))


def test_of_two_scenarios_taken_over_at_once_one_becomes_the_plan(counter: Counter) -> None:
    with counter.app.app_context():
        planned = planned_sale()
        with unit_of_work() as session:
            runs = [
                searched(session, planned.cycle_id, Scenario(without=(int(van[1:]),)))
                for van in planned.vans
            ]

        def choose(run_id: int) -> Callable[[], object]:
            def deed() -> int:
                with unit_of_work() as session:
                    return what_if.take_over(
                        session, planned.cycle_id, run_id, {}, by=planned.desk, at=ASKED_AT
                    )

            return deed

        answers = at_once(counter.app, [choose(run_id) for run_id in runs])
        with reading() as session:
            past = desk_plan.history(session, planned.cycle_id)
    assert sorted(type(each) for each in answers if each != 2) == [PlanMoved]
    assert answers.count(2) == 1
    assert [each.edit for each in past] == ["variant", "search"]


def test_one_form_sent_twice_at_once_is_one_search(counter: Counter) -> None:
    key = uuid.uuid4()
    with counter.app.app_context():
        planned = planned_sale()

        def ask() -> int:
            with unit_of_work() as session:
                return what_if.ask(
                    session, planned.cycle_id, Scenario(), key=key, seconds=5, by=planned.desk
                )

        answers = at_once(counter.app, [ask, ask, ask])
        with reading() as session:
            count = session.scalar(select(func.count()).select_from(PlanRun))
    assert len(set(answers)) == 1
    assert count == 1
