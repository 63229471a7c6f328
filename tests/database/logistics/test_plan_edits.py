"""Every edit is kept with who and when; drafts follow it, what drivers have waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.logistics.domain.desk.board import Extra
from shop.logistics.errors import EditRefused, PlanMoved, PublishingNeedsReason
from shop.logistics.models import Crate, RoundChange, Stop, TruckRound
from shop.logistics.queries import desk_plan
from shop.logistics.queries.search_day import search_day
from shop.logistics.services import driving, plan_edits, planning, publishing
from shop.logistics.services.plan_edits import Outcome, Wish
from tests.factories.orders import make_scene
from tests.factories.planned import PLANNED_AT, Planned, at_hour, make_planned, stops_of


@pytest.fixture
def planned(session: Session) -> Planned:
    return make_planned(session, make_scene(session))


def edit(session: Session, planned: Planned, wish: Wish, *, hours: int = 1) -> Outcome:
    """Edit the newest version as the desk."""
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    at = PLANNED_AT + timedelta(hours=hours)
    return plan_edits.edit(session, planned.cycle_id, found[0].number, wish, by=planned.desk, at=at)


def give_to(session: Session, planned: Planned, vehicle: str) -> int:
    """Name the driver of a round; its key."""
    row = session.scalars(
        select(TruckRound).where(
            TruckRound.cycle_id == planned.cycle_id, TruckRound.plan_key == vehicle
        )
    ).one()
    row.driver_id = planned.driver
    session.flush()
    return row.id


def test_a_draft_round_follows_each_edit_and_keeps_its_rows(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    before = {row.plan_key: row.id for row in session.scalars(select(Stop))}
    outcome = edit(session, planned, Wish("move", planned.homes[1], other))
    assert stops_of(session, other, planned.cycle_id) == [planned.homes[1]]
    assert planned.homes[1] not in stops_of(session, one, planned.cycle_id)
    assert {row.plan_key: row.id for row in session.scalars(select(Stop))} == before
    assert outcome.number == 2
    assert outcome.changed == {one, other}


def test_undo_and_redo_are_kept_as_versions_of_their_own(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    as_found = stops_of(session, one, planned.cycle_id)
    edit(session, planned, Wish("move", planned.homes[0], other))
    edit(session, planned, Wish("undo"))
    assert stops_of(session, one, planned.cycle_id) == as_found
    edit(session, planned, Wish("redo"))
    assert stops_of(session, other, planned.cycle_id) == [planned.homes[0]]
    past = desk_plan.history(session, planned.cycle_id)
    assert [(card.number, card.edit, card.by) for card in past] == [
        (4, "redo", "Delphine Marcellin"),
        (3, "undo", "Delphine Marcellin"),
        (2, "move", "Delphine Marcellin"),
        (1, "search", ""),
    ]
    with pytest.raises(EditRefused):
        edit(session, planned, Wish("redo"))


def test_two_people_cannot_both_change_the_same_version(session: Session, planned: Planned) -> None:
    _, other = planned.vans
    wish = Wish("move", planned.homes[0], other)
    edit(session, planned, wish)
    with pytest.raises(PlanMoved):
        plan_edits.edit(session, planned.cycle_id, 1, wish, by=planned.desk, at=PLANNED_AT)
    assert stops_of(session, other, planned.cycle_id) == [planned.homes[0]]


def test_published_rounds_wait_for_the_next_publication_and_drivers_are_told(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    round_id = give_to(session, planned, one)
    planning.publish(session, planned.cycle_id, {}, at=PLANNED_AT, by=planned.desk)
    edit(session, planned, Wish("move", planned.homes[2], other))
    assert stops_of(session, other, planned.cycle_id) == []
    done = publishing.publish_edits(
        session, planned.cycle_id, 2, reason="client rappelé", at=PLANNED_AT, by=planned.desk
    )
    assert stops_of(session, other, planned.cycle_id) == [planned.homes[2]]
    assert done.drivers_told == 1
    change = session.scalars(select(RoundChange).where(RoundChange.round_id == round_id)).one()
    assert (change.facts["removed"], change.facts["added"]) == (["Client 3"], [])
    publishing.see(session, round_id, driver_id=planned.driver, at=PLANNED_AT)
    session.refresh(change)
    assert change.seen_at == PLANNED_AT


def test_a_plan_that_breaks_rules_is_kept_but_published_only_with_a_reason(
    session: Session, planned: Planned
) -> None:
    _, other = planned.vans
    extra = Extra("extra:1", "Bacs vides", "Toulon", 5.93, 43.12, 0, 3600, 300)
    outcome = edit(session, planned, Wish("add", vehicle=other, extra=extra))
    assert outcome.worth.faults > 0
    with pytest.raises(PublishingNeedsReason):
        publishing.publish_edits(
            session, planned.cycle_id, 2, reason=None, at=PLANNED_AT, by=planned.desk
        )
    publishing.publish_edits(
        session, planned.cycle_id, 2, reason="promis", at=PLANNED_AT, by=planned.desk
    )
    assert desk_plan.history(session, planned.cycle_id)[0].reason == "promis"


def test_crates_of_an_order_on_two_vans_are_handed_over_by_both(
    session: Session, planned: Planned
) -> None:
    _, other = planned.vans
    order = planned.orders[1]
    day = plan_edits.look(session, planned.cycle_id, PLANNED_AT)[1]
    stop = day.problem.stop_by_id[planned.homes[0]]
    kinds = {each.value for each in stop.delivers.classes()}
    with pytest.raises(EditRefused):
        edit(
            session,
            planned,
            Wish("split", planned.homes[0], other, crates=dict.fromkeys(kinds, 99)),
        )
    edit(session, planned, Wish("split", planned.homes[0], other, crates={min(kinds): 1}))
    publishing.publish(session, planned.cycle_id, {}, at=PLANNED_AT, by=planned.desk)
    session.expire_all()
    crates = session.scalars(select(Crate).where(Crate.order_id == order)).all()
    doors = {row.id: row.plan_key for row in session.scalars(select(Stop))}
    found = sorted(str(doors[crate.stop_id]) for crate in crates if crate.stop_id)
    assert found.count(f"{planned.homes[0]}#2") == 1
    assert found.count(planned.homes[0]) == len(crates) - 1


def test_what_is_locked_holds_for_the_next_search(session: Session, planned: Planned) -> None:
    one, _ = planned.vans
    edit(session, planned, Wish("lock", planned.homes[0]))
    day = search_day(session, planned.cycle_id)
    assert day.problem.stop_by_id[planned.homes[0]].vehicles == frozenset({one})


def test_once_a_truck_left_only_what_is_not_driven_is_planned(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    round_id = give_to(session, planned, one)
    planning.publish(session, planned.cycle_id, {}, at=PLANNED_AT, by=planned.desk)
    at = at_hour(planned, 9)
    driving.depart(session, round_id, driver_id=planned.driver, at=at)
    first = session.scalars(
        select(Stop).where(Stop.round_id == round_id).order_by(Stop.position).limit(1)
    ).one()
    driving.arrive(session, first.id, driver_id=planned.driver, at=at)
    _, desk, _ = plan_edits.look(session, planned.cycle_id, at)
    assert first.plan_key not in desk.problem.stop_by_id
    assert desk.problem.vehicle_by_id[one].start_hub == f"now:{one}"
    assert desk.problem.stop_by_id[planned.homes[0]].vehicles == frozenset({one})
    assert desk.problem.vehicle_by_id[other].start_hub == "hub"


def test_goods_in_a_lost_truck_are_fetched_there_by_another_one(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    round_id = give_to(session, planned, one)
    planning.publish(session, planned.cycle_id, {}, at=PLANNED_AT, by=planned.desk)
    at = at_hour(planned, 13)
    driving.depart(session, round_id, driver_id=planned.driver, at=at)
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    outcome = plan_edits.edit(
        session,
        planned.cycle_id,
        found[0].number,
        Wish("lose", vehicle=one),
        by=planned.desk,
        at=at,
    )
    assert outcome.desk.board.row(one) is None
    row = outcome.desk.board.row(other)
    assert row is not None
    for home in planned.homes:
        assert row.steps.index(f"from:{home}") < row.steps.index(home)
    publishing.publish_edits(
        session, planned.cycle_id, outcome.number, reason="panne", at=at, by=planned.desk
    )
    session.expire_all()
    assert session.get_one(TruckRound, round_id).state == "done"
    kept = stops_of(session, other, planned.cycle_id)
    assert set(planned.homes) <= set(kept)
    assert session.scalars(select(RoundChange)).all()
