"""During the day the search plans what is not yet driven; what is driven, and aboard, is fixed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.kernel.errors import InvalidInput
from shop.logistics.domain.desk.board import Extra
from shop.logistics.domain.desk.rest_of_day import TAKEN_OVER
from shop.logistics.domain.planning.check import check
from shop.logistics.domain.planning.search.solve import solve
from shop.logistics.domain.planning.search.stop import StopRule
from shop.logistics.errors import NoPlanYet, PlanMoved, PlanRunLive
from shop.logistics.models import PlanRun, RoundChange, Stop, TruckRound
from shop.logistics.queries import desk_plan
from shop.logistics.queries.rest_day import rest_day
from shop.logistics.services import driving, plan_edits, planning, publishing, rest_search
from shop.logistics.services.plan_edits import Wish
from tests.factories.orders import make_scene
from tests.factories.planned import PLANNED_AT, Planned, at_hour, make_planned, stops_of

ITERATIONS = 60


@pytest.fixture
def planned(session: Session) -> Planned:
    made = make_planned(session, make_scene(session), homes=4)
    session.execute(
        update(TruckRound).where(TruckRound.cycle_id == made.cycle_id).values(driver_id=made.driver)
    )
    session.expire_all()
    planning.publish(session, made.cycle_id, {}, at=PLANNED_AT, by=made.desk)
    return made


def round_of(session: Session, planned: Planned, vehicle: str) -> int:
    return session.scalars(
        select(TruckRound.id).where(
            TruckRound.cycle_id == planned.cycle_id, TruckRound.plan_key == vehicle
        )
    ).one()


def edit(session: Session, planned: Planned, wish: Wish, at: datetime) -> int:
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    return plan_edits.edit(
        session, planned.cycle_id, found[0].number, wish, by=planned.desk, at=at
    ).number


def search(session: Session, planned: Planned, at: datetime, seen: int) -> PlanRun:
    """Ask, search and keep, as the worker does."""
    run_id = rest_search.ask(session, planned.cycle_id, seen, seconds=5, by=planned.desk)
    begun = planning.start(session, run_id, at=at)
    assert begun is not None
    assert begun.rest_of == seen
    rest = rest_day(session, planned.cycle_id, at)
    plan = solve(rest.day.problem, StopRule(iterations=ITERATIONS), 1, start=rest.start)
    assert check(rest.day.problem, plan) == []
    rest_search.finish(session, run_id, rest, plan, at=at)
    rest_search.finish(session, run_id, rest, plan, at=at)
    session.expire_all()
    return session.get_one(PlanRun, run_id)


def test_the_search_takes_over_the_goods_of_a_lost_truck_where_it_stands(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    at = at_hour(planned, 13)
    driving.depart(session, round_of(session, planned, one), driver_id=planned.driver, at=at)
    seen = edit(session, planned, Wish("lose", vehicle=one), at)
    run = search(session, planned, at, seen)
    assert run.state == "done"
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    assert found[1].row(one) is None
    row = found[1].row(other)
    assert row is not None
    for home in planned.homes:
        assert row.steps.index(TAKEN_OVER + home) < row.steps.index(home)


def test_what_was_left_out_finds_its_place_and_what_is_over_stays(
    session: Session, planned: Planned
) -> None:
    one, _ = planned.vans
    at = at_hour(planned, 12)
    round_id = round_of(session, planned, one)
    driving.depart(session, round_id, driver_id=planned.driver, at=at)
    over = session.scalars(
        select(Stop).where(Stop.round_id == round_id).order_by(Stop.position).limit(1)
    ).one()
    driving.arrive(session, over.id, driver_id=planned.driver, at=at)
    for home in planned.homes[:2]:
        edit(session, planned, Wish("out", home), at)
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    before = found[0]
    assert not set(planned.homes[:2]) & set(found[1].stops())
    run = search(session, planned, at + timedelta(minutes=1), before.number)
    assert run.facts["kept"] is True
    after = desk_plan.head(session, planned.cycle_id)
    assert after is not None
    assert (after[0].edit, after[0].parent) == ("rest", before.node)
    assert set(planned.homes) <= set(after[1].stops())
    assert after[0].faults <= before.faults
    done = publishing.publish_edits(
        session, planned.cycle_id, after[0].number, reason="x", at=at, by=planned.desk
    )
    assert done.rounds == []
    assert stops_of(session, one, planned.cycle_id)[0] == over.plan_key


def test_goods_that_are_aboard_stay_with_their_truck(session: Session, planned: Planned) -> None:
    one, _ = planned.vans
    at = at_hour(planned, 12)
    driving.depart(session, round_of(session, planned, one), driver_id=planned.driver, at=at)
    rest = rest_day(session, planned.cycle_id, at)
    for home in planned.homes:
        assert rest.day.problem.stop_by_id[home].vehicles == frozenset({one})


def test_what_can_only_be_late_is_served_late_rather_than_never(
    session: Session, planned: Planned
) -> None:
    one, _ = planned.vans
    at = at_hour(planned, 12)
    driving.depart(session, round_of(session, planned, one), driver_id=planned.driver, at=at)
    seen = edit(session, planned, Wish("delay", vehicle=one, minutes=600), at)
    _, _, worth = plan_edits.look(session, planned.cycle_id, at)
    assert worth.faults > 0
    search(session, planned, at, seen)
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    assert set(planned.homes) <= set(found[1].stops())


def test_an_urgent_stop_finds_its_place_and_only_its_driver_is_told(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    at = at_hour(planned, 7)
    extra = Extra("extra:1", "Pharmacie", "Brignoles", 6.08, 43.42, 0, 86_000, 300)
    seen = edit(session, planned, Wish("add", vehicle=other, extra=extra), at)
    run = search(session, planned, at, seen)
    assert run.facts["unserved"] == []
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    assert extra.id in set(found[1].stops())
    publishing.publish_edits(
        session, planned.cycle_id, found[0].number, reason="x", at=at, by=planned.desk
    )
    told = session.scalars(select(RoundChange)).all()
    touched = {row.round_id for row in told}
    assert touched <= {round_of(session, planned, one)}
    assert all(each.facts["added"] == ["Pharmacie"] for each in told)


def test_a_plan_that_is_good_already_is_left_alone(session: Session, planned: Planned) -> None:
    at = at_hour(planned, 4)
    first = search(session, planned, at, 1)
    again = desk_plan.head(session, planned.cycle_id)
    assert again is not None
    second = search(session, planned, at, again[0].number)
    assert first.state == second.state == "done"
    assert second.facts["kept"] is False
    last = desk_plan.head(session, planned.cycle_id)
    assert last is not None
    assert last[0].number == again[0].number


def test_what_the_desk_did_meanwhile_is_never_overwritten(
    session: Session, planned: Planned
) -> None:
    _, other = planned.vans
    at = at_hour(planned, 4)
    run_id = rest_search.ask(session, planned.cycle_id, 1, seconds=5, by=planned.desk)
    planning.start(session, run_id, at=at)
    rest = rest_day(session, planned.cycle_id, at)
    number = edit(session, planned, Wish("move", planned.homes[0], other), at)
    rest_search.finish(session, run_id, rest, rest.start, at=at)
    session.expire_all()
    run = session.get_one(PlanRun, run_id)
    assert (run.state, run.error) == ("failed", "plan_moved")
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    assert found[0].number == number


def test_a_search_is_asked_for_the_plan_that_was_seen_and_once_at_a_time(
    session: Session, planned: Planned
) -> None:
    with pytest.raises(PlanMoved):
        rest_search.ask(session, planned.cycle_id, 7, seconds=5, by=planned.desk)
    for seconds in (1, 61):
        with pytest.raises(InvalidInput):
            rest_search.ask(session, planned.cycle_id, 1, seconds=seconds, by=planned.desk)
    rest_search.ask(session, planned.cycle_id, 1, seconds=5, by=planned.desk)
    with pytest.raises(PlanRunLive):
        rest_search.ask(session, planned.cycle_id, 1, seconds=5, by=planned.desk)


def test_before_drivers_have_rounds_there_is_no_rest_of_a_day(session: Session) -> None:
    made = make_planned(session, make_scene(session))
    with pytest.raises(NoPlanYet):
        rest_search.ask(session, made.cycle_id, 1, seconds=5, by=made.desk)
