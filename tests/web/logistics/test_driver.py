"""The driver's phone: the next stop, what to hand over, to whom."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from shop.accounts.domain.roles import Role
from shop.logistics.models import RoundChange, Stop, TruckRound
from shop.logistics.services import picking
from shop.orders.models import Order, PurchaseOrderLine
from tests.factories.field import PICKED_AT, Day, all_picked, crate_states
from tests.factories.field_visits import Hand, hand_of, words_of
from tests.factories.fulfilment import asked_lines, grant, purchase_of


def prepare(session: Session, day: Day) -> None:
    for order in day.orders:
        picking.record(session, all_picked(day, order), by=day.preparer, at=PICKED_AT)


def state(session: Session, model: type[Order | Stop | TruckRound], key: int) -> str:
    session.expire_all()
    row: Any = session.get_one(model, key)
    return str(row.state)


def test_a_driver_sees_the_round_and_what_is_not_ready(driver: Hand, day: Day) -> None:
    assert "Kangoo" in driver.read("/driver/")
    page = driver.read(f"/driver/rounds/{day.round_id}")
    assert "2 not ready 0 to load 0 aboard" in page
    assert page.index("3 Au bout") < page.index("2 Point relay")


def test_the_round_is_loaded_and_leaves(driver: Hand, session: Session, day: Day) -> None:
    prepare(session, day)
    assert "0 not ready 2 to load 0 aboard" in driver.read(f"/driver/rounds/{day.round_id}")
    driver.post(f"/driver/rounds/{day.round_id}/load")
    assert "0 not ready 0 to load 2 aboard" in driver.read(f"/driver/rounds/{day.round_id}")
    driver.post(f"/driver/rounds/{day.round_id}/depart")
    driver.post(f"/driver/rounds/{day.round_id}/depart")
    page = driver.read(f"/driver/rounds/{day.round_id}")
    assert "Next stop · 1 · Collection" in page
    assert state(session, TruckRound, day.round_id) == "underway"


def test_the_farm_stop_says_what_they_give(driver: Hand, day: Day) -> None:
    page = driver.read(f"/driver/stops/{day.farm}")
    assert "about 1.200 kg expected: 2 pieces" in page
    assert page.index("Carottes") < page.index("expected: 2 kg") < page.index("Poulet fermier")
    assert "Miel" not in page


def test_a_driver_counts_what_a_farm_gives_and_says_why_less(
    driver: Hand, session: Session, day: Day
) -> None:
    lines = asked_lines(session, purchase_of(session, day.scene.producers[0]))
    shown = {
        f"brought-{line}": str(ordered if ordered < 100 else ordered // 1000)
        for line, ordered in lines.values()
    }
    chicken = lines[day.scene.offers["chicken"]][0]
    path = f"/driver/stops/{day.farm}/serve"
    less = {**shown, f"brought-{chicken}": "1", "counts": "1", "receiver": "Odile"}
    answer = driver.post(path, **less)
    assert answer.status_code == 422
    assert "Less than promised: say why." in words_of(answer)
    assert state(session, Stop, day.farm) == "planned"
    answer = driver.post(path, **less, **{f"reason-{chicken}": "quality", f"lot-{chicken}": "L 12"})
    assert answer.status_code == 303
    assert state(session, Stop, day.farm) == "served"
    assert session.get_one(PurchaseOrderLine, chicken).received == 1


def test_a_stop_has_its_address_its_crates_and_its_numbers(
    driver: Hand, session: Session, day: Day
) -> None:
    order = session.get_one(Order, day.orders[1])
    order.door_code = "12B4"
    session.flush()
    answer = driver.get(f"/driver/stops/{day.last}")
    page = words_of(answer)
    assert "1 crate to hand over" in page
    assert f"{order.number}-1" in page
    assert "12B4" in page
    assert 'href="geo:43.400000,6.06' in answer.text
    assert 'href="tel:' in answer.text


def test_delivered_wants_a_name_and_keeps_what_was_typed(
    driver: Hand, session: Session, day: Day
) -> None:
    answer = driver.post(f"/driver/stops/{day.relay}/serve", receiver=" ", note="derrière")
    assert answer.status_code == 422
    assert "Please write who took or gave the goods." in words_of(answer)
    assert 'value="derrière"' in answer.text
    assert state(session, Stop, day.relay) == "planned"


def test_delivered_twice_is_delivered_once_and_the_next_stop_follows(
    driver: Hand, session: Session, day: Day
) -> None:
    prepare(session, day)
    driver.post(f"/driver/stops/{day.farm}/serve", receiver="Camille", crates="4")
    key = str(uuid.uuid4())
    for _ in range(2):
        answer = driver.post(f"/driver/stops/{day.relay}/serve", receiver="Odile", key=key)
        assert answer.status_code == 303
    page = driver.read(f"/driver/rounds/{day.round_id}")
    assert "Next stop · 3 · Home delivery" in page
    assert "Odile" in page
    assert state(session, Order, day.orders[0]) == "fulfilled"
    assert crate_states(session, day.orders[0]) == ["handed_over"]


def test_a_refused_order_is_named(driver: Hand, session: Session, day: Day) -> None:
    driver.post(
        f"/driver/stops/{day.relay}/serve", receiver="Odile", refused=[day.orders[0]], note="Trop"
    )
    session.expire_all()
    assert session.get_one(Order, day.orders[0]).final_cents == 0


def test_absent_wants_a_reason(driver: Hand, session: Session, day: Day) -> None:
    answer = driver.post(f"/driver/stops/{day.last}/fail", note="")
    assert answer.status_code == 422
    assert "Please say what happened." in words_of(answer)
    driver.post(f"/driver/stops/{day.last}/fail", note="Nobody there")
    assert state(session, Stop, day.last) == "failed"
    assert state(session, Order, day.orders[1]) == "firm"
    assert "it can still be handed over" in driver.read(f"/driver/stops/{day.last}")


def test_the_end_of_the_round_is_told(driver: Hand, session: Session, day: Day) -> None:
    for stop in (day.farm, day.relay, day.last):
        driver.post(f"/driver/stops/{stop}/serve", receiver="Somebody")
    assert "Round finished" in driver.read(f"/driver/rounds/{day.round_id}")
    assert "Finished" in driver.read("/driver/")


def test_for_another_driver_there_is_nothing(
    app: Flask, session: Session, day: Day, stranger: Hand
) -> None:
    same_market = hand_of(app, grant(session, Role.DRIVER, market_id=day.scene.market.id))
    for other in (stranger, same_market):
        assert other.get(f"/driver/rounds/{day.round_id}").status_code == 404
        assert other.get(f"/driver/stops/{day.relay}").status_code == 404
        for path in (
            f"rounds/{day.round_id}/load",
            f"rounds/{day.round_id}/depart",
            f"stops/{day.relay}/arrive",
            f"stops/{day.relay}/serve",
            f"stops/{day.relay}/fail",
        ):
            answer = other.post(f"/driver/{path}", receiver="Me", note="Why not")
            assert answer.status_code == 404, path
    assert state(session, TruckRound, day.round_id) == "published"
    assert state(session, Stop, day.relay) == "planned"


def test_a_preparer_does_not_drive(preparer: Hand, day: Day) -> None:
    assert preparer.get("/driver/").status_code == 403


def test_what_the_desk_changed_stands_there_until_the_driver_has_seen_it(
    driver: Hand, stranger: Hand, session: Session, day: Day
) -> None:
    facts = {"added": ["Au Mas"], "removed": [], "moved": ["Point relay"], "later_s": 900}
    session.add(RoundChange(round_id=day.round_id, facts=facts))
    session.commit()
    page = driver.read(f"/driver/rounds/{day.round_id}")
    assert "New stops: Au Mas" in page
    assert "In another order: Point relay" in page
    assert "You are back 15 minutes later." in page
    assert stranger.post(f"/driver/rounds/{day.round_id}/seen").status_code == 404
    assert "New stops: Au Mas" in driver.read(f"/driver/rounds/{day.round_id}")
    assert driver.post(f"/driver/rounds/{day.round_id}/seen").status_code == 303
    assert "New stops" not in driver.read(f"/driver/rounds/{day.round_id}")
