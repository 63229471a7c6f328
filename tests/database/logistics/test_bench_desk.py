"""The bench of the desk measures a sale as large as asked."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from shop.bench.desk import Size, copy_sale, counted, measure
from shop.logistics.queries.day_problem import day_problem
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


def test_a_problem_takes_the_same_statements_however_many_orders_there_are(
    session: Session,
) -> None:
    planned = make_planned(session, make_scene(session))
    market = planned.scene.market.id
    sent = []
    for orders, code in ((8, "FEW"), (64, "MANY")):
        made = copy_sale(session, planned.cycle_id, market, Size(orders, 2), code)
        session.execute(text("DROP TABLE bench_copies"))
        session.flush()
        with counted(session) as statements:
            day = day_problem(session, made)
        assert sum(map(len, day.orders_of.values())) == orders
        sent.append(len(statements))
    assert sent[0] == sent[1] <= 12
