"""The desk lays another day beside its plan; everybody else is turned away."""

from __future__ import annotations

import re
import uuid

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.logistics.domain.desk.what_if import Scenario
from shop.logistics.models import PlanRun, Vehicle
from shop.logistics.queries import desk_plan
from shop.logistics.services import plan_edits, planning
from shop.logistics.services.plan_edits import Wish
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.fulfilment import grant
from tests.factories.orders import make_scene
from tests.factories.planned import Planned, make_planned, stops_of
from tests.factories.scenarios import ASKED_AT, searched


@pytest.fixture
def planned(session: Session) -> Planned:
    return make_planned(session, make_scene(session))


@pytest.fixture
def desk(app: Flask, planned: Planned) -> Hand:
    return hand_of(app, planned.desk)


@pytest.fixture
def place(planned: Planned) -> str:
    return f"/desk/{planned.scene.market.slug}/rounds/{planned.scene.cycle.code}/what-if/"


def runs(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(PlanRun)) or 0


def test_the_page_offers_vehicles_hub_limits_and_relays(
    desk: Hand, planned: Planned, place: str
) -> None:
    page = desk.read(place)
    for words in ("The plan as it is kept", "Kangoo", "Jumper", "today: 300", "no limit today"):
        assert words in page
    rounds = desk.get(f"/desk/{planned.scene.market.slug}/rounds/").text
    assert place in rounds


def test_a_form_becomes_one_search_however_often_it_is_sent(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    key = str(uuid.uuid4())
    asked = {
        "key": key,
        "without": planned.vans[0].removeprefix("v"),
        "hub_place": "Lorgues",
        "hub_name": "La cave",
        "chilled": "240",
        "shift": "540",
        "seconds": "5",
        "dropped": planned.relay,
    }
    for _ in range(2):
        assert desk.post(place, **asked).status_code == 303
    (run,) = session.scalars(select(PlanRun)).all()
    assert run.variant is not None
    scenario = run.variant["scenario"]
    assert scenario["hub"]["insee"] == "83072"
    assert (scenario["chilled_s"], scenario["shift_s"]) == (14400, 32400)
    page = desk.read(place)
    assert (
        "Without Kangoo, prepared at La cave (Lorgues), chilled goods aboard for 4 h at most, "
        "a driver’s day of 9 h"
    ) in page
    answer = desk.get(f"{place}{run.id}/progress")
    assert answer.json is not None
    assert (answer.json["state"], answer.json["total"]) == ("running", 5)
    assert desk.post(f"{place}{run.id}/stop").status_code == 303
    assert "It ends with its best." in desk.read(place)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"hub_place": "Nulle-Part-sur-Rien"}, "We do not know that place"),
        ({"chilled": "cinq"}, "Type a whole number, or nothing."),
        ({"shift": "2000"}, "Between 60 and 780 minutes, or nothing."),
        ({"seconds": "1"}, "Between 2 and 600."),
        ({"dropped": "farm:1"}, "This does not exist any more."),
    ],
)
def test_what_cannot_be_used_comes_back_at_its_field_with_what_was_typed(
    desk: Hand, session: Session, place: str, typed: dict[str, str], words: str
) -> None:
    answer = desk.post(place, **{"seconds": "7", "hub_name": "Chez Paul", **typed})
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert 'value="Chez Paul"' in answer.text
    assert runs(session) == 0


def test_the_comparison_says_what_a_scenario_adds(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    keys = tuple(int(name.removeprefix("v")) for name in planned.vans)
    searched(session, planned.cycle_id, Scenario(dropped=(planned.relay,)), by=planned.desk)
    searched(session, planned.cycle_id, Scenario(without=keys), by=planned.desk)
    page = desk.read(place)
    assert "Client 1" in page
    assert "Jeanne Martin" in page
    assert "left out on purpose" in page
    assert "there is no vehicle" in page
    assert "Delphine Marcellin" in page
    assert "kg" in page


def test_the_rounds_of_a_scenario_are_taken_over_by_hand(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    one = int(planned.vans[0].removeprefix("v"))
    run_id = searched(session, planned.cycle_id, Scenario(without=(one,)), by=planned.desk)
    answer = desk.post(f"{place}{run_id}/take")
    assert answer.status_code == 303
    board = desk.read(answer.headers["Location"])
    assert "These rounds are the plan now" in board
    assert "taken over from a comparison: Without Kangoo" in board
    assert stops_of(session, planned.vans[0], planned.cycle_id) == []
    assert "Taken over by Delphine Marcellin" in desk.read(place)
    again = desk.post(f"{place}{run_id}/take")
    assert again.status_code == 303
    assert "The plan was changed since" in desk.read(place)
    assert len(desk_plan.history(session, planned.cycle_id)) == 2


def test_a_plan_edited_meanwhile_is_not_overwritten(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    run_id = searched(session, planned.cycle_id, Scenario(), by=planned.desk)
    wish = Wish("move", planned.homes[0], planned.vans[1])
    plan_edits.edit(session, planned.cycle_id, 1, wish, by=planned.desk, at=ASKED_AT)
    assert "older than the plan" in desk.read(place)
    desk.post(f"{place}{run_id}/take")
    assert stops_of(session, planned.vans[1], planned.cycle_id) == [planned.homes[0]]


def test_a_hired_vehicle_wants_a_name_and_a_plate_of_its_own(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    keys = tuple(int(name.removeprefix("v")) for name in planned.vans)
    scenario = Scenario(without=keys, like=(keys[0],))
    run_id = searched(session, planned.cycle_id, scenario, by=planned.desk)
    taken = session.get_one(Vehicle, keys[0]).plate
    answer = desk.post(f"{place}{run_id}/take", **{"hired-1": "Loué", "plate-1": taken})
    assert answer.status_code == 422
    assert "Another vehicle has this number plate." in words_of(answer)
    assert 'value="Loué"' in answer.text
    answer = desk.post(f"{place}{run_id}/take", **{"hired-1": "Loué", "plate-1": "ab-123-cd"})
    assert answer.status_code == 303
    assert session.scalar(select(Vehicle.name).where(Vehicle.plate == "AB-123-CD")) == "Loué"


def test_the_desk_sets_what_its_vehicles_burn_and_no_others(
    app: Flask, desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    key = planned.vans[0].removeprefix("v")
    assert desk.post(f"{place}consumption", **{f"litres{key}": "14,5"}).status_code == 303
    session.expire_all()
    assert session.get_one(Vehicle, int(key)).litres_per_1000_km == 145
    answer = desk.post(f"{place}consumption", **{f"litres{key}": "beaucoup"})
    assert answer.status_code == 422
    assert "such as 11.5" in words_of(answer)
    other = make_planned(session, make_scene(session))
    theirs = other.vans[0].removeprefix("v")
    assert desk.post(f"{place}consumption", **{f"litres{theirs}": "9"}).status_code == 404
    session.expire_all()
    assert session.get_one(Vehicle, int(theirs)).litres_per_1000_km == 110


def test_others_see_and_do_nothing(
    app: Flask, session: Session, planned: Planned, place: str
) -> None:
    """A preparer of this market, and the desk of another one."""
    run_id = searched(session, planned.cycle_id, Scenario(), by=planned.desk)
    elsewhere = make_planned(session, make_scene(session))
    preparer = grant(session, Role.PREPARER, market_id=planned.scene.market.id)
    before = stops_of(session, planned.vans[0], planned.cycle_id)
    for person in (preparer, elsewhere.desk):
        hand = hand_of(app, person)
        assert hand.get(place).status_code in (403, 404)
        assert hand.get(f"{place}{run_id}/progress").status_code in (403, 404)
        for action in ("", f"{run_id}/stop", f"{run_id}/take", "consumption"):
            assert hand.post(place + action, seconds="5").status_code in (403, 404), action
    assert runs(session) == 1
    assert stops_of(session, planned.vans[0], planned.cycle_id) == before


def test_the_desk_of_one_market_reaches_no_search_of_another(
    app: Flask, session: Session, planned: Planned, desk: Hand, place: str
) -> None:
    other = make_planned(session, make_scene(session))
    theirs = searched(session, other.cycle_id, Scenario(), by=other.desk)
    assert desk.get(f"{place}{theirs}/progress").status_code == 404
    assert desk.post(f"{place}{theirs}/stop").status_code == 404
    assert desk.post(f"{place}{theirs}/take").status_code == 404
    own = planning.ask(session, planned.cycle_id, seconds=5, by=planned.desk)
    assert desk.get(f"{place}{own}/progress").status_code == 404
    assert desk.post(f"{place}{own}/stop").status_code == 404
    assert len(desk_plan.history(session, other.cycle_id)) == 1


def test_every_form_carries_a_key_of_its_own(desk: Hand, place: str) -> None:
    found = {re.findall(r'name="key" value="([^"]+)"', desk.get(place).text)[0] for _ in range(2)}
    assert len(found) == 2
