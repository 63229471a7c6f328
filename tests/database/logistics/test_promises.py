"""The rounds kept for a sale follow its orders, and say what one more home costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.logistics.services import promises
from shop.orders.ports.delivering import SlotAsk
from tests.factories.orders import make_scene
from tests.factories.planned import PLANNED_AT, Planned, at_hour, make_planned


@pytest.fixture
def planned(session: Session) -> Planned:
    return make_planned(session, make_scene(session))


def asks(planned: Planned) -> list[SlotAsk]:
    """One slot of a whole working day, and one in the middle of the night before."""
    day = at_hour(planned, 6)
    return [
        SlotAsk(1, None, day, day + timedelta(hours=9)),
        SlotAsk(2, None, day - timedelta(hours=30), day - timedelta(hours=29)),
    ]


def test_a_home_on_the_road_fits_by_day_and_not_before_the_goods_are_there(
    session: Session, planned: Planned
) -> None:
    assert promises.refresh(session, planned.cycle_id, at=PLANNED_AT)
    assert not promises.refresh(session, planned.cycle_id, at=PLANNED_AT)
    said = promises.RoundAdvisor().advise(
        session,
        planned.cycle_id,
        asks(planned),
        lon=6.07,
        lat=43.42,
        fill={TemperatureClass.AMBIENT: 500},
    )
    assert (said[1].fits, said[2].fits) == (True, False)


def test_nothing_is_said_where_no_rounds_are_kept(session: Session, planned: Planned) -> None:
    advisor = promises.RoundAdvisor()
    found = advisor.advise(session, planned.cycle_id, asks(planned), lon=6.07, lat=43.42, fill={})
    assert found == {}
