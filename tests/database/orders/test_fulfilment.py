"""Weights come back from the scale, prices follow, and nothing exceeds what was announced."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.infra.outbox import OutboxMessage
from shop.kernel.lifecycle import IllegalTransition
from shop.orders.domain.terms import ShortageReason
from shop.orders.errors import LineUnknown, OrderNotInPreparation, OrderUnknown
from shop.orders.models import Order, OrderLine
from shop.orders.services import fulfilment
from shop.orders.services.fulfilment import Picked
from tests.factories.fulfilment import CLOSED_AT, answer_with, close, place_paid, purchase_of
from tests.factories.orders import Scene, make_scene


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def line_of(session: Session, order_id: int, offer_id: int) -> int:
    return session.scalars(
        select(OrderLine.id).where(OrderLine.order_id == order_id, OrderLine.offer_id == offer_id)
    ).one()


def told(session: Session, order_id: int) -> tuple[list[int | None], int | None]:
    """What each line costs now, and the order."""
    session.expire_all()
    lines = session.scalars(
        select(OrderLine.billed_cents).where(OrderLine.order_id == order_id).order_by(OrderLine.id)
    ).all()
    return list(lines), session.get_one(Order, order_id).final_cents


def pick(session: Session, scene: Scene, order_id: int, name: str, said: Picked | None) -> None:
    fulfilment.set_picked(session, {line_of(session, order_id, scene.offers[name]): said})


@pytest.fixture
def order_id(session: Session, scene: Scene) -> int:
    made = place_paid(session, scene, {"chicken": 1, "honey": 2})
    close(session, scene)
    return made


def test_the_price_follows_the_weight_and_the_total_waits_for_the_last_line(
    session: Session, scene: Scene, order_id: int
) -> None:
    pick(session, scene, order_id, "chicken", Picked(1, weight_g=1234))
    assert told(session, order_id) == ([2332, None], None)
    pick(session, scene, order_id, "honey", Picked(2))
    assert told(session, order_id) == ([2332, 1900], 4232)


def test_an_entry_is_mended_and_taken_back(session: Session, scene: Scene, order_id: int) -> None:
    pick(session, scene, order_id, "chicken", Picked(1, weight_g=1234))
    pick(session, scene, order_id, "chicken", Picked(1, weight_g=1200))
    assert told(session, order_id) == ([2268, None], None)
    pick(session, scene, order_id, "chicken", None)
    assert told(session, order_id) == ([None, None], None)


def test_never_above_the_ceiling_of_the_line(session: Session, scene: Scene, order_id: int) -> None:
    pick(session, scene, order_id, "chicken", Picked(1, weight_g=2400))
    assert told(session, order_id) == ([2608, None], None)


def test_nothing_in_the_crate_costs_nothing_not_even_the_delivery(
    session: Session, scene: Scene
) -> None:
    made = place_paid(session, scene, {"chicken": 1, "honey": 2})
    close(session, scene)
    lost = Picked(0, reason=ShortageReason.LOST)
    for name in ("chicken", "honey"):
        pick(session, scene, made, name, lost)
    assert told(session, made) == ([0, 0], 0)


def test_a_deposit_is_charged_for_what_was_kept_only(session: Session, scene: Scene) -> None:
    made = place_paid(session, scene, {"yogurt": 5})
    close(session, scene)
    pick(session, scene, made, "yogurt", Picked(3))
    assert told(session, made) == ([960], 960 + 60)


def test_a_line_of_nobody_and_an_order_that_is_not_firm_are_refused(
    session: Session, scene: Scene
) -> None:
    made = place_paid(session, scene, {"chicken": 1})
    with pytest.raises(OrderNotInPreparation):
        pick(session, scene, made, "chicken", Picked(1, weight_g=1200))
    with pytest.raises(LineUnknown):
        fulfilment.set_picked(session, {999_999: Picked(1)})
    with pytest.raises(OrderUnknown):
        fulfilment.mark_delivered(session, 999_999, at=CLOSED_AT)
    with pytest.raises(OrderNotInPreparation):
        fulfilment.mark_delivered(session, made, at=CLOSED_AT)
    assert told(session, made) == ([None], None)


def test_what_nobody_weighed_is_delivered_as_the_farm_confirmed_it(
    session: Session, scene: Scene
) -> None:
    made = place_paid(session, scene, {"chicken": 2, "honey": 2})
    close(session, scene)
    farm = purchase_of(session, scene.producers[0])
    answer_with(session, farm, {scene.offers["chicken"]: 1}, at=CLOSED_AT)
    fulfilment.mark_delivered(session, made, at=CLOSED_AT)
    assert told(session, made) == ([2268, 1900], 4168)


def test_a_delivery_is_noted_once_and_asks_for_its_money_once(
    session: Session, scene: Scene, order_id: int
) -> None:
    fulfilment.mark_delivered(session, order_id, at=CLOSED_AT)
    with pytest.raises(IllegalTransition):
        fulfilment.mark_delivered(session, order_id, at=CLOSED_AT)
    asked = session.scalar(
        select(func.count()).where(OutboxMessage.topic == fulfilment.CAPTURE_TOPIC)
    )
    assert asked == 1
    with pytest.raises(OrderNotInPreparation):
        pick(session, scene, order_id, "honey", Picked(1))
    assert told(session, order_id)[1] == 2268 + 1900


def test_what_was_refused_at_the_door_is_kept_in_the_lines_and_costs_nothing(
    session: Session, scene: Scene, order_id: int
) -> None:
    pick(session, scene, order_id, "chicken", Picked(1, weight_g=1234))
    fulfilment.mark_delivered(session, order_id, at=CLOSED_AT, refused=True)
    assert told(session, order_id) == ([0, 0], 0)
    amounts = session.execute(
        select(OrderLine.picked, OrderLine.delivered)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.id)
    ).all()
    assert [tuple(row) for row in amounts] == [(1, 0), (2, 0)]
