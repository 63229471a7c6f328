"""The paper of a driver says what is taken aboard at a farm, not only what is handed over."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.catalog.domain.terms import TemperatureClass
from shop.infra.clock import SetClock
from shop.logistics.domain.sheets.words import StopKind
from shop.logistics.queries import round_papers, rounds
from shop.logistics.queries.cycle_goods import cycle_goods
from tests.factories.field import LEFT_AT, make_day
from tests.factories.orders import make_scene


def test_a_farm_stop_tells_how_many_crates_come_aboard(session: Session) -> None:
    day = make_day(session, make_scene(session))
    cycle_id = day.scene.cycle.id
    (card,) = rounds.of_cycle(session, cycle_id)
    heading = cycle_goods(session, cycle_id, printed_at=SetClock(LEFT_AT).now()).heading
    papers = {"departs_from": "Hub", "desk_phone": "", "url": ""}
    sheet = round_papers.sheet(
        card, heading, **papers, supplies=round_papers.brought(session, cycle_id)
    )
    (farm,) = [stop for stop in sheet.stops if stop.kind is StopKind.FARM]
    assert farm.comes_aboard
    assert [(each.temperature, each.crates) for each in farm.crates] == [
        (TemperatureClass.CHILLED, 1)
    ]
    assert all(step.stop_rank != farm.rank for load in sheet.loading for step in load.steps)
    (bare,) = [
        stop
        for stop in round_papers.sheet(card, heading, **papers).stops
        if stop.kind is StopKind.FARM
    ]
    assert bare.crates == ()
