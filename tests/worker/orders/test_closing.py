"""A closing night: unpaid orders are waited for, farms are written to once, customers told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from shop.catalog.models import Cycle, Producer
from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import Transition
from shop.infra.unit_of_work import reading, unit_of_work
from shop.orders.models import Order, PurchaseOrder, PurchaseOrderLine
from shop.orders.ports import OutgoingMail
from tests.factories.fulfilment import CLOSED_AT, answer_with, close, place_paid, purchase_of
from tests.factories.orders import Scene, make_order, make_scene
from tests.factories.paying import Counter
from worker import dispatch
from worker.cycle_close import follow_closing, open_and_close_due_cycles
from worker.purchasing import send_order_changed, send_purchase_order


@pytest.fixture
def shop(counter: Counter) -> Iterator[Flask]:
    with counter.app.app_context():
        yield counter.app


@pytest.fixture
def scene(shop: Flask) -> Scene:
    with unit_of_work() as session:
        return make_scene(session)


def ordered(scene: Scene, **wanted: int) -> int:
    with unit_of_work() as session:
        return place_paid(session, scene, wanted)


def counts() -> tuple[int, int, int]:
    """Changes of state, purchase orders, their lines."""
    with reading() as session:
        rows = [
            session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Transition, PurchaseOrder, PurchaseOrderLine)
        ]
    return rows[0], rows[1], rows[2]


def posted(topic: str) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).where(OutboxMessage.topic == topic)) or 0


def letters(counter: Counter, start: str) -> list[OutgoingMail]:
    return [letter for key, letter in counter.mailer.letters.items() if key[1:].startswith(start)]


def test_a_sale_closes_by_the_clock_and_everything_follows_once(
    scene: Scene, counter: Counter
) -> None:
    order_id = ordered(scene, chicken=2, honey=1)
    counter.wait(hours=15)
    open_and_close_due_cycles()
    open_and_close_due_cycles()
    dispatch.drain()
    with reading() as session:
        assert session.get_one(Cycle, scene.cycle.id).state == "closed"
        assert session.get_one(Order, order_id).state == "firm"
        assert set(session.scalars(select(PurchaseOrder.state))) == {"issued"}
    assert len(letters(counter, "purchase-order.")) == 2
    before = counts()
    assert before[1:] == (2, 2)
    follow_closing(scene.cycle.id)
    dispatch.drain()
    assert counts() == before
    assert posted("mail.purchase_order") == 2
    assert len(letters(counter, "purchase-order.")) == 2


def test_a_sale_is_not_closed_before_its_hour(scene: Scene, counter: Counter) -> None:
    counter.wait(hours=13)
    open_and_close_due_cycles()
    with reading() as session:
        assert session.get_one(Cycle, scene.cycle.id).state == "open"


def test_who_still_pays_is_waited_for(scene: Scene, counter: Counter) -> None:
    paid = ordered(scene, chicken=1)
    with unit_of_work() as session:
        paying = make_order(session, scene, {"honey": 2}).order_id
    counter.wait(hours=15)
    open_and_close_due_cycles()
    follow_closing(scene.cycle.id)
    with reading() as session:
        states = {key: session.get_one(Order, key).state for key in (paid, paying)}
        later = session.scalars(
            select(OutboxMessage.due_at).where(
                OutboxMessage.topic == "cycle.closed", OutboxMessage.key.is_(None)
            )
        ).all()
    assert states == {paid: "placed", paying: "awaiting_payment"}
    assert later == [counter.clock.now() + timedelta(seconds=30)]
    assert counts()[1] == 0
    with unit_of_work() as session:
        session.execute(update(Order).where(Order.id == paying).values(state="placed"))
    follow_closing(scene.cycle.id)
    with reading() as session:
        assert set(session.scalars(select(Order.state))) == {"firm"}
        assert session.scalars(select(PurchaseOrderLine.ordered)).all() == [1, 2]


def test_the_farms_letter_has_the_list_as_paper_and_as_a_spreadsheet_and_a_link(
    scene: Scene, counter: Counter
) -> None:
    ordered(scene, chicken=2, carrots=1500)
    with unit_of_work() as session:
        (key,) = close(session, scene)
        token = session.get_one(PurchaseOrder, key).token
        number = session.get_one(PurchaseOrder, key).number
    send_purchase_order(key)
    send_purchase_order(key)
    (letter,) = letters(counter, "purchase-order.")
    assert letter.to == "ferme@exemple.fr"
    assert letter.message_id == f"<purchase-order.{number}@localhost>"
    for words in (f"http://localhost/answers/{token}", "Poulet fermier", "Carottes"):
        assert words in letter.text
        assert words in letter.html
    paper, sheet = letter.attachments
    assert (paper.filename, paper.media_type, paper.content[:5]) == (
        f"{number}.pdf",
        "application/pdf",
        b"%PDF-",
    )
    assert sheet.filename == f"{number}.xlsx"
    rows = list(load_workbook(BytesIO(sheet.content)).active.iter_rows(values_only=True))
    assert {row[1]: row[3] for row in rows if row[1] in ("Carottes", "Poulet fermier")} == {
        "Carottes": 1.5,
        "Poulet fermier": 2,
    }
    send_purchase_order(key, again=7)
    assert len(letters(counter, "purchase-order.")) == 2


def test_a_customer_reads_once_what_lacks(scene: Scene, counter: Counter) -> None:
    order_id = ordered(scene, chicken=2, honey=2, carrots=1000)
    with unit_of_work() as session:
        close(session, scene)
        hens, bees = (purchase_of(session, farm) for farm in scene.producers)
        answer_with(session, hens, {scene.offers["chicken"]: 1}, at=CLOSED_AT)
        answer_with(session, bees, {scene.offers["honey"]: 0}, at=CLOSED_AT)
    with reading() as session:
        (facts,) = session.scalars(
            select(OutboxMessage.payload).where(OutboxMessage.topic == "mail.order_changed")
        )
    send_order_changed(**facts)
    send_order_changed(**facts)
    (letter,) = letters(counter, "order-changed.")
    assert letter.to == "jeanne@exemple.fr"
    assert "Poulet fermier" in letter.text
    assert "Miel de lavande" in letter.text
    assert "Carottes" not in letter.text
    assert facts["order_id"] == order_id


def test_nobody_is_told_of_what_came_after_all(scene: Scene, counter: Counter) -> None:
    order_id = ordered(scene, chicken=2)
    with unit_of_work() as session:
        close(session, scene)
        farm = purchase_of(session, scene.producers[0])
        answer_with(session, farm, {scene.offers["chicken"]: 1}, at=CLOSED_AT)
        answer_with(session, farm, {}, at=CLOSED_AT + timedelta(minutes=1))
    send_order_changed(order_id, 1)
    assert letters(counter, "order-changed.") == []


def test_a_farm_is_written_to_in_its_own_language(
    shop: Flask, counter: Counter, scene: Scene
) -> None:
    ordered(scene, honey=2)
    with unit_of_work() as session:
        session.get_one(Producer, scene.producers[1]).language = "en"
        close(session, scene)
        key = purchase_of(session, scene.producers[1])
    send_purchase_order(key)
    (letter,) = letters(counter, "purchase-order.")
    assert "Here is what" in letter.text
    sheet = load_workbook(BytesIO(letter.attachments[1].content)).active
    assert "Product" in {value for row in sheet.iter_rows(values_only=True) for value in row}
