"""Another day beside the plan: judged, compared, and taken over as any other change."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.infra.outbox import OutboxMessage
from shop.kernel.errors import InvalidInput
from shop.logistics.domain.desk.what_if import Scenario
from shop.logistics.errors import (
    PlanMoved,
    PlateTaken,
    RoundsUnderway,
    ScenarioStale,
    ScenarioUnknown,
    TooManyScenarios,
    VehicleUnknown,
)
from shop.logistics.models import EmissionFactor, Hub, PlanRun, PlanVersion, TruckRound, Vehicle
from shop.logistics.queries import desk_plan, fleet, rounds
from shop.logistics.queries import what_if as queries
from shop.logistics.queries.search_day import kept_plan, search_day
from shop.logistics.queries.what_if import ScenarioCard
from shop.logistics.services import driving, plan_edits, planning, publishing, what_if
from shop.logistics.services.plan_edits import Wish
from shop.logistics.services.what_if import Hired
from shop.orders.models import Order
from tests.factories.orders import make_scene
from tests.factories.planned import Planned, make_planned, stops_of
from tests.factories.scenarios import ASKED_AT, LORGUES, ask, searched

LATER = ASKED_AT + timedelta(hours=1)


@pytest.fixture
def planned(session: Session) -> Planned:
    return make_planned(session, make_scene(session))


def card(session: Session, planned: Planned, run_id: int) -> ScenarioCard:
    return next(
        each for each in queries.of_cycle(session, planned.cycle_id) if each.run.id == run_id
    )


def keys(planned: Planned) -> list[int]:
    return [int(name.removeprefix("v")) for name in planned.vans]


def take_over(
    session: Session, planned: Planned, run_id: int, hired: dict[int, Hired] | None = None
) -> int:
    return what_if.take_over(
        session, planned.cycle_id, run_id, hired or {}, by=planned.desk, at=LATER
    )


def test_a_search_for_another_day_leaves_the_plan_alone(session: Session, planned: Planned) -> None:
    before = stops_of(session, planned.vans[0], planned.cycle_id)
    run_id = searched(session, planned.cycle_id, Scenario(without=(keys(planned)[0],)))
    assert stops_of(session, planned.vans[0], planned.cycle_id) == before
    assert len(desk_plan.history(session, planned.cycle_id)) == 1
    assert rounds.latest_run(session, planned.cycle_id) is None
    found = card(session, planned, run_id)
    assert found.vehicles == ("Jumper",)
    assert found.figures is not None
    assert (found.figures.unserved, found.figures.violations, found.broken_today) == (0, 0, 0)
    assert found.names == {planned.vans[0]: "Kangoo"}


def test_a_search_begins_from_the_kept_plan_as_far_as_it_fits(
    session: Session, planned: Planned
) -> None:
    one, other = keys(planned)
    board = desk_plan.head(session, planned.cycle_id)
    assert board is not None
    as_kept = {stop for row in board[1].rows for stop in row.stops}
    for scenario, served in (
        (Scenario(), as_kept),
        (Scenario(without=(other,)), as_kept),
        (Scenario(without=(one,)), set()),
        (Scenario(hub=LORGUES), as_kept),
    ):
        day = search_day(session, planned.cycle_id, scenario)
        start = kept_plan(session, planned.cycle_id, day)
        assert start is not None
        assert {stop for each in start.rounds for stop in each.stop_ids} == served


def test_idle_vehicles_can_be_left_at_home(session: Session, planned: Planned) -> None:
    """The second van stands idle: without the first one and without idle ones nobody drives."""
    used = what_if.drives_in(session, planned.cycle_id)
    assert used == {keys(planned)[0]}
    scenario = Scenario(without=tuple(used), only=tuple(used))
    run_id = searched(session, planned.cycle_id, scenario)
    assert card(session, planned, run_id).vehicles == ()


def test_without_any_vehicle_every_stop_is_named(session: Session, planned: Planned) -> None:
    run_id = searched(session, planned.cycle_id, Scenario(without=tuple(keys(planned))))
    found = card(session, planned, run_id)
    assert found.figures is not None
    assert (found.figures.served, found.figures.vehicles, found.figures.cost_cents) == (0, 0, 0)
    assert {each.reason for each in found.left_out} == {"no_vehicle"}
    assert len(found.left_out) == found.figures.unserved


def test_a_dropped_relay_names_its_orders_and_everything_else_is_served(
    session: Session, planned: Planned
) -> None:
    run_id = searched(session, planned.cycle_id, Scenario(dropped=(planned.relay,)))
    found = card(session, planned, run_id)
    (left,) = found.left_out
    assert left.dropped
    assert left.orders == (planned.orders[0],)
    take_over(session, planned, run_id)
    served = [stops_of(session, van, planned.cycle_id) for van in planned.vans]
    assert planned.relay not in [stop for each in served for stop in each]
    last = desk_plan.head(session, planned.cycle_id)
    assert last is not None
    assert last[1].reasons[planned.relay] == "set_aside"
    assert last[0].unserved == 1


def test_a_dropped_relay_stays_dropped_though_it_is_locked(
    session: Session, planned: Planned
) -> None:
    wish = Wish("lock", planned.relay)
    plan_edits.edit(session, planned.cycle_id, 1, wish, by=planned.desk, at=ASKED_AT)
    run_id = searched(session, planned.cycle_id, Scenario(dropped=(planned.relay,)))
    assert [each.dropped for each in card(session, planned, run_id).left_out] == [True]


def test_carbon_is_fuel_with_the_cold_running_times_the_factor_of_the_day(
    session: Session, planned: Planned
) -> None:
    run_id = searched(session, planned.cycle_id, Scenario())
    found = card(session, planned, run_id).figures
    assert found is not None
    # 110 l per 1000 km of diesel at 3170 g/l: 348.7 g/km, rounded to 349.
    assert found.co2_g == found.distance_m * 349 // 1000
    session.execute(
        update(EmissionFactor)
        .where(EmissionFactor.fuel == "diesel")
        .values(valid_until=planned.scene.cycle.delivers_on)
    )
    run_id = searched(session, planned.cycle_id, Scenario())
    after = card(session, planned, run_id).figures
    assert after is not None
    assert after.co2_g == 0


def test_the_desk_says_what_its_vehicle_burns(session: Session, planned: Planned) -> None:
    market_id, key = planned.scene.market.id, keys(planned)[0]
    what_if.set_consumption(session, market_id, key, 145)
    assert session.get_one(Vehicle, key).litres_per_1000_km == 145
    with pytest.raises(InvalidInput):
        what_if.set_consumption(session, market_id, key, 601)
    elsewhere = make_planned(session, make_scene(session))
    with pytest.raises(VehicleUnknown):
        what_if.set_consumption(session, elsewhere.scene.market.id, key, 90)
    assert session.get_one(Vehicle, key).litres_per_1000_km == 145


def test_the_rounds_of_a_scenario_become_the_plan_with_who_did_it(
    session: Session, planned: Planned
) -> None:
    one, other = planned.vans
    run_id = searched(session, planned.cycle_id, Scenario(without=(keys(planned)[0],)))
    assert take_over(session, planned, run_id) == 2
    assert stops_of(session, one, planned.cycle_id) == []
    assert len(stops_of(session, other, planned.cycle_id)) >= 4
    newest = desk_plan.history(session, planned.cycle_id)[0]
    assert (newest.edit, newest.by, newest.facts["run"]) == (
        "variant",
        "Delphine Marcellin",
        run_id,
    )
    assert newest.cost_cents == card(session, planned, run_id).figures.cost_cents  # type: ignore[union-attr]
    assert card(session, planned, run_id).taken_over_by == "Delphine Marcellin"
    plan_edits.edit(session, planned.cycle_id, 2, Wish("undo"), by=planned.desk, at=LATER)
    assert stops_of(session, other, planned.cycle_id) == []


def test_another_scenario_can_follow_once_the_first_is_undone(
    session: Session, planned: Planned
) -> None:
    first = searched(session, planned.cycle_id, Scenario(without=(keys(planned)[0],)))
    second = searched(session, planned.cycle_id, Scenario(without=(keys(planned)[1],)))
    take_over(session, planned, first)
    with pytest.raises(PlanMoved):
        take_over(session, planned, second)
    plan_edits.edit(session, planned.cycle_id, 2, Wish("undo"), by=planned.desk, at=LATER)
    assert take_over(session, planned, second) == 4
    assert stops_of(session, planned.vans[1], planned.cycle_id) == []


def test_a_plan_that_was_edited_meanwhile_stays(session: Session, planned: Planned) -> None:
    one, other = planned.vans
    run_id = searched(session, planned.cycle_id, Scenario())
    wish = Wish("move", planned.homes[0], other)
    plan_edits.edit(session, planned.cycle_id, 1, wish, by=planned.desk, at=ASKED_AT)
    before = stops_of(session, one, planned.cycle_id)
    with pytest.raises(PlanMoved):
        take_over(session, planned, run_id)
    assert stops_of(session, one, planned.cycle_id) == before
    assert len(desk_plan.history(session, planned.cycle_id)) == 2


@pytest.mark.parametrize("on_board", [True, False])
def test_a_plan_that_was_published_meanwhile_stays(
    session: Session, planned: Planned, on_board: bool
) -> None:
    run_id = searched(session, planned.cycle_id, Scenario())
    if on_board:
        publishing.publish_edits(
            session, planned.cycle_id, 1, reason="So", at=ASKED_AT, by=planned.desk
        )
    else:
        planning.publish(session, planned.cycle_id, {}, at=ASKED_AT, by=planned.desk)
    with pytest.raises(PlanMoved):
        take_over(session, planned, run_id)


def test_what_is_taken_over_after_publication_waits_for_the_next(
    session: Session, planned: Planned
) -> None:
    planning.publish(session, planned.cycle_id, {}, at=ASKED_AT, by=planned.desk)
    before = stops_of(session, planned.vans[0], planned.cycle_id)
    run_id = searched(session, planned.cycle_id, Scenario(without=(keys(planned)[0],)))
    take_over(session, planned, run_id)
    assert stops_of(session, planned.vans[0], planned.cycle_id) == before
    publishing.publish_edits(session, planned.cycle_id, 2, reason=None, at=LATER, by=planned.desk)
    assert stops_of(session, planned.vans[0], planned.cycle_id) == []


def test_orders_that_changed_meanwhile_are_not_forgotten(
    session: Session, planned: Planned
) -> None:
    run_id = searched(session, planned.cycle_id, Scenario())
    session.execute(update(Order).where(Order.id == planned.orders[1]).values(state="canceled"))
    with pytest.raises(ScenarioStale):
        take_over(session, planned, run_id)


def test_a_vehicle_more_is_hired_for_that_sale_alone(session: Session, planned: Planned) -> None:
    one, other = keys(planned)
    scenario = Scenario(without=(one, other), like=(one,))
    run_id = searched(session, planned.cycle_id, scenario)
    assert card(session, planned, run_id).hired == ((-1, "Kangoo"),)
    for wrong in ({}, {-1: Hired("Loué", "")}):
        with pytest.raises(InvalidInput):
            take_over(session, planned, run_id, wrong)
    taken = session.get_one(Vehicle, other).plate
    with pytest.raises(PlateTaken):
        take_over(session, planned, run_id, {-1: Hired("Loué", taken)})
    take_over(session, planned, run_id, {-1: Hired("Loué", "AB-123-CD")})
    hired = session.scalars(select(Vehicle).where(Vehicle.plate == "AB-123-CD")).one()
    assert (hired.cycle_id, hired.kind, hired.fixed_cents) == (planned.cycle_id, "van", 3000)
    assert len(stops_of(session, f"v{hired.id}", planned.cycle_id)) >= 4
    market_id = planned.scene.market.id
    assert [each.id for each in fleet.vehicles(session, market_id, planned.cycle_id)] == [
        one,
        other,
        hired.id,
    ]
    assert [each.id for each in fleet.vehicles(session, market_id, 0)] == [one, other]


def test_another_hub_is_where_rounds_begin_and_undo_comes_home(
    session: Session, planned: Planned
) -> None:
    run_id = searched(session, planned.cycle_id, Scenario(hub=LORGUES))
    found = card(session, planned, run_id).figures
    before = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    assert before is not None
    assert found.distance_m > before[0].distance_m
    take_over(session, planned, run_id)
    market_id = planned.scene.market.id
    made = rounds.of_cycle(session, planned.cycle_id)
    places = fleet.hubs(session, market_id, [each.hub_id for each in made])
    assert [each.name for each in places.values() if each] == ["La cave"]
    assert sum(each.distance_m for each in made) == found.distance_m
    usual = fleet.hub(session, market_id)
    assert usual is not None
    assert usual.name == "Le hangar"
    plan_edits.edit(session, planned.cycle_id, 2, Wish("undo"), by=planned.desk, at=LATER)
    made = rounds.of_cycle(session, planned.cycle_id)
    assert {each.hub_id for each in made} == {None}
    assert sum(each.distance_m for each in made) == before[0].distance_m


def test_wider_limits_are_judged_by_those_of_every_day_too(
    session: Session, planned: Planned
) -> None:
    """Nobody gets goods aboard for six hours by calling it a comparison."""
    session.execute(update(Vehicle).values(shift_s=3600, max_overtime_s=0))
    tight = searched(session, planned.cycle_id, Scenario())
    wide = searched(session, planned.cycle_id, Scenario(shift_s=12 * 3600, overtime_s=0))
    tight_card, wide_card = card(session, planned, tight), card(session, planned, wide)
    assert tight_card.figures is not None
    assert wide_card.figures is not None
    assert tight_card.figures.unserved > 0
    assert (wide_card.figures.unserved, wide_card.figures.violations) == (0, 0)
    assert wide_card.broken_today > 0
    take_over(session, planned, wide)
    newest = desk_plan.history(session, planned.cycle_id)[0]
    assert newest.faults == wide_card.broken_today


def test_the_same_form_sent_twice_is_one_search(session: Session, planned: Planned) -> None:
    key = uuid.uuid4()
    first, second = (
        what_if.ask(session, planned.cycle_id, Scenario(), key=key, seconds=5, by=planned.desk)
        for _ in range(2)
    )
    assert first == second
    assert session.scalar(select(func.count()).select_from(PlanRun)) == 1
    posted = select(func.count()).select_from(OutboxMessage)
    assert session.scalar(posted.where(OutboxMessage.topic == planning.PLAN_TOPIC)) == 1


def test_a_search_for_the_cycle_itself_may_go_on_beside(session: Session, planned: Planned) -> None:
    planning.ask(session, planned.cycle_id, seconds=5, by=planned.desk)
    ask(session, planned.cycle_id, Scenario())
    assert session.scalar(select(func.count()).select_from(PlanRun)) == 2


def test_there_is_an_end_to_what_waits(session: Session, planned: Planned) -> None:
    for _ in range(what_if.MOST_WAITING):
        ask(session, planned.cycle_id, Scenario())
    with pytest.raises(TooManyScenarios):
        ask(session, planned.cycle_id, Scenario())


@pytest.mark.parametrize(
    ("scenario", "field"),
    [
        (Scenario(chilled_s=60), "chilled_s"),
        (Scenario(shift_s=20 * 3600), "shift_s"),
        (Scenario(overtime_s=-1), "overtime_s"),
        (Scenario(without=(0,)), "without"),
        (Scenario(like=(0,)), "like"),
        (Scenario(dropped=("farm:1",)), "dropped"),
    ],
)
def test_what_nobody_can_mean_is_refused_with_its_field(
    session: Session, planned: Planned, scenario: Scenario, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(session, planned.cycle_id, scenario)
    assert refusal.value.facts["field"] == field
    assert session.scalar(select(func.count()).select_from(PlanRun)) == 0


def test_scenarios_of_other_cycles_or_unfinished_ones_cannot_be_taken_over(
    session: Session, planned: Planned
) -> None:
    other = make_planned(session, make_scene(session))
    theirs = searched(session, other.cycle_id, Scenario())
    waiting = ask(session, planned.cycle_id, Scenario())
    plain = planning.ask(session, planned.cycle_id, seconds=5)
    for run_id in (theirs, waiting, plain, 0):
        with pytest.raises(ScenarioUnknown):
            take_over(session, planned, run_id)
    assert session.scalar(select(func.count()).select_from(PlanVersion)) == 2


def test_once_a_truck_has_left_nothing_is_tried_any_more(
    session: Session, planned: Planned
) -> None:
    run_id = searched(session, planned.cycle_id, Scenario())
    round_id = session.scalars(select(TruckRound.id)).one()
    planning.publish(
        session, planned.cycle_id, {round_id: planned.driver}, at=ASKED_AT, by=planned.desk
    )
    driving.depart(session, round_id, driver_id=planned.driver, at=LATER)
    with pytest.raises(RoundsUnderway):
        ask(session, planned.cycle_id, Scenario())
    with pytest.raises(RoundsUnderway):
        take_over(session, planned, run_id)
    assert session.scalar(select(func.count()).select_from(Hub)) == 1
