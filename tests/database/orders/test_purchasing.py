"""Farms are asked once for what was ordered, and their answers are shared out fairly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from shop.infra.outbox import OutboxMessage
from shop.infra.transitions import Transition
from shop.kernel.money import Money
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import AnswerRefused, AnswerTooLate, PurchaseOrderUnknown
from shop.orders.models import Order, OrderLine, PurchaseOrder, PurchaseOrderLine
from shop.orders.queries import order_file, purchase_orders
from shop.orders.services import closing, fulfilment, purchasing
from shop.orders.services.fulfilment import Picked
from tests.factories.fulfilment import (
    CLOSED_AT,
    answer_with,
    asked_lines,
    close,
    hand_over,
    place_paid,
    purchase_of,
)
from tests.factories.orders import NOW, Scene, make_order, make_scene

LATER = CLOSED_AT + timedelta(hours=1)


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def got(session: Session, order_id: int, offer_id: int) -> tuple[int | None, ShortageReason | None]:
    session.expire_all()
    row = session.execute(
        select(OrderLine.confirmed, OrderLine.shortage).where(
            OrderLine.order_id == order_id, OrderLine.offer_id == offer_id
        )
    ).one()
    return row.confirmed, row.shortage


def letters(session: Session, topic: str) -> list[dict[str, int]]:
    return list(
        session.scalars(
            select(OutboxMessage.payload)
            .where(OutboxMessage.topic == topic)
            .order_by(OutboxMessage.id)
        )
    )


def test_each_farm_is_asked_for_the_sum_of_the_paid_orders(session: Session, scene: Scene) -> None:
    place_paid(session, scene, {"chicken": 2, "honey": 1})
    place_paid(session, scene, {"chicken": 1, "carrots": 1500})
    make_order(session, scene, {"chicken": 5})
    issued = close(session, scene)
    assert len(issued) == 2
    page = purchase_orders.by_id(session, purchase_of(session, scene.producers[0]))
    assert [(line.product_name, line.orders, line.ordered.amount) for line in page.lines] == [
        ("Carottes", 1, 1500),
        ("Poulet fermier", 2, 3),
    ]
    assert page.card.value == Money(420 + 3 * 2268)
    assert page.card.state == "issued"
    assert page.card.answer_by == scene.cycle.answers_by
    assert letters(session, "mail.purchase_order") == [
        {"purchase_order_id": key} for key in sorted(issued)
    ]


def test_a_second_closing_asks_nobody_again(session: Session, scene: Scene) -> None:
    place_paid(session, scene, {"chicken": 2})
    close(session, scene)
    before = session.scalar(select(func.count()).select_from(Transition))
    assert closing.confirm_orders(session, scene.cycle.id, at=LATER) == []
    assert purchasing.issue(session, scene.cycle.id, at=LATER) == []
    assert session.scalar(select(func.count()).select_from(Transition)) == before
    assert session.scalar(select(func.count()).select_from(PurchaseOrderLine)) == 1
    assert len(letters(session, "mail.purchase_order")) == 1


def test_nothing_ordered_asks_nobody(session: Session, scene: Scene) -> None:
    assert close(session, scene) == []


def test_all_confirmed_gives_everybody_what_they_ordered(session: Session, scene: Scene) -> None:
    order_id = place_paid(session, scene, {"chicken": 2, "honey": 1})
    close(session, scene)
    answer_with(session, purchase_of(session, scene.producers[0]), {}, at=LATER)
    assert got(session, order_id, scene.offers["chicken"]) == (2, None)
    assert got(session, order_id, scene.offers["honey"]) == (None, None)
    assert letters(session, "mail.order_changed") == []


def test_less_goes_to_those_who_ordered_first(session: Session, scene: Scene) -> None:
    late = place_paid(session, scene, {"chicken": 2}, at=NOW + timedelta(hours=2))
    early = place_paid(session, scene, {"chicken": 2}, at=NOW + timedelta(hours=1))
    close(session, scene)
    chicken = scene.offers["chicken"]
    farm = purchase_of(session, scene.producers[0])
    answer_with(session, farm, {chicken: 3}, at=LATER, note="Le renard.")
    assert got(session, early, chicken) == (2, None)
    assert got(session, late, chicken) == (1, ShortageReason.NOT_SUPPLIED)
    card = purchase_orders.by_id(session, farm).card
    assert (card.state, card.short_lines, card.note) == ("accepted", 1, "Le renard.")
    assert card.answered_at == LATER


def test_a_farm_may_answer_again_until_the_goods_are_collected(
    session: Session, scene: Scene
) -> None:
    order_id = place_paid(session, scene, {"chicken": 2})
    close(session, scene)
    chicken, farm = scene.offers["chicken"], purchase_of(session, scene.producers[0])
    answer_with(session, farm, {chicken: 0}, at=LATER)
    assert got(session, order_id, chicken) == (0, ShortageReason.NOT_SUPPLIED)
    answer_with(session, farm, {}, at=LATER + timedelta(minutes=5))
    assert got(session, order_id, chicken) == (2, None)
    session.execute(update(PurchaseOrder).values(state="collected"))
    session.expire_all()
    with pytest.raises(AnswerTooLate):
        answer_with(session, farm, {chicken: 1}, at=LATER)
    assert got(session, order_id, chicken) == (2, None)


def test_more_than_ordered_or_an_unsaid_line_is_refused_and_nothing_changes(
    session: Session, scene: Scene
) -> None:
    order_id = place_paid(session, scene, {"chicken": 2, "carrots": 1000})
    close(session, scene)
    farm = purchase_of(session, scene.producers[0])
    lines = asked_lines(session, farm)
    line, _ordered = lines[scene.offers["chicken"]]
    for confirmed in ({line: 3}, {line: -1}, {line: 2}):
        with pytest.raises(AnswerRefused):
            purchasing.answer(session, farm, confirmed, note=None, at=LATER)
    assert got(session, order_id, scene.offers["chicken"]) == (None, None)
    with pytest.raises(PurchaseOrderUnknown):
        purchasing.answer(session, 999_999, {}, note=None, at=LATER)


def test_each_customer_who_gets_less_is_told_once_whatever_the_number_of_farms(
    session: Session, scene: Scene
) -> None:
    both = place_paid(session, scene, {"chicken": 2, "honey": 2})
    full = place_paid(session, scene, {"carrots": 6000})
    close(session, scene)
    hens, bees = (purchase_of(session, producer) for producer in scene.producers)
    answer_with(session, hens, {scene.offers["chicken"]: 1}, at=LATER)
    answer_with(session, hens, {scene.offers["chicken"]: 1}, at=LATER + timedelta(minutes=1))
    answer_with(session, bees, {scene.offers["honey"]: 0}, at=LATER + timedelta(minutes=2))
    told = letters(session, "mail.order_changed")
    assert [each["order_id"] for each in told] == [both]
    assert full not in [each["order_id"] for each in told]
    due = session.scalars(
        select(OutboxMessage.due_at).where(OutboxMessage.topic == "mail.order_changed")
    ).one()
    assert due == scene.cycle.answers_by


def test_an_answer_after_the_hour_tells_those_it_takes_from(session: Session, scene: Scene) -> None:
    first = place_paid(session, scene, {"chicken": 2})
    second = place_paid(session, scene, {"chicken": 2}, at=NOW + timedelta(hours=1))
    close(session, scene)
    late = scene.cycle.answers_by + timedelta(hours=2)
    farm = purchase_of(session, scene.producers[0])
    answer_with(session, farm, {scene.offers["chicken"]: 3}, at=late)
    answer_with(session, farm, {scene.offers["chicken"]: 3}, at=late + timedelta(minutes=30))
    assert [each["order_id"] for each in letters(session, "mail.order_changed")] == [second]
    answer_with(session, farm, {scene.offers["chicken"]: 0}, at=late + timedelta(hours=1))
    told = [each["order_id"] for each in letters(session, "mail.order_changed")]
    assert told == [second, first, second]


def test_what_the_preparer_said_is_not_unsaid_by_a_late_answer(
    session: Session, scene: Scene
) -> None:
    order_id = place_paid(session, scene, {"chicken": 2})
    close(session, scene)
    chicken, farm = scene.offers["chicken"], purchase_of(session, scene.producers[0])
    line_id = session.scalars(select(OrderLine.id).where(OrderLine.order_id == order_id)).one()
    fulfilment.set_picked(
        session, {line_id: Picked(1, weight_g=1180, reason=ShortageReason.DAMAGED)}
    )
    answer_with(session, farm, {chicken: 1}, at=LATER)
    assert got(session, order_id, chicken) == (1, ShortageReason.DAMAGED)
    answer_with(session, farm, {}, at=LATER)
    assert got(session, order_id, chicken) == (2, ShortageReason.DAMAGED)


def test_what_was_handed_over_is_not_shared_again(session: Session, scene: Scene) -> None:
    gone = place_paid(session, scene, {"chicken": 2})
    waits = place_paid(session, scene, {"chicken": 2}, at=NOW + timedelta(hours=1))
    close(session, scene)
    hand_over(session, scene, gone, {"chicken": Picked(2, weight_g=2400)})
    chicken = scene.offers["chicken"]
    answer_with(session, purchase_of(session, scene.producers[0]), {chicken: 3}, at=LATER)
    assert got(session, waits, chicken) == (1, ShortageReason.NOT_SUPPLIED)
    assert got(session, gone, chicken) == (None, None)


def test_the_mail_can_be_sent_again_on_purpose(session: Session, scene: Scene) -> None:
    place_paid(session, scene, {"chicken": 2})
    (key,) = close(session, scene)
    purchasing.resend(session, key, at=LATER)
    purchasing.resend(session, key, at=LATER)
    again = int(LATER.timestamp())
    assert letters(session, "mail.purchase_order") == [
        {"purchase_order_id": key},
        {"purchase_order_id": key, "again": again},
    ]


def test_the_silent_come_first_then_those_who_declared_less(session: Session, scene: Scene) -> None:
    place_paid(session, scene, {"chicken": 2, "honey": 2})
    close(session, scene)
    hens, bees = (purchase_of(session, producer) for producer in scene.producers)
    answer_with(session, hens, {}, at=LATER)
    cards = purchase_orders.of_cycle(session, scene.cycle.id)
    assert [card.id for card in cards] == [bees, hens]
    assert [card.is_late(scene.cycle.answers_by) for card in cards] == [True, False]
    answer_with(session, bees, {scene.offers["honey"]: 1}, at=LATER)
    assert [card.id for card in purchase_orders.of_cycle(session, scene.cycle.id)] == [bees, hens]


def test_the_desk_reads_every_quantity_of_a_line(session: Session, scene: Scene) -> None:
    order_id = place_paid(session, scene, {"chicken": 3})
    close(session, scene)
    chicken = scene.offers["chicken"]
    answer_with(session, purchase_of(session, scene.producers[0]), {chicken: 2}, at=LATER)
    made = hand_over(session, scene, order_id, {"chicken": Picked(2, weight_g=2468)})
    (line,) = order_file.lines_of(session, order_id)
    assert line.confirmed is not None
    assert line.picked is not None
    assert line.delivered is not None
    assert (line.ordered.amount, line.confirmed.amount, line.picked.amount) == (3, 2, 2)
    assert (line.delivered.amount, line.picked_g, line.billed) == (2, 2468, Money(4665))
    assert made.final_cents == 4665


def test_closing_five_times_as_many_orders_takes_as_many_statements(session: Session) -> None:
    counts = []
    for orders in (2, 10):
        scene = make_scene(session, allotted=1000)
        for number in range(orders):
            place_paid(session, scene, {"chicken": 1 + number % 3, "honey": 1, "carrots": 500})
        statements: list[str] = []

        def note(*args: object, kept: list[str] = statements) -> None:
            kept.append(str(args[2]))

        engine = session.get_bind().engine
        event.listen(engine, "before_cursor_execute", note)
        close(session, scene)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(statements))
        assert (
            session.scalar(
                select(func.count()).where(Order.cycle_id == scene.cycle.id, Order.state == "firm")
            )
            == orders
        )
    assert counts[0] == counts[1]
    assert counts[0] < 25
