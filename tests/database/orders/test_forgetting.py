"""Door codes are forgotten once the round is over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from shop.orders.models import Order
from shop.orders.services.forgetting import AFTER_SLOT, forget_door_codes
from tests.factories.orders import make_order, make_scene


def test_a_door_code_is_forgotten_once_its_slot_is_over(session: Session) -> None:
    scene = make_scene(session)
    order = session.get_one(Order, make_order(session, scene).order_id)
    order.door_code = "B2408"
    session.flush()
    end = order.slot_ends_at

    assert forget_door_codes(session, end + AFTER_SLOT) == 0
    session.refresh(order)
    assert order.door_code == "B2408"

    assert forget_door_codes(session, end + AFTER_SLOT + timedelta(seconds=1)) == 1
    assert forget_door_codes(session, end + AFTER_SLOT + timedelta(seconds=1)) == 0
    session.refresh(order)
    assert order.door_code is None
