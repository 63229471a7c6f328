"""The desk's board: every form does its deed, says what it costs, and refuses what cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shop.accounts.domain.roles import Role
from shop.infra.clock import SetClock
from shop.logistics.models import PlanVersion, Stop, TruckRound
from shop.logistics.queries import desk_plan
from tests.factories.field_visits import Hand, forget_the_last_visitor, hand_of, words_of
from tests.factories.fulfilment import grant
from tests.factories.orders import make_scene
from tests.factories.planned import PLANNED_AT, Planned, make_planned, stops_of
from tests.harness.application import clock_at


@pytest.fixture(autouse=True)
def clock(app: Flask, client: FlaskClient) -> Iterator[SetClock]:
    with clock_at(app, PLANNED_AT) as made:
        yield made


@pytest.fixture
def planned(session: Session) -> Planned:
    return make_planned(session, make_scene(session), lawful=True)


@pytest.fixture
def desk(app: Flask, planned: Planned) -> Hand:
    return hand_of(app, planned.desk)


@pytest.fixture
def place(planned: Planned) -> str:
    return f"/desk/{planned.scene.market.slug}/rounds/{planned.scene.cycle.code}/board/"


def version(session: Session, planned: Planned) -> int:
    session.expire_all()
    found = desk_plan.head(session, planned.cycle_id)
    assert found is not None
    return found[0].number


def edit(
    hand: Hand, place: str, session: Session, planned: Planned, deed: str, /, **fields: Any
) -> TestResponse:
    """Press a button on the newest page."""
    fields.setdefault("version", version(session, planned))
    return hand.post(f"{place}edit", edit=deed, **fields)


def do(
    hand: Hand, place: str, session: Session, planned: Planned, deed: str, /, **fields: Any
) -> str:
    """Press a button that must work; the words of the page that follows."""
    answer = edit(hand, place, session, planned, deed, **fields)
    assert answer.status_code == 303, words_of(answer)
    return hand.read(answer.headers["Location"])


def served(session: Session, planned: Planned, van: int) -> list[str | None]:
    return stops_of(session, planned.vans[van], planned.cycle_id)


def test_the_board_shows_rounds_costs_and_who_found_them(
    desk: Hand, planned: Planned, place: str
) -> None:
    page = desk.read(place)
    for word in ("Kangoo", "Client 1", "Broken rules", "The planner", "found by the search"):
        assert word in page


def test_a_stop_goes_to_another_van_at_a_place_and_the_page_says_what_it_costs(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    one, two = planned.homes[:2]
    page = do(desk, place, session, planned, "move", stop=one, vehicle=planned.vans[1])
    assert "Client 1 moved to Jumper" in page
    assert re.search(r"Client 1 moved to Jumper: \+ ?€?\d", page), page
    do(desk, place, session, planned, "move", stop=two, vehicle=planned.vans[1], nth="1")
    assert served(session, planned, 1) == [two, one]
    do(desk, place, session, planned, "move", stop=two, vehicle=planned.vans[1], rank="99")
    assert served(session, planned, 1) == [one, two]


def test_a_stop_is_taken_out_and_put_where_it_costs_least(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    page = do(desk, place, session, planned, "out", stop=planned.homes[0])
    assert "1 stop that nobody serves" in page
    assert planned.homes[0] not in served(session, planned, 0)
    do(desk, place, session, planned, "best", stop=planned.homes[0])
    assert planned.homes[0] in served(session, planned, 0)


def test_a_locked_stop_stays_until_it_is_unlocked(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    stop = planned.homes[0]
    assert "Unlock" in do(desk, place, session, planned, "lock_here", stop=stop)
    page = do(desk, place, session, planned, "move", stop=stop, vehicle=planned.vans[1])
    assert "This stop is locked. Unlock it first." in page
    assert version(session, planned) == 2
    do(desk, place, session, planned, "unlock", stop=stop)
    do(desk, place, session, planned, "move", stop=stop, vehicle=planned.vans[1])
    assert served(session, planned, 1) == [stop]


def test_a_forbidden_van_gives_the_stop_away_and_may_be_allowed_again(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    stop, first = planned.homes[0], planned.vans[0]
    page = do(desk, place, session, planned, "forbid", stop=stop, vehicle=first)
    assert "Allow Kangoo again" in page
    assert served(session, planned, 1) == [stop]
    page = do(desk, place, session, planned, "move", stop=stop, vehicle=first)
    assert "This vehicle was forbidden for this stop. Allow it first." in page
    do(desk, place, session, planned, "allow", stop=stop, vehicle=first)
    do(desk, place, session, planned, "move", stop=stop, vehicle=first)
    assert served(session, planned, 1) == []


def test_crates_of_a_stop_are_split_off_and_joined_again(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    stop, other = planned.homes[0], planned.vans[1]
    page = desk.get(f"{place}?stop={stop}").text
    kind = re.search(r'name="crates_(\w+)"[^>]*max="(\d+)"', page)
    assert kind is not None
    crates = {f"crates_{kind[1]}": "1"}
    page = do(desk, place, session, planned, "split", stop=stop, vehicle=other, **crates)
    assert "Client 1 split" in page
    assert served(session, planned, 1) == [f"{stop}#2"]
    do(desk, place, session, planned, "join", stop=stop)
    assert served(session, planned, 1) == []


def test_one_round_is_given_to_the_other(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    one, other = planned.vans[:2]
    do(desk, place, session, planned, "move", stop=planned.homes[0], vehicle=other)
    page = do(desk, place, session, planned, "merge", vehicle=one, **{"from": other})
    assert "round of Jumper given to Kangoo" in page
    assert planned.homes[0] in served(session, planned, 0)


NEW = {
    "name": "Bacs vides", "place": "83000", "address": "Au port", "opens": "09:00",
    "closes": "17:00", "minutes": "10", "vehicle": "",
}  # fmt: skip


def test_a_stop_is_added_and_removed(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    page = do(desk, place, session, planned, "add", **NEW)
    assert "Bacs vides added" in page
    made = session.scalars(select(Stop).where(Stop.name == "Bacs vides")).one()
    assert made.address == "Au port, 83000 Toulon"
    page = do(desk, place, session, planned, "remove", stop=str(made.plan_key))
    assert "Bacs vides removed" in page
    page = do(desk, place, session, planned, "remove", stop=planned.homes[0])
    assert "Orders wait for this stop" in page


def test_what_is_wrong_with_a_new_stop_is_said_beside_what_was_typed(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    for field, typed, said in [
        ("name", "  ", "Give it a name."),
        ("place", "Atlantis", "We do not know that place."),
        ("opens", "18:30", "Give two hours, the first before the second."),
        ("closes", "²5:99", "Give two hours, the first before the second."),
    ]:
        answer = edit(desk, place, session, planned, "add", **{**NEW, field: typed})
        assert answer.status_code == 422
        assert said in words_of(answer)
        assert 'value="Au port"' in answer.text
    assert version(session, planned) == 1


def test_a_van_that_is_lost_gives_its_stops_away_and_is_found_again(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    one = planned.vans[0]
    do(desk, place, session, planned, "lose", vehicle=one)
    assert set(planned.homes) <= set(served(session, planned, 1))
    page = do(desk, place, session, planned, "move", stop=planned.homes[0], vehicle=one)
    assert "This vehicle is lost." in page
    do(desk, place, session, planned, "find", vehicle=one)
    do(desk, place, session, planned, "move", stop=planned.homes[0], vehicle=one)
    assert served(session, planned, 0) == [planned.homes[0]]


def test_undo_and_redo_and_who_did_it(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    do(desk, place, session, planned, "move", stop=planned.homes[0], vehicle=planned.vans[1])
    page = do(desk, place, session, planned, "undo")
    assert "Delphine Marcellin : undone: Client 1 moved to Jumper" in page.replace(" :", " :")
    assert served(session, planned, 1) == []
    do(desk, place, session, planned, "redo")
    assert served(session, planned, 1) == [planned.homes[0]]
    page = do(desk, place, session, planned, "redo")
    assert "There is nothing to do again." in page


def test_publishing_gives_the_plan_to_the_drivers(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    answer = desk.post(f"{place}publish", version=version(session, planned))
    assert answer.status_code == 303
    session.expire_all()
    states = set(session.scalars(select(TruckRound.state)))
    assert states == {"published"}
    assert "published" in desk.read(place)


def test_a_plan_that_breaks_rules_is_published_with_a_reason_only(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    do(
        desk, place, session, planned, "add",
        **{**NEW, "opens": "00:00", "closes": "01:00", "vehicle": planned.vans[1]},
    )  # fmt: skip
    answer = desk.post(f"{place}publish", version=version(session, planned))
    assert answer.status_code == 422
    assert "The plan breaks rules: say why it shall be driven all the same." in words_of(answer)
    assert set(session.scalars(select(TruckRound.state))) == {"draft"}
    desk.post(f"{place}publish", version=version(session, planned), reason="Promis à la mairie")
    assert "Promis à la mairie" in desk.read(place)


def test_a_second_person_on_an_old_page_is_told_and_loses_nothing(
    app: Flask, desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    colleague = hand_of(app, grant(session, Role.DESK, market_id=planned.scene.market.id))
    do(desk, place, session, planned, "move", stop=planned.homes[0], vehicle=planned.vans[1])
    answer = edit(
        colleague, place, session, planned, "move",
        stop=planned.homes[1], vehicle=planned.vans[1], nth="1", version=1,
    )  # fmt: skip
    assert answer.status_code == 409
    said = words_of(answer)
    assert "The plan changed while you were looking at it (Delphine Marcellin" in said
    assert "Client 1 moved to Jumper" in said
    assert served(session, planned, 1) == [planned.homes[0]]
    # The page offers to do the same to the plan as it is now: nothing has to be typed again.
    offered = answer.text.split("Your change was not made")[1].split("</form>")[0]
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', offered))
    assert (again["stop"], again["nth"], again["version"]) == (planned.homes[1], "1", "2")
    again.pop("csrf_token")
    assert colleague.post(f"{place}edit", **again).status_code == 303
    assert served(session, planned, 1) == [planned.homes[1], planned.homes[0]]


def test_a_double_click_moves_once(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    wish = {"stop": planned.homes[0], "vehicle": planned.vans[1], "version": 1}
    assert edit(desk, place, session, planned, "move", **wish).status_code == 303
    assert edit(desk, place, session, planned, "move", **wish).status_code == 409
    assert version(session, planned) == 2
    answer = desk.post(f"{place}publish", version=1)
    assert answer.status_code == 409
    assert set(session.scalars(select(TruckRound.state))) == {"draft"}


GONE_STOP = "This stop is over, or does not exist any more."
GONE_VAN = "This vehicle does not exist any more."


def test_forms_that_name_nonsense_change_nothing(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    for deed, fields, said in [
        ("move", {"stop": "", "vehicle": "v0"}, GONE_STOP),
        ("move", {"stop": "home:0", "vehicle": "v0"}, GONE_STOP),
        ("move", {"vehicle": ""}, GONE_VAN),
        ("move", {"vehicle": "v0"}, GONE_VAN),
        ("forbid", {"vehicle": ""}, GONE_VAN),
        ("lock", {"stop": ""}, GONE_STOP),
        ("merge", {"from": "v0"}, GONE_VAN),
        ("lose", {"vehicle": "x:collect"}, GONE_VAN),
        ("split", {"crates_chilled": "-3"}, "Choose what travels apart."),
        ("split", {"orders": "0"}, "Something must stay: choose less."),
        ("explode", {}, "This could not be done."),
        ("", {}, "This could not be done."),
    ]:
        wish = {"stop": planned.homes[0], **fields}
        assert said in do(desk, place, session, planned, deed, **wish)
    for typed in ("", "-1", "x", "99999999999999999999"):
        wish = {"stop": planned.homes[0], "version": typed}
        assert edit(desk, place, session, planned, "out", **wish).status_code == 409
    assert version(session, planned) == 1


def test_a_script_gets_only_what_changed(
    desk: Hand, session: Session, planned: Planned, place: str
) -> None:
    forget_the_last_visitor()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', desk.get(place).text)
    assert token is not None
    wish = {
        "edit": "move", "stop": planned.homes[0], "vehicle": planned.vans[1], "version": "1",
        "csrf_token": token[1],
    }  # fmt: skip
    forget_the_last_visitor()
    headers = {"Accept": "application/json"}
    answer = desk.client.post(f"{place}edit", data=wish, headers=headers)
    assert answer.status_code == 200
    assert set(answer.json["lanes"]) == set(planned.vans[:2])
    assert answer.json["version"] == 2
    forget_the_last_visitor()
    answer = desk.client.post(f"{place}edit", data=wish, headers=headers)
    assert answer.status_code == 409
    assert "The plan changed while you were looking at it" in answer.json["moved"]
    forget_the_last_visitor()
    refused = desk.client.post(
        f"{place}edit", data={**wish, "version": "2", "stop": ""}, headers=headers
    )
    assert refused.status_code == 422
    assert refused.json["refused"] == "This stop is over, or does not exist any more."


def test_nobody_but_this_desk_sees_or_changes_the_plan(
    app: Flask, session: Session, planned: Planned, place: str
) -> None:
    market = planned.scene.market.id
    point = int(planned.relay.split(":")[1])
    strangers = [
        grant(session, Role.PREPARER, market_id=market),
        planned.driver,
        grant(session, Role.RELAY_HOST, pickup_point_id=point),
        grant(session, Role.PRODUCER, producer_id=planned.scene.producers[0]),
        grant(session, Role.DESK, market_id=make_scene(session).market.id),
    ]
    wish = {"edit": "out", "stop": planned.homes[0], "version": 1}
    for person in strangers:
        stranger = hand_of(app, person)
        for page in ("", "panel?stop=" + planned.homes[0], "map.geojson"):
            assert stranger.get(place + page).status_code == 403
        assert stranger.post(f"{place}edit", **wish).status_code == 403
        assert stranger.post(f"{place}publish", version=1).status_code == 403
    assert session.scalar(select(func.count()).select_from(PlanVersion)) == 1
    assert set(session.scalars(select(TruckRound.state))) == {"draft"}


def test_a_visitor_is_sent_to_the_door(client: FlaskClient, place: str) -> None:
    assert client.get(place).status_code == 302


def test_the_plan_of_another_market_is_not_found_under_ones_own_name(
    app: Flask, session: Session, planned: Planned
) -> None:
    elsewhere = make_scene(session).market
    hand = hand_of(app, grant(session, Role.DESK, market_id=elsewhere.id))
    other = f"/desk/{elsewhere.slug}/rounds/{planned.scene.cycle.code}-x/board/"
    assert hand.get(other).status_code == 404
    assert hand.post(f"{other}edit", edit="undo", version=1).status_code == 404


def test_the_map_has_every_round_and_stop(desk: Hand, planned: Planned, place: str) -> None:
    found = desk.get(f"{place}map.geojson").json
    ids = {feature["properties"].get("id") for feature in found["features"]}
    assert {f"lane-{planned.vans[0]}", planned.relay, *planned.homes} <= ids
