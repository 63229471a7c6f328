"""Drivers and preparers take money where they hand over; each closes their own till."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.billing.models import TillEntry
from shop.billing.queries import till as tills
from shop.catalog.domain.terms import SpotWay
from shop.kernel.money import Money
from shop.logistics.queries import round_papers, rounds
from shop.logistics.queries.cycle_goods import cycle_goods
from shop.logistics.services import picking
from shop.orders.models import Order
from shop.orders.queries import tenders
from tests.factories.field import PICKED_AT, Day, day_of, said
from tests.factories.field_visits import Hand, words_of
from tests.factories.fulfilment import close, place_paid
from tests.factories.orders import make_order, make_scene
from tests.factories.tills import ON_SPOT, accept

KEY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def day(session: Session) -> Day:
    """The last order is paid at the door, in cash or by cheque."""
    scene = make_scene(session)
    accept(session, scene, SpotWay.CASH, SpotWay.CHEQUE)
    first = place_paid(session, scene, {"honey": 2})
    last = make_order(session, scene, {"honey": 2}, name="Inès Zerbib", wish=ON_SPOT).order_id
    close(session, scene)
    made = day_of(session, scene, [first, last])
    for order in made.orders:
        honey = said(made.lines[order, "honey"], 2)
        picking.record(session, [honey], by=made.preparer, at=PICKED_AT)
    return made


def taken(session: Session, order_id: int) -> Money:
    return tenders.standing(session, order_id).spot


def test_the_driver_takes_what_is_due_at_the_door_once(
    driver: Hand, session: Session, day: Day
) -> None:
    driver.post(f"/driver/rounds/{day.round_id}/load")
    driver.post(f"/driver/rounds/{day.round_id}/depart")
    page = driver.get(f"/driver/stops/{day.last}")
    assert "To collect: €19.00" in words_of(page)
    assert "Meal voucher" not in words_of(page)
    served = driver.post(f"/driver/stops/{day.last}/serve", receiver="Inès Zerbib")
    assert served.headers["Location"].endswith(f"/driver/stops/{day.last}")
    path = f"/driver/stops/{day.last}/orders/{day.orders[1]}/take"
    for _ in range(2):
        answer = driver.post(path, amount="19,00", way="cash", key=KEY)
        assert answer.status_code == 303
    assert taken(session, day.orders[1]) == Money(1900)
    assert "Paid on the spot: €19.00" in driver.read(f"/driver/stops/{day.last}")
    (entry,) = session.scalars(select(TillEntry)).all()
    assert (entry.by_person_id, entry.amount_cents) == (day.driver, 1900)


def test_a_relay_point_s_money_is_its_host_s_affair(driver: Hand, day: Day) -> None:
    assert "Take the money" not in driver.read(f"/driver/stops/{day.relay}")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": "19,01", "way": "cash"}, "That is more than is due: €19.00."),
        ({"amount": "5", "way": "meal_card"}, "This way of paying is not accepted there."),
        ({"amount": "5", "way": "cheque"}, "A cheque needs its number and its bank."),
        ({"amount": "five", "way": "cash"}, "Please type an amount."),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_is_written(
    driver: Hand, session: Session, day: Day, typed: dict[str, str], words: str
) -> None:
    driver.post(f"/driver/stops/{day.last}/orders/{day.orders[1]}/take", **typed)
    assert words in driver.read(f"/driver/stops/{day.last}")
    assert session.scalar(select(TillEntry.id)) is None


def test_nobody_else_takes_money_for_it(
    driver: Hand, stranger: Hand, preparer: Hand, session: Session, day: Day
) -> None:
    path = f"/driver/stops/{day.last}/orders/{day.orders[1]}/take"
    wish = {"amount": "5", "way": "cash"}
    assert stranger.post(path, **wish).status_code == 404
    assert preparer.post(path, **wish).status_code == 403
    other = f"/driver/stops/{day.relay}/orders/{day.orders[1]}/take"
    driver.post(other, **wish)
    assert session.scalar(select(TillEntry.id)) is None


def test_the_preparer_takes_money_and_closes_their_own_till(
    app: Flask, preparer: Hand, driver: Hand, stranger: Hand, session: Session, day: Day
) -> None:
    cycle = day.scene.cycle.code
    order = f"/picker/{day.scene.market.slug}/{cycle}/orders/{day.orders[1]}"
    assert "To collect: €19.00" in preparer.read(order)
    assert stranger.post(f"{order}/take", amount="19", way="cash").status_code == 403
    cheque = {"way": "cheque", "cheque_number": "0012", "cheque_bank": "Crédit Agricole"}
    assert preparer.post(f"{order}/take", amount="9", way="cash").status_code == 303
    assert preparer.post(f"{order}/take", amount="10", **cheque).status_code == 303
    assert taken(session, day.orders[1]) == Money(1900)
    page = preparer.read("/till/")
    assert "€19.00 taken €9.00 Cash €10.00 Cheque" in page
    assert "Expected in cash: €9.00." in page
    assert "Nothing taken yet" in driver.read("/till/")
    slug = day.scene.market.slug
    assert preparer.post(f"/till/{slug}/close", counted="nine").status_code == 422
    assert driver.post(f"/till/{slug}/close", counted="9").status_code == 404
    assert preparer.post(f"/till/{slug}/close", counted="8,50").status_code == 303
    assert "Counted: €8.50, difference −€0.50." in preparer.read("/till/")
    late = preparer.post(f"{order}/take", amount="1", way="cash")
    assert late.status_code == 303
    (till,) = tills.tills(session, day.scene.market.id)
    assert till.code == f"person-{day.preparer}"
    assert tills.check(session, till) == []
    assert session.get_one(Order, day.orders[1]).state == "firm"


def test_the_sheets_say_what_is_to_be_taken(session: Session, day: Day) -> None:
    goods = cycle_goods(session, day.scene.cycle.id, printed_at=PICKED_AT)
    assert goods.due == {day.orders[1]: Money(1900)}
    (card,) = rounds.of_cycle(session, day.scene.cycle.id)
    sheet = round_papers.sheet(
        card, goods.heading, departs_from="", desk_phone="", url="", due=goods.due
    )
    amounts = {stop.stop_id: stop.to_collect for stop in sheet.stops}
    assert amounts == {day.farm: None, day.relay: None, day.last: Money(1900)}
