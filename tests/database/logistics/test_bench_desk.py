"""The bench of the desk measures a sale as large as asked."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.bench.desk import Size, copy_sale, measure
from tests.factories.orders import make_scene
from tests.factories.planned import PLANNED_AT, make_planned


def test_a_copied_sale_is_planned_edited_and_asked(session: Session) -> None:
    planned = make_planned(session, make_scene(session))
    market = planned.scene.market.id
    size = Size(orders=30, vehicles=4)
    made = copy_sale(session, planned.cycle_id, market, size, "BENCH")
    found = measure(session, made, "BENCH", size, PLANNED_AT)
    assert found.stops >= 27
    assert found.quotes_that_fit > 0
