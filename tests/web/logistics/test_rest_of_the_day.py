"""From the desk's page to the driver's phone: a truck is lost, and who is concerned is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.infra.clock import SetClock
from shop.infra.unit_of_work import unit_of_work
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.models import PlanRun, TruckRound
from shop.logistics.queries import desk_plan
from shop.logistics.queries.rest_day import rest_day
from shop.logistics.services import planning, rest_search
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.fulfilment import grant
from tests.factories.orders import make_scene
from tests.factories.planned import PLANNED_AT, Planned, at_hour, make_planned
from tests.harness.application import clock_at


@pytest.fixture(autouse=True)
def clock(app: Flask, client: FlaskClient) -> Iterator[SetClock]:
    with clock_at(app, PLANNED_AT) as made:
        yield made


@pytest.fixture
def planned(session: Session) -> Planned:
    made = make_planned(session, make_scene(session))
    row = session.scalars(select(TruckRound).where(TruckRound.cycle_id == made.cycle_id)).one()
    row.driver_id = made.driver
    session.flush()
    planning.publish(session, made.cycle_id, {}, at=PLANNED_AT, by=made.desk)
    return made


@pytest.fixture
def board(planned: Planned) -> str:
    return f"/desk/{planned.scene.market.slug}/rounds/{planned.scene.cycle.code}/board/"


def number(session: Session, planned: Planned) -> int:
    session.expire_all()
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    return found[0].number


def work(session: Session, planned: Planned, clock: SetClock) -> None:
    """What the worker does, in a few iterations."""
    run_id = session.scalars(select(PlanRun.id).where(PlanRun.state == "queued")).one()
    with unit_of_work() as opened:
        planning.start(opened, run_id, at=clock.now())
        rest = rest_day(opened, planned.cycle_id, clock.now())
    plan = solve(rest.day.problem, StopRule(iterations=50), 1, start=rest.start)
    with unit_of_work() as opened:
        rest_search.finish(opened, run_id, rest, plan, at=clock.now())


def test_a_lost_truck_from_the_desk_to_the_phones(
    app: Flask, session: Session, planned: Planned, board: str, clock: SetClock
) -> None:
    one, other = planned.vans
    desk, driver = hand_of(app, planned.desk), hand_of(app, planned.driver)
    clock.at = at_hour(planned, 13)
    round_id = session.scalars(select(TruckRound.id)).one()
    driver.post(f"/driver/rounds/{round_id}/depart")
    lost = desk.post(
        f"{board}edit", edit="lose", vehicle=one, version=str(number(session, planned))
    )
    assert lost.status_code == 303
    seen = str(number(session, planned))
    assert desk.post(f"{board}rest", version=seen, seconds="5").status_code == 303
    assert "Searching the rest of the day" in desk.read(board)
    with app.app_context():
        work(session, planned, clock)
    page = desk.read(board)
    assert "Searching the rest of the day" not in page
    seen = str(number(session, planned))
    assert "The desk has changed this round" not in driver.read(f"/driver/rounds/{round_id}")
    said = desk.post(f"{board}publish", version=seen, reason="panne")
    assert said.status_code == 303
    assert "The desk has changed this round" in driver.read(f"/driver/rounds/{round_id}")
    taken = session.scalars(select(TruckRound).where(TruckRound.plan_key == other)).one()
    helper_id = grant(session, Role.DRIVER, market_id=planned.scene.market.id)
    helper = hand_of(app, helper_id)
    assert helper.get(f"/driver/rounds/{taken.id}").status_code == 404
    given = {"round": str(taken.id), f"driver-{taken.id}": str(helper_id)}
    assert driver.post(f"{board}driver", **given).status_code == 403
    assert desk.post(f"{board}driver", **given).status_code == 303
    assert "⇄ Client" in helper.read(f"/driver/rounds/{taken.id}")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"seconds": "1"}, "between 2 and 60 seconds"),
        ({"seconds": "600"}, "between 2 and 60 seconds"),
        ({"version": "99"}, "The plan changed while you were looking at it"),
    ],
)
def test_a_search_that_cannot_be_asked_says_why(
    app: Flask,
    session: Session,
    planned: Planned,
    board: str,
    fields: dict[str, str],
    words: str,
) -> None:
    desk = hand_of(app, planned.desk)
    sent = {"version": str(number(session, planned)), "seconds": "5", **fields}
    desk.post(f"{board}rest", **sent)
    assert words in desk.read(board)
    assert session.scalars(select(PlanRun).where(PlanRun.rest_of.is_not(None))).all() == []


def test_nobody_but_the_desk_of_the_market_may_search(
    app: Flask, session: Session, planned: Planned, board: str
) -> None:
    far = make_planned(session, make_scene(session))
    for person, expected in ((planned.driver, 403), (far.desk, 403), (far.driver, 403)):
        hand: Hand = hand_of(app, person)
        answer = hand.post(f"{board}rest", version="1", seconds="5")
        assert answer.status_code == expected, words_of(answer)
    assert session.scalars(select(PlanRun).where(PlanRun.rest_of.is_not(None))).all() == []
